// The searches against every node of small random lattices, with criteria judged by a twin that shares no code with them.
#include <gtest/gtest.h>

#include "attribute_problems.hpp"

namespace meterveil::attributes {
namespace {

using testing::Case;
using testing::Twin;
using Claims = std::vector<model::CriterionClaim>;

/// Sets of criteria; which attributes and tables they need is in the table of criteria.
const std::vector<Claims> sample_claims = {
    {{"k_anonymity", {2}}},
    {{"k_anonymity", {4}}, {"distinct_l_diversity", {2}}},
    {{"k_anonymity", {2}}, {"entropy_l_diversity", {1.7}}},
    {{"recursive_l_diversity", {3, 2}}},
    {{"k_anonymity", {3}}, {"t_closeness", {0.3}}},
    {{"t_closeness", {0.15}}},
    {{"beta_likeness", {1}}},
    {{"k_anonymity", {2}}, {"k_map", {4}}},
    {{"delta_presence", {0.2, 0.7}}},
    {{"k_anonymity", {3}}, {"delta_presence", {0, 0.6}}, {"distinct_l_diversity", {2}}},
};

bool needs(const Claims& claims, bool CriterionInfo::* what) {
    const auto infos = criterion_infos();
    return std::any_of(claims.begin(), claims.end(), [&](const auto& claim) {
        return std::any_of(infos.begin(), infos.end(), [&](const auto& info) { return claim.name == info.name && info.*what; });
    });
}

Case random_case(std::mt19937& random, Loss loss, bool numeric) {
    const Claims& claims = sample_claims[random() % sample_claims.size()];
    Twin twin = testing::random_twin(random, claims, needs(claims, &CriterionInfo::needs_sensitive) ? 1 + random() % 2 : random() % 2, needs(claims, &CriterionInfo::needs_population));
    const std::uint64_t max_suppressed = random() % 2 == 0 ? 0 : random() % (twin.rows.size() / 3 + 1);
    return testing::case_of(std::move(twin), max_suppressed, loss, numeric);
}

/// How many values a label stands for.
double num_values(const Twin& twin, std::size_t attribute, const std::string& label, std::uint32_t level) {
    double count = 0;
    for (const auto& [value, path] : twin.paths[attribute]) count += (level == 0 ? value : path[level - 1]) == label ? 1 : 0;
    return count;
}

/// From 0, as the words of docs/methods/attributes.md say.
double loss_of(const Case& c, const std::vector<std::uint32_t>& levels, const Twin::Classes& published) {
    const Twin& twin = c.twin;
    const auto n = static_cast<double>(twin.rows.size());
    std::vector<std::map<std::string, double>> of_value(twin.num_quasi), of_label(twin.num_quasi);
    for (const auto& row : twin.rows) {
        const auto labels = twin.generalised(row, levels);
        for (std::size_t a = 0; a < twin.num_quasi; ++a) ++of_value[a][row[a]], ++of_label[a][labels[a]];
    }
    double loss = 0;
    for (const auto& row : twin.rows) {
        const auto labels = twin.generalised(row, levels);
        const auto in = published.find(labels);
        if (c.problem.loss == Loss::discernibility) loss += in == published.end() ? n : static_cast<double>(in->second.customers);
        for (std::size_t a = 0; a < twin.num_quasi && c.problem.loss != Loss::discernibility; ++a) {
            const auto domain = static_cast<double>(twin.paths[a].size());
            if (c.problem.loss == Loss::granularity) loss += in == published.end() ? 1 : (num_values(twin, a, labels[a], levels[a]) - 1) / (domain - 1);
            else loss += std::log2((in == published.end() ? n : of_label[a][labels[a]]) / of_value[a][row[a]]);
        }
    }
    return loss;
}

std::vector<std::vector<std::uint32_t>> all_nodes(const Twin& twin) {
    std::vector<std::vector<std::uint32_t>> nodes = {{}};
    for (std::size_t c = 0; c < twin.num_quasi; ++c) {
        std::vector<std::vector<std::uint32_t>> longer;
        for (const auto& node : nodes)
            for (std::uint32_t level = 0; level <= twin.paths[c].begin()->second.size(); ++level) {
                longer.push_back(node);
                longer.back().push_back(level);
            }
        nodes = std::move(longer);
    }
    return nodes;
}

/// Rows of the solution as the twin would have them: labels -> customers.
std::map<std::vector<std::string>, std::uint64_t> classes_of(const Problem& problem, const Solution& solution) {
    std::map<std::vector<std::string>, std::uint64_t> classes;
    for (std::size_t t = 0; t < problem.table.size(); ++t) {
        if (solution.is_published[t] == 0 || problem.table.customers[t] == 0) continue;
        std::vector<std::string> labels;
        for (std::size_t c = 0; c < problem.table.num_quasi; ++c) labels.push_back(solution.labels[c][solution.label_of[c * problem.table.size() + t]]);
        classes[labels] += problem.table.customers[t];
    }
    return classes;
}

TEST(Lattice, TheSearchFindsTheBestOfAllNodes) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    int num_found = 0, num_suppressing = 0, num_skipped = 0;
    for (int i = 0; i < 1500; ++i) {
        const Case c = random_case(random, static_cast<Loss>(random() % 3), false);
        const Solution solution = search_lattice(c.problem);
        double best = std::numeric_limits<double>::infinity();
        const auto nodes = all_nodes(c.twin);
        for (const auto& levels : nodes)
            if (const auto published = c.twin.published_at(levels, c.problem.max_suppressed)) best = std::min(best, loss_of(c, levels, *published));
        ASSERT_EQ(solution.found, std::isfinite(best)) << "case " << i;
        EXPECT_LE(solution.nodes_judged, nodes.size());
        num_skipped += solution.nodes_judged < nodes.size() ? 1 : 0;
        if (!solution.found) continue;
        ++num_found;
        num_suppressing += solution.suppressed > 0 ? 1 : 0;
        const auto published = c.twin.published_at(solution.levels, c.problem.max_suppressed);
        ASSERT_TRUE(published) << "case " << i;
        std::map<std::vector<std::string>, std::uint64_t> expected;
        for (const auto& [labels, in] : *published) expected[labels] = in.customers;
        ASSERT_EQ(classes_of(c.problem, solution), expected) << "case " << i;
        const double unit = c.problem.loss == Loss::discernibility ? 1 : 1 << 20, rounding = 1e-6 * static_cast<double>(c.twin.rows.size() * c.twin.num_quasi + 1);
        ASSERT_NEAR(loss_of(c, solution.levels, *published), best, rounding) << "case " << i;
        ASSERT_NEAR(static_cast<double>(solution.loss) / unit, best, rounding) << "case " << i;
        Twin kept = c.twin;  // the share speaks of published rows alone
        std::erase_if(kept.rows, [&](const auto& row) { return !published->contains(c.twin.generalised(row, solution.levels)); });
        if (c.problem.loss == Loss::granularity && !kept.rows.empty())
            ASSERT_NEAR(solution.lost_share, loss_of({kept, c.problem, c.values}, solution.levels, *published) / static_cast<double>(kept.rows.size() * kept.num_quasi), 1e-5) << "case " << i;
    }
    EXPECT_GT(num_found, 300);
    EXPECT_GT(num_suppressing, 50);
    EXPECT_GT(num_skipped, 300);
}

/// True if a value may stand behind a label of Mondrian: itself, one of its labels, or a range that it lies in.
bool is_behind(const Twin& twin, std::size_t attribute, const std::string& value, const std::string& label) {
    if (value == label) return true;
    if (label.front() == '[') return std::stod(value) >= std::stod(label.substr(1)) && std::stod(value) <= std::stod(label.substr(label.find(',') + 1));
    const auto& path = twin.paths[attribute].at(value);
    return std::find(path.begin(), path.end(), label) != path.end();
}

/// Classes of a solution of Mondrian by its labels alone: customers by their rows, persons by what they may stand behind.
Twin::Classes classes_by_label(const Case& c, const Solution& solution) {
    Twin::Classes classes;
    const Table& table = c.problem.table;
    for (const auto& row : c.twin.rows) {
        std::size_t t = 0;
        const auto is_tuple = [&](std::size_t at) {
            for (std::size_t a = 0; a < table.num_quasi; ++a)
                if (c.values[a][table.column(a)[at]] != row[a]) return false;
            return true;
        };
        while (!is_tuple(t)) ++t;
        std::vector<std::string> labels;
        for (std::size_t a = 0; a < table.num_quasi; ++a) {
            labels.push_back(solution.labels[a][solution.label_of[a * table.size() + t]]);
            EXPECT_TRUE(is_behind(c.twin, a, row[a], labels.back()));
        }
        auto& in = classes[labels];
        ++in.customers;
        in.sensitive.resize(table.num_sensitive);
        for (std::size_t s = 0; s < table.num_sensitive; ++s) ++in.sensitive[s][row[table.num_quasi + s]];
    }
    for (auto& [labels, in] : classes)
        for (const auto& person : c.twin.population) {
            bool matches = true;
            for (std::size_t a = 0; a < table.num_quasi; ++a) matches = matches && is_behind(c.twin, a, person[a], labels[a]);
            in.population += matches ? 1 : 0;
        }
    return classes;
}

TEST(Mondrian, HoldsEveryCriterionAndSuppressesNobody) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    int num_found = 0, num_cut = 0;
    for (int i = 0; i < 2000; ++i) {
        const Case c = random_case(random, static_cast<Loss>(random() % 3), random() % 2 == 0);
        const Solution solution = search_mondrian(c.problem);
        std::vector<std::uint32_t> top;
        for (const auto& paths : c.twin.paths) top.push_back(static_cast<std::uint32_t>(paths.begin()->second.size()));
        ASSERT_EQ(solution.found, c.twin.published_at(top, 0).has_value()) << "case " << i;
        if (!solution.found) continue;
        const auto classes = classes_by_label(c, solution);
        std::vector<testing::Values> whole(c.problem.table.num_sensitive);
        for (const auto& [labels, in] : classes)
            for (std::size_t s = 0; s < whole.size(); ++s)
                for (const auto& [value, count] : in.sensitive[s]) whole[s][value] += count;
        for (const auto& [labels, in] : classes)
            for (const auto& claim : c.twin.claims.criteria) ASSERT_TRUE(c.twin.holds(claim, in, whole)) << claim.name << ", case " << i;
        ++num_found;
        num_cut += classes.size() > 1 ? 1 : 0;
        EXPECT_LE(solution.lost_share, 1.0001);
    }
    EXPECT_GT(num_found, 500);
    EXPECT_GT(num_cut, 300);
}

}  // namespace
}  // namespace meterveil::attributes
