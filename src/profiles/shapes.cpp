#include "profiles/shapes.hpp"

#include "meterveil/core/contract.hpp"
#include "meterveil/core/integer.hpp"

namespace meterveil::profiles {

std::vector<std::int16_t> Centre::mean() const {
    EXPECTS(count_ > 0);
    std::vector<std::int16_t> values;
    values.reserve(sums_.size());
    for (const std::int64_t sum : sums_) values.push_back(static_cast<std::int16_t>(divide_half_even(sum, count_)));
    return values;
}

}  // namespace meterveil::profiles
