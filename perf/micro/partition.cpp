// What does the one partition cost a leaf? Growth from 10^4 to 10^6 leaves; generated counts, no readings. Limit: sorting the leaves.
#include <benchmark/benchmark.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "cohort/pool.hpp"
#include "meterveil/io/posix.hpp"

namespace {

using namespace meterveil;

/// At least ten contributors, none with over a quarter.
class Both final : public model::Rule {
public:
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override { return cell.contributors >= 10 && 4 * cell.top[0] <= cell.total; }
    [[nodiscard]] std::uint32_t num_top() const override { return 1; }
    [[nodiscard]] std::string statement() const override { return "perf"; }

private:
    std::string name_ = "both";
};

/// Regions of 20 substations of 25 feeders; 0 to 60 customers a feeder, one in thirty dominated by a single one.
struct Utility {
    model::Hierarchy hierarchy;
    cohort::LeafFacts facts;
    model::RuleSet rules;

    explicit Utility(std::uint32_t leaves) {
        hierarchy.levels = {"total", "region", "substation", "feeder"};
        hierarchy.nodes.push_back({"total", 0, model::no_id, model::no_id, 0});
        for (const std::uint32_t count : {leaves / 500, leaves / 25, leaves}) grow(count);
        rules.classes[0].rules = {std::make_shared<Both>()};
        facts.resize(leaves);
        std::mt19937 random(1);
        for (auto& of_leaf : facts) {
            of_leaf = model::SetFacts(1, 1);
            for (auto customers = random() % 61; customers > 0; --customers) of_leaf.fold({static_cast<std::int64_t>(1000 + random() % 9000)});
            if (random() % 30 == 0) of_leaf.fold({static_cast<std::int64_t>(100000 + random() % 900000)});
            if (of_leaf.contributors[0] == 0) of_leaf = {};
        }
    }

private:
    /// One more level of so many nodes, evenly under the nodes of the last.
    void grow(std::uint32_t count) {
        const std::uint32_t level = hierarchy.nodes.back().level + 1;
        const auto first = static_cast<model::NodeId>(std::partition_point(hierarchy.nodes.begin(), hierarchy.nodes.end(), [&](const auto& n) { return n.level + 1 < level; }) - hierarchy.nodes.begin());
        const auto parents = static_cast<std::uint32_t>(hierarchy.nodes.size() - first);
        for (std::uint32_t i = 0; i < count; ++i) {
            const model::NodeId parent = first + i / (count / parents);
            auto& up = hierarchy.nodes[parent];
            if (up.num_children++ == 0) up.first_child = static_cast<model::NodeId>(hierarchy.nodes.size());
            hierarchy.nodes.push_back({fmt::format("{}{}", level, i), level, parent, model::no_id, 0});
        }
    }
};

const Utility& utility_of(std::uint32_t leaves) {
    static std::map<std::uint32_t, Utility> made;
    return made.try_emplace(leaves, leaves).first->second;
}

void limit_sort(benchmark::State& state) {
    std::vector<std::uint64_t> keys(static_cast<std::size_t>(state.range(0)));
    std::mt19937_64 random(1);
    for (auto _ : state) {
        for (auto& key : keys) key = random();
        std::sort(keys.begin(), keys.end());
        benchmark::DoNotOptimize(keys.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(limit_sort)->Name("limit/sort")->Arg(1000000)->Unit(benchmark::kMillisecond);

void build(benchmark::State& state) {
    const Utility& utility = utility_of(static_cast<std::uint32_t>(state.range(0)));
    std::size_t units = 0;
    for (auto _ : state) units = cohort::build_partition(model::Channel::import, utility.hierarchy, utility.facts, utility.rules).units.size();
    state.SetItemsProcessed(state.iterations() * state.range(0));
    state.counters["units"] = static_cast<double>(units);
    state.counters["peak_MiB"] = static_cast<double>(io::peak_memory_bytes()) / (1 << 20);
}
BENCHMARK(build)->Name("partition/build")->Arg(10000)->Arg(100000)->Arg(1000000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
