// attributes.csv and what the manifest says of it, planted breaches beside a clean twin.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "publish/run_tables.hpp"
#include "publish/verify_parts.hpp"
#include "scratch.hpp"

namespace meterveil::publish {
namespace {

using ::testing::HasSubstr;

/// Two areas of two customers each, one with a name that needs quotes.
model::ReleasedAttributes table() {
    model::ReleasedAttributes made;
    made.attributes = {{"area", model::AttributeKind::quasi}, {"income", model::AttributeKind::sensitive}};
    made.labels = {{"N, upper", "S"}, {"", "high", "low"}};
    made.codes = {0, 1, 0, 2, 1, 0, 1, 2};
    made.customers = {1, 2, 1, 1};
    made.claims.criteria = {{"k_anonymity", {2}}, {"recursive_l_diversity", {3, 2}}, {"k_map", {5}}};
    made.claims.distances["income"] = {model::Distance::Kind::ordered, {"", "low", "high"}, {}};
    return made;
}

std::string written(int ranks) {
    const testing::Scratch scratch;
    par::run_on_threads(ranks, [&](par::Comm& comm) { EXPECT_TRUE(write_attributes(comm, table(), scratch.path()).ok()); });
    return io::read_text(scratch.path() / "attributes.csv").value();
}

TEST(AttributesCsv, HasALineForEachCustomerOnAnyNumberOfRanks) {
    for (const int ranks : {1, 2, 3, 7}) EXPECT_EQ(written(ranks), "area,income\n\"N, upper\",high\n\"N, upper\",low\n\"N, upper\",low\nS,\nS,low\n");
}

AttributeTerms terms() { return {table().attributes, table().claims}; }

Check check_of(const std::string& text, const AttributeTerms& of = terms()) {
    const testing::Scratch scratch;
    std::ofstream(scratch.path() / "attributes.csv", std::ios::binary) << text;
    return check_attributes(scratch.path(), of);
}

TEST(VerifyAttributes, PassesWhatIsWritten) {
    const Check check = check_of(written(1));
    EXPECT_TRUE(check.passes) << check.detail;
    EXPECT_THAT(check.detail, HasSubstr("2 criteria proven"));
    EXPECT_THAT(check.detail, HasSubstr("those of a population cannot be"));
}

TEST(VerifyAttributes, FindsWhatWasChanged) {
    const auto fails = [](const std::string& text, const std::string& words) {
        const Check check = check_of(text);
        EXPECT_FALSE(check.passes) << text;
        EXPECT_THAT(check.detail, HasSubstr(words));
    };
    fails("area,income\nN,high\nN,low\nS,low\n", "does not hold 'k_anonymity'");
    fails("area,income\nN,high\nN,low\nS,low\nS,low\n", "does not hold 'recursive_l_diversity'");
    fails("area,income\nS,\nS,low\nN,high\nN,low\n", "not sorted");
    fails("area,income\nN,high\nN,low,1\n", "more or fewer fields");
    fails("area;income\nN,high\nN,low\n", "other columns");
    fails("income,area\nN,high\nN,low\n", "other columns");
    fails("area,income\n", "no row");
    fails("", "no row");
    fails("area,income\nN,high\nN,middle\n", "no place in its distance");
}

TEST(AttributeTerms, AreReadAsTheyAreWritten) {
    auto made = table();
    made.claims.distances["income"] = {model::Distance::Kind::hierarchical, {}, {{"", {"none", "*"}}, {"low", {"some", "*"}}, {"high", {"some", "*"}}}};
    const auto read = parse_attribute_terms(nlohmann::json::parse(attribute_terms_json(made).dump())).value();
    EXPECT_EQ(read.attributes, made.attributes);
    EXPECT_EQ(read.claims, made.claims);
}

TEST(AttributeTerms, OfAStrangerAreChecked) {
    const auto refused = [](const std::string& pointer, const nlohmann::json& value) {
        auto json = nlohmann::json::parse(attribute_terms_json(table()).dump());
        json[nlohmann::json::json_pointer(pointer)] = value;
        EXPECT_FALSE(parse_attribute_terms(json).ok()) << pointer << value;
    };
    refused("/quasi", "area");
    refused("/quasi", nlohmann::json::array());
    refused("/sensitive/0", 5);
    refused("/criteria", nlohmann::json::array());
    refused("/criteria/0", "k");
    refused("/criteria/0/name", 1);
    refused("/criteria/0/parameters", {"2"});
    refused("/distances", nlohmann::json::array());
    refused("/distances/income", 1);
    refused("/distances/income/kind", "far");
    refused("/distances/income/order", {1, 2});
    refused("/distances/income/paths", {{"low", 1}});
    EXPECT_FALSE(parse_attribute_terms(nlohmann::json::array()).ok());
    EXPECT_FALSE(parse_attribute_terms(nlohmann::json::object()).ok());
}

}  // namespace
}  // namespace meterveil::publish
