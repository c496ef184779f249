// What is decided about names, waiting and CSV before anything is asked of a server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/backoff.hpp"
#include "collect/csv.hpp"
#include "collect/http.hpp"
#include "collect/names.hpp"
#include "collect/signature.hpp"

namespace meterveil::collect {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(PathFromAStranger, IsTakenIfItStaysInTheFolder) {
    for (const char* path : {"..a", "a/b.csv", "2013/ünï ©.csv", ".hidden", "a b+c=&?.csv"}) EXPECT_EQ(fault_in_path(path), "") << path;
    EXPECT_EQ(fault_in_path(std::string(255, 'x')), "");
}

TEST(PathFromAStranger, IsRefusedIfItLeadsOutOrCannotBeShown) {
    for (const char* path : {"..", "../a", "a/..", "a/../b", ".", "./a", "a/."}) EXPECT_EQ(fault_in_path(path), "leads out of the folder") << path;
    for (const char* path : {"a//b", "a/"}) EXPECT_EQ(fault_in_path(path), "has an empty part") << path;
    EXPECT_EQ(fault_in_path(""), "is empty");
    EXPECT_EQ(fault_in_path("/etc/passwd"), "is absolute");
    EXPECT_EQ(fault_in_path("a\\b"), "has a backslash");
    for (const char* path : {"a\nb", "a\x1b[2J", "a\x7f", "a\xc2\x9b"}) EXPECT_EQ(fault_in_path(path), "has a control character") << path;
    EXPECT_EQ(fault_in_path(std::string_view("a\0b", 3)), "has a control character");
    // Not UTF-8: overlong, surrogate, beyond Unicode, cut, a stray tail. RFC 3629, section 4.
    for (const char* path : {"\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xe2\x82", "\x80"})
        EXPECT_EQ(fault_in_path(path), "is not UTF-8") << path;
    EXPECT_EQ(fault_in_path(std::string(256, 'x')), "has a part longer than 255 bytes");
    EXPECT_EQ(fault_in_path(std::string(1025, 'x')), "is longer than 1024 bytes");
}

TEST(PathsFromAStranger, AreOneFileEach) {
    EXPECT_TRUE(check_paths({"a", "b/c", "b/d", "b.csv", "b-/x"}).ok());
    EXPECT_THAT(check_paths({"a", "b", "a"}).error().what, HasSubstr("is there twice"));
    EXPECT_THAT(check_paths({"b/c/d", "b-", "b"}).error().what, HasSubstr("lies below another file"));
    EXPECT_THAT(check_paths({"a", "../x"}).error().what, HasSubstr("leads out of the folder"));
}

TEST(Url, GivesItsLastPartAsAName) {
    EXPECT_EQ(name_in_url("https://host/a/b%20c.csv?x=/y#z"), "b c.csv");
    EXPECT_EQ(name_in_url("https://host/a%2"), "a%2");
    EXPECT_EQ(name_in_url("https://host/a%zz"), "a%zz");
    EXPECT_EQ(name_in_url("https://host/%2e%2E"), "..");
    EXPECT_EQ(name_in_url("https://host/"), "");
    EXPECT_EQ(name_in_url("https://host"), "");
}

TEST(Url, IsShownWithoutWhatMayBeAToken) {
    EXPECT_EQ(without_query("https://host/a?sig=secret"), "https://host/a");
    EXPECT_EQ(without_query("https://host/a#secret"), "https://host/a");
    EXPECT_EQ(printable("a\x1b[2J\nb"), "a?[2J?b");
}

TEST(Url, OriginIsSchemeHostAndPort) {
    EXPECT_TRUE(is_same_origin("https://host/a", "https://HOST:443/b?c"));
    for (const char* other : {"http://host/a", "https://host:444/a", "https://host.evil/a", "https://user@host/a", "https://user:pass@host/a",
                              "ftp://host/a", "", "host/a"})
        EXPECT_FALSE(is_same_origin("https://host/a", other)) << other;
}

TEST(Url, LinksAreResolved) {
    EXPECT_EQ(resolve("https://host/sub/5?x=1", "5/2"), "https://host/sub/5/2");
    EXPECT_EQ(resolve("https://host/sub/5?x=1", "?page=2#here"), "https://host/sub/5?page=2");
    EXPECT_EQ(resolve("https://host/sub/5", "//evil/x"), "https://evil/x");
    EXPECT_EQ(resolve("https://host/a/SUMS", "./b%20c"), "https://host/a/b%20c");
}

TEST(Escaping, IsThatOfSignatureVersion4) {
    EXPECT_EQ(escape_path("a b/ü+~-_.*"), "a%20b/%C3%BC%2B~-_.%2A");
    EXPECT_EQ(escape_value("a/b=c&d"), "a%2Fb%3Dc%26d");
}

TEST(Backoff, DoublesUpToAMinute) {
    EXPECT_EQ(backoff(1, 1s, 0, 0s), 500ms);
    EXPECT_EQ(backoff(2, 1s, 0, 0s), 1s);
    EXPECT_EQ(backoff(3, 1s, 0, 0s), 2s);
    EXPECT_EQ(backoff(3, 1s, 0.5, 0s), 3s);
    for (const std::uint32_t failures : {7U, 8U, 17U, 100U, 4000000000U}) EXPECT_EQ(backoff(failures, 1s, 0, 0s), 30s) << failures;
    EXPECT_EQ(backoff(1, 60s, 0.999, 0s), 59970ms);
}

TEST(Backoff, IsNeverLessThanTheServerAskedFor) {
    EXPECT_EQ(backoff(1, 1s, 0.9, 7s), 7s);
    EXPECT_EQ(backoff(1, 1s, 0, 300s), 300s);
    EXPECT_EQ(backoff(5, 1s, 0, 7s), 8s);
}

std::string csv(const std::vector<std::optional<std::string_view>>& values) {
    std::string line;
    for (std::size_t i = 0; i < values.size(); ++i) append_csv(line, values[i], i == 0);
    return line;
}

TEST(Csv, QuotesWhatOtherwiseWouldChange) {
    EXPECT_EQ(csv({"a", "b c", "1.5"}), "a,b c,1.5");
    EXPECT_EQ(csv({"a,b", std::nullopt, "", "say \"x\""}), "\"a,b\",,\"\",\"say \"\"x\"\"\"");
    EXPECT_EQ(csv({" a", "a ", "a\nb"}), "\" a\",\"a \",\"a\nb\"");
    EXPECT_EQ(csv({std::nullopt, std::nullopt}), ",");
}

/// RFC 8032, section 7.1, test 3: two bytes.
constexpr const char* rfc8032_key =
    "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA/FHNjmIYoaONpH7QAjDwWAgW7RO6MwOsXeuRFUiQgCU=\n-----END PUBLIC KEY-----\n";
const std::string rfc8032_signature =
    "\x62\x91\xd6\x57\xde\xec\x24\x02\x48\x27\xe6\x9c\x3a\xbe\x01\xa3\x0c\xe5\x48\xa2\x84\x74\x3a\x44\x5e\x36\x80\xd7\xdb\x5a\xc3\xac"
    "\x18\xff\x9b\x53\x8d\x16\xf2\x90\xae\x67\xf7\x60\x98\x4d\xc6\x59\x4a\x7c\x15\xe9\x71\x6e\xd2\x8d\xc0\x27\xbe\xce\xea\x1e\xc4\x0a";

TEST(Signature, OfTheStandardFits) { EXPECT_TRUE(check_signature("\xaf\x82", rfc8032_signature, rfc8032_key).ok()); }

TEST(Signature, WithAnyBitChangedDoesNot) {
    EXPECT_EQ(check_signature("\xaf\x83", rfc8032_signature, rfc8032_key).error().code, Code::input);
    for (std::size_t bit = 0; bit < 8 * rfc8032_signature.size(); ++bit) {
        std::string changed = rfc8032_signature;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(check_signature("\xaf\x82", changed, rfc8032_key).ok()) << bit;
    }
    for (const std::string& wrong : {std::string(), rfc8032_signature.substr(1), rfc8032_signature + "x"})
        EXPECT_FALSE(check_signature("\xaf\x82", wrong, rfc8032_key).ok());
}

TEST(Signature, NeedsAnEd25519Key) {
    constexpr const char* p256 =
        "-----BEGIN PUBLIC "
        "KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt\n6zOg9KE5RdiYwpZP40Li/hp/"
        "m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==\n-----END PUBLIC KEY-----\n";
    for (const char* key : {"", "not a key", p256}) EXPECT_EQ(check_signature("\xaf\x82", rfc8032_signature, key).error().code, Code::usage);
}

}  // namespace
}  // namespace meterveil::collect
