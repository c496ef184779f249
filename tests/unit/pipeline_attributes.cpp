#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "pipeline/attributes.hpp"

namespace meterveil::pipeline {
namespace {

model::AttributeEvidence evidence() {
    model::AttributeEvidence made;
    made.search = "optimal";
    made.loss_name = "granularity";
    made.loss = 0.25;
    made.levels = {"1 of 2"};
    made.statements = {"k = 7"};
    made.k = 7;
    made.customers = 1000;
    made.suppressed = 3;
    made.classes = 10;
    made.smallest_class = 23;
    made.marketer_risk = 0.01;
    return made;
}

TEST(AttributesJson, TellsRangesAndBoundsNeverSizes) {
    const std::string text = attributes_json(evidence());
    const auto json = nlohmann::json::parse(text);
    EXPECT_EQ(json["suppressed_share"], "< 1 %");
    EXPECT_EQ(json["smallest_class"], "20-49");
    EXPECT_EQ(json["risk"]["prosecutor"], "at most 0.05");
    EXPECT_EQ(json["loss"]["share"], "0.250");
    EXPECT_FALSE(json.contains("smallest_population"));
    for (const char* exact : {"23", "1000", ": 3"}) EXPECT_EQ(text.find(exact), std::string::npos) << exact;
}

TEST(AttributesJson, TellsThePopulationIfThereIsOne) {
    auto of_population = evidence();
    of_population.smallest_population = 5;  // fewer than k
    of_population.marketer_population_risk = 0.005;
    const auto json = nlohmann::json::parse(attributes_json(of_population));
    EXPECT_EQ(json["smallest_population"], "< 7");
    EXPECT_EQ(json["risk"]["journalist"], "at most 1");
    EXPECT_EQ(json["risk"]["marketer_of_population"], "0.0050");
}

}  // namespace
}  // namespace meterveil::pipeline
