// A class of meters that stands across the feeders: what is published by both is attacked together.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <random>
#include <set>

#include "cohort/pool.hpp"
#include "plain_rules.hpp"

namespace meterveil::cohort {
namespace {

using model::Hierarchy;
using model::NodeId;
using model::Partition;
using model::SetFacts;

model::RuleSet rules() { return testing::five_or_more_none_over_half(); }

/// Feeders and tariffs.
struct Case {
    explicit Case(unsigned num_feeders, std::vector<std::string> tariffs) {
        std::vector<std::vector<std::string>> paths;
        for (unsigned f = 0; f < num_feeders; ++f) paths.push_back({fmt::format("r{}", f / 2), fmt::format("f{}", f)});
        hierarchy = model::cross(model::build_hierarchy({"region", "feeder"}, paths), "tariff", std::move(tariffs));
        facts.resize(hierarchy.nodes.size() - model::first_leaf(hierarchy));
    }
    /// @param wh of each customer
    void add(std::size_t feeder, std::size_t tariff, const std::vector<std::int64_t>& wh) {
        SetFacts& cell = facts[feeder * hierarchy.classes.size() + tariff];
        if (cell.slots == 0 && !wh.empty()) cell = SetFacts(1, 1);
        for (const std::int64_t energy : wh) cell.fold({energy});
    }
    [[nodiscard]] std::vector<Partition> partitions() const { return build_partitions(model::Channel::import, hierarchy, facts, rules()); }

    Hierarchy hierarchy;
    LeafFacts facts;  ///< [feeder x tariff]
};

std::vector<std::int64_t> customers(std::mt19937& random, unsigned most) {
    std::vector<std::int64_t> wh(random() % (most + 1));
    for (auto& energy : wh) energy = 1 + static_cast<std::int64_t>(random() % 50);
    if (!wh.empty() && random() % 6 == 0) wh[0] = 500;
    return wh;
}

Case random_case(std::mt19937& random) {
    Case c(2 + static_cast<unsigned>(random() % 3), random() % 3 == 0 ? std::vector<std::string>{"a", "b", "c"} : std::vector<std::string>{"a", "b"});
    for (std::size_t cell = 0; cell < c.facts.size(); ++cell) c.add(cell / c.hierarchy.classes.size(), cell % c.hierarchy.classes.size(), customers(random, random() % 3 == 0 ? 3 : 12));
    return c;
}

using Cells = std::set<std::size_t>;  ///< that somebody is in

/// The cells of what a unit of either partition says that it is.
Cells cells_of(const Case& c, const Partition& partition, const model::Unit& unit) {
    const auto turned = model::turn(c.hierarchy, 0);
    const Hierarchy& tree = partition.is_by_class() ? turned.hierarchy : c.hierarchy;
    Cells cells;
    for (std::size_t cell = 0; cell < c.facts.size(); ++cell) {
        const NodeId leaf = partition.is_by_class() ? turned.leaf[cell] : model::first_leaf(c.hierarchy) + static_cast<NodeId>(cell);
        for (const model::BatchId member : unit.members)
            if (c.facts[cell].slots != 0 && tree.ancestor(leaf, tree.nodes[member].level) == member) cells.insert(cell);
    }
    return cells;
}

std::set<Cells> published(const Case& c, const std::vector<Partition>& partitions) {
    std::set<Cells> sets;
    for (const Partition& partition : partitions)
        for (const auto& unit : partition.units) sets.insert(cells_of(c, partition, unit));
    return sets;
}

bool fails(const Case& c, const Cells& cells) {
    SetFacts sum(1, 1);
    for (const std::size_t cell : cells) sum.merge(c.facts[cell]);
    return !cells.empty() && !model::judge(rules(), sum).passes;
}

/// True if published sets, each with weight -1, 0 or 1, add up to a set of cells that fails the rules.
bool attack_succeeds(const Case& c, const std::set<Cells>& sets) {
    const std::vector<Cells> rows(sets.begin(), sets.end());
    std::vector<int> weight(c.facts.size(), 0);
    const auto is_leak = [&] {
        Cells cells;
        for (std::size_t i = 0; i < weight.size(); ++i) {
            if (weight[i] != 0 && weight[i] != 1) return false;
            if (weight[i] == 1) cells.insert(i);
        }
        return fails(c, cells);
    };
    const auto search = [&](auto&& self, std::size_t next) -> bool {
        if (next == rows.size()) return is_leak();
        for (const int w : {0, 1, -1}) {
            for (const std::size_t cell : rows[next]) weight[cell] += w;
            const bool found = self(self, next + 1);
            for (const std::size_t cell : rows[next]) weight[cell] -= w;
            if (found) return true;
        }
        return false;
    };
    return search(search, 0);
}

constexpr std::size_t most_rows = 11;  // 3^11 combinations are enough to search

TEST(Crossing, NoSumOrDifferenceOfRowsByFeederAndByTariffFailsARule) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    int told_both = 0, attacked = 0;
    for (int i = 0; i < 250; ++i) {
        const Case c = random_case(random);
        const auto partitions = c.partitions();
        const auto sets = published(c, partitions);
        if (sets.size() > most_rows) continue;
        ++attacked;
        told_both += partitions[0].units.size() > 2 && partitions[1].units.size() > 2 ? 1 : 0;
        ASSERT_FALSE(attack_succeeds(c, sets)) << "case " << i;
    }
    EXPECT_GT(attacked, 100);
    EXPECT_GT(told_both, 50);
}

TEST(Crossing, TheAttackBreaksCellsThatAreSuppressedOneByOne) {
    std::mt19937 random(1);
    int broken = 0;
    for (int i = 0; i < 100; ++i) {
        const Case c = random_case(random);
        const std::size_t tariffs = c.hierarchy.classes.size(), feeders = c.facts.size() / tariffs;
        std::vector<Cells> all;
        for (std::size_t f = 0; f < feeders; ++f) {
            auto& row = all.emplace_back();
            for (std::size_t t = 0; t < tariffs; ++t) row.insert(f * tariffs + t);
        }
        for (std::size_t t = 0; t < tariffs; ++t) {
            auto& column = all.emplace_back();
            for (std::size_t f = 0; f < feeders; ++f) column.insert(f * tariffs + t);
        }
        for (std::size_t cell = 0; cell < c.facts.size(); ++cell) all.push_back({cell});
        std::set<Cells> naive;  // what passes by itself
        for (Cells& cells : all) {
            std::erase_if(cells, [&](std::size_t cell) { return c.facts[cell].slots == 0; });
            if (!cells.empty() && !fails(c, cells)) naive.insert(cells);
        }
        if (naive.size() <= most_rows) broken += attack_succeeds(c, naive) ? 1 : 0;
    }
    EXPECT_GT(broken, 20);
}

TEST(Crossing, BothPartitionsAreOfTheSameAtoms) {
    std::mt19937 random(7);
    for (int i = 0; i < 100; ++i) {
        const Case c = random_case(random);
        const auto partitions = c.partitions();
        ASSERT_EQ(partitions.size(), 2U);
        ASSERT_EQ(partitions[0].num_atoms(), partitions[1].num_atoms());
        const auto numbers = model::numbers_by_class(partitions[0], partitions[1]);
        EXPECT_EQ(std::set<model::AtomId>(numbers.begin(), numbers.end()).size(), numbers.size());
        for (model::AtomId a = 0; a < numbers.size(); ++a) EXPECT_EQ(partitions[0].atom_facts[a], partitions[1].atom_facts[numbers[a]]);
    }
}

std::set<std::string> rows_of(const Partition& partition) {
    std::set<std::string> names;
    for (const auto& unit : partition.units) names.insert(unit.name);
    return names;
}

TEST(Crossing, FewOfATariffArePooledOverFeedersIfThatLosesLess) {
    Case c(2, {"std", "tou"});
    for (std::size_t feeder = 0; feeder < 2; ++feeder) {
        c.add(feeder, 0, std::vector<std::int64_t>(20, 10));
        c.add(feeder, 1, std::vector<std::int64_t>(3, 10));
    }
    const auto partitions = c.partitions();
    EXPECT_EQ(rows_of(partitions[0]), (std::set<std::string>{"total", "r0", "f0/std", "f1/std", "f0/tou+f1/tou"}));
    EXPECT_EQ(rows_of(partitions[1]), (std::set<std::string>{"total", "std", "tou", "std/r0", "tou/r0", "std/f0", "std/f1", "tou/f0+tou/f1"}));
}

TEST(Crossing, FewOfAFeederArePooledOverTariffsIfThatLosesLess) {
    Case c(2, {"std", "tou"});
    for (std::size_t tariff = 0; tariff < 2; ++tariff) {
        c.add(0, tariff, std::vector<std::int64_t>(3, 10));
        c.add(1, tariff, std::vector<std::int64_t>(100, 10));
    }
    const auto partitions = c.partitions();
    EXPECT_EQ(rows_of(partitions[0]), (std::set<std::string>{"total", "r0", "f0", "f1", "f1/std", "f1/tou", "f0/std+f0/tou"}));
    EXPECT_FALSE(rows_of(partitions[1]).contains("std"));
}

/// All that is told of the partitions: names, what became of each node, and why.
std::vector<std::string> told(const std::vector<Partition>& partitions) {
    std::vector<std::string> lines;
    for (const Partition& partition : partitions) {
        for (const auto& unit : partition.units) lines.push_back(fmt::format("{} {} {}", unit.name, unit.level, fmt::join(unit.members, ",")));
        for (const auto& fate : partition.fates) lines.push_back(fmt::format("{} {} {}", model::name_of(fate.status), fate.unit, fate.rule));
    }
    return lines;
}

TEST(Crossing, WhoIsAloneOnAFeederIsOfNoTariffThatIsTold) {
    const auto with_the_one_of = [](std::size_t tariff) {
        Case c(4, {"std", "tou"});
        for (std::size_t feeder = 0; feeder < 4; ++feeder)
            for (std::size_t t = 0; t < 2; ++t) c.add(feeder, t, feeder == 1 ? std::vector<std::int64_t>() : std::vector<std::int64_t>(12, 10));
        c.add(1, tariff, {10});
        return c;
    };
    const Case std_one = with_the_one_of(0), tou_one = with_the_one_of(1);
    EXPECT_EQ(told(std_one.partitions()), told(tou_one.partitions()));
    // Not so if every leaf is pooled as it is.
    const auto plain = [](const Case& c) { return told({build_partition(model::Channel::import, c.hierarchy, c.facts, rules())}); };
    EXPECT_NE(plain(std_one), plain(tou_one));
}

TEST(Crossing, WhoCameToAFeederIsOfNoTariffThatIsTold) {
    for (const bool stands : {true, false}) {  // whether others of the tariff are there
        Case c(2, {"std", "tou"});
        for (std::size_t cell = 0; cell < 4; ++cell) c.add(cell / 2, cell % 2, cell == 1 && !stands ? std::vector<std::int64_t>() : std::vector<std::int64_t>(12, 10));
        History history{LeafFacts(4), LeafFacts(4), std::vector<std::uint32_t>(4, model::no_id)};
        for (SetFacts& joined : history.joined) {  // too few by themselves, enough together
            joined = SetFacts(1, 1);
            for (int n = 0; n < 2; ++n) joined.fold({10});
        }
        const auto partitions = build_partitions(model::Channel::import, c.hierarchy, c.facts, rules(), history);
        bool is_there = false;
        for (const Partition& partition : partitions) {
            for (const auto& unit : partition.units) {
                is_there = is_there || unit.name.ends_with(" (and new)");
                for (const std::string& name : unit.named) EXPECT_EQ(name.find("new"), std::string::npos) << name;
            }
            for (const auto& fate : partition.fates) EXPECT_NE(fate.rule, "joined");
        }
        EXPECT_TRUE(is_there);
    }
}

TEST(Crossing, WhoDominatesAFeederIsOfNoTariffThatIsTold) {
    const auto with_the_one_of = [](std::size_t tariff) {
        Case c(2, {"std", "tou"});
        for (std::size_t t = 0; t < 2; ++t) c.add(0, t, std::vector<std::int64_t>(30, 10));
        c.add(1, 0, std::vector<std::int64_t>(6, 10));
        c.add(1, tariff, {200});
        return c;
    };
    EXPECT_EQ(told(with_the_one_of(0).partitions()), told(with_the_one_of(1).partitions()));
}

TEST(Crossing, WhoIsAmongFewOnAFeederIsOfNoTariffThatIsTold) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int i = 0; i < 100; ++i) {
        Case c(4, {"std", "tou"});
        const std::size_t few = random() % 4;
        for (std::size_t feeder = 0; feeder < 4; ++feeder)
            for (std::size_t t = 0; t < 2; ++t)
                if (feeder != few) c.add(feeder, t, std::vector<std::int64_t>(8 + random() % 5, 10));
        Case turned = c;
        for (auto n = 1 + random() % 3; n > 0; --n) {
            c.add(few, random() % 2, {10});
            turned.add(few, random() % 2, {10});
        }
        EXPECT_EQ(told(c.partitions()), told(turned.partitions())) << "case " << i;
    }
}

}  // namespace
}  // namespace meterveil::cohort
