// How long does it take to prove a release of n leaves, alone and against a second one? Limit: reading memory.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <malloc.h>

#include <fstream>
#include <numeric>
#include <random>
#include <string>

#include "limits.hpp"
#include "meterveil/prove/derivable.hpp"

namespace {

using namespace meterveil::prove;

/// A tree of units, parents first, with 10 to 30 children each; the last `num_leaves` units are the leaves.
struct Tree {
    std::vector<UnitId> parent;
    std::uint32_t first_leaf = 0;
};

Tree tree_of(std::uint32_t num_leaves, std::mt19937_64& random) {
    std::vector<std::vector<std::uint32_t>> parents;  // [level from the leaves][unit] its place in the level above
    for (std::uint32_t count = num_leaves; count > 1;) {
        auto& level = parents.emplace_back();
        std::uint32_t above = 0;
        for (std::uint32_t left = count; left > 0; ++above) {
            const auto children = std::min<std::uint32_t>(left, 10 + static_cast<std::uint32_t>(random() % 21));
            level.insert(level.end(), children, above);
            left -= children;
        }
        count = above;
    }
    Tree tree{{no_unit}, 0};
    std::uint32_t first_above = 0;
    for (auto level = parents.rbegin(); level != parents.rend(); ++level) {
        tree.first_leaf = static_cast<std::uint32_t>(tree.parent.size());
        for (const auto above : *level) tree.parent.push_back(first_above + above);
        first_above = tree.first_leaf;
    }
    return tree;
}

/// Homes of one class: which leaf they are on in each release, and how many.
struct Homes {
    std::uint32_t from, to, number;
};

/// What differs in the second release.
enum class Second { none, equal, batches, churn, leak };

std::vector<Homes> homes_of(std::uint32_t num_leaves, Second second, std::mt19937_64& random) {
    std::vector<Homes> homes;
    const auto any_leaf = [&] { return static_cast<std::uint32_t>(random() % num_leaves); };
    for (std::uint32_t leaf = 0; leaf < num_leaves; ++leaf) homes.push_back({leaf, leaf, 25 + static_cast<std::uint32_t>(random() % 75)});
    for (std::uint32_t leaf = 0; leaf < num_leaves; ++leaf) {
        if ((second == Second::batches || second == Second::leak) && leaf % 20 == 0) homes.push_back({leaf, any_leaf(), 15});
        if (second == Second::churn)
            for (int i = 0; i < 8; ++i) homes.push_back({leaf, any_leaf(), 2});
    }
    if (second == Second::leak) homes.push_back({0, num_leaves / 2, 1});
    return homes;
}

Forest forest_of(const Tree& tree, const std::vector<Homes>& homes, std::uint32_t Homes::*place) {
    Forest forest{"", {}, tree.parent, std::vector<std::uint64_t>(tree.parent.size() + 1, 0), std::vector<ClassId>(homes.size())};
    for (const auto& h : homes) ++forest.first_class[tree.first_leaf + h.*place + 1];
    std::partial_sum(forest.first_class.begin(), forest.first_class.end(), forest.first_class.begin());
    auto next = forest.first_class;
    for (ClassId cls = 0; cls < homes.size(); ++cls) forest.classes[next[tree.first_leaf + homes[cls].*place]++] = cls;
    return forest;
}

Problem problem_of(std::uint32_t num_leaves, Second second) {
    std::mt19937_64 random(num_leaves);
    const Tree tree = tree_of(num_leaves, random);
    const auto homes = homes_of(num_leaves, second, random);
    Problem problem;
    problem.statements = {"min_contributors = 15", "dominance = [1, 0.15]"};
    problem.facts = Facts({static_cast<std::uint32_t>(homes.size()), 1, 1, 1});
    for (ClassId cls = 0; cls < homes.size(); ++cls) {
        const std::int64_t largest = 4000 + static_cast<std::int64_t>(random() % 2000);
        problem.facts.fold_many(cls, 0, 0, {homes[cls].number, largest + 3500 * (std::int64_t{homes[cls].number} - 1), 3500}, std::span(&largest, 1));
    }
    problem.forests.push_back(forest_of(tree, homes, &Homes::from));
    if (second != Second::none) problem.forests.push_back(forest_of(tree, homes, &Homes::to));
    return problem;
}

/// Peak resident memory since the last reset, MiB.
double peak_mib(bool reset) {
    if (reset) std::ofstream("/proc/self/clear_refs") << "5";
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}

void whole(benchmark::State& state, Second second, Verdict expected) {
    const auto num_leaves = static_cast<std::uint32_t>(state.range(0));
    const Problem problem = problem_of(num_leaves, second);
    Report report;
    malloc_trim(0);
    const double before = peak_mib(true);
    for ([[maybe_unused]] auto _ : state) report = prove(problem).value();
    if (report.verdict != expected) state.SkipWithError("another verdict");
    std::uint64_t bytes = problem.facts.shape().num_classes * (sizeof(Facts::Cell) + sizeof(std::int64_t));
    for (const auto& forest : problem.forests)
        bytes += forest.classes.size() * sizeof(ClassId) + forest.parent.size() * (sizeof(UnitId) + sizeof(std::uint64_t));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * num_leaves);
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(bytes));
    state.counters["input_mib"] = static_cast<double>(bytes) / (1 << 20);
    state.counters["proof_mib"] = peak_mib(false) - before;
    state.counters["pairs"] = static_cast<double>(report.num_pairs);
    state.counters["listed"] = static_cast<double>(report.num_pairs_listed);
    state.counters["blocks"] = static_cast<double>(report.num_blocks);
}

void register_case(const char* name, Second second, Verdict expected) {
    benchmark::RegisterBenchmark(fmt::format("prove/{}", name).c_str(), whole, second, expected)
        ->Arg(10'000)
        ->Arg(100'000)
        ->Arg(1'000'000)
        ->ArgName("leaves")
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    meterveil::perf::register_memory_read("limit/memory_read");
    register_case("alone", Second::none, Verdict::safe);
    register_case("equal", Second::equal, Verdict::safe);
    register_case("batches_moved", Second::batches, Verdict::safe);
    register_case("small_groups_moved", Second::churn, Verdict::safe);
    register_case("one_home_moved", Second::leak, Verdict::unsafe);
    benchmark::RunSpecifiedBenchmarks();
}
