#pragma once
// The keys of a release's attributes.

#include <functional>
#include <string>

#include "meterveil/attributes/run.hpp"
#include "section.hpp"

namespace meterveil::config {

/// Asks for every key, though the table may be absent. @param section attributes of a release  @param resolved a path of the job file
attributes::Options parse_attributes(Section section, const std::function<std::string(const std::string&)>& resolved);

}  // namespace meterveil::config
