#pragma once

#include "ingest/portal_sample.hpp"

namespace meterveil::ingest {

/// Fills in which columns are what, and the meter that is named above them.
/// @errors usage: a key is needed, or names a column that is not there
Result<> find_portal_roles(const PortalSample& sample, const Source& source, PortalLayout& layout);

}  // namespace meterveil::ingest
