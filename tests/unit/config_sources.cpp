// The file of sources.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "meterveil/config/sources.hpp"

namespace meterveil::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string folder = "[[source]]\nkind = \"folder\"\nname = \"handover\"\npath = \"in\"\npublic_key = \"key.pem\"\n";
const std::string https = "[[source]]\nkind = \"https\"\nname = \"portal\"\nurls = [\"https://host/a.csv\"]\n";
const std::string green_button = "[[source]]\nkind = \"green-button-connect\"\nname = \"custodian\"\nurl = \"https://host/sub/5\"\n";
const std::string s3 = "[[source]]\nkind = \"s3\"\nname = \"bucket\"\nendpoint = \"https://host\"\nregion = \"eu-west-2\"\nbucket = \"meters\"\n"
                       "access_key_id = \"AKID\"\nsecret_access_key = { fd = 4 }\n";
const std::string postgresql = "[[source]]\nkind = \"postgresql\"\nname = \"crm\"\nhost = \"host\"\ndatabase = \"crm\"\nuser = \"reader\"\n";

std::string problem_of(const std::string& text) {
    const auto sources = parse_sources(text, "/data/sources.toml");
    return sources.ok() ? "" : sources.error().what;
}

template <class What>
What parsed(const std::string& text) {
    const auto sources = parse_sources(text, "/data/sources.toml");
    EXPECT_TRUE(sources.ok()) << sources.error().what;
    return sources.ok() ? std::get<What>(sources.value().at(0).what) : What();
}

TEST(Sources, ResolvePathsAndHaveDefaults) {
    const auto what = parsed<collect::FolderSource>(folder);
    EXPECT_EQ(what.path, "/data/in");
    EXPECT_EQ(what.seal.manifest, "SHA256SUMS");
    EXPECT_EQ(what.seal.signature, "SHA256SUMS.sig");
    EXPECT_EQ(what.seal.public_key, "/data/key.pem");
    EXPECT_EQ(parse_sources(folder, "/x").value().at(0).max_bytes, std::uint64_t{64} << 30);
    const auto web = parsed<collect::HttpsSource>(https).web;
    EXPECT_EQ(web.retries, 8U);
    EXPECT_EQ(web.rate, 0U);
}

TEST(Sources, TakeEveryKeyOfHttps) {
    const auto what = parsed<collect::HttpsSource>(
        https +
        "ca = \"ca.pem\"\npin = \"sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\nclient_certificate = \"c.pem\"\n"
        "client_key = { file = \"c.key\" }\nrate = \"10MiB\"\nretries = 2\nbackoff_ms = 5\nconnect_timeout = \"9s\"\n"
        "stall_timeout = \"2min\"\nmax_bytes = \"1GiB\"\noauth2 = { token_url = \"https://host/token\", client_id = \"me\", "
        "client_secret = { fd = 3 }, scope = \"read\", client_auth = \"body\" }\n");
    EXPECT_EQ(what.web.ca, "/data/ca.pem");
    EXPECT_EQ(what.web.client_key.file, "/data/c.key");
    EXPECT_EQ(what.web.rate, std::uint64_t{10} << 20);
    EXPECT_EQ(what.web.backoff, std::chrono::milliseconds(5));
    EXPECT_EQ(what.web.connect_timeout, std::chrono::seconds(9));
    EXPECT_EQ(what.web.stall_timeout, std::chrono::seconds(120));
    ASSERT_TRUE(what.web.oauth2);
    EXPECT_EQ(what.web.oauth2->client_secret.descriptor, 3);
    EXPECT_TRUE(what.web.oauth2->in_body);
}

TEST(Sources, TakeEveryOtherKind) {
    const auto feed =
        parsed<collect::GreenButtonSource>(green_button + "from = 2013-01-01\nuntil = 2014-01-01\nwindow = \"30d\"\nbearer = { fd = 5 }\n");
    EXPECT_EQ(feed.window, std::chrono::days(30));
    EXPECT_EQ(feed.web.bearer.descriptor, 5);
    EXPECT_EQ(parsed<collect::S3Source>(s3 + "prefix = \"readings/\"\nsession_token = { file = \"t\" }\n").session_token.file, "/data/t");
    const auto table = parsed<collect::PostgresqlSource>(
        postgresql + "table = \"customers\"\ncolumns = [\"id\"]\ntls = \"verify-ca\"\nmax_rows = 5\ntimeout = \"1min\"\nport = 5433\n");
    EXPECT_FALSE(table.is_name_checked);
    EXPECT_EQ(table.max_rows, 5U);
    EXPECT_EQ(table.port, 5433);
    EXPECT_TRUE(parsed<collect::PostgresqlSource>(postgresql + "query = \"SELECT 1\"\n").is_name_checked);
}

TEST(Sources, NameWhatIsWrongAllAtOnce) {
    EXPECT_THAT(problem_of(https + "retires = 3\nrate = 5\nretries = 101\n"),
                AllOf(HasSubstr("line 5: unknown key 'source.retires' (did you mean 'retries'?)"), HasSubstr("line 6: source.rate: a text"),
                      HasSubstr("line 7: source.retries: from 0 to 100")));
    EXPECT_THAT(problem_of("[[source]]\nkind = \"s4\"\nname = \"a\"\n"), HasSubstr("did you mean 's3'"));
    EXPECT_THAT(problem_of(folder + https + https), HasSubstr("'portal' is there twice"));
    EXPECT_THAT(problem_of(""), HasSubstr("source is missing"));
    EXPECT_THAT(problem_of("[[source]]\n"), AllOf(HasSubstr("kind is missing"), HasSubstr("name is missing")));
    for (const char* name : {"../x", ".partial", "a/b", "", "manifest.json"})
        EXPECT_NE(problem_of("[[source]]\nkind = \"folder\"\nname = \"" + std::string(name) + "\"\npath = \"x\"\npublic_key = \"k\"\n"), "") << name;
}

TEST(Sources, NeverHoldASecret) {
    for (const char* key : {"bearer", "client_key"})
        EXPECT_THAT(problem_of(https + key + " = \"hunter2\"\n"), AllOf(HasSubstr("never stands in this file"), Not(HasSubstr("hunter2"))));
    EXPECT_THAT(problem_of(postgresql + "query = \"SELECT 1\"\npassword = \"hunter2\"\n"),
                AllOf(HasSubstr("never stands in this file"), Not(HasSubstr("hunter2"))));
    for (const char* place : {"{}", "{ fd = -1 }", "{ fd = 4, file = \"x\" }", "{ env = \"X\" }"})
        EXPECT_NE(problem_of(https + "bearer = " + place + "\n"), "") << place;
}

TEST(Sources, AreHttpsWithoutPasswords) {
    for (const char* url : {"http://host/a", "https://user:pass@host/a", "https://user@host/a", "ftp://host/a", "/etc/passwd", ""})
        EXPECT_THAT(problem_of("[[source]]\nkind = \"https\"\nname = \"x\"\nurls = [\"" + std::string(url) + "\"]\n"),
                    HasSubstr("https URL is wanted"))
            << url;
    EXPECT_THAT(problem_of(https + "oauth2 = { token_url = \"http://host/token\", client_id = \"x\", client_secret = { fd = 3 } }\n"),
                HasSubstr("https URL is wanted"));
}

TEST(Sources, FitTogether) {
    EXPECT_THAT(problem_of(https + "pin = \"sha256//short\"\n"), HasSubstr("pin"));
    EXPECT_THAT(problem_of(https + "client_certificate = \"c.pem\"\n"), HasSubstr("given together"));
    EXPECT_THAT(problem_of(https + "client_key = { fd = 3 }\n"), HasSubstr("given together"));
    EXPECT_THAT(problem_of(https + "manifest = \"https://host/SUMS\"\npublic_key = \"k\"\n"), HasSubstr("either urls or manifest"));
    EXPECT_THAT(problem_of(green_button + "from = 2013-01-01\n"), HasSubstr("given together"));
    EXPECT_THAT(problem_of(green_button + "from = 2013-01-02\nuntil = 2013-01-02\n"), HasSubstr("not after from"));
    EXPECT_THAT(problem_of(green_button + "window = \"1d\"\n"), HasSubstr("needs from and until"));
    EXPECT_THAT(problem_of(green_button + "window = \"1h\"\n"), HasSubstr("whole days"));
    EXPECT_THAT(problem_of(s3 + "bearer = { fd = 3 }\n"), HasSubstr("are signed"));
    EXPECT_THAT(problem_of(s3 + "prefix = \"../\"\n"), HasSubstr("prefix"));
    EXPECT_THAT(problem_of(postgresql), HasSubstr("either query"));
    EXPECT_THAT(problem_of(postgresql + "table = \"a\"\n"), HasSubstr("table and columns"));
    EXPECT_THAT(problem_of(postgresql + "query = \"SELECT 1; DROP TABLE x\"\n"), HasSubstr("one statement"));
    EXPECT_THAT(problem_of(postgresql + "query = \"SELECT 1\"\nfile = \"../x\"\n"), HasSubstr("name of a file"));
    EXPECT_THAT(problem_of(postgresql + "query = \"SELECT 1\"\ntls = \"disable\"\n"), HasSubstr("none of"));
}

TEST(Sources, OfTheDocumentationAreTaken) {
    std::ifstream file(METERVEIL_SOURCE "/docs/fetch.md");
    const std::string page{std::istreambuf_iterator<char>(file), {}};
    const std::string opening = "```toml\n[[source]]";
    int examples = 0;
    for (std::size_t at = page.find(opening); at != std::string::npos; at = page.find(opening, at + 1), ++examples) {
        const std::string text = page.substr(at + 8, page.find("```", at + 8) - at - 8);
        EXPECT_EQ(problem_of(text), "") << text;
    }
    EXPECT_EQ(examples, 5);
}

}  // namespace
}  // namespace meterveil::config
