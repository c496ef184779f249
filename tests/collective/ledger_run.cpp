#include "meterveil/ledger/run.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>

#include "meterveil/core/integer.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/par/exchange.hpp"
#include "shards.hpp"

namespace meterveil::ledger {
namespace {

namespace fs = std::filesystem;
using testing::on_ranks;
using testing::SmallUtility;

const std::vector<std::uint32_t> months = {0, 10, 30};

/// f1 and f2 are one atom, each other feeder is one; f6 is withheld. Only import.
std::vector<model::Partition> partitions_of(const SmallUtility& utility) {
    model::Partition p;
    p.atom_of_batch.assign(2 * utility.hierarchy.nodes.size(), model::no_id);
    for (std::uint32_t leaf = 0; leaf < 5; ++leaf)
        for (const bool is_newcomer : {false, true})
            p.atom_of_batch[model::batch_of(utility.hierarchy, utility.first_leaf() + leaf, is_newcomer)] = leaf == 0 ? 0 : leaf - 1;
    p.units = {{"f1+f2", 2, true, model::no_id, 0, 1, {4, 5}}, {"f3", 2, false, model::no_id, 1, 1, {6}}, {"f4", 2, false, model::no_id, 2, 1, {7}}, {"f5", 2, false, model::no_id, 3, 1, {8}}};
    p.atom_unit = {0, 1, 2, 3};
    return {p};
}

model::LedgerRecord record_of(par::Comm& comm, const model::ShardSet& shards, const SmallUtility& utility, const std::string& name) {
    model::LedgerRecord record;
    record.entry.name = name;
    record.entry.months_s = {0, 36000, 108000};
    record.entry.subject_classes = {""};
    const auto partitions = partitions_of(utility);
    record.units = units_of(utility.hierarchy, partitions);
    record.members = members_of(comm, shards, utility.hierarchy, partitions, months).value();
    return record;
}

/// The rows of all ranks, with members that are named in the rows.
SmallUtility utility() {
    SmallUtility made;
    made.num_meters = 300;
    return made;
}

TEST(ContentOf, IsOfTheQuantaAndTheirSize) {
    const std::vector<std::int32_t> quanta = {3, 1, 4}, others = {3, 4, 1}, longer = {3, 1, 4, 0};
    EXPECT_EQ(content_of(quanta, 1), content_of(std::vector<std::int32_t>(quanta), 1));
    for (const auto& [other, quantum_wh] : {std::pair(quanta, 10), std::pair(others, 1), std::pair(longer, 1)}) EXPECT_NE(content_of(quanta, 1), content_of(other, quantum_wh));
}

TEST(Ledger, HasEveryMeterThatIsInASumWithItsEnergy) {
    on_ranks([](par::Comm& comm) {
        const SmallUtility u = utility();
        const auto shards = testing::write_shards(comm, u);
        const auto members = members_of(comm, shards, u.hierarchy, partitions_of(u), months).value();
        std::map<model::Pseudonym, std::uint32_t> meter_of;
        std::int64_t expected = 0;
        for (std::uint32_t m = 0; m < u.num_meters; ++m) {
            const auto row = u.row(m);
            meter_of[row.record.member] = m;
            expected += row.takes_part[0] && row.record.leaf != u.first_leaf() + 5 ? 1 : 0;
        }
        for (const auto& member : members.members) {
            const std::uint32_t m = meter_of.at(member.member);
            std::int64_t energy = 0;
            for (std::uint32_t t = 0; t < u.axis.count; ++t) energy += 2 * u.quanta(m, 0, t);
            EXPECT_EQ(member.energy_wh[0], energy);
            EXPECT_EQ(member.leaf, u.row(m).record.leaf - u.first_leaf());
            EXPECT_EQ(member.subject, u.row(m).record.subject);
            EXPECT_EQ(member.atom[1], model::no_id);
            EXPECT_EQ(part_of(model::member_blocks, static_cast<std::uint64_t>(comm.size()), model::block_of_member(member.member)), static_cast<std::uint64_t>(comm.rank()));
        }
        EXPECT_TRUE(std::is_sorted(members.members.begin(), members.members.end()));
        EXPECT_EQ(par::sum(comm, static_cast<std::int64_t>(members.members.size())), expected);
        // A month that is longer has another content; a channel without an atom has none.
        for (std::size_t i = 0; i < members.members.size(); ++i) {
            EXPECT_NE(members.content(i, 0, 0), members.content(i, 0, 1));
            EXPECT_EQ(members.content(i, 1, 0), 0U);
        }
    });
}

TEST(Ledger, IsTheSameBytesOnAnyNumberOfRanksAndGivesBackTheRecord) {
    std::string of_one_rank;
    on_ranks([&](par::Comm& comm) {
        const SmallUtility u = utility();
        const auto shards = testing::write_shards(comm, u);
        const std::string custody = testing::shared_folder(comm);
        auto first = record_of(comm, shards, u, "first");
        ASSERT_TRUE(append(comm, custody, first).ok());
        auto second = record_of(comm, shards, u, "second");
        ASSERT_TRUE(append(comm, custody, second).ok());
        auto again = record_of(comm, shards, u, "first");
        ASSERT_TRUE(append(comm, custody, again).ok());
        EXPECT_EQ(again.entry.number, 1U);
        const auto entries = open(comm, custody).value();
        ASSERT_EQ(entries.size(), 2U);
        EXPECT_EQ(entries[0].name, "first");
        const auto back = read(comm, custody, entries[1]).value();
        EXPECT_EQ(back.entry, second.entry);
        EXPECT_EQ(back.units, second.units);
        EXPECT_EQ(back.members, second.members);
        std::size_t files = 0;
        for ([[maybe_unused]] const auto& file : fs::directory_iterator(custody + "/ledger")) ++files;
        EXPECT_EQ(files, 5U);
        if (comm.rank() == 0) {
            const std::string bytes = io::read_text(custody + "/ledger/000002.members").value() + io::read_text(custody + "/ledger/000002.units").value();
            if (of_one_rank.empty()) of_one_rank = bytes;
            EXPECT_EQ(bytes, of_one_rank);
        }
    });
}

TEST(Ledger, IsNotBegunAnewBesideFilesOfReleases) {
    on_ranks([](par::Comm& comm) {
        const SmallUtility u = utility();
        const auto shards = testing::write_shards(comm, u);
        const std::string custody = testing::shared_folder(comm);
        EXPECT_TRUE(open(comm, custody).value().empty());
        auto record = record_of(comm, shards, u, "first");
        ASSERT_TRUE(append(comm, custody, record).ok());
        if (comm.rank() == 0) fs::remove(custody + "/ledger/ledger.jsonl");
        comm.barrier();
        const auto outcome = open(comm, custody);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::storage);
        EXPECT_NE(outcome.error().where.find("ledger.jsonl"), std::string::npos);
    });
}

TEST(Ledger, AFileThatIsNotTheOneThatWasRecordedIsToldByName) {
    on_ranks([](par::Comm& comm) {
        const SmallUtility u = utility();
        const auto shards = testing::write_shards(comm, u);
        const std::string custody = testing::shared_folder(comm);
        auto record = record_of(comm, shards, u, "first");
        ASSERT_TRUE(append(comm, custody, record).ok());
        for (const char* name : {"000001.members", "000001.units"}) {
            const std::string path = custody + "/ledger/" + name;
            const std::string kept = io::read_text(path).value();
            comm.barrier();
            std::string changed = kept;
            changed[changed.size() - 3] = static_cast<char>(changed[changed.size() - 3] ^ 1);
            if (comm.rank() == 0) ASSERT_TRUE(io::write_whole(path, changed).ok());
            comm.barrier();
            const auto outcome = read(comm, custody, record.entry);
            ASSERT_FALSE(outcome.ok());
            EXPECT_EQ(outcome.error().code, Code::storage);
            EXPECT_NE(outcome.error().where.find(name), std::string::npos);
            comm.barrier();
            if (comm.rank() == 0) ASSERT_TRUE(io::write_whole(path, kept).ok());
            comm.barrier();
            EXPECT_TRUE(read(comm, custody, record.entry).ok());
        }
    });
}

}  // namespace
}  // namespace meterveil::ledger
