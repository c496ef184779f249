// A release held against others, on small records made by hand.
#include "meterveil/prove/run.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <random>

#include "meterveil/core/integer.hpp"
#include "ranks.hpp"

namespace meterveil::prove {
namespace {

using model::no_id;

model::Pseudonym pseudonym(std::uint32_t number) {
    std::mt19937_64 random(number + 1);
    model::Pseudonym name;
    for (auto& byte : name.value) byte = static_cast<std::byte>(random());
    return name;
}

/// Where a meter stands, and whose it is.
struct Place {
    std::string unit;
    std::string leaf = "leaf";
    std::uint32_t subject = 0;  ///< 0: its own
    std::uint32_t subject_class = 0;
    std::int64_t wh = 100;
};

/// A release as all ranks together hold it. Meters are numbers, and so are their subjects; months are numbers of 30 days.
class Release {
public:
    /// @param units "total a<total b<total": depth-first, a parent by its name
    Release(const std::string& name, const std::string& units, std::uint32_t first_month = 1, std::uint32_t last_month = 2) : first_month_(first_month) {
        record_.entry.name = name;
        for (std::uint32_t m = first_month; m <= last_month + 1; ++m) record_.entry.months_s.push_back(std::int64_t{m} * 30 * 86400);
        record_.entry.rules = {"min_contributors = 10"};
        record_.entry.subject_classes = {""};
        record_.entry.scope = "period";
        lay_out(units);
    }

    Release& with(std::uint32_t first, std::uint32_t count, const Place& place, model::Channel channel = model::Channel::import) {
        const auto c = static_cast<std::size_t>(channel);
        record_.units.channels[c] = units_;
        for (std::uint32_t number = first; number < first + count; ++number) {
            auto& [member, contents] = rows_[pseudonym(number)];
            if (contents.empty()) contents.resize(model::num_channels * num_months(), 0);
            member.member = pseudonym(number);
            member.subject = pseudonym(place.subject == 0 ? number : place.subject);
            member.leaf = leaf(place.leaf);
            member.subject_class = place.subject_class;
            member.atom[c] = atoms_.at(place.unit);
            member.energy_wh[c] = place.wh;
            for (std::uint32_t m = 0; m < num_months(); ++m) contents[c * num_months() + m] = 1 + 1000 * std::uint64_t{number} + first_month_ + m;
        }
        return *this;
    }

    /// Other readings in one month, `wh` more in all. Import.
    Release& changed(std::uint32_t first, std::uint32_t count, std::uint32_t month, std::int64_t wh = 1) {
        for (std::uint32_t number = first; number < first + count; ++number) {
            auto& [member, contents] = rows_.at(pseudonym(number));
            contents[month - first_month_] += 1000000000;
            member.energy_wh[0] += wh;
        }
        return *this;
    }

    Release& ruled(const std::vector<std::string>& rules, const std::string& scope = "period") {
        record_.entry.rules = rules;
        record_.entry.scope = scope;
        return *this;
    }
    Release& classed(const std::vector<std::string>& classes) {
        record_.entry.subject_classes = classes;
        return *this;
    }
    Release& numbered(std::uint64_t number) {
        record_.entry.number = number;
        return *this;
    }
    Release& shifted(std::int64_t seconds) {
        for (auto& start : record_.entry.months_s) start += seconds;
        return *this;
    }

    /// With the members of one rank.
    [[nodiscard]] model::LedgerRecord on(const par::Comm& comm) const {
        model::LedgerRecord record = record_;
        record.members.num_months = static_cast<std::uint32_t>(num_months());
        for (const auto& [name, row] : rows_) {
            if (part_of(model::member_blocks, static_cast<std::uint64_t>(comm.size()), model::block_of_member(name)) != static_cast<std::uint64_t>(comm.rank())) continue;
            record.members.members.push_back(row.first);
            record.members.contents.insert(record.members.contents.end(), row.second.begin(), row.second.end());
        }
        return record;
    }

private:
    [[nodiscard]] std::size_t num_months() const { return record_.entry.months_s.size() - 1; }

    void lay_out(const std::string& text) {
        for (std::size_t at = 0; at < text.size(); at = std::min(text.size(), text.find(' ', at)) + 1) {
            const std::string word = text.substr(at, text.find(' ', at) - at);
            model::LedgerUnit unit;
            unit.name = word.substr(0, word.find('<'));
            for (std::uint32_t u = 0; u < units_.size(); ++u)
                if (word.find('<') != std::string::npos && units_[u].name == word.substr(word.find('<') + 1)) unit.parent = u;
            units_.push_back(unit);
        }
        const auto is_parent = [&](std::uint32_t u) { return std::any_of(units_.begin(), units_.end(), [&](const auto& other) { return other.parent == u; }); };
        for (std::uint32_t u = 0; u < units_.size(); ++u) {
            units_[u].first_atom = static_cast<model::AtomId>(atoms_.size());
            if (is_parent(u)) continue;
            atoms_[units_[u].name] = units_[u].first_atom;
            for (std::uint32_t up = u; up != no_id; up = units_[up].parent) ++units_[up].num_atoms;
        }
    }

    std::uint32_t leaf(const std::string& name) {
        auto& leaves = record_.units.leaves;
        const auto found = std::find(leaves.begin(), leaves.end(), name);
        const auto index = static_cast<std::uint32_t>(found - leaves.begin());
        if (found == leaves.end()) leaves.push_back(name);
        return index;
    }

    std::uint32_t first_month_;
    model::LedgerRecord record_;
    std::vector<model::LedgerUnit> units_;
    std::map<std::string, model::AtomId> atoms_;
    std::map<model::Pseudonym, std::pair<model::Membership, std::vector<std::uint64_t>>> rows_;
};

Result<std::vector<Comparison>> compare_on(par::Comm& comm, const std::vector<Release>& releases, Relation relation) {
    std::vector<model::LedgerRecord> records;
    for (const Release& release : releases) records.push_back(release.on(comm));
    std::vector<const model::LedgerRecord*> all;
    for (const auto& record : records) all.push_back(&record);
    return compare(comm, all, relation);
}

/// All that a comparison says.
std::string told(const Comparison& c) {
    std::string text = fmt::format("{} {} by {}: {} classes, {} atoms, {} units, {} pairs, {} blocks, {} violations", model::name_of(c.channel), name_of(c.report.verdict), c.rules_of,
                                   c.report.num_classes, c.report.num_atoms, c.report.num_units, c.report.num_pairs, c.report.num_blocks, c.report.num_violations);
    for (const std::uint64_t number : c.numbers) text += fmt::format(" #{}", number);
    for (const auto& violation : c.report.violations) text += "\n" + violation.explanation;
    return text;
}

/// What the comparison says of import, and that it says so on any number of ranks. @param releases the candidate first
Comparison compared(const std::vector<Release>& releases, Relation relation = Relation::same_intervals) {
    std::optional<Comparison> first;
    std::mutex guard;
    testing::on_ranks([&](par::Comm& comm) {
        const auto outcome = compare_on(comm, releases, relation);
        ASSERT_TRUE(outcome.ok()) << outcome.error().what;
        ASSERT_FALSE(outcome.value().empty());
        const std::lock_guard lock(guard);
        if (!first) first = outcome.value()[0];
        EXPECT_EQ(told(outcome.value()[0]), told(*first));
    });
    return first.value();
}

Verdict verdict(const std::vector<Release>& releases, Relation relation = Relation::same_intervals) { return compared(releases, relation).report.verdict; }

const std::string feeders = "total f<total g<total";

/// Meters 1 to 40 on f, 41 to 80 on g.
Release full(const std::string& name, std::uint32_t first_month = 1, std::uint32_t last_month = 2) {
    return Release(name, feeders, first_month, last_month).with(1, 40, {"f", "f"}).with(41, 40, {"g", "g"});
}
/// Without the first `count` of f.
Release without(const std::string& name, std::uint32_t count, std::uint32_t first_month = 1, std::uint32_t last_month = 2) {
    return Release(name, feeders, first_month, last_month).with(1 + count, 40 - count, {"f", "f"}).with(41, 40, {"g", "g"});
}

TEST(Compare, AReleaseAloneIsJudgedByItsAtoms) {
    EXPECT_EQ(verdict({full("new")}), Verdict::safe);
    const auto small = compared({without("new", 31)});
    EXPECT_EQ(small.report.verdict, Verdict::unsafe);
    EXPECT_EQ(small.report.violations.at(0).explanation, "'f' of 'new' fails min_contributors = 10");
    EXPECT_TRUE(small.numbers.empty());
}

TEST(Compare, TheSameAgainIsSafe) {
    const auto same = compared({full("new"), full("old").numbered(7)});
    EXPECT_EQ(same.report.verdict, Verdict::safe);
    EXPECT_EQ(same.numbers, std::vector<std::uint64_t>{7});
    EXPECT_EQ(same.rules_of, "new");
    EXPECT_EQ(same.report.num_classes, 2U);
}

TEST(Compare, OneMemberMoreOrLessIsUnsafeAndFifteenAreSafe) {
    const auto one = compared({without("new", 1), full("old")});
    EXPECT_EQ(one.report.verdict, Verdict::unsafe);
    EXPECT_NE(one.report.violations.at(0).explanation.find("difference"), std::string::npos);
    EXPECT_EQ(verdict({full("new"), without("old", 1)}), Verdict::unsafe);
    EXPECT_EQ(verdict({without("new", 9), full("old")}), Verdict::unsafe);
    EXPECT_EQ(verdict({without("new", 15), full("old")}), Verdict::safe);
    EXPECT_EQ(verdict({full("new"), without("old", 15)}), Verdict::safe);
}

TEST(Compare, WhoIsRemovedAndWhoIsAddedAreOneDifference) {
    // The same intervals: what is derived is over both, and neither can be told from the other.
    const auto swapped = Release("new", feeders).with(6, 35, {"f", "f"}).with(101, 5, {"f", "f"}).with(41, 40, {"g", "g"});
    EXPECT_EQ(verdict({swapped, full("old")}), Verdict::safe);
    EXPECT_EQ(verdict({swapped, full("old")}, Relation::next_period), Verdict::unsafe);
}

TEST(Compare, ChangedReadingsOfFewAreUnsafeAndOfFifteenSafe) {
    EXPECT_EQ(verdict({full("new").changed(1, 1, 2), full("old")}), Verdict::unsafe);
    EXPECT_EQ(verdict({full("new").changed(1, 9, 2), full("old")}), Verdict::unsafe);
    EXPECT_EQ(verdict({full("new").changed(1, 15, 2), full("old")}), Verdict::safe);
    // Readings that moved within a month leave the energy as it was, and are a change all the same.
    EXPECT_EQ(verdict({full("new").changed(1, 1, 2, 0), full("old")}), Verdict::unsafe);
    EXPECT_EQ(verdict({full("new").changed(1, 15, 2, 0), full("old")}), Verdict::safe);
}

TEST(Compare, AChangeThatIsMostlyOfOneIsUnsafe) {
    const std::vector<std::string> rules = {"min_contributors = 10", "dominance = [1, 0.25]"};
    const auto old = full("old").ruled(rules);
    EXPECT_EQ(verdict({full("new").changed(1, 15, 2, 2).ruled(rules), old}), Verdict::safe);
    EXPECT_EQ(verdict({full("new").changed(1, 14, 2, 2).changed(15, 1, 2, 60).ruled(rules), old}), Verdict::unsafe);
}

TEST(Compare, AChangeInAMonthThatIsNotSharedIsNothing) {
    // Months 1 and 2, then 2 and 3.
    EXPECT_EQ(verdict({full("new", 1, 2).changed(1, 1, 1), full("old", 2, 3)}), Verdict::safe);
    EXPECT_EQ(verdict({full("new", 1, 2).changed(1, 1, 2), full("old", 2, 3)}), Verdict::unsafe);
    EXPECT_EQ(verdict({full("new", 1, 2), full("old", 2, 3).changed(1, 1, 3)}), Verdict::safe);
}

TEST(Compare, AChangeOfManyHidesNoneWhoJoined) {
    // Where nothing was changed, the difference is the one who joined.
    EXPECT_EQ(verdict({full("new").changed(1, 15, 2), without("old", 1)}), Verdict::unsafe);
    EXPECT_EQ(verdict({full("new").with(101, 1, {"f", "f"}).changed(1, 15, 2), full("old")}), Verdict::unsafe);
    EXPECT_EQ(verdict({full("new").with(101, 15, {"f", "f"}).changed(1, 15, 2), full("old")}), Verdict::safe);
}

TEST(Compare, ThoseWhoJoinedHideNoChangeOfOne) {
    EXPECT_EQ(verdict({full("new").with(101, 15, {"f", "f"}).changed(1, 1, 2), full("old")}), Verdict::unsafe);
    EXPECT_EQ(verdict({full("new").with(101, 15, {"f", "f"}), full("old")}), Verdict::safe);
}

TEST(Compare, EnergyOfPeriodsOfDifferentLengthIsComparedByTheMonth) {
    // Month 1 alone, then months 1 to 3 without one large customer and with twelve who joined: in month 1 it has a third of the difference.
    const std::vector<std::string> rules = {"min_contributors = 10", "dominance = [1, 0.25]"};
    const auto old = full("old", 1, 1).with(101, 1, {"f", "f", 0, 0, 600}).ruled(rules);
    const auto now = Release("new", feeders, 1, 3).with(1, 40, {"f", "f", 0, 0, 300}).with(41, 40, {"g", "g", 0, 0, 300}).with(111, 12, {"f", "f", 0, 0, 300}).ruled(rules);
    EXPECT_EQ(verdict({now, old}), Verdict::unsafe);
}

TEST(Compare, ChangesOfTwoMonthsDoNotHideEachOther) {
    EXPECT_EQ(verdict({full("new").changed(1, 8, 1).changed(11, 8, 2), full("old")}), Verdict::unsafe);
    EXPECT_EQ(verdict({full("new").changed(1, 12, 1).changed(11, 12, 2), full("old")}), Verdict::safe);
}

TEST(Compare, AChangeThatWasReleasedTwiceIsOneColumn) {
    const auto twice = std::vector<Release>{full("new").changed(1, 15, 2), full("again").changed(1, 15, 2), full("old")};
    EXPECT_EQ(compared(twice).report.verdict, Verdict::safe);
    EXPECT_EQ(compared(twice).report.num_classes, 3U);  // f, g, and the change
    EXPECT_EQ(verdict({full("new").changed(1, 15, 2), full("again").changed(1, 14, 2), full("old")}), Verdict::unsafe);
}

TEST(Compare, MetersOfOneSubjectCountOnce) {
    // Meters 81 and 82 are of subject 81; the second is missing later.
    const auto both = full("old").with(81, 1, {"f", "f"}).with(82, 1, {"f", "f", 81});
    const auto one = full("new").with(81, 1, {"f", "f"});
    EXPECT_EQ(verdict({one, both}), Verdict::unsafe);
    const auto landlord = full("old").with(81, 15, {"f", "f", 81});
    EXPECT_EQ(verdict({full("new"), landlord}), Verdict::unsafe);
    const auto neighbours = full("old").with(81, 5, {"f", "f", 81}).with(86, 9, {"f", "f"});
    EXPECT_EQ(verdict({full("new"), neighbours}), Verdict::safe);
    const auto too_few = full("old").with(81, 5, {"f", "f", 81}).with(86, 8, {"f", "f"});
    EXPECT_EQ(verdict({full("new"), too_few}), Verdict::unsafe);
}

TEST(Compare, ASubjectOnBothSidesOfADifferenceCountsOnce) {
    // Nine meters go from f to g and one comes from there, which may be of one of the nine subjects.
    const auto moved = [](std::uint32_t subject) {
        return std::vector<Release>{Release("new", feeders).with(1, 30, {"f", "f"}).with(41, 40, {"g", "g"}).with(31, 9, {"g", "g"}).with(40, 1, {"f", "f", subject}),
                                    Release("old", feeders).with(1, 30, {"f", "f"}).with(41, 40, {"g", "g"}).with(31, 9, {"f", "f"}).with(40, 1, {"g", "g", subject})};
    };
    EXPECT_EQ(verdict(moved(0)), Verdict::safe);
    EXPECT_EQ(verdict(moved(39)), Verdict::unsafe);
}

TEST(Compare, WhatFollowsFromThreeFollowsFromNoTwo) {
    const auto release = [](const char* name, std::uint32_t p, std::uint32_t q, std::uint32_t r) {
        Release made(name, "all");
        if (p != 0) made.with(1, p, {"all"});
        if (q != 0) made.with(101, q, {"all"});
        if (r != 0) made.with(201, r, {"all"});
        return made;
    };
    const auto pq = release("pq", 30, 4, 0), qr = release("qr", 0, 4, 30), pr = release("pr", 30, 0, 30);
    const auto three = compared({pr, pq, qr});
    EXPECT_EQ(three.report.verdict, Verdict::unsafe);
    EXPECT_EQ(three.report.violations.at(0).kind, Kind::combination);
    EXPECT_EQ(verdict({pr, pq}), Verdict::safe);
    EXPECT_EQ(verdict({release("pr", 30, 0, 30), release("pq", 30, 12, 0), release("qr", 0, 12, 30)}), Verdict::safe);
}

TEST(Compare, EachChannelIsJudgedByItself) {
    const auto release = [](const char* name, std::uint32_t exporting) { return full(name).with(1, exporting, {"f", "f"}, model::Channel::export_); };
    testing::on_ranks([&](par::Comm& comm) {
        const auto channels = compare_on(comm, {release("new", 29), release("old", 30)}, Relation::same_intervals).value();
        ASSERT_EQ(channels.size(), 2U);
        EXPECT_EQ(channels[0].report.verdict, Verdict::safe);
        EXPECT_EQ(channels[1].report.verdict, Verdict::unsafe);
        EXPECT_EQ(channels[1].channel, model::Channel::export_);
        // An earlier release without the channel says nothing of it.
        EXPECT_EQ(compare_on(comm, {release("new", 29), full("old")}, Relation::same_intervals).value().at(1).report.verdict, Verdict::safe);
        EXPECT_EQ(compare_on(comm, {full("new"), release("old", 9)}, Relation::same_intervals).value().size(), 1U);
    });
}

TEST(Compare, PeriodsThatShareAPartOfAMonthAreRefused) {
    testing::on_ranks([](par::Comm& comm) {
        for (const Relation relation : {Relation::same_intervals, Relation::next_period}) {
            const auto outcome = compare_on(comm, {full("new"), full("old").shifted(86400)}, relation);
            ASSERT_FALSE(outcome.ok());
            EXPECT_EQ(outcome.error().code, Code::privacy);
            EXPECT_EQ(outcome.error().where, "old");
        }
        // Two earlier ones that cannot be held against each other.
        EXPECT_FALSE(compare_on(comm, {full("new", 1, 1), full("old", 1, 2), full("older", 2, 2).shifted(86400)}, Relation::same_intervals).ok());
    });
}

TEST(Compare, APeriodOverlapsAnotherIfTheyShareAnInterval) {
    testing::on_ranks([](par::Comm& comm) {
        const auto entry = [&](std::uint32_t first, std::uint32_t last) { return full("r", first, last).on(comm).entry; };
        EXPECT_TRUE(overlap(entry(1, 2), entry(2, 3)));
        EXPECT_TRUE(overlap(entry(2, 2), entry(1, 3)));
        EXPECT_FALSE(overlap(entry(1, 2), entry(3, 4)));
        EXPECT_FALSE(overlap(entry(3, 4), entry(1, 2)));
    });
}

TEST(NextPeriod, AMeterExchangeIsNothing) {
    const auto exchanged = Release("new", feeders, 3, 4).with(901, 1, {"f", "f", 1}).with(2, 39, {"f", "f"}).with(41, 40, {"g", "g"});
    const auto same = compared({exchanged, full("old")}, Relation::next_period);
    EXPECT_EQ(same.report.verdict, Verdict::safe);
    EXPECT_EQ(same.report.num_classes, 2U);
    // Over the same intervals it is another series.
    EXPECT_EQ(verdict({Release("new", feeders).with(901, 1, {"f", "f", 1}).with(2, 39, {"f", "f"}).with(41, 40, {"g", "g"}), full("old")}), Verdict::unsafe);
}

TEST(NextPeriod, ReadingsDifferAndThatIsNothing) {
    EXPECT_EQ(verdict({full("new", 3, 4).changed(1, 1, 3, 50), full("old")}, Relation::next_period), Verdict::safe);
}

TEST(NextPeriod, WhoJoinsAndWhoLeavesMustPassAlone) {
    const auto churn = [](std::uint32_t left, std::uint32_t joined) {
        auto release = without("new", left, 3, 4);
        if (joined != 0) release.with(101, joined, {"f", "f"});
        return verdict({release, full("old")}, Relation::next_period);
    };
    EXPECT_EQ(churn(0, 1), Verdict::unsafe);
    EXPECT_EQ(churn(1, 0), Verdict::unsafe);
    EXPECT_EQ(churn(15, 1), Verdict::unsafe);
    EXPECT_EQ(churn(1, 15), Verdict::unsafe);
    EXPECT_EQ(churn(15, 0), Verdict::safe);
    EXPECT_EQ(churn(0, 15), Verdict::safe);
    EXPECT_EQ(churn(15, 15), Verdict::safe);
}

TEST(NextPeriod, ASubjectThatMovesLeavesAndJoins) {
    const auto moved = [](std::uint32_t count) {
        const auto release = without("new", count, 3, 4).with(1, count, {"g", "g"});
        return compared({release, full("old")}, Relation::next_period);
    };
    EXPECT_EQ(moved(1).report.verdict, Verdict::unsafe);
    EXPECT_EQ(moved(15).report.verdict, Verdict::safe);
}

TEST(NextPeriod, LeavesAreKnownByTheirPaths) {
    // The same leaves in another order of the list.
    const auto turned = Release("new", feeders, 3, 4).with(41, 40, {"g", "g"}).with(1, 40, {"f", "f"});
    EXPECT_EQ(verdict({turned, full("old")}, Relation::next_period), Verdict::safe);
}

TEST(Classes, EachHasItsOwnRules) {
    const std::vector<std::string> classes = {"residential", "commercial"}, rules = {"class residential: min_contributors = 10", "class commercial: min_contributors = 3"};
    const auto release = [&](const char* name, std::uint32_t homes, std::uint32_t shops) {
        return Release(name, "all").classed(classes).ruled(rules).with(1, homes, {"all"}).with(101, shops, {"all", "leaf", 0, 1});
    };
    EXPECT_EQ(verdict({release("new", 40, 10), release("old", 40, 13)}), Verdict::safe);
    EXPECT_EQ(verdict({release("new", 40, 10), release("old", 40, 12)}), Verdict::unsafe);
    EXPECT_EQ(verdict({release("new", 37, 10), release("old", 40, 13)}), Verdict::unsafe);
    EXPECT_EQ(verdict({release("new", 30, 10), release("old", 40, 13)}), Verdict::safe);
}

TEST(Classes, AreKnownByNameAndTheLastTakesInTheRest) {
    const std::vector<std::string> rules = {"class residential: min_contributors = 10", "class other: min_contributors = 3"};
    const auto now = Release("new", "all").classed({"residential", "other"}).ruled(rules).with(1, 40, {"all"}).with(101, 10, {"all", "leaf", 0, 1});
    const auto then = [](std::uint32_t homes, std::uint32_t shops, std::uint32_t farms) {
        Release made = Release("old", "all").classed({"farm", "shop", "residential"}).ruled({"min_contributors = 1"}).with(1, homes, {"all", "leaf", 0, 2});
        if (shops != 0) made.with(101, shops, {"all", "leaf", 0, 1});
        if (farms != 0) made.with(201, farms, {"all", "leaf", 0, 0});
        return made;
    };
    // Its rules name other classes: they are not tried.
    EXPECT_EQ(verdict({now, then(40, 10, 1)}), Verdict::unsafe);
    EXPECT_EQ(verdict({now, then(40, 10, 3)}), Verdict::safe);
    EXPECT_EQ(verdict({now, then(37, 10, 0)}), Verdict::unsafe);
    EXPECT_EQ(verdict({now, then(30, 10, 0)}), Verdict::safe);
}

TEST(RulesOf, ThoseOfTheOtherReleaseServeIfTheCandidatesAreStricter) {
    const std::vector<std::string> strict = {"min_contributors = 20"}, mild = {"min_contributors = 10"};
    const auto by_old = compared({without("new", 15).ruled(strict), full("old").ruled(mild)});
    EXPECT_EQ(by_old.report.verdict, Verdict::safe);
    EXPECT_EQ(by_old.rules_of, "old");
    const auto by_new = compared({without("new", 15).ruled(mild), full("old").ruled(strict)});
    EXPECT_EQ(by_new.report.verdict, Verdict::safe);
    EXPECT_EQ(by_new.rules_of, "new");
    const auto by_none = compared({without("new", 5).ruled(strict), full("old").ruled(mild)});
    EXPECT_EQ(by_none.report.verdict, Verdict::unsafe);
    EXPECT_EQ(by_none.rules_of, "new");
}

TEST(RulesOf, AnUnknownStatementIsAnError) {
    testing::on_ranks([](par::Comm& comm) {
        const auto outcome = compare_on(comm, {full("new"), full("old").ruled({"at_least = 10"})}, Relation::same_intervals);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::input);
    });
}

TEST(Scope, OfIntervalsIsJudgedByNumberAlone) {
    const std::vector<std::string> rules = {"min_contributors = 10", "dominance = [1, 0.25]"};
    const auto old = [&](const std::string& scope) { return full("old").with(101, 14, {"f", "f"}).with(115, 1, {"f", "f", 0, 0, 5000}).ruled(rules, scope); };
    const auto now = [&](const std::string& scope) { return full("new").ruled(rules, scope); };
    EXPECT_EQ(verdict({now("period"), old("period")}), Verdict::unsafe);
    EXPECT_EQ(verdict({now("month"), old("month")}), Verdict::unsafe);
    EXPECT_EQ(verdict({now("interval"), old("interval")}), Verdict::safe);
    EXPECT_EQ(verdict({without("new", 5).ruled(rules, "interval"), full("old").ruled(rules, "interval")}), Verdict::unsafe);
}

TEST(Scope, OfMonthsSaysNothingOfDiversityOverThePeriod) {
    const std::vector<std::string> rules = {"min_contributors = 10", "diversity = 0.2"};
    EXPECT_EQ(verdict({full("new").ruled(rules)}), Verdict::unsafe);  // all alike
    EXPECT_EQ(verdict({full("new").ruled(rules, "month")}), Verdict::safe);
}

}  // namespace
}  // namespace meterveil::prove
