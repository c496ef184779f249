// Counts and shares as people may see them.

#include <fmt/format.h>

#include <algorithm>

#include "meterveil/core/nearest.hpp"
#include "meterveil/protect/rules.hpp"

namespace meterveil::protect {

Result<std::shared_ptr<const model::Rule>> make_rule(const std::string& name, std::span<const double> parameters) {
    std::vector<std::string> names;
    for (const RuleKind& kind : rule_kinds()) {
        if (name == kind.name) return kind.make(parameters);
        names.emplace_back(kind.name);
    }
    return Error{Code::usage, fmt::format("unknown rule '{}'{}", name, did_you_mean(name, names)), "rules", fmt::format("one of: {}", fmt::join(names, ", "))};
}

namespace {

struct Band {
    std::uint64_t low, high;  ///< half-open
};

/// k to 2 k, then on by the steps 1, 2, 5, 10.
Band band_of(std::uint64_t count, std::uint64_t least) {
    Band band{least, 2 * least};
    for (std::uint64_t power = 1; count >= band.high;) {
        band.low = band.high;
        for (const std::uint64_t step : {1U, 2U, 5U, 10U})
            if (step * power > band.low) {
                band.high = step * power;
                break;
            }
        if (band.high == band.low) power *= 10;
    }
    return band;
}

}  // namespace

std::uint64_t contributor_band_floor(std::uint64_t count, std::uint32_t k) {
    const std::uint64_t least = std::max<std::uint64_t>(k, 1);
    return count < least ? 0 : band_of(count, least).low;
}

std::string contributor_band(std::uint64_t count, std::uint32_t k) {
    const std::uint64_t least = std::max<std::uint64_t>(k, 1);
    if (count < least) return fmt::format("< {}", least);
    const Band band = band_of(count, least);
    return fmt::format("{}-{}", band.low, band.high - 1);
}

std::string share_band(std::uint64_t part, std::uint64_t whole) {
    if (part == 0) return "0";
    const double percent = whole == 0 ? 100 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    if (percent < 1) return "< 1 %";
    if (percent < 5) return "1-5 %";
    return percent < 10 ? "5-10 %" : ">= 10 %";
}

}  // namespace meterveil::protect
