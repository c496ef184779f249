#include "meterveil/pseudonym/keys.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "pseudonym/derive.hpp"
#include "scratch.hpp"

namespace meterveil::pseudonym {
namespace {

using testing::Scratch;

std::string hex(std::span<const std::byte> bytes) {
    std::string text;
    for (const std::byte b : bytes) {
        text += "0123456789abcdef"[std::to_integer<int>(b) >> 4];
        text += "0123456789abcdef"[std::to_integer<int>(b) & 15];
    }
    return text;
}

/// The key 00 01 02 .. 1f in a file of mode 0600.
std::string counting_key(const Scratch& scratch) {
    const std::string path = scratch.file("root.key");
    std::ofstream file(path, std::ios::binary);
    for (int i = 0; i < 32; ++i) file.put(static_cast<char>(i));
    file.close();
    ::chmod(path.c_str(), 0600);
    return path;
}

TEST(Hmac, MatchesRfc4231Case2) {
    const std::string key = "Jefe";
    Hmac hmac({reinterpret_cast<const unsigned char*>(key.data()), key.size()});
    const char* expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    EXPECT_EQ(hex(hmac("what do ya want for nothing?")), expected);
    hmac("something between");
    EXPECT_EQ(hex(hmac("what do ya want for nothing?")), expected);
}

TEST(Derive, MatchesRfc5869Case3) {
    const std::array<unsigned char, 22> key = {11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11, 11};
    Secret derived;
    derive(key, "", derived);
    EXPECT_EQ(hex(std::as_bytes(derived.view())), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(Pseudonymiser, IsTheDocumentedConstruction) {
    const Scratch scratch;
    const RootKey key = RootKey::from_file(counting_key(scratch)).value();
    Secret derived;
    std::array<unsigned char, 32> root{};
    for (std::size_t i = 0; i < 32; ++i) root[i] = static_cast<unsigned char>(i);
    derive(root, "meterveil/1|meter|2013", derived);
    const auto expected = Hmac(derived.view())("MAC000002");
    Pseudonymiser name(key, Domain::meter, "2013");
    EXPECT_TRUE(std::equal(expected.begin(), expected.begin() + 16, name("MAC000002").value.begin()));
}

TEST(Pseudonymiser, DomainsEpochsAndKeysKeepOneIdApart) {
    const Scratch scratch;
    const RootKey key = RootKey::from_file(counting_key(scratch)).value(), other = RootKey::random();
    const auto p = Pseudonymiser(key, Domain::meter, "2013")("a");
    EXPECT_EQ(p, Pseudonymiser(key, Domain::meter, "2013")("a"));
    EXPECT_NE(p, Pseudonymiser(key, Domain::customer, "2013")("a"));
    EXPECT_NE(p, Pseudonymiser(key, Domain::meter, "2014")("a"));
    EXPECT_NE(p, Pseudonymiser(other, Domain::meter, "2013")("a"));
    EXPECT_NE(key_check_value(key), key_check_value(other));
    EXPECT_EQ(key_check_value(key).size(), 16U);
}

TEST(RootKey, AFileThatOthersCanReadIsRefusedWithTheCommandThatMendsIt) {
    const Scratch scratch;
    const std::string path = counting_key(scratch);
    for (const mode_t mode : {0640U, 0604U, 0666U, 0610U}) {
        ::chmod(path.c_str(), mode);
        const auto outcome = RootKey::from_file(path);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::usage);
        EXPECT_NE(outcome.error().hint.find("chmod 600"), std::string::npos);
    }
}

TEST(RootKey, RefusesAWrongSizeAndAMissingFile) {
    const Scratch scratch;
    const std::string path = counting_key(scratch);
    for (const off_t size : {0, 31, 33, 64}) {
        ASSERT_EQ(::truncate(path.c_str(), size), 0);
        EXPECT_FALSE(RootKey::from_file(path).ok()) << size;
    }
    EXPECT_EQ(RootKey::from_file(scratch.file("none")).error().where, scratch.file("none"));
    EXPECT_FALSE(RootKey::from_file(scratch.path().string()).ok());
}

TEST(RootKey, IsWrittenForItsOwnerOnlyAndNeverOverAnother) {
    const Scratch scratch;
    const RootKey key = RootKey::random();
    ASSERT_TRUE(key.write_new(scratch.file("k")).ok());
    EXPECT_EQ(key_check_value(RootKey::from_file(scratch.file("k")).value()), key_check_value(key));
    EXPECT_FALSE(RootKey::random().write_new(scratch.file("k")).ok());
    EXPECT_EQ(key_check_value(RootKey::from_file(scratch.file("k")).value()), key_check_value(key));
}

TEST(RootKey, ComesThroughADescriptor) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const std::string bytes(32, 'k');
    ASSERT_EQ(::write(ends[1], bytes.data(), 10), 10);
    ASSERT_EQ(::write(ends[1], bytes.data(), 22), 22);
    ::close(ends[1]);
    EXPECT_TRUE(RootKey::from_descriptor(ends[0]).ok());
    EXPECT_FALSE(RootKey::from_descriptor(ends[0]).ok());  // closed after use
}

}  // namespace
}  // namespace meterveil::pseudonym
