// Attributes are in a release because protect put them there.
#include "meterveil/model/release.hpp"

bool read(const meterveil::model::Release& release) { return release.attributes().has_value(); }
#ifdef REFUSED
void change(meterveil::model::Release& release) { release.attributes_ = meterveil::model::ReleasedAttributes{}; }
#endif
