// Manifests, feeds and listings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/listing.hpp"

namespace meterveil::collect {
namespace {

using ::testing::HasSubstr;

const std::string digest(64, 'a');

Result<std::string> next_of(std::string_view text, std::size_t piece) {
    return next_in_feed([&]() -> Result<std::string_view> {
        const auto head = text.substr(0, piece);
        text.remove_prefix(head.size());
        return head;
    });
}

std::string feed(const std::string& within) {
    return "<?xml version=\"1.0\"?><a:feed xmlns:a=\"http://www.w3.org/2005/Atom\" xmlns=\"urn:other\">" + within + "</a:feed>";
}

TEST(Manifest, IsReadAsSha256sumWritesIt) {
    const auto files = parse_manifest(digest + "  a b.csv\n" + digest + " *c/d.csv\r\n\n" + digest + "  ./e.csv");
    ASSERT_TRUE(files.ok()) << files.error().what;
    ASSERT_EQ(files.value().size(), 3U);
    EXPECT_EQ(files.value()[0].path, "a b.csv");
    EXPECT_EQ(files.value()[0].sha256, digest);
    EXPECT_EQ(files.value()[0].bytes, std::nullopt);
    EXPECT_EQ(files.value()[1].path, "c/d.csv");
    EXPECT_EQ(files.value()[2].path, "e.csv");
}

TEST(Manifest, IsReadAsJson) {
    const auto files = parse_manifest("\n{\"files\": [{\"path\": \"a.csv\", \"bytes\": 7, \"sha256\": \"" + digest + "\", \"more\": null}]}");
    ASSERT_TRUE(files.ok()) << files.error().what;
    EXPECT_EQ(files.value()[0].path, "a.csv");
    EXPECT_EQ(files.value()[0].bytes, 7U);
}

TEST(Manifest, IsRefusedWithItsLine) {
    EXPECT_THAT(parse_manifest(digest + "  a\n" + digest + " b\n").error().what, HasSubstr("line 2"));
    EXPECT_THAT(parse_manifest(digest + "  a\n" + digest.substr(1) + "X  b\n").error().what, HasSubstr("line 2"));
    EXPECT_THAT(parse_manifest("\\" + digest + "  a\\nb\n").error().what, HasSubstr("line 1"));
    EXPECT_THAT(parse_manifest("").error().what, HasSubstr("names no file"));
    EXPECT_THAT(parse_manifest("{\"files\": []}").error().what, HasSubstr("names no file"));
    for (const char* text : {"{", "{}", "{\"files\": 1}"}) EXPECT_THAT(parse_manifest(text).error().what, HasSubstr("no list of files")) << text;
    for (const char* file : {"1", "{}", "{\"path\": \"a\", \"bytes\": -1, \"sha256\": \"x\"}", "{\"path\": \"a\", \"bytes\": 1, \"sha256\": \"x\"}"})
        EXPECT_THAT(parse_manifest("{\"files\": [" + std::string(file) + "]}").error().what, HasSubstr("file 1")) << file;
}

TEST(Manifest, NamesNoFileTwiceOrOutside) {
    EXPECT_FALSE(parse_manifest(digest + "  a\n" + digest + "  a\n").ok());
    EXPECT_FALSE(parse_manifest(digest + "  ../a\n").ok());
    EXPECT_FALSE(parse_manifest(digest + "  a\n" + digest + "  a/b\n").ok());
}

TEST(Feed, SaysWhatTheNextPageIs) {
    const std::string text = feed("<a:link rel=\"self\" href=\"x\"/><a:link rel=\"next\" href=\"p?a=1&amp;b=2\"/><a:entry/>");
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
        const auto next = next_of(text, piece);
        ASSERT_TRUE(next.ok()) << next.error().what;
        EXPECT_EQ(next.value(), "p?a=1&b=2");
    }
}

TEST(Feed, EndsWithoutALinkOfItsOwn) {
    for (const char* within :
         {"", "<a:entry><a:link rel=\"next\" href=\"x\"/></a:entry>", "<link rel=\"next\" href=\"x\"/>", "<a:link rel=\"previous\" href=\"x\"/>"}) {
        const auto next = next_of(feed(within), 1000);
        ASSERT_TRUE(next.ok()) << next.error().what;
        EXPECT_EQ(next.value(), "") << within;
    }
}

TEST(Feed, IsRefusedIfItIsNone) {
    EXPECT_THAT(next_of("<html/>", 100).error().what, HasSubstr("no Atom feed"));
    EXPECT_THAT(next_of("<feed/>", 100).error().what, HasSubstr("no Atom feed"));
    EXPECT_FALSE(next_of("", 100).ok());
    EXPECT_FALSE(next_of(feed("").substr(0, 90), 100).ok());
    EXPECT_THAT(next_of("<!DOCTYPE feed SYSTEM 'x'>" + feed("").substr(21), 100).error().what, HasSubstr("document type"));
    EXPECT_THAT(next_of(feed("<a:link rel=\"next\" href=\"x\"/><a:link rel=\"next\" href=\"y\"/>"), 1000).error().what, HasSubstr("two next pages"));
    EXPECT_THAT(next_of(feed("<a:link rel=\"next\"/>"), 1000).error().what, HasSubstr("without a target"));
    EXPECT_THAT(next_of(feed("<a:link rel=\"next\" href=\"" + std::string(8193, 'x') + "\"/>"), 100000).error().what, HasSubstr("too long"));
    std::string deep;
    for (int i = 0; i < 100; ++i) deep += "<x>";
    EXPECT_THAT(next_of(feed(deep), 100000).error().what, HasSubstr("nested too deep"));
}

std::string listing(const std::string& within) {
    return "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">" + within + "</ListBucketResult>";
}

TEST(BucketPage, HasItsObjects) {
    const auto page = parse_bucket_page(
        listing("<Name>x</Name><Prefix>Key</Prefix><IsTruncated>true</IsTruncated><NextContinuationToken>a+b/=</NextContinuationToken>"
                "<Contents><Key>a&amp;b</Key><ETag>&quot;e1&quot;</ETag><Size>12</Size><Owner><ID>x</ID></Owner></Contents>"
                "<Contents><Size>0</Size><Key>c</Key></Contents><CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes>"));
    ASSERT_TRUE(page.ok()) << page.error().what;
    ASSERT_EQ(page.value().objects.size(), 2U);
    EXPECT_EQ(page.value().objects[0].path, "a&b");
    EXPECT_EQ(page.value().objects[0].etag, "\"e1\"");
    EXPECT_EQ(page.value().objects[0].bytes, 12U);
    EXPECT_EQ(page.value().objects[1].path, "c");
    EXPECT_EQ(page.value().next_token, "a+b/=");
}

TEST(BucketPage, IsRefusedIfItIsNone) {
    EXPECT_TRUE(parse_bucket_page(listing("<IsTruncated>false</IsTruncated>")).ok());
    EXPECT_THAT(parse_bucket_page("<Error/>").error().what, HasSubstr("no listing of a bucket"));
    EXPECT_FALSE(parse_bucket_page("").ok());
    EXPECT_THAT(parse_bucket_page(listing("<IsTruncated>true</IsTruncated>")).error().what, HasSubstr("how it goes on"));
    EXPECT_THAT(parse_bucket_page(listing("<Contents><Key>a</Key></Contents>")).error().what, HasSubstr("without key or size"));
    EXPECT_THAT(parse_bucket_page(listing("<Contents><Size>1</Size></Contents>")).error().what, HasSubstr("without key or size"));
    for (const char* size : {"-1", "", "1x", "99999999999999999999"})
        EXPECT_THAT(parse_bucket_page(listing("<Contents><Key>a</Key><Size>" + std::string(size) + "</Size></Contents>")).error().what,
                    HasSubstr("without a size"))
            << size;
    EXPECT_THAT(parse_bucket_page("<!DOCTYPE x>" + listing("")).error().what, HasSubstr("document type"));
}

}  // namespace
}  // namespace meterveil::collect
