#pragma once
// A value that cannot be mistaken for another of the same representation.

#include <compare>

namespace meterveil {

template <class Tag, class Rep>
struct Strong {
    Rep value{};
    auto operator<=>(const Strong&) const = default;
};

}  // namespace meterveil
