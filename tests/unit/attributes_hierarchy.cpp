#include <gtest/gtest.h>

#include "attributes/csv.hpp"
#include "attributes/hierarchy.hpp"

namespace meterveil::attributes {
namespace {

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields;
    EXPECT_TRUE(split(line, ';', fields));
    return fields;
}

TEST(Csv, QuotedFieldsMayHoldTheDelimiterAndQuotes) {
    EXPECT_EQ(fields_of(R"(a;"b;c";"say ""no""";)"), (std::vector<std::string>{"a", "b;c", "say \"no\"", ""}));
    std::vector<std::string> fields;
    EXPECT_FALSE(split("a;\"b", ';', fields));
}

TEST(Paths, AreReadAsArxWritesThem) {
    const auto paths = parse_paths("\xef\xbb\xbf" "34;30-39;*\r\n41;40-49;*\r\n\r\n\"4;2\";40-49;*").value();
    EXPECT_EQ(paths.at("34"), (std::vector<std::string>{"30-39", "*"}));
    EXPECT_EQ(paths.at("4;2"), (std::vector<std::string>{"40-49", "*"}));
    EXPECT_EQ(paths.size(), 3U);
    EXPECT_EQ(parse_paths("a,x\nb,x\n").value().at("b"), std::vector<std::string>{"x"});
}

void expect_refused(std::string_view text, const std::string& words, const std::string& where, const PathLimits& limits = {}) {
    const auto outcome = parse_paths(text, limits);
    ASSERT_FALSE(outcome.ok()) << text;
    EXPECT_EQ(outcome.error().code, Code::input);
    EXPECT_NE(outcome.error().what.find(words), std::string::npos) << outcome.error().what;
    EXPECT_EQ(outcome.error().where, where);
}

TEST(Paths, RefuseWhatIsNoHierarchy) {
    expect_refused("", "empty", "line 1");
    expect_refused("a\n", "one at least", "line 1");
    expect_refused("a;x;*\nb;*\n", "same number of levels", "line 2");
    expect_refused("a;x;*\na;x;*\n", "twice", "line 2");
    expect_refused("a;x;1\nb;x;2\n", "two different labels", "line 2");
    expect_refused("a;\"x;*\n", "quote", "line 1");
    expect_refused(std::string_view("a;x\0;*\n", 7), "control character", "line 1");
    expect_refused("a;x\nb;x\nc;x\n", "more than 2 values", "line 3", {1000, 2, 32});
    expect_refused("a;1;2;3\n", "more than 2 levels", "line 1", {1000, 10, 2});
    expect_refused("a;1;2;3\n", "bytes", "line 1", {4, 10, 10});
}

/// What a value becomes at each level.
std::vector<std::string> upwards(const Hierarchy& hierarchy, std::size_t value) {
    std::vector<std::string> labels;
    for (std::uint32_t level = 0; level < hierarchy.num_levels(); ++level) labels.push_back(hierarchy.labels[level][hierarchy.label_of[level][value]]);
    return labels;
}

Hierarchy built(const HierarchyRule& rule, const std::vector<std::string>& values) { return make_hierarchy(values, build_paths(rule, values).value()).value(); }

TEST(Hierarchy, CountsTheValuesOfItsDomainAndEndsInOneLabel) {
    const std::vector<std::string> values = {"b", "a"};
    const Hierarchy hierarchy = make_hierarchy(values, parse_paths("a;x\nb;y\nc;y\n").value()).value();
    EXPECT_EQ(hierarchy.domain, 3U);
    EXPECT_EQ(upwards(hierarchy, 0), (std::vector<std::string>{"b", "y", "*"}));
    EXPECT_EQ(upwards(hierarchy, 1), (std::vector<std::string>{"a", "x", "*"}));
    EXPECT_EQ(hierarchy.num_values[1][hierarchy.label_of[1][0]], 2U);
    EXPECT_EQ(hierarchy.num_values[2], std::vector<std::uint32_t>{3});
}

TEST(Hierarchy, AddsNoLevelToOneThatEndsInOneLabel) {
    const std::vector<std::string> values = {"a"};
    EXPECT_EQ(upwards(make_hierarchy(values, parse_paths("a;x;*\nb;y;*\n").value()).value(), 0), (std::vector<std::string>{"a", "x", "*"}));
}

TEST(Hierarchy, RefusesAValueWithoutAPathAndDoesNotTellIt) {
    const std::vector<std::string> values = {"secret"};
    const auto outcome = make_hierarchy(values, parse_paths("a;x\n").value());
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().what.find("secret"), std::string::npos);
}

TEST(Hierarchy, IsBuiltOfIntervals) {
    const Hierarchy hierarchy = built({"", {5, 10}, {}, false}, {"34", "-1", "7.5", ""});
    EXPECT_EQ(upwards(hierarchy, 0), (std::vector<std::string>{"34", "[30, 35)", "[30, 40)", "*"}));
    EXPECT_EQ(upwards(hierarchy, 1), (std::vector<std::string>{"-1", "[-5, 0)", "[-10, 0)", "*"}));
    EXPECT_EQ(upwards(hierarchy, 2), (std::vector<std::string>{"7.5", "[5, 10)", "[0, 10)", "*"}));
    EXPECT_EQ(upwards(hierarchy, 3), (std::vector<std::string>{"", "", "", "*"}));
    const std::vector<std::string> straddling = {"5", "6"};
    EXPECT_FALSE(build_paths({"", {4, 6}, {}, false}, straddling).ok());
    const std::vector<std::string> words = {"12", "twelve"};
    EXPECT_FALSE(build_paths({"", {5}, {}, false}, words).ok());
}

TEST(Hierarchy, IsBuiltOfPrefixesInCharacters) {
    const Hierarchy hierarchy = built({"", {}, {2, 1}, false}, {"SW1A", "Öl3"});
    EXPECT_EQ(upwards(hierarchy, 0), (std::vector<std::string>{"SW1A", "SW**", "S***", "*"}));
    EXPECT_EQ(upwards(hierarchy, 1), (std::vector<std::string>{"Öl3", "Öl*", "Ö**", "*"}));
}

TEST(Hierarchy, IsBuiltOfDates) {
    const Hierarchy hierarchy = built({"", {}, {}, true}, {"2013-05-17", ""});
    EXPECT_EQ(upwards(hierarchy, 0), (std::vector<std::string>{"2013-05-17", "2013-05", "2013-Q2", "2013", "*"}));
    const std::vector<std::string> none = {"2013-02-30"};
    EXPECT_FALSE(build_paths({"", {}, {}, true}, none).ok());
}

TEST(Hierarchy, WithoutARuleIsAllOrNothing) { EXPECT_EQ(upwards(built({}, {"Std", "ToU"}), 0), (std::vector<std::string>{"Std", "*"})); }

TEST(SortValues, GoesByNumberWhereAllAreNumbers) {
    std::vector<std::string> numbers = {"10", "9", "", "-2"}, words = {"10", "9", "x"};
    sort_values(numbers);
    sort_values(words);
    EXPECT_EQ(numbers, (std::vector<std::string>{"", "-2", "9", "10"}));
    EXPECT_EQ(words, (std::vector<std::string>{"10", "9", "x"}));
}

}  // namespace
}  // namespace meterveil::attributes
