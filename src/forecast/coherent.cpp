#include "forecast/coherent.hpp"

#include "forecast/reconcile.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::forecast {
namespace {

/// Collective.
Tree tree_of(par::Comm& comm, const model::ReleasedChannel& channel, const std::vector<double>& variance) {
    Tree tree;
    for (const auto& unit : channel.units) tree.parent.push_back(unit.parent);
    for (const auto& part : par::all_gather(comm, variance)) tree.variance.insert(tree.variance.end(), part.begin(), part.end());
    return tree;
}

template <class T>
void append(const std::vector<T>& from, std::uint64_t first, std::uint64_t last, std::vector<T>& to) {
    to.insert(to.end(), from.begin() + static_cast<std::ptrdiff_t>(first), from.begin() + static_cast<std::ptrdiff_t>(last));
}

}  // namespace

std::vector<std::int64_t> coherent(par::Comm& comm, const model::ReleasedChannel& channel, std::span<const double> mean,
                                   const std::vector<double>& variance, std::size_t steps) {
    const auto ranks = static_cast<std::uint64_t>(comm.size()), rank = static_cast<std::uint64_t>(comm.rank());
    const std::uint64_t units = channel.units.size(), rows = channel.owned.size();
    std::vector<std::vector<double>> to(ranks);
    for (std::uint64_t r = 0; r < ranks; ++r) {
        const IndexRange block = block_of(steps, ranks, r);
        for (std::uint64_t t = block.first; t < block.last; ++t)
            for (std::uint64_t i = 0; i < rows; ++i) to[r].push_back(mean[i * steps + t]);
    }
    const auto received = par::exchange(comm, to);
    const IndexRange mine = block_of(steps, ranks, rank);
    const Tree tree = tree_of(comm, channel, variance);
    std::vector<std::vector<std::int64_t>> whole(mine.size());
    exec::for_each_dense(mine.size(), [&](std::size_t t) {
        std::vector<double> forecasts;
        for (std::uint64_t r = 0; r < ranks; ++r) {
            const std::uint64_t of_rank = block_of(units, ranks, r).size();
            append(received[r], t * of_rank, (t + 1) * of_rank, forecasts);
        }
        whole[t] = reconcile(tree, forecasts);
    });
    std::vector<std::vector<std::int64_t>> back(ranks);
    for (std::uint64_t r = 0; r < ranks; ++r) {
        const IndexRange of_rank = block_of(units, ranks, r);
        for (const auto& step : whole) append(step, of_rank.first, of_rank.last, back[r]);
    }
    std::vector<std::int64_t> result(rows * steps);
    const auto returned = par::exchange(comm, back);
    for (std::uint64_t r = 0; r < ranks; ++r) {
        const IndexRange block = block_of(steps, ranks, r);
        for (std::uint64_t t = block.first; t < block.last; ++t)
            for (std::uint64_t i = 0; i < rows; ++i) result[i * steps + t] = returned[r][(t - block.first) * rows + i];
    }
    return result;
}

}  // namespace meterveil::forecast
