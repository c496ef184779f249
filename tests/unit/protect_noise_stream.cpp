// Random bits that are the same on every rank and in every run, and never the same for anything else.
#include "protect/private/noise_stream.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace meterveil::protect {
namespace {

using Bytes = std::array<unsigned char, 32>;

/// All that the bits are a function of.
struct Derivation {
    Bytes ledger_key{};
    std::string release = "public-2013";
    std::array<std::byte, 32> content{};
    NoisePlace place{1, 2, 3};
    Fraction variance{7, 2};

    Derivation() {
        std::iota(ledger_key.begin(), ledger_key.end(), static_cast<unsigned char>(0));
        content.fill(std::byte{0xAA});
    }
    [[nodiscard]] std::vector<std::uint64_t> words(std::size_t count) const {
        NoiseStream stream = NoiseKey(ledger_key, release, content).stream(place, variance);
        std::vector<std::uint64_t> drawn;
        for (std::size_t i = 0; i < count; ++i) drawn.push_back(stream.next());
        return drawn;
    }
};

/// Of the written construction: by Python's hmac and `openssl enc -aes-256-ctr`.
TEST(NoiseStream, IsAesOfCounterUnderAKeyByHmac) {
    const auto words = Derivation().words(512);
    EXPECT_EQ(words[0], 0x746e26b3aa8b9aa3U);
    EXPECT_EQ(words[1], 0x63b64e69f5406b2aU);
    EXPECT_EQ(words[255], 0x35eda222070f9db6U);
    EXPECT_EQ(words[256], 0xeac72f1e7bbf27c9U);
    EXPECT_EQ(words[511], 0x165ea5da81f14327U);
}

TEST(NoiseStream, IsTheSameWhateverWasDrawnElsewhere) {
    const Derivation derivation;
    NoiseKey key(derivation.ledger_key, derivation.release, derivation.content);
    for (std::uint32_t node = 0; node < 5; ++node) key.stream({1, node, 0}, derivation.variance).next();
    NoiseStream stream = key.stream(derivation.place, derivation.variance);
    for (const std::uint64_t word : derivation.words(1000)) ASSERT_EQ(stream.next(), word);
}

TEST(NoiseStream, IsAnotherForAnyOtherKeyReleaseContentPlaceOrVariance) {
    std::vector<Derivation> all(1);
    const auto change = [&](auto&& changed) { changed(all.emplace_back()); };
    change([](Derivation& d) { d.ledger_key[31] ^= 1; });
    change([](Derivation& d) { d.release = "public-2014"; });
    change([](Derivation& d) { d.release = ""; });
    change([](Derivation& d) { d.content[31] ^= std::byte{1}; });
    change([](Derivation& d) { d.place.level = 2; });
    change([](Derivation& d) { d.place.node = 258; });
    change([](Derivation& d) { d.place.block = 0; });
    change([](Derivation& d) { d.place = {2, 1, 3}; });
    change([](Derivation& d) { d.variance = Fraction(7, 3); });
    change([](Derivation& d) { d.variance = 72; });
    std::set<std::uint64_t> words;
    for (const Derivation& derivation : all)
        for (const std::uint64_t word : derivation.words(100)) words.insert(word);
    EXPECT_EQ(words.size(), 100 * all.size());
}

TEST(NoiseStream, TakesEqualVariancesForOne) {
    Derivation derivation;
    const auto words = derivation.words(10);
    derivation.variance = Fraction(14, 4);
    EXPECT_EQ(derivation.words(10), words);
}

}  // namespace
}  // namespace meterveil::protect
