#include "meterveil/protect/run.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "meterveil/protect/rules.hpp"
#include "ranks.hpp"

namespace meterveil::protect {
namespace {

using testing::on_ranks;

/// total -> region a (f1, f2), region b (f3); all published, one atom a feeder.
struct Candidate {
    model::Hierarchy hierarchy = model::build_hierarchy({"region", "feeder"}, {{"a", "f1"}, {"a", "f2"}, {"b", "f3"}});
    model::Partition partition;
    model::Cells cells;
    Options options;
};

constexpr std::uint32_t intervals = 24;
const std::vector<std::uint32_t> parents = {model::no_id, 0, 1, 1, 0, 4};

std::int64_t atom_wh(std::uint32_t atom, std::uint32_t t) { return 100 + atom * 1000 + t; }

Candidate candidate(const par::Comm& comm) {
    Candidate c;
    auto& p = c.partition;
    const std::vector<std::string> names = {"total", "a", "f1", "f2", "b", "f3"};
    const std::vector<model::NodeId> nodes = {0, 1, 3, 4, 2, 5};
    const std::vector<std::uint32_t> first = {0, 0, 0, 1, 2, 2}, count = {3, 2, 1, 1, 1, 1}, levels = {0, 1, 2, 2, 1, 2};
    p.fates.resize(6);
    for (std::uint32_t u = 0; u < 6; ++u) {
        p.units.push_back({names[u], levels[u], false, parents[u], first[u], count[u], {nodes[u]}});
        p.fates[nodes[u]] = {model::NodeStatus::published, u, ""};
    }
    p.atom_unit = {2, 3, 5};
    p.atom_of_batch = {model::no_id, model::no_id, model::no_id, 0, 1, 2, model::no_id, model::no_id, model::no_id, 0, 1, 2};
    const auto ranks = static_cast<std::uint64_t>(comm.size()), rank = static_cast<std::uint64_t>(comm.rank());
    p.atom_facts.resize(3);
    for (std::uint32_t a = 0; a < 3; ++a) {
        if (part_of(3, ranks, a) != rank) continue;
        p.atom_facts[a] = model::SetFacts(1, 1);
        std::int64_t total = 0;
        for (std::uint32_t t = 0; t < intervals; ++t) total += atom_wh(a, t);
        for (int i = 0; i < 11; ++i) p.atom_facts[a].fold({total / 12});
        p.atom_facts[a].fold({total - 11 * (total / 12)});
    }
    c.cells.axis = {model::Instant{}, std::chrono::seconds(3600), intervals};
    model::ChannelCells cells;
    cells.owned = block_of(6, ranks, rank);
    for (std::uint64_t u = cells.owned.first; u < cells.owned.last; ++u) {
        for (std::uint32_t t = 0; t < intervals; ++t) {
            std::int64_t sum = 0;
            for (std::uint32_t a = first[u]; a < first[u] + count[u]; ++a) sum += atom_wh(a, t);
            cells.energy_wh.push_back(sum);
        }
        cells.filled.push_back(0);
        cells.readings.push_back(std::uint64_t{12} * count[u] * intervals);
    }
    c.cells.channels = {cells};
    c.options.terms.audience = "regulator";
    c.options.terms.min_contributors = 10;
    c.options.candidates = {36, 0};
    c.options.rules.classes[0].rules = {make_rule("min_contributors", std::vector<double>{10}).value(), make_rule("dominance", std::vector<double>{1, 0.5}).value()};
    c.options.resolutions = {{"1h", {}}, {"1d", {0, 24}}};
    for (std::uint32_t t = 0; t <= intervals; ++t) c.options.resolutions[0].bounds.push_back(t);
    return c;
}

Result<Certified> certify(par::Comm& comm, Candidate c) { return run(comm, std::move(c.cells), {c.partition}, c.hierarchy, c.options); }

TEST(Protect, ACleanCandidateBecomesARelease) {
    on_ranks([](par::Comm& comm) {
        const auto certified = certify(comm, candidate(comm)).value();
        const auto& channel = certified.release.channels().at(0);
        ASSERT_EQ(channel.units.size(), 6U);
        EXPECT_EQ(channel.units[2].contributors, "10-19");
        EXPECT_EQ(channel.units[0].contributors, "20-49");
        EXPECT_EQ(channel.fates.size(), 6U);
        for (std::uint64_t u = channel.owned.first; u < channel.owned.last; ++u)
            EXPECT_TRUE(u != 3 || channel.row(u, intervals)[5] == atom_wh(1, 5));
        EXPECT_EQ(certified.evidence.channels.at(0).atoms_checked, 3U);
        EXPECT_EQ(certified.evidence.channels.at(0).nodes_published, 6U);
    });
}

TEST(Protect, ARangeStartsAtTheThresholdAlsoWhereSomeIntervalsMayFail) {
    on_ranks([](par::Comm& comm) {
        Candidate c = candidate(comm);
        c.options.rules.scope = model::Scope::interval;
        c.options.rules.max_failing_share = 0.5;
        for (auto& facts : c.partition.atom_facts) {
            if (facts.slots == 0) continue;
            const std::int64_t total = facts.grand_total(), each = total / 12;
            facts = model::SetFacts(2, 1);  // in the second slot nine of twelve use one Wh
            for (int i = 0; i < 12; ++i) facts.fold({(i < 11 ? each : total - 11 * each) - (i < 9 ? 1 : 0), i < 9 ? 1 : 0});
        }
        const auto certified = certify(comm, std::move(c)).value();
        EXPECT_EQ(certified.release.channels().at(0).units[2].contributors, "10-19");
        EXPECT_EQ(certified.evidence.channels.at(0).worst_failing_share, ">= 10 %");
    });
}

/// Breaks the candidate on every rank, or on one; every rank must refuse with status 4.
void expect_refused(const std::function<void(const par::Comm&, Candidate&)>& breach, const std::string& words) {
    on_ranks([&](par::Comm& comm) {
        Candidate c = candidate(comm);
        breach(comm, c);
        const auto outcome = certify(comm, std::move(c));
        ASSERT_FALSE(outcome.ok()) << words;
        EXPECT_EQ(outcome.error().code, Code::privacy);
        EXPECT_NE(outcome.error().what.find(words), std::string::npos) << outcome.error().what;
    });
}

TEST(Protect, RefusesASumThatIsNotItsChildren) {
    expect_refused([](const par::Comm& comm, Candidate& c) { if (comm.rank() == 0) c.cells.channels[0].energy_wh[3] += 1; }, "not the sum");
}

TEST(Protect, RefusesAMovedInterval) {
    expect_refused([](const par::Comm& comm, Candidate& c) {
        if (comm.rank() != 0) return;
        c.cells.channels[0].energy_wh[3] += 1;
        c.cells.channels[0].energy_wh[4] -= 1;
    }, "not the sum");
}

TEST(Protect, RefusesAnAtomWithTooFewOrADominantSubject) {
    expect_refused([](const par::Comm&, Candidate& c) {
        for (auto& facts : c.partition.atom_facts)
            if (facts.slots > 0) facts.contributors[0] = 9;
    }, "fails a rule");
    expect_refused([](const par::Comm&, Candidate& c) {
        for (auto& facts : c.partition.atom_facts)
            if (facts.slots > 0) facts.top[0] = facts.total[0];
    }, "fails a rule");
}

TEST(Protect, RefusesWhenTheRulesSawAnotherTotal) {
    expect_refused([](const par::Comm&, Candidate& c) {
        for (auto& facts : c.partition.atom_facts)
            if (facts.slots > 0) facts.total[0] += 1;
    }, "the rules saw");
}

TEST(Protect, RefusesAPublishedNodeAboveAWithheldLeaf) {
    expect_refused([](const par::Comm&, Candidate& c) { c.partition.fates[5] = {model::NodeStatus::withheld, model::no_id, ""}; }, "accounted for");
    expect_refused([](const par::Comm&, Candidate& c) {
        c.partition.fates[5] = {model::NodeStatus::withheld, model::no_id, ""};
        c.partition.atom_of_batch[5] = c.partition.atom_of_batch[11] = model::no_id;
    }, "not a union of atoms");
}

TEST(Protect, LongExactSumsAreNotForThePublic) {
    expect_refused([](const par::Comm&, Candidate& c) { c.options.terms.audience = "public"; }, "not for audience \"public\"");
    expect_refused([](const par::Comm&, Candidate& c) {  // 16 values at most, and there are 24
        c.options.terms.audience = "public";
        c.options.candidates = {10000000, 0};
    }, "not for audience \"public\"");
}

TEST(Protect, ShortExactSumsMayBe) {
    on_ranks([](par::Comm& comm) {
        Candidate c = candidate(comm);
        c.options.terms.audience = "public";
        c.options.candidates = {10000000, 0};
        c.options.resolutions[0] = {"2h", {0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24}};
        const auto certified = certify(comm, std::move(c)).value();
        EXPECT_EQ(certified.release.terms().length_guard, (model::LengthGuard{12, 8 * 2}));
        EXPECT_FALSE(certified.release.terms().length_guard.is_longer());
    });
}

TEST(Protect, TheLengthGuardSaysNoMoreThanTheRanges) {
    on_ranks([](par::Comm& comm) {
        for (const std::uint64_t candidates : {2000000, 4999999}) {  // of one range; so are atoms of 10 and 19
            for (const std::uint32_t members : {10U, 19U}) {
                Candidate c = candidate(comm);
                c.options.candidates = {candidates, 0};
                for (auto& facts : c.partition.atom_facts)
                    if (facts.slots > 0) facts.contributors[0] = members;
                EXPECT_EQ(certify(comm, std::move(c)).value().release.terms().length_guard, (model::LengthGuard{24, 8}));
            }
        }
    });
}

TEST(Protect, SubjectsOfEveryClassAreCounted) {
    on_ranks([](par::Comm& comm) {
        Candidate c = candidate(comm);
        const auto rules = c.options.rules.classes[0].rules;
        c.options.rules.classes = {{"residential", rules}, {"other", rules}};
        for (auto& facts : c.partition.atom_facts) {
            if (facts.slots == 0) continue;
            const std::int64_t total = facts.grand_total(), each = total / 24;
            facts = model::SetFacts(2, 1);
            for (int i = 0; i < 24; ++i) {
                const std::int64_t energy = i < 23 ? each : total - 23 * each;
                facts.fold({i % 2 == 0 ? energy : 0, i % 2 == 0 ? 0 : energy});
            }
        }
        EXPECT_EQ(certify(comm, std::move(c)).value().release.channels().at(0).units[2].contributors, "20-49");
    });
}

TEST(Protect, NothingToPublishIsSaid) {
    expect_refused([](const par::Comm&, Candidate& c) { c.partition.units.clear(); }, "nothing to publish");
}

}  // namespace
}  // namespace meterveil::protect
