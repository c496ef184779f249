#include "ranks.hpp"

namespace meterveil::testing {

void on_ranks(const std::function<void(par::Comm&)>& body) {
    for (const int ranks : {1, 2, 3, 4, 8}) par::run_on_threads(ranks, body);
}

void on_ranks_in_small_rounds(const std::function<void(par::Comm&)>& body) { on_ranks(body); }

}  // namespace meterveil::testing
