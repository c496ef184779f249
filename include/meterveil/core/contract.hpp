#pragma once
// Contracts between our own functions. A breach is a defect: the program stops and says where.

#include <cstdio>
#include <cstdlib>

namespace meterveil::detail {
[[noreturn]] inline void breach(const char* condition, const char* file, int line) {
    std::fprintf(stderr, "meterveil: broken contract: %s (%s:%d)\n", condition, file, line);
    std::abort();
}
}  // namespace meterveil::detail

#define EXPECTS(condition) \
    ((condition) ? static_cast<void>(0) : ::meterveil::detail::breach(#condition, __FILE__, __LINE__))
