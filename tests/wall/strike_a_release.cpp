// A room outside protect reads a release but cannot change one.
#include "meterveil/model/release.hpp"

std::size_t read(const meterveil::model::Release& release) { return release.channels().size(); }
#ifdef REFUSED
void change(meterveil::model::Release& release) { release.channels_.clear(); }
#endif
