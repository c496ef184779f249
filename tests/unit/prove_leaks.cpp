// Sums that leak, each beside a safe twin. One table; a row is a leak as naive code has it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "meterveil/prove/derivable.hpp"

namespace meterveil::prove {
namespace {

/// Homes that are alike: where each release has them, and what they used.
struct Homes {
    std::size_t number;
    std::vector<std::int64_t> wh;         ///< [slot]
    std::vector<std::string> units;       ///< [release] smallest unit, "" for none
    std::string customer = "";            ///< homes of one owner have the owner's name; else each has its own
    std::string group = "";
};

struct Leak {
    std::string name;
    std::vector<std::string> rules;
    std::vector<std::string> releases;  ///< "unit unit<parent ..." each
    std::vector<Homes> leaks, safe;
    Kind kind;                          ///< of the first violation
    std::vector<std::string> named;     ///< units that the explanation names
    bool is_consecutive = false;
    double max_failing_share = 0;
};

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words(1);
    for (const char c : text) {
        if (c == ' ')
            words.emplace_back();
        else
            words.back() += c;
    }
    return words;
}

Forest forest_of(const std::string& units, std::size_t number) {
    Forest forest;
    forest.name = "release " + std::string(1, static_cast<char>('A' + number));
    for (const auto& word : words_of(units)) {
        const auto at = word.find('<');
        const auto parent = std::find(forest.unit_names.begin(), forest.unit_names.end(), at == std::string::npos ? "" : word.substr(at + 1));
        forest.parent.push_back(parent == forest.unit_names.end() ? no_unit : static_cast<UnitId>(parent - forest.unit_names.begin()));
        forest.unit_names.push_back(word.substr(0, at));
    }
    return forest;
}

Problem problem_of(const Leak& leak, const std::vector<Homes>& homes) {
    Problem problem;
    problem.statements = leak.rules;
    problem.groups = {"residential", "commercial"};
    problem.is_consecutive = leak.is_consecutive;
    problem.max_failing_share = leak.max_failing_share;
    for (std::size_t r = 0; r < leak.releases.size(); ++r) problem.forests.push_back(forest_of(leak.releases[r], r));

    std::vector<std::vector<UnitId>> unit_of(leak.releases.size());
    std::vector<std::uint32_t> num_units;
    for (std::size_t r = 0; r < leak.releases.size(); ++r) {
        const auto& names = problem.forests[r].unit_names;
        num_units.push_back(static_cast<std::uint32_t>(names.size()));
        for (const auto& h : homes) {
            const auto found = std::find(names.begin(), names.end(), h.units.at(r));
            EXPECT_TRUE(found != names.end() || h.units[r].empty()) << leak.name << ": no unit " << h.units[r];
            unit_of[r].push_back(found == names.end() ? no_unit : static_cast<UnitId>(found - names.begin()));
        }
    }
    const auto refined = refine(unit_of, num_units);
    for (std::size_t r = 0; r < leak.releases.size(); ++r) {
        problem.forests[r].first_class = refined.first_class[r];
        problem.forests[r].classes = refined.classes[r];
    }
    problem.facts = Facts({refined.num_classes, 2, static_cast<std::uint32_t>(homes[0].wh.size()), 2});
    std::map<std::string, std::uint64_t> owners;
    for (std::size_t i = 0; i < homes.size(); ++i) {
        const std::uint32_t group = homes[i].group == "commercial" ? 1 : 0;
        for (std::size_t n = 0; n < homes[i].number; ++n) {
            if (homes[i].customer.empty())
                problem.facts.fold(refined.class_of[i], group, homes[i].wh);
            else
                problem.facts.span(refined.class_of[i], group, owners.emplace(homes[i].customer, owners.size()).first->second, homes[i].wh);
        }
    }
    return problem;
}

const std::vector<std::string> ten = {"min_contributors = 10"};
const std::vector<std::string> ten_and_quarter = {"min_contributors = 10", "dominance = [1, 0.25]"};

const std::vector<Leak> leaks = {
    {"parent minus published children", ten, {"total a<total b<total"},
     {{20, {5}, {"a"}}, {20, {5}, {"b"}}, {3, {5}, {"total"}}}, {{20, {5}, {"a"}}, {20, {5}, {"b"}}, {10, {5}, {"total"}}}, Kind::atom, {"total"}},
    {"grandparent minus children and grandchildren", ten, {"total north<total a<north b<north south<total"},
     {{20, {5}, {"a"}}, {20, {5}, {"b"}}, {9, {5}, {"north"}}, {30, {5}, {"south"}}},
     {{20, {5}, {"a"}}, {20, {5}, {"b"}}, {10, {5}, {"north"}}, {30, {5}, {"south"}}}, Kind::atom, {"north"}},
    {"what is suppressed under a parent is dominated by one", ten_and_quarter, {"total a<total b<total"},
     {{20, {5}, {"a"}}, {20, {5}, {"b"}}, {11, {5}, {"total"}}, {1, {500}, {"total"}}},
     {{20, {5}, {"a"}}, {20, {5}, {"b"}}, {11, {5}, {"total"}}, {1, {10}, {"total"}}}, Kind::atom, {"total"}},
    {"two overlapping geographies", ten, {"feeder1 feeder2", "postcode1 postcode2"},
     {{20, {5}, {"feeder1", "postcode1"}}, {3, {5}, {"feeder2", "postcode1"}}, {20, {5}, {"feeder2", "postcode2"}}},
     {{20, {5}, {"feeder1", "postcode1"}}, {10, {5}, {"feeder2", "postcode1"}}, {20, {5},
     {"feeder2", "postcode2"}}}, Kind::pair, {"feeder1", "postcode1"}},
    {"a meter joins", ten, {"f", "f"}, {{20, {5}, {"f", "f"}}, {1, {5}, {"", "f"}}},
     {{20, {5}, {"f", "f"}}, {10, {5}, {"", "f"}}}, Kind::pair, {"f"}},
    {"a meter leaves", ten, {"f", "f"}, {{20, {5}, {"f", "f"}}, {1, {5}, {"f", ""}}},
     {{20, {5}, {"f", "f"}}, {10, {5}, {"f", ""}}}, Kind::pair, {"f"}},
    {"a meter moves to the next feeder", ten, {"total f<total g<total", "total f<total g<total"},
     {{20, {5}, {"f", "f"}}, {20, {5}, {"g", "g"}}, {1, {5}, {"f", "g"}}},
     {{20, {5}, {"f", "f"}}, {20, {5}, {"g", "g"}}, {10, {5}, {"f", "g"}}}, Kind::pair, {"f"}},
    {"a correction of one contributor", ten, {"f", "f"},
     {{20, {5}, {"f", "f"}}, {1, {2}, {"", "f"}}}, {{20, {5}, {"f", "f"}}, {10, {2}, {"", "f"}}}, Kind::pair, {"f"}},
    {"a correction of many, most of it of one", ten_and_quarter, {"f", "f"},
     {{20, {5}, {"f", "f"}}, {11, {2}, {"", "f"}}, {1, {40}, {"", "f"}}},
     {{20, {5}, {"f", "f"}}, {11, {2}, {"", "f"}}, {1, {4}, {"", "f"}}}, Kind::pair, {"f"}},
    {"erasure, then release again", ten, {"total f<total g<total", "total f<total g<total"},
     {{20, {5}, {"f", "f"}}, {1, {5}, {"f", ""}}, {30, {5}, {"g", "g"}}}, {{21, {5}, {"f", "f"}}, {30, {5}, {"g", "g"}}}, Kind::pair, {"total"}},
    {"another hierarchy over the same meters", ten, {"a b", "c d e"},
     {{12, {5}, {"a", "c"}}, {4, {5}, {"a", "e"}}, {12, {5}, {"b", "d"}}, {12, {5}, {"b", "e"}}},
     {{12, {5}, {"a", "c"}}, {12, {5}, {"a", "e"}}, {12, {5}, {"b", "d"}}, {12, {5}, {"b", "e"}}}, Kind::pair, {"a", "c"}},
    {"a finer partition that does not nest", ten, {"f", "f1 f2"},
     {{12, {5}, {"f", "f1"}}, {12, {5}, {"f", "f2"}}, {4, {5}, {"f", ""}}},
     {{12, {5}, {"f", "f1"}}, {12, {5}, {"f", "f2"}}, {14, {5}, {"f", ""}}}, Kind::combination, {"f", "f1", "f2"}},
    {"a finer partition with a small part", ten, {"f", "f f1<f f2<f"},
     {{24, {5}, {"f", "f1"}}, {4, {5}, {"f", "f2"}}}, {{24, {5}, {"f", "f1"}}, {14, {5}, {"f", "f2"}}}, Kind::atom, {"f2"}},
    {"another preset merges other neighbours", ten, {"a b+c", "a+b c"},
     {{15, {5}, {"a", "a+b"}}, {5, {5}, {"b+c", "a+b"}}, {15, {5}, {"b+c", "c"}}},
     {{15, {5}, {"a", "a+b"}}, {15, {5}, {"b+c", "a+b"}}, {15, {5}, {"b+c", "c"}}}, Kind::pair, {"a", "a+b"}},
    {"cohorts merged otherwise the year after", ten, {"total p+q<total r+s<total", "total p+r<total q+s<total"},
     {{8, {5}, {"p+q", "p+r"}}, {4, {5}, {"p+q", "q+s"}}, {4, {5}, {"r+s", "p+r"}}, {8, {5}, {"r+s", "q+s"}}},
     {{12, {5}, {"p+q", "p+r"}}, {12, {5}, {"p+q", "q+s"}}, {12, {5}, {"r+s", "p+r"}}, {12, {5}, {"r+s", "q+s"}}}, Kind::pair, {"p+q", "p+r"}},
    {"meters counted instead of customers", ten, {"f g"},
     {{12, {5}, {"f"}, "landlord"}, {20, {5}, {"g"}}}, {{12, {5}, {"f"}}, {20, {5}, {"g"}}}, Kind::atom, {"f"}},
    {"a chain of shops, one on each feeder, counted each time", ten, {"f g", "f g"},
     {{20, {5}, {"f", "f"}}, {20, {5}, {"g", "g"}}, {6, {5}, {"f", "g"}}, {3, {5}, {"g", "f"}, "chain"}, {3, {5}, {"f", "g"}, "chain"}},
     {{20, {5}, {"f", "f"}}, {20, {5}, {"g", "g"}}, {9, {5}, {"f", "g"}}, {3, {5}, {"g", "f"}, "chain"}, {3, {5},
     {"f", "g"}, "chain"}}, Kind::pair, {"f"}},
    {"a customer's parts on two feeders add up to most of both", {"dominance = [1, 0.3]"}, {"f g", "f g"},
     {{20, {5}, {"f", "f"}}, {20, {5}, {"g", "g"}}, {4, {5}, {"f", "g"}}, {4, {5}, {"g", "f"}}, {1, {9}, {"f", "g"}, "mill"}, {1, {9},
     {"g", "f"}, "mill"}},
     {{20, {5}, {"f", "f"}}, {20, {5}, {"g", "g"}}, {4, {5}, {"f", "g"}}, {4, {5}, {"g", "f"}}, {1, {6}, {"f", "g"}, "mill"}, {1, {6},
     {"g", "f"}, "mill"}},
     Kind::pair, {"f"}},
    {"vacant homes counted", ten, {"f g"}, {{9, {5}, {"f"}}, {8, {0}, {"f"}}, {20, {5}, {"g"}}},
     {{10, {5}, {"f"}}, {8, {0}, {"f"}}, {20, {5}, {"g"}}}, Kind::atom, {"f"}},
    {"a batch of joiners, most of them vacant", ten, {"f", "f"},
     {{20, {5}, {"f", "f"}}, {2, {5}, {"", "f"}}, {10, {0}, {"", "f"}}}, {{20, {5}, {"f", "f"}}, {10, {0}, {"", "f"}}}, Kind::pair, {"f"}},
    {"export of a feeder where few export, hidden in the net", ten, {"export-f export-g"},
     {{3, {7}, {"export-f"}}, {25, {0}, {"export-f"}}, {12, {7}, {"export-g"}}},
     {{13, {7}, {"export-f"}}, {25, {0}, {"export-f"}}, {12, {7}, {"export-g"}}}, Kind::atom,
     {"export-f"}},
    {"a combination of three releases", ten, {"pq", "qr", "pr"},
     {{30, {5}, {"pq", "", "pr"}}, {4, {5}, {"pq", "qr", ""}}, {30, {5}, {"", "qr", "pr"}}},
     {{30, {5}, {"pq", "", "pr"}}, {10, {5}, {"pq", "qr", ""}}, {30, {5}, {"", "qr", "pr"}}}, Kind::combination, {"pq", "qr", "pr"}},
    {"feeder by tariff with one suppressed cell", ten, {"f1t1 f1t2 f2t1", "f1 f2", "t1 t2"},
     {{20, {5}, {"f1t1", "f1", "t1"}}, {20, {5}, {"f1t2", "f1", "t2"}}, {20, {5}, {"f2t1", "f2", "t1"}}, {4, {5}, {"", "f2", "t2"}}},
     {{20, {5}, {"f1t1", "f1", "t1"}}, {20, {5}, {"f1t2", "f1", "t2"}}, {20, {5}, {"f2t1", "f2", "t1"}}, {14, {5},
     {"", "f2", "t2"}}}, Kind::pair, {"f2t1", "f2"}},
    {"one cell of a table published beside both margins", ten, {"cell", "f1 f2", "t1 t2"},
     {{20, {5}, {"cell", "f1", "t1"}}, {9, {5}, {"", "f1", "t2"}}, {20, {5}, {"", "f2", "t1"}}, {20, {5}, {"", "f2", "t2"}}},
     {{20, {5}, {"cell", "f1", "t1"}}, {19, {5}, {"", "f1", "t2"}}, {20, {5}, {"", "f2", "t1"}}, {20, {5},
     {"", "f2", "t2"}}}, Kind::pair, {"cell", "f1"}},
    {"a rule that holds in January and not in February", ten, {"f g"},
     {{8, {5, 5}, {"f"}}, {4, {5, 0}, {"f"}}, {20, {5, 5}, {"g"}}},
     {{8, {5, 5}, {"f"}}, {4, {5, 1}, {"f"}}, {20, {5, 5}, {"g"}}}, Kind::atom, {"f"}},
    {"joiners who differ by month", ten, {"f", "f"},
     {{20, {5, 5}, {"f", "f"}}, {12, {5, 0}, {"", "f"}}, {1, {0, 5}, {"", "f"}}},
     {{20, {5, 5}, {"f", "f"}}, {12, {5, 0}, {"", "f"}}, {10, {0, 5}, {"", "f"}}}, Kind::pair, {"f"}},
    {"one kettle at 03:00", {"min_contributors = 3"}, {"f g"},
     {{4, {5, 5, 5, 5}, {"f"}}, {4, {5, 5, 0, 0}, {"g"}}, {1, {5, 5, 5, 5}, {"g"}}},
     {{4, {5, 5, 5, 5}, {"f"}}, {4, {5, 5, 0, 5}, {"g"}}, {1, {5, 5, 5, 5}, {"g"}}},
     Kind::atom, {"g"}, false, 0.25},
    {"feeders dominated at different hours, and so their region at both", {"dominance = [1, 0.5]"}, {"region f<region g<region"},
     {{5, {5, 5, 5, 5}, {"f"}}, {1, {99, 5, 5, 5}, {"f"}}, {5, {5, 5, 5, 5}, {"g"}}, {1, {5, 99, 5, 5}, {"g"}}},
     {{5, {5, 5, 5, 5}, {"f"}}, {1, {99, 5, 5, 5}, {"f"}}, {5, {5, 5, 5, 5}, {"g"}}, {1, {99, 5, 5, 5},
     {"g"}}}, Kind::unit, {"region"}, false, 0.25},
    {"one joined, many left", ten, {"f", "f"},
     {{20, {5}, {"f", "f"}}, {1, {5}, {"", "f"}}, {15, {5}, {"f", ""}}},
     {{20, {5}, {"f", "f"}}, {10, {5}, {"", "f"}}, {15, {5}, {"f", ""}}}, Kind::pair, {"f"}, true},
    {"movers go round, and few leave the round", ten, {"f1 f2 f3 g1 g2", "f1 f2 f3 g1 g2"},
     {{20, {5}, {"f1", "f1"}}, {20, {5}, {"f2", "f2"}}, {20, {5}, {"f3", "f3"}}, {20, {5}, {"g1", "g1"}}, {20, {5}, {"g2", "g2"}},
      {6, {5}, {"f1", "f2"}}, {6, {5}, {"f2", "f3"}}, {6, {5}, {"f3", "f1"}}, {3, {5}, {"f3", "g1"}}, {9, {5}, {"g1", "g2"}}, {9, {5},
     {"g2", "g1"}}},
     {{20, {5}, {"f1", "f1"}}, {20, {5}, {"f2", "f2"}}, {20, {5}, {"f3", "f3"}}, {20, {5}, {"g1", "g1"}}, {20, {5}, {"g2", "g2"}},
      {6, {5}, {"f1", "f2"}}, {6, {5}, {"f2", "f3"}}, {6, {5}, {"f3", "f1"}}, {5, {5}, {"f3", "g1"}}, {5, {5}, {"f1", "g2"}}, {9, {5},
     {"g1", "g2"}}, {9, {5}, {"g2", "g1"}}},
     Kind::combination, {"g1", "g2"}},
    {"a group of homes that are alike", {"min_contributors = 10", "diversity = 0.2"}, {"f g"},
     {{12, {5}, {"f"}}, {10, {5}, {"g"}}, {10, {9}, {"g"}}},
     {{11, {5}, {"f"}}, {1, {6}, {"f"}}, {10, {5}, {"g"}}, {10, {9}, {"g"}}}, Kind::atom, {"f"}},
    {"movers who are alike", {"diversity = 0.2"}, {"f", "f"},
     {{10, {5}, {"f", "f"}}, {10, {9}, {"f", "f"}}, {6, {5}, {"", "f"}}},
     {{10, {5}, {"f", "f"}}, {10, {9}, {"f", "f"}}, {6, {5}, {"", "f"}}, {1, {7}, {"", "f"}}},
     Kind::pair, {"f"}},
    {"the second largest estimates the largest", {"p_percent = 20"}, {"f g"},
     {{10, {1}, {"f"}}, {1, {60}, {"f"}}, {1, {100}, {"f"}}, {20, {5}, {"g"}}},
     {{10, {2}, {"f"}}, {1, {60}, {"f"}}, {1, {100}, {"f"}}, {20, {5}, {"g"}}}, Kind::atom, {"f"}},
    {"two companies make up a sum", {"dominance = [2, 0.5]"}, {"f g"},
     {{10, {5}, {"f"}}, {2, {30}, {"f"}}, {20, {5}, {"g"}}}, {{10, {5}, {"f"}}, {2, {25}, {"f"}}, {20, {5}, {"g"}}}, Kind::atom, {"f"}},
    {"few shops among many homes", {"class residential: min_contributors = 20", "class commercial: min_contributors = 6"}, {"f g"},
     {{40, {5}, {"f"}, "", "residential"}, {5, {9}, {"f"}, "", "commercial"}, {30, {5}, {"g"}, "", "residential"}},
     {{40, {5}, {"f"}, "", "residential"}, {6, {9}, {"f"}, "", "commercial"}, {30, {5}, {"g"}, "", "residential"}}, Kind::atom, {"f"}},
    {"a few homes among the shops that joined", {"class residential: min_contributors = 20", "class commercial: min_contributors = 6"}, {"f", "f"},
     {{40, {5}, {"f", "f"}, "", "residential"}, {8, {9}, {"", "f"}, "", "commercial"}, {2, {5}, {"", "f"}, "", "residential"}},
     {{40, {5}, {"f", "f"}, "", "residential"}, {8, {9}, {"", "f"}, "", "commercial"}}, Kind::pair, {"f"}},
    {"a withheld feeder is in the total of another release", ten, {"f g", "total"},
     {{20, {5}, {"f", "total"}}, {20, {5}, {"g", "total"}}, {7, {5}, {"", "total"}}},
     {{20, {5}, {"f", "total"}}, {20, {5}, {"g", "total"}}, {17, {5}, {"", "total"}}},
     Kind::combination, {"f", "g", "total"}},
    {"those who left are dominated by one", ten_and_quarter, {"f", "f"},
     {{40, {5}, {"f", "f"}}, {11, {5}, {"f", ""}}, {1, {50}, {"f", ""}}},
     {{40, {5}, {"f", "f"}}, {11, {5}, {"f", ""}}, {1, {9}, {"f", ""}}}, Kind::pair, {"f"}},
};

class EveryLeak : public testing::TestWithParam<Leak> {};

TEST_P(EveryLeak, IsFoundAndNamed) {
    const Leak& leak = GetParam();
    const auto report = prove(problem_of(leak, leak.leaks)).value();
    EXPECT_EQ(report.verdict, Verdict::unsafe);
    ASSERT_GT(report.violations.size(), 0U);
    EXPECT_EQ(name_of(report.violations[0].kind), std::string(name_of(leak.kind))) << report.violations[0].explanation;
    for (const auto& unit : leak.named) EXPECT_NE(report.violations[0].explanation.find("'" + unit + "'"),
     std::string::npos) << report.violations[0].explanation;
    EXPECT_NE(std::find(leak.rules.begin(), leak.rules.end(), report.violations[0].rule), leak.rules.end());
}

TEST_P(EveryLeak, HasASafeTwin) {
    const Leak& leak = GetParam();
    const auto report = prove(problem_of(leak, leak.safe)).value();
    EXPECT_EQ(name_of(report.verdict), std::string("safe"));
    for (const auto& violation : report.violations) ADD_FAILURE() << violation.explanation;
}

std::string test_name(const testing::TestParamInfo<Leak>& info) {
    std::string name = info.param.name;
    std::replace_if(name.begin(), name.end(), [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Leaks, EveryLeak, testing::ValuesIn(leaks), test_name);

}  // namespace
}  // namespace meterveil::prove
