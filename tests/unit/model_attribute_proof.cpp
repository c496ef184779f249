#include <gtest/gtest.h>

#include "meterveil/model/attribute_proof.hpp"

namespace meterveil::model {
namespace {

const std::vector<Attribute> attributes = {{"area", AttributeKind::quasi}, {"income", AttributeKind::sensitive}};

/// Rows of area and income.
AttributeProof proof_of(const std::vector<std::vector<std::string>>& rows) {
    AttributeProof proof(attributes);
    for (const auto& row : rows) proof.add(row);
    return proof;
}

/// Two areas with four customers each: incomes 1, 1, 2, 3 and 1, 2, 2, 3.
AttributeProof sample() { return proof_of({{"N", "1"}, {"N", "1"}, {"N", "2"}, {"N", "3"}, {"S", "1"}, {"S", "2"}, {"S", "2"}, {"S", "3"}}); }

bool holds(const AttributeProof& proof, CriterionClaim claim, Distance distance = {}) { return !proof.first_failure({{std::move(claim)}, {{"income", std::move(distance)}}}); }

TEST(AttributeProof, CountsClasses) {
    EXPECT_EQ(sample().num_rows(), 8U);
    EXPECT_EQ(sample().num_classes(), 2U);
    EXPECT_EQ(sample().smallest_class(), 4U);
    EXPECT_EQ(AttributeProof(attributes).smallest_class(), 0U);
}

TEST(AttributeProof, FindsEachCriterionAtItsThreshold) {
    const auto proof = sample();
    EXPECT_TRUE(holds(proof, {"k_anonymity", {4}}));
    EXPECT_FALSE(holds(proof, {"k_anonymity", {5}}));
    EXPECT_TRUE(holds(proof, {"distinct_l_diversity", {3}}));
    EXPECT_FALSE(holds(proof, {"distinct_l_diversity", {4}}));
    EXPECT_TRUE(holds(proof, {"entropy_l_diversity", {2.82}}));  // 1/2, 1/4, 1/4: 1.5 bit, 2^1.5 = 2.828
    EXPECT_FALSE(holds(proof, {"entropy_l_diversity", {2.84}}));
    EXPECT_TRUE(holds(proof, {"recursive_l_diversity", {1.1, 2}}));  // 2 < 1.1 x 2
    EXPECT_FALSE(holds(proof, {"recursive_l_diversity", {1, 2}}));
    EXPECT_FALSE(holds(proof, {"recursive_l_diversity", {9, 4}}));
    EXPECT_TRUE(holds(proof, {"t_closeness", {0.125}}));  // of all 3/8, 3/8, 2/8: one part in eight moves
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.12}}));
    EXPECT_TRUE(holds(proof, {"beta_likeness", {0.34}}));  // 1/2 of 3/8 is a third more
    EXPECT_FALSE(holds(proof, {"beta_likeness", {0.33}}));
}

TEST(AttributeProof, MeasuresOrderedAndHierarchicalDistances) {
    const auto proof = sample();
    EXPECT_TRUE(holds(proof, {"t_closeness", {0.0625}}, {Distance::Kind::ordered, {}, {}}));  // one step of two
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.06}}, {Distance::Kind::ordered, {}, {}}));
    EXPECT_TRUE(holds(proof, {"t_closeness", {0.125}}, {Distance::Kind::ordered, {"2", "3", "1"}, {}}));
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.12}}, {Distance::Kind::ordered, {"2", "3", "1"}, {}}));
    const Distance near{Distance::Kind::hierarchical, {}, {{"1", {"low", "*"}}, {"2", {"low", "*"}}, {"3", {"high", "*"}}}};
    const Distance far{Distance::Kind::hierarchical, {}, {{"1", {"low", "*"}}, {"2", {"high", "*"}}, {"3", {"high", "*"}}}};
    EXPECT_TRUE(holds(proof, {"t_closeness", {0.0625}}, near));
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.0625}}, far));
    EXPECT_TRUE(holds(proof, {"t_closeness", {0.125}}, far));
}

TEST(AttributeProof, RefusesADistanceThatIsNone) {
    const auto proof = sample();
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.9}}, {Distance::Kind::ordered, {"1", "2"}, {}}));
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.9}}, {Distance::Kind::hierarchical, {}, {}}));
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.9}}, {Distance::Kind::hierarchical, {}, {{"1", {"a"}}, {"2", {"a"}}, {"3", {"b"}}}}));  // two roots
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.9}}, {Distance::Kind::hierarchical, {}, {{"1", {"a", "*"}}, {"2", {"*"}}, {"3", {"a", "*"}}}}));
    EXPECT_FALSE(holds(proof, {"t_closeness", {0.9}}, {Distance::Kind::hierarchical, {}, {{"1", {"a", "x", "*"}}, {"2", {"a", "y", "*"}}, {"3", {"a", "x", "*"}}}}));
}

TEST(AttributeProof, RefusesWhatItDoesNotKnow) {
    EXPECT_FALSE(holds(sample(), {"k_anonimity", {2}}));
    EXPECT_FALSE(holds(sample(), {"k_anonymity", {}}));
    EXPECT_FALSE(holds(sample(), {"recursive_l_diversity", {2}}));
    EXPECT_FALSE(holds(sample(), {"recursive_l_diversity", {2, 0}}));
    EXPECT_FALSE(holds(sample(), {"recursive_l_diversity", {2, 1e300}}));
}

TEST(AttributeProof, SaysNothingOfAPopulationThatItDoesNotSee) {
    EXPECT_FALSE(AttributeProof::can_be_proven({"k_map", {100}}));
    EXPECT_FALSE(AttributeProof::can_be_proven({"delta_presence", {0, 0.5}}));
    EXPECT_TRUE(holds(sample(), {"k_map", {100}}));
}

}  // namespace
}  // namespace meterveil::model
