// How long from a million customers to a generalised table? Limit: reading memory.
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <unordered_set>

#include "limits.hpp"
#include "meterveil/attributes/run.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"

namespace {

using namespace meterveil;

constexpr std::size_t customers = 1000000;

/// Small numbers more often than large ones.
std::uint32_t skewed(std::mt19937& random, std::uint32_t below) {
    const double uniform = static_cast<double>(random()) / 4294967296.0;
    return static_cast<std::uint32_t>(uniform * uniform * below);
}

/// Five quasi-identifiers that hardly depend on each other (so that most tuples are distinct), and an income of 20 classes.
std::vector<std::string> lines() {
    std::mt19937 random(1);
    std::vector<std::string> all;
    for (std::size_t i = 0; i < customers; ++i) {
        const std::uint32_t acorn = skewed(random, 18);
        all.push_back(fmt::format("{},{:04d},ACORN-{},type {},heating {},{}", 18 + skewed(random, 80), skewed(random, 500) * 7 % 10000, static_cast<char>('A' + acorn),
                                  skewed(random, 9), skewed(random, 8), std::min<std::uint32_t>(19, acorn / 3 + skewed(random, 20))));
    }
    return all;
}

/// 6 x 6 x 3 x 3 x 3 = 972 nodes.
attributes::Options options(const std::string& folder, std::vector<model::CriterionClaim> criteria) {
    const auto write = [&](const char* name, int count, auto&& row) {
        std::ofstream file(folder + "/" + name);
        for (int i = 0; i < count; ++i) file << row(i) << '\n';
        return folder + "/" + name;
    };
    attributes::Options made;
    made.criteria = std::move(criteria);
    made.hierarchies["age"].intervals = {5, 10, 20, 40};
    made.hierarchies["postcode"].prefixes = {3, 2, 1, 0};
    made.hierarchies["acorn"].file = write("acorn.csv", 18, [](int i) { return fmt::format("ACORN-{};group {};*", static_cast<char>('A' + i), i / 4); });
    made.hierarchies["type"].file = write("type.csv", 9, [](int i) { return fmt::format("type {};kind {};*", i, i / 3); });
    made.hierarchies["heating"].file = write("heating.csv", 8, [](int i) { return fmt::format("heating {};fuel {};*", i, i / 3); });
    made.distances["income"].kind = model::Distance::Kind::ordered;
    return made;
}

/// The first `num_columns` of them.
const std::vector<model::Attribute> all_columns = {{"age", model::AttributeKind::quasi},  {"postcode", model::AttributeKind::quasi}, {"acorn", model::AttributeKind::quasi},
                                               {"type", model::AttributeKind::quasi}, {"heating", model::AttributeKind::quasi},  {"income", model::AttributeKind::sensitive}};

model::AttributeRows encoded(const std::vector<std::string>& lines, std::size_t num_columns) {
    model::AttributeEncoder encoder({all_columns.begin(), all_columns.begin() + static_cast<std::ptrdiff_t>(num_columns)});
    for (const std::string_view line : lines)
        for (std::size_t begin = 0, column = 0; column < num_columns; ++column) {
            const std::size_t end = std::min(line.find(',', begin), line.size());
            encoder.add(line.substr(begin, end - begin));
            begin = end + 1;
        }
    return encoder.take();
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

void generalise(benchmark::State& state, std::vector<model::CriterionClaim> criteria, double max_suppressed, attributes::Search search) {
    static const std::vector<std::string> rows = lines();
    static const std::vector<model::Pseudonym> subjects = [] {
        std::mt19937 random(2);
        std::vector<model::Pseudonym> made(customers);
        for (auto& subject : made)
            for (auto& byte : subject.value) byte = static_cast<std::byte>(random());
        return made;
    }();
    std::string folder = "/tmp/perf_attributes_XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) return state.SkipWithError("no folder");
    const std::size_t num_columns = criteria.size() == 1 ? 5 : 6;  // k alone guards no sensitive column
    auto how = options(folder, std::move(criteria));
    if (num_columns == 5) how.distances.clear();
    how.max_suppressed = max_suppressed;
    how.search = search;
    double cpu_s = 0, loss = 0, classes = 0, peak_bytes = 0;
    for ([[maybe_unused]] auto _ : state) {
        reset_peak_memory();
        const double before = cpu_seconds();
        par::run_on_threads(1, [&](par::Comm& comm) {
            const auto candidate = attributes::run(comm, {encoded(rows, num_columns), subjects}, how);
            if (!candidate.ok()) return state.SkipWithError(candidate.error().what.c_str());
            loss = candidate.value().evidence.loss;
            classes = static_cast<double>(candidate.value().evidence.classes);
        });
        cpu_s += cpu_seconds() - before;
        peak_bytes = std::max(peak_bytes, static_cast<double>(io::peak_memory_bytes()));
    }
    for (const char* file : {"acorn.csv", "type.csv", "heating.csv"}) std::remove((folder + "/" + file).c_str());
    std::remove(folder.c_str());
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(customers));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(customers * num_columns * sizeof(std::uint32_t)));
    state.counters["cpu_s"] = cpu_s / static_cast<double>(state.iterations());
    state.counters["peak_bytes"] = peak_bytes;
    static const double distinct = static_cast<double>([] {
        std::unordered_set<std::string_view> quasi;
        for (const std::string_view line : rows) quasi.insert(line.substr(0, line.rfind(',')));
        return quasi.size();
    }());
    state.counters["distinct_tuples"] = distinct;
    state.counters["loss"] = loss;
    state.counters["classes"] = classes;
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    meterveil::perf::register_memory_read("limit/memory_read");
    const auto add = [](const char* name, std::vector<model::CriterionClaim> criteria, double max_suppressed, attributes::Search search) {
        benchmark::RegisterBenchmark(name, [=](auto& state) { generalise(state, criteria, max_suppressed, search); })->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(3);
    };
    add("attributes/k_5", {{"k_anonymity", {5}}}, 0, attributes::Search::optimal);
    add("attributes/k_5_2_percent_out", {{"k_anonymity", {5}}}, 0.02, attributes::Search::optimal);
    add("attributes/k_10_t_0.3", {{"k_anonymity", {10}}, {"t_closeness", {0.3}}}, 0, attributes::Search::optimal);
    add("attributes/k_10_t_0.3_2_percent_out", {{"k_anonymity", {10}}, {"t_closeness", {0.3}}}, 0.02, attributes::Search::optimal);
    add("attributes/k_10_t_0.3_mondrian", {{"k_anonymity", {10}}, {"t_closeness", {0.3}}}, 0, attributes::Search::mondrian);
    benchmark::RunSpecifiedBenchmarks();
}
