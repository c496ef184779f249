#pragma once
// The keys of a release's attributes.

#include <functional>
#include <string>

#include "meterveil/attributes/run.hpp"
#include "section.hpp"

namespace meterveil::config {

/// @param section attributes of a release  @param release the release, for what is missing  @param resolved a path of the job file
attributes::Options parse_attributes(Section section, Section& release, const std::function<std::string(const std::string&)>& resolved);

}  // namespace meterveil::config
