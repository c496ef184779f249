// The keys of a release's attributes: criteria without defaults, hierarchies, distances.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "meterveil/config/job.hpp"

namespace meterveil::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// @param attributes lines of the table  @param columns of the customers
std::string job_with(const std::string& attributes, const std::string& columns = R"(acorn = "quasi", tariff = "quasi", name = "identifier", income = "sensitive")") {
    return R"([job]
name      = "j"
from      = 2013-01-01
until     = 2014-01-01
time_zone = "UTC"
[[readings]]
path = "readings.csv"
[topology]
path   = "topology.csv"
levels = ["region"]
[customers]
path    = "customers.csv"
subject = "customer_id"
meter   = "mpan"
columns = { )" + columns + R"( }
[keys]
file  = "root.key"
epoch = "1"
[custody]
path = "custody"
[output]
path = "out"
[[release]]
name     = "r"
audience = "regulator"
products = ["aggregates", "attributes"]
period   = "year"
resolutions = ["1d"]
rules    = { min_contributors = 10, scope = "period" }
)" + attributes;
}

Job parsed(const std::string& text) { return parse_job(text, "/jobs/job.toml", {}).value(); }
std::string problem_of(const std::string& text) {
    const auto job = parse_job(text, "/jobs/job.toml", {});
    EXPECT_FALSE(job.ok());
    return job.ok() ? "" : job.error().what;
}
std::string problem_with(const std::string& attributes) { return problem_of(job_with("[release.attributes]\n" + attributes)); }

TEST(ConfigAttributes, ColumnsAreTheAttributesAndIdentifiersAreNotAmongThem) {
    const Job job = parsed(job_with("attributes = { k = 10, l = 2, t = 0.3 }"));
    EXPECT_THAT(job.customers.attributes, ElementsAre(model::Attribute{"acorn", model::AttributeKind::quasi}, model::Attribute{"tariff", model::AttributeKind::quasi},
                                                      model::Attribute{"income", model::AttributeKind::sensitive}));
    EXPECT_EQ(job.customers.path, "/jobs/customers.csv");
    EXPECT_EQ(job.customers.meter_column, "mpan");
    EXPECT_EQ(job.customers.subject_column, "customer_id");
}

TEST(ConfigAttributes, TheContractsExampleIsTaken) {
    const auto options = parsed(job_with("attributes = { k = 10, l = 2, t = 0.3 }")).releases[0].attributes.value();
    EXPECT_THAT(options.criteria, ElementsAre(model::CriterionClaim{"k_anonymity", {10}}, model::CriterionClaim{"distinct_l_diversity", {2}}, model::CriterionClaim{"t_closeness", {0.3}}));
    EXPECT_EQ(options.search, attributes::Search::optimal);
    EXPECT_EQ(options.loss, attributes::Loss::granularity);
    EXPECT_EQ(options.max_suppressed, 0);
    EXPECT_TRUE(options.hierarchies.empty() && options.distances.empty() && options.population.empty());
}

TEST(ConfigAttributes, EveryKeyIsTaken) {
    const auto options = parsed(job_with(R"([release.attributes]
k = 5
k_map = 20
entropy_l = 2.5
recursive_l = [3, 2]
beta = 1.5
delta = [0.1, 0.5]
max_suppressed = 0.02
loss = "entropy"
population = "people.csv"
hierarchies = { acorn = "../acorn.csv", tariff = { prefixes = [3, 1] }, age = { intervals = [5, 10] }, since = { dates = true } }
distances = { income = ["low", "high"], illness = { file = "tree.csv" }, size = "ordered", colour = "equal" }
)")).releases[0].attributes.value();
    EXPECT_THAT(options.criteria, ElementsAre(model::CriterionClaim{"k_anonymity", {5}}, model::CriterionClaim{"k_map", {20}}, model::CriterionClaim{"entropy_l_diversity", {2.5}},
                                              model::CriterionClaim{"recursive_l_diversity", {3, 2}}, model::CriterionClaim{"beta_likeness", {1.5}},
                                              model::CriterionClaim{"delta_presence", {0.1, 0.5}}));
    EXPECT_EQ(options.loss, attributes::Loss::entropy);
    EXPECT_EQ(options.max_suppressed, 0.02);
    EXPECT_EQ(options.population, "/jobs/people.csv");
    EXPECT_EQ(options.hierarchies.at("acorn").file, "/acorn.csv");
    EXPECT_THAT(options.hierarchies.at("tariff").prefixes, ElementsAre(3U, 1U));
    EXPECT_THAT(options.hierarchies.at("age").intervals, ElementsAre(5, 10));
    EXPECT_TRUE(options.hierarchies.at("since").dates);
    EXPECT_EQ(options.distances.at("income"), (attributes::DistanceRule{model::Distance::Kind::ordered, {"low", "high"}, ""}));
    EXPECT_EQ(options.distances.at("illness"), (attributes::DistanceRule{model::Distance::Kind::hierarchical, {}, "/jobs/tree.csv"}));
    EXPECT_EQ(options.distances.at("size").kind, model::Distance::Kind::ordered);
    EXPECT_EQ(options.distances.at("colour").kind, model::Distance::Kind::equal);
    EXPECT_EQ(parsed(job_with("attributes = { k = 5, l = 2, search = \"mondrian\" }")).releases[0].attributes->search, attributes::Search::mondrian);
}

TEST(ConfigAttributes, PrivacyHasNoDefault) {
    EXPECT_THAT(problem_of(job_with("")), HasSubstr("release.attributes is missing: privacy has no default"));
    EXPECT_THAT(problem_with("l = 2\n"), HasSubstr("release.attributes.k is missing: privacy has no default"));
}

TEST(ConfigAttributes, WrongValuesAreTold) {
    EXPECT_THAT(problem_with("k = 1\n"), HasSubstr("release.attributes.k: k is one whole number from 2"));
    EXPECT_THAT(problem_with("k = 10.5\n"), HasSubstr("release.attributes.k: "));
    EXPECT_THAT(problem_with("k = 10\nt = 1.5\n"), HasSubstr("t is one number between 0 and 1"));
    EXPECT_THAT(problem_with("k = 10\nrecursive_l = 3\n"), HasSubstr("a list of numbers is wanted"));
    EXPECT_THAT(problem_with("k = 10\nmax_suppressed = 1\n"), HasSubstr("from 0, below 1"));
    EXPECT_THAT(problem_with("k = 10\nmax_suppressed = 0.1\nsearch = \"mondrian\"\n"), HasSubstr("leaves nobody out"));
    EXPECT_THAT(problem_with("k = 10\nsearch = \"mondriaan\"\n"), HasSubstr("did you mean 'mondrian'"));
    EXPECT_THAT(problem_with("k = 10\nsuppressed = 0.1\n"), HasSubstr("unknown key 'release.attributes.suppressed'"));
    EXPECT_THAT(problem_with("k = 10\nhierarchies = { age = { intervals = [5, 12] } }\n"), HasSubstr("each a multiple of the one before"));
    EXPECT_THAT(problem_with("k = 10\nhierarchies = { age = { prefixes = [2, 4] } }\n"), HasSubstr("falling numbers"));
    EXPECT_THAT(problem_with("k = 10\nhierarchies = { age = { } }\n"), HasSubstr("release.attributes.hierarchies.age: a file, or one of"));
    EXPECT_THAT(problem_with("k = 10\nhierarchies = { age = { dates = true, prefixes = [2] } }\n"), HasSubstr("a file, or one of"));
    EXPECT_THAT(problem_with("k = 10\nhierarchies = { age = 5 }\n"), HasSubstr("a table is wanted"));
    EXPECT_THAT(problem_with("k = 10\ndistances = { income = \"order\" }\n"), HasSubstr("did you mean 'ordered'"));
    EXPECT_THAT(problem_with("k = 10\ndistances = { income = [\"low\", \"low\"] }\n"), HasSubstr("every value once"));
    EXPECT_THAT(problem_with("k = 10\ndistances = { income = { } }\n"), HasSubstr("{ file = \"tree.csv\" }"));
}

TEST(ConfigAttributes, TheProductNeedsItsColumnsAndAggregates) {
    EXPECT_THAT(problem_of(job_with("attributes = { k = 10 }", "name = \"identifier\"")), HasSubstr("needs [customers] columns"));
    std::string text = job_with("attributes = { k = 10, l = 2 }");
    text.replace(text.find("\"aggregates\", "), 14, "");
    EXPECT_THAT(problem_of(text), HasSubstr("come with \"aggregates\""));
    text = job_with("attributes = { k = 10, l = 2 }");
    EXPECT_THAT(problem_of(text + "\n" + text.substr(text.find("[[release]]"))), HasSubstr("are in another release too"));
    text.replace(text.find(", \"attributes\""), 14, "");
    EXPECT_THAT(problem_of(text), HasSubstr("release.attributes: these keys are of the product"));
}

}  // namespace
}  // namespace meterveil::config
