// What a document could do to its reader.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ingest/xml.hpp"

namespace meterveil::ingest::xml {
namespace {

/// Writes down what it is told.
struct Log final : Handler {
    void open(const Name& name, const Attributes& attributes) override {
        lines.push_back(fmt::format("+{}:{} {}", name.space, name.local, attributes.find("id")));
        if (name.local == stop_at) parser->refuse("enough", "no more");
        if (parser != nullptr) begins.push_back(parser->tag_begin());
    }
    void close(const Name& name, std::string_view text) override {
        lines.push_back(fmt::format("-{} '{}'", name.local, text));
        if (parser != nullptr) ends.push_back(parser->tag_end());
    }
    std::vector<std::string> lines;
    std::vector<std::uint64_t> begins, ends;
    std::string stop_at;
    Parser* parser = nullptr;
};

Result<> read(const std::string& text, Log& log) {
    Parser parser(log);
    log.parser = &parser;
    auto outcome = parser.feed(text);
    if (outcome.ok()) outcome = parser.finish();
    log.parser = nullptr;
    return outcome;
}

/// The error of a document that is refused.
std::string refusal(const std::string& text) {
    Log log;
    const auto outcome = read(text, log);
    if (outcome.ok()) return "taken";
    EXPECT_EQ(outcome.error().code, Code::input);
    return outcome.error().what;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += text;
    return all;
}

TEST(Xml, TellsElementsByNamespaceAndTextWithoutBlanks) {
    Log log;
    ASSERT_TRUE(read("\xEF\xBB\xBF<?xml version=\"1.0\"?><!-- c --><a xmlns='u' xmlns:p='v'> x <p:b id='7' p:id='8'>\n 1 &amp; <![CDATA[<2>]]> "
                     "</p:b> y <c/></a>\n",
                     log)
                    .ok());
    const std::vector<std::string> expected = {"+u:a ", "+v:b 7", "-b '1 & <2>'", "+u:c ", "-c ''", "-a ''"};
    EXPECT_EQ(log.lines, expected);
}

TEST(Xml, TellsTheSameWhereverItIsCut) {
    const std::string text = "<a xmlns='u'><b id=\"x\">caf\xC3\xA9 &#233;</b><!-- - --><?p i?><c>2</c></a>";
    Log whole;
    ASSERT_TRUE(read(text, whole).ok());
    EXPECT_EQ(whole.begins, (std::vector<std::uint64_t>{0, text.find("<b"), text.find("<c>")}));
    EXPECT_EQ(whole.ends, (std::vector<std::uint64_t>{text.find("</b>") + 4, text.find("</c>") + 4, text.size()}));
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        Log log;
        Parser parser(log);
        log.parser = &parser;
        ASSERT_TRUE(parser.feed(text.substr(0, cut)).ok() && parser.feed(text.substr(cut)).ok() && parser.finish().ok()) << cut;
        ASSERT_EQ(log.lines, whole.lines) << cut;
        ASSERT_EQ(log.begins, whole.begins) << cut;
        ASSERT_EQ(log.ends, whole.ends) << cut;
    }
}

TEST(Xml, ADocumentTypeIsRefusedOutright) {
    const std::string laughs = "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x 'ha'><!ENTITY y '&x;&x;&x;'>]><a>&y;</a>";
    const std::string outside = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
    const std::string parameter = "<!DOCTYPE a [<!ENTITY % p SYSTEM 'http://example.org/e'> %p;]><a/>";
    for (const std::string& text : {laughs, outside, parameter, std::string("<!DOCTYPE a SYSTEM 'a.dtd'><a/>"), std::string("<!DOCTYPE a><a/>")})
        EXPECT_TRUE(refusal(text).starts_with("the XML document has a document type declaration (DTD)")) << text << ": " << refusal(text);
    EXPECT_NE(refusal("<a>&x;</a>").find("undefined entity"), std::string::npos);
}

TEST(Xml, NothingIsToldOfADocumentWithADocumentType) {
    Log log;
    EXPECT_FALSE(read("<!DOCTYPE a [<!ENTITY x '1'>]><a>&x;</a>", log).ok());
    EXPECT_TRUE(log.lines.empty());
}

TEST(Xml, DepthIsLimited) {
    const auto nested = [](std::size_t depth) { return repeated("<a>", depth) + repeated("</a>", depth); };
    EXPECT_EQ(refusal(nested(max_depth)), "taken");
    EXPECT_TRUE(refusal(nested(max_depth + 1)).starts_with("the XML document is nested deeper than 64 elements (line 1, column 193"))
        << refusal(nested(max_depth + 1));
    EXPECT_TRUE(refusal(repeated("<a>", 1000000)).starts_with("the XML document is nested deeper"));
}

TEST(Xml, TextIsLimitedForEachElementAlone) {
    const std::string most = std::string(max_text_bytes, '1');
    EXPECT_EQ(refusal("<a><b>" + most + "</b><b>" + most + "</b></a>"), "taken");
    EXPECT_TRUE(refusal("<a><b>" + most + "1</b></a>").starts_with("an element in the XML document has more than 65536 bytes of text"));
}

TEST(Xml, AttributesAreLimited) {
    std::string many = "<a";
    for (int i = 0; i < max_attributes; ++i) many += fmt::format(" a{}='1'", i);
    EXPECT_EQ(refusal(many + "/>"), "taken");
    EXPECT_TRUE(refusal(many + " z='1'/>").starts_with("an element in the XML document has more than 64 attributes"));
    EXPECT_EQ(refusal("<a b='" + std::string(max_text_bytes, 'x') + "'/>"), "taken");
    EXPECT_TRUE(
        refusal("<a b='" + std::string(max_text_bytes + 1, 'x') + "'/>").starts_with("an attribute in the XML document has more than 65536 bytes"));
}

TEST(Xml, ATagOrCommentIsLimitedWhetherItEndsOrNot) {
    const std::string expected = "a tag or comment in the XML document has more than 1048576 bytes";
    const std::string large(max_tag_bytes + 1, 'x'), without_end = large + std::string(std::size_t{128} << 10, 'x');
    for (const std::string& text :
         {"<a b='" + large + "'/>", "<a b='" + without_end, "<!--" + large + "--><a/>", "<!--" + without_end, "<r><a b='" + without_end,
          "<?p " + large + "?><a/>", "<a></a" + std::string(max_tag_bytes, ' ') + ">", "<" + large + "/>"})
        EXPECT_TRUE(refusal(text).starts_with(expected)) << text.substr(0, 10) << ": " << refusal(text);
    EXPECT_EQ(refusal("<!--" + std::string(max_tag_bytes / 2, 'x') + "--><a/>"), "taken");
}

TEST(Xml, NamesThatNeverEndDoNotFillTheMemory) {
    std::string text = "<a>";
    for (int i = 0; i < 150000; ++i) text += fmt::format("<element-with-a-name-of-its-own-{} and-an-attribute-{}='1'/>", i, i);
    EXPECT_NE(refusal(text + "</a>").find("out of memory"), std::string::npos) << refusal(text + "</a>");
}

TEST(Xml, ADocumentThatEndsEarlyIsRefusedAtItsEnd) {
    const std::string text = "<?xml version='1.0'?><a><b>1</b></a>";
    for (std::size_t end = 0; end < text.size(); ++end)
        EXPECT_TRUE(refusal(text.substr(0, end)).starts_with("the XML document ends early: ")) << end << ": " << refusal(text.substr(0, end));
    EXPECT_EQ(refusal(text), "taken");
}

TEST(Xml, AnErrorSaysWhereAndNeverWhatStandsThere) {
    const std::string what = refusal("<a>\n<b>4711-secret</b>\n<c>4711-secret</d>\n</a>");
    EXPECT_EQ(what, "the file is not well-formed XML: mismatched tag (line 3, column 17)");
    for (const char* text : {"<a>4711\x01</a>", "<a 4711='1' 4711='2'/>", "<a b=4711/>", "<p:a4711/>", "<a/>4711", "4711", "<a>&4711;</a>",
                             "<?xml version='1.0' encoding='4711'?><a/>"}) {
        EXPECT_EQ(refusal(text).find("4711"), std::string::npos) << refusal(text);
        EXPECT_TRUE(refusal(text).starts_with("the file is not well-formed XML: ")) << refusal(text);
    }
}

TEST(Xml, TheHandlerCanRefuseAndIsToldNothingMore) {
    Log log;
    log.stop_at = "b";
    const auto outcome = read("<a>\n<b/><c/></a>", log);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().what, "enough (line 2, column 1)");
    EXPECT_EQ(outcome.error().hint, "no more");
    EXPECT_EQ(log.lines, (std::vector<std::string>{"+:a ", "+:b "}));
}

TEST(Xml, AfterAnErrorItStaysRefused) {
    Log log;
    Parser parser(log);
    const auto first = parser.feed("<a></b>");
    const auto second = parser.feed("<c/>"), third = parser.finish();
    ASSERT_TRUE(!first.ok() && !second.ok() && !third.ok());
    EXPECT_EQ(second.error(), first.error());
    EXPECT_EQ(third.error(), first.error());
}

TEST(Xml, TheRootIsKnownFromAHead) {
    const auto root = root_of("<!-- long --><p:feed xmlns:p='u'><p:entry><p:ti");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->space, "u");
    EXPECT_EQ(root->local, "feed");
    for (const char* text : {"", "a,b,c\n1,2,3\n", "<!DOCTYPE a><a/>", "<a", "<!-- "}) EXPECT_FALSE(root_of(text)) << text;
}

}  // namespace
}  // namespace meterveil::ingest::xml
