#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "ledger/chain.hpp"
#include "ledger/members.hpp"

namespace meterveil::ledger {
namespace {

/// Not SHA-256, which a bench does not know; any change of the text changes it.
std::string digest(std::string_view text) {
    std::string hex = std::to_string(std::hash<std::string_view>{}(text));
    return std::string(64 - hex.size(), '0') + hex;
}

model::LedgerEntry entry(std::uint64_t number) {
    model::LedgerEntry e;
    e.number = number;
    e.recorded_at = "2014-02-01T10:00:00Z";
    e.name = "regulator-" + std::to_string(number);
    e.from = "2013-01-01";
    e.until = "2014-01-01";
    e.months_s = {0, 100, 200};
    e.rules = {"min_contributors = 10", "dominance = [1, 0.25]"};
    e.subject_classes = {""};
    e.max_failing_share = 0.05;
    return e;
}

std::string chain_of(std::uint64_t entries) {
    std::string text, previous = no_previous;
    for (std::uint64_t n = 1; n <= entries; ++n) {
        auto e = entry(n);
        e.previous = previous;
        text += to_line(e, digest) + "\n";
        previous = e.digest;
    }
    return text;
}

TEST(Chain, GivesBackWhatWasWritten) {
    const auto entries = parse_chain(chain_of(3), digest).value();
    ASSERT_EQ(entries.size(), 3U);
    auto expected = entry(2);
    EXPECT_EQ(record_text(entries[1]), record_text(expected));
    EXPECT_EQ(entries[2].previous, entries[1].digest);
    EXPECT_TRUE(parse_chain("", digest).value().empty());
}

TEST(Record, IsTheSameWhereverItStandsInTheChainAndAnotherIfAnythingElseIs) {
    auto moved = entry(2);
    moved.number = 7;
    moved.recorded_at = "2020-01-01T00:00:00Z";
    moved.previous = moved.digest = std::string(64, 'c');
    EXPECT_EQ(record_text(moved), record_text(entry(2)));
    for (std::string model::LedgerEntry::*field : {&model::LedgerEntry::name, &model::LedgerEntry::from, &model::LedgerEntry::units_sha256, &model::LedgerEntry::members_sha256}) {
        auto other = entry(2);
        other.*field += "x";
        EXPECT_NE(record_text(other), record_text(entry(2)));
    }
}

TEST(Chain, AnyByteThatIsChangedBreaksIt) {
    const std::string text = chain_of(3);
    for (std::size_t at = 0; at < text.size(); ++at) {
        std::string changed = text;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        ASSERT_FALSE(parse_chain(changed, digest).ok()) << at;
    }
}

TEST(Chain, ALineThatIsCutRemovedOrMovedBreaksIt) {
    const std::string text = chain_of(3), two = chain_of(2);
    const std::size_t first = text.find('\n') + 1;
    EXPECT_FALSE(parse_chain(text.substr(0, text.size() - 1), digest).ok());
    EXPECT_FALSE(parse_chain(text.substr(first), digest).ok());
    EXPECT_FALSE(parse_chain(text.substr(0, first) + text.substr(two.size()), digest).ok());
    EXPECT_FALSE(parse_chain(text.substr(first, two.size() - first) + text.substr(0, first) + text.substr(two.size()), digest).ok());
    const auto outcome = parse_chain(text.substr(0, first) + "{}\n", digest);
    EXPECT_EQ(outcome.error().code, Code::storage);
    EXPECT_NE(outcome.error().what.find("entry 2"), std::string::npos);
}

model::Memberships random_members(std::mt19937_64& random, std::size_t count) {
    model::Memberships all{3, {}, {}};
    for (std::size_t i = 0; i < count; ++i) {
        model::Membership m;
        for (auto& byte : m.member.value) byte = static_cast<std::byte>(random());
        for (auto& byte : m.subject.value) byte = static_cast<std::byte>(random());
        m.leaf = static_cast<std::uint32_t>(random());
        m.atom[0] = static_cast<std::uint32_t>(random());
        m.energy_wh[1] = static_cast<std::int64_t>(random());
        all.members.push_back(m);
        for (int c = 0; c < 6; ++c) all.contents.push_back(random());
    }
    return all;
}

TEST(Members, GiveBackWhatWasPacked) {
    std::mt19937_64 random(1);
    const auto all = random_members(random, 20);
    model::Memberships back;
    EXPECT_TRUE(unpack_members(pack_members(all, 0, 7), back));
    EXPECT_TRUE(unpack_members(pack_members(all, 7, 7), back));
    EXPECT_TRUE(unpack_members(pack_members(all, 7, 20), back));
    EXPECT_EQ(back, all);
}

TEST(Members, AnotherLengthIsRefused) {
    std::mt19937_64 random(2);
    auto bytes = pack_members(random_members(random, 5), 0, 5);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        model::Memberships back;
        ASSERT_FALSE(unpack_members(std::span(bytes).first(length), back)) << length;
    }
    bytes.push_back(std::byte{0});
    model::Memberships back;
    EXPECT_FALSE(unpack_members(bytes, back));
}

TEST(Units, GiveBackWhatWasWritten) {
    model::LedgerUnits units;
    units.leaves = {"north\x1fs1\x1f" "f1", "north\x1fs1\x1f" "f 2"};
    units.channels[0] = {{"total", 0, model::no_id, false, 0, 2}, {"f1+f 2", 3, 0, true, 0, 1}};
    units.channels[1] = {{"total", 0, model::no_id, false, 0, 1}};
    units.by_class[0] = {{"total", 0, model::no_id, false, 0, 2}, {"std", 1, 0, false, 1, 1}};
    units.atom_by_class[0] = {1, 0};
    EXPECT_EQ(parse_units(to_text(units)), units);
    for (const char* wrong : {"leaf", "leaf\ta\tb\n", "unit\t0\ta\t0\t0\t0\t0\n", "unit\t2\ta\t0\t0\t0\t0\t1\n", "unit\t0\ta\t0\t0\t0\t-1\t1\n", "other\t1\n", "leaf\ta"})
        EXPECT_FALSE(parse_units(wrong)) << wrong;
}

}  // namespace
}  // namespace meterveil::ledger
