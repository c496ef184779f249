#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "meterveil/io/posix.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/pseudonym/run.hpp"
#include "ranks.hpp"

namespace meterveil::pseudonym {
namespace {

using testing::on_ranks;
using testing::shared_folder;

RootKey one_key(par::Comm& comm) {
    std::optional<Result<RootKey>> mine;
    if (comm.rank() == 0) mine = Result<RootKey>(RootKey::random());
    return share_key(comm, std::move(mine)).value();
}

std::string meter_id(int i) { return "METER-" + std::to_string(i); }

/// 100 meters on 4 feeders of 2 regions; every third belongs to a customer of two meters.
model::RawTables tables_of(const par::Comm& comm) {
    model::RawTables tables;
    tables.levels = {"region", "feeder"};
    tables.has_subjects = true;
    for (int i = 0; i < 100; ++i) {
        if (i % comm.size() == comm.rank()) tables.places.push_back({meter_id(i), {"r" + std::to_string(i % 2), "f" + std::to_string(i % 4)}});
        if (i % 3 == 0 && (i / 3) % comm.size() == comm.rank()) tables.holders.push_back({meter_id(i), "CUSTOMER-" + std::to_string(i / 6)});
    }
    return tables;
}

TEST(ShareKey, GivesEveryRankTheKeyOfRank0) {
    on_ranks([](par::Comm& comm) {
        const std::string check = key_check_value(one_key(comm));
        for (const std::string& other : par::all_gather_text(comm, check)) EXPECT_EQ(other, check);
    });
}

TEST(ShareKey, AllRanksFailWithRank0) {
    on_ranks([](par::Comm& comm) {
        std::optional<Result<RootKey>> mine;
        if (comm.rank() == 0) mine = Result<RootKey>(Error{Code::usage, "no key", "k", "make one"});
        const auto outcome = share_key(comm, std::move(mine));
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().what, "no key");
    });
}

TEST(Enrol, EveryMeterEndsOnItsRankWithItsPlaceAndSubject) {
    on_ranks([](par::Comm& comm) {
        const RootKey key = one_key(comm);
        const model::Roster roster = enrol(comm, tables_of(comm), key, "1").value();
        EXPECT_EQ(roster.num_meters, 100U);
        EXPECT_EQ(roster.hierarchy.nodes.size(), 7U);
        EXPECT_TRUE(std::is_sorted(roster.meters.begin(), roster.meters.end()));
        std::map<model::Pseudonym, int> number;
        Pseudonymiser name(key, Domain::meter, "1"), member(key, Domain::member, ""), subject(key, Domain::customer, "");
        for (int i = 0; i < 100; ++i) number[name(meter_id(i))] = i;
        for (const auto& record : roster.meters) {
            EXPECT_EQ(model::slice_of(record.meter, static_cast<std::uint32_t>(comm.size())), static_cast<std::uint32_t>(comm.rank()));
            const int i = number.at(record.meter);
            EXPECT_EQ(roster.hierarchy.nodes[record.leaf].name, "f" + std::to_string(i % 4));
            EXPECT_EQ(record.subject, i % 3 == 0 ? subject("CUSTOMER-" + std::to_string(i / 6)) : record.member);
        }
        EXPECT_EQ(par::sum(comm, static_cast<std::int64_t>(roster.meters.size())), 100);
    });
}

TEST(Enrol, EveryMeterHasItsClassAndWithoutAHolderTheLast) {
    on_ranks([](par::Comm& comm) {
        const RootKey key = one_key(comm);
        for (const bool has_subjects : {true, false}) {
            auto tables = tables_of(comm);
            tables.has_subjects = has_subjects;
            tables.other_class = 2;
            for (auto& holder : tables.holders) holder.subject_class = holder.meter.ends_with('3') ? 1 : 0;
            const model::Roster roster = enrol(comm, std::move(tables), key, "1").value();
            std::map<model::Pseudonym, int> number;
            Pseudonymiser name(key, Domain::meter, "1");
            for (int i = 0; i < 100; ++i) number[name(meter_id(i))] = i;
            for (const auto& record : roster.meters) {
                const int i = number.at(record.meter);
                EXPECT_EQ(record.subject_class, i % 3 != 0 ? 2U : i % 10 == 3 ? 1U : 0U);
                EXPECT_EQ(record.subject == record.member, !has_subjects || i % 3 != 0);
            }
        }
    });
}

TEST(Enrol, AClassThatCrossesTheLevelsIsOneMoreLevel) {
    on_ranks([](par::Comm& comm) {
        const RootKey key = one_key(comm);
        auto tables = tables_of(comm);
        const auto levels = tables.levels;
        tables.crossing = "tariff";
        for (auto& holder : tables.holders) holder.crossing = holder.meter.ends_with('3') ? "tou" : holder.meter.ends_with('6') ? "" : "std";
        const model::Roster plain = enrol(comm, tables_of(comm), key, "1").value(), roster = enrol(comm, std::move(tables), key, "1").value();
        ASSERT_EQ(roster.hierarchy.levels.size(), levels.size() + 2);
        EXPECT_EQ(roster.hierarchy.levels.back(), "tariff");
        EXPECT_EQ(roster.hierarchy.classes, (std::vector<std::string>{"std", "tou", "unknown"}));
        std::map<model::Pseudonym, int> number;
        Pseudonymiser name(key, Domain::meter, "1");
        for (int i = 0; i < 100; ++i) number[name(meter_id(i))] = i;
        ASSERT_EQ(roster.meters.size(), plain.meters.size());
        for (std::size_t m = 0; m < roster.meters.size(); ++m) {
            const int i = number.at(roster.meters[m].meter);
            const std::string tariff = i % 3 != 0 || i % 10 == 6 ? "unknown" : i % 10 == 3 ? "tou" : "std";
            const auto& leaf = roster.hierarchy.nodes[roster.meters[m].leaf];
            EXPECT_EQ(leaf.parent, plain.meters[m].leaf);
            EXPECT_EQ(leaf.name, plain.hierarchy.nodes[plain.meters[m].leaf].name + "/" + tariff);
        }
    });
}

TEST(Enrol, AMeterOfTwoClassesIsRefused) {
    on_ranks([](par::Comm& comm) {
        const RootKey key = one_key(comm);
        auto tables = tables_of(comm);
        if (comm.rank() == comm.size() - 1) tables.holders.push_back({meter_id(9), "CUSTOMER-1", 1});
        const auto outcome = enrol(comm, std::move(tables), key, "1");
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::input);
        EXPECT_EQ(outcome.error().what.find("METER-"), std::string::npos);
    });
}

TEST(Enrol, AMeterAtTwoPlacesIsRefusedWithoutItsId) {
    on_ranks([](par::Comm& comm) {
        const RootKey key = one_key(comm);
        auto tables = tables_of(comm);
        if (comm.rank() == comm.size() - 1) tables.places.push_back({meter_id(5), {"r0", "f2"}});
        const auto outcome = enrol(comm, std::move(tables), key, "1");
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::input);
        EXPECT_EQ((outcome.error().what + outcome.error().where + outcome.error().hint).find("METER-"), std::string::npos);
    });
}

/// Lanes alike but for their file; in each, rank r has r + 1 rounds. With versions only even ranks state them. Odd lanes number their
/// ids on from round to round.
class Batches final : public model::RawStream {
public:
    Batches(int rank, bool fails, bool is_versioned = false) : rank_(rank), fails_(fails), is_versioned_(is_versioned) {}
    static constexpr std::size_t lanes = 3;
    [[nodiscard]] std::size_t num_lanes() const override { return lanes; }
    [[nodiscard]] bool is_versioned() const override { return is_versioned_; }
    Result<bool> next(std::size_t lane, model::RawBatch& batch) override {
        int& round = rounds_[lane];
        if (fails_ && lane == 1 && round == 1) return Error{Code::input, "the file is damaged", "b.csv", ""};
        if (round > rank_) return false;
        batch = {};
        batch.file = static_cast<std::uint32_t>(static_cast<std::size_t>(rank_) * lanes + lane);
        batch.first_id = lane % 2 == 0 ? 0 : static_cast<std::uint32_t>(3 * round);
        batch.ids = {meter_id(round), meter_id(40 + round), fmt::format("NOT-IN-TOPOLOGY-{}", lane)};
        for (std::uint32_t i = 0; i < 30; ++i) {
            model::Reading row;
            row.who = batch.first_id + i % 3;
            row.interval = i & 0xffffffU;
            row.quanta = static_cast<std::int32_t>(i % 3);
            batch.rows.push_back(row);
            batch.offsets.push_back(i * 10);
            if (is_versioned_ && rank_ % 2 == 0) batch.versions.push_back(100 + i);
        }
        batch.account.read = 30;
        batch.offset = static_cast<std::uint64_t>(round) * 300;
        ++round;
        return true;
    }

private:
    int rank_;
    std::array<int, lanes> rounds_{};
    bool fails_, is_versioned_;
};

std::vector<model::Address> addresses_of(const par::Comm& comm, const model::Roster& roster) {
    std::vector<model::Address> addresses;
    for (const auto& record : roster.meters)
        addresses.push_back({record.meter, static_cast<std::uint32_t>(model::leading_bits(record.meter) % static_cast<std::uint64_t>(comm.size())),
                             static_cast<std::uint32_t>(model::leading_bits(record.meter) % 1000)});
    return addresses;
}

TEST(Cloakroom, SendsEveryRowToTheAddressOfItsMeterAndSetsUnknownOnesAside) {
    on_ranks([](par::Comm& comm) {
        const RootKey key = one_key(comm);
        const auto roster = enrol(comm, tables_of(comm), key, "1").value();
        const std::string folder = shared_folder(comm) + "/quarantine";
        Batches raw(comm.rank(), false);
        const auto stream = run(comm, raw, addresses_of(comm, roster), {}, key, "1", folder).value();
        Pseudonymiser name(key, Domain::meter, "1");
        int rounds = 0;
        for (model::PlacedBatch batch; stream->next(batch).value(); ++rounds) {
            if (rounds > comm.rank()) continue;  // taking part for the others
            std::uint64_t placed = 0;
            for (std::size_t r = 0; r < batch.to.size(); ++r)
                for (const auto& row : batch.to[r]) {
                    const auto meter = name(meter_id(row.quanta == 0 ? rounds : 40 + rounds));
                    EXPECT_EQ(model::leading_bits(meter) % batch.to.size(), r);
                    EXPECT_EQ(model::leading_bits(meter) % 1000, row.who);
                    ++placed;
                }
            EXPECT_EQ(placed, 20U * Batches::lanes);
            ASSERT_EQ(batch.accounts.size(), Batches::lanes);
            for (std::uint32_t lane = 0; lane < Batches::lanes; ++lane) {
                EXPECT_EQ(batch.accounts[lane].file, static_cast<std::uint32_t>(comm.rank()) * Batches::lanes + lane);
                EXPECT_EQ(batch.accounts[lane].account.num_quarantined(), 10U);
            }
            for (std::size_t r = 0; r < batch.to.size(); ++r) {
                std::size_t rows = 0;
                for (const auto& run : batch.runs[r]) rows += run.rows;
                EXPECT_EQ(rows, batch.to[r].size());
            }
        }
        EXPECT_EQ(rounds, comm.size());
        comm.barrier();
        if (comm.rank() == 0) {
            int files = 0;
            for (const auto& file : std::filesystem::directory_iterator(folder)) {
                const std::string name_of_file = file.path().filename().string(), text = io::read_text(file.path()).value();
                const int number = std::stoi(name_of_file.substr(std::string("unknown-meter-").size(), 5));
                const std::string lane = std::to_string(number % static_cast<int>(Batches::lanes));
                ++files;
                EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 11);
                EXPECT_NE(text.find("NOT-IN-TOPOLOGY-" + lane + "\n"), std::string::npos);
            }
            EXPECT_EQ(files, static_cast<int>(Batches::lanes) * comm.size() * (comm.size() + 1) / 2);
        }
        comm.barrier();
    });
}

TEST(Cloakroom, VersionsStayWithTheirRows) {
    on_ranks([](par::Comm& comm) {
        const RootKey key = one_key(comm);
        const auto roster = enrol(comm, tables_of(comm), key, "1").value();
        Batches raw(comm.rank(), false, true);
        const auto stream = run(comm, raw, addresses_of(comm, roster), {}, key, "1", shared_folder(comm) + "/quarantine").value();
        EXPECT_TRUE(stream->is_versioned());
        for (model::PlacedBatch batch; stream->next(batch).value();)
            for (std::size_t r = 0; r < batch.to.size(); ++r) {
                ASSERT_EQ(batch.versions.at(r).size(), batch.to[r].size());
                for (std::size_t i = 0; i < batch.to[r].size(); ++i) EXPECT_EQ(batch.versions[r][i], comm.rank() % 2 == 0 ? 100U + batch.to[r][i].interval : 0U);
            }
        comm.barrier();
    });
}

TEST(Cloakroom, AFileThatFailsOnOneRankFailsAll) {
    on_ranks([](par::Comm& comm) {
        const RootKey key = one_key(comm);
        const auto roster = enrol(comm, tables_of(comm), key, "1").value();
        Batches raw(comm.rank(), comm.rank() == comm.size() - 1);
        const auto stream = run(comm, raw, addresses_of(comm, roster), {}, key, "1", shared_folder(comm)).value();
        model::PlacedBatch batch;
        ASSERT_TRUE(stream->next(batch).ok());
        const auto outcome = stream->next(batch);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().what, "the file is damaged");
        EXPECT_EQ(outcome.error().rank, comm.size() - 1);
    });
}

}  // namespace
}  // namespace meterveil::pseudonym
