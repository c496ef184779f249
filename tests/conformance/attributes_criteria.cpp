// What every criterion promises, asked of the whole table. The searches rely on the first two.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include "attributes/criterion.hpp"
#include "meterveil/attributes/run.hpp"

namespace meterveil::attributes {
namespace {

/// Parameters to test each criterion with.
const std::map<std::string, std::vector<double>> sample_parameters = {
    {"k_anonymity", {5}},           {"k_map", {8}},          {"distinct_l_diversity", {3}}, {"entropy_l_diversity", {2.5}},
    {"recursive_l_diversity", {2, 2}}, {"t_closeness", {0.25}}, {"beta_likeness", {0.8}},      {"delta_presence", {0.3, 0.6}},
};

constexpr std::uint32_t num_values = 5;

/// A class with the counts of its sensitive values, and a reference of all.
struct Class {
    std::vector<std::uint64_t> counts = std::vector<std::uint64_t>(num_values, 0);
    std::uint64_t population = 0;

    [[nodiscard]] bool holds(const Criterion& criterion, const Reference& reference) const {
        std::vector<std::uint32_t> present;
        for (std::uint32_t v = 0; v < num_values; ++v)
            if (counts[v] > 0) present.push_back(v);
        const Histogram histogram{counts, present, &reference};
        return criterion.holds({std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}), population, std::span(&histogram, 1)});
    }
    Class& operator+=(const Class& other) {
        for (std::uint32_t v = 0; v < num_values; ++v) counts[v] += other.counts[v];
        population += other.population;
        return *this;
    }
};

Class random_class(std::mt19937& random) {
    Class made;
    made.counts[random() % num_values] = 1;
    for (auto& count : made.counts) count += random() % 3 == 0 ? 0 : random() % 6;
    for (const std::uint64_t count : made.counts) made.population += count + random() % (count + 3);
    return made;
}

/// Of a table in which two classes are: what the others are does not matter, but all are counted.
Reference reference_of(std::mt19937& random, model::Distance::Kind distance, const Class& a, const Class& b) {
    Reference reference;
    reference.distance = distance;
    for (std::uint32_t v = 0; v < num_values; ++v) {
        reference.counts.push_back(a.counts[v] + b.counts[v] + 1 + random() % 10);
        reference.present.push_back(v);
        reference.total += reference.counts[v];
    }
    if (distance == model::Distance::Kind::hierarchical) reference.parent = {{0, 0, 1, 1, 1}, {0, 0}};
    return reference;
}

void expect_closed(bool under_any_union) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (const CriterionKind& kind : criterion_kinds()) {
        const auto criterion = kind.make(sample_parameters.at(kind.name)).value();
        if (under_any_union && !criterion->survives_any_union()) continue;
        int seen = 0;
        for (int i = 0; i < 60000; ++i) {
            Class a = random_class(random);
            const Class b = random_class(random);
            const Reference reference = reference_of(random, static_cast<model::Distance::Kind>(i % 3), a, b);
            if (!a.holds(*criterion, reference) || (!under_any_union && !b.holds(*criterion, reference))) continue;
            ++seen;
            a += b;
            ASSERT_TRUE(a.holds(*criterion, reference)) << kind.name;
        }
        EXPECT_GT(seen, 500) << kind.name;
    }
}

TEST(EveryCriterion, HoldsOfTheUnionOfTwoClassesThatHoldIt) { expect_closed(false); }

TEST(EveryCriterion, SurvivesAnyUnionIfItSaysSo) { expect_closed(true); }

TEST(EveryCriterion, DoesNotSayThatItSurvivesAnyUnionWithoutNeed) {
    std::mt19937 random(7);
    for (const CriterionKind& kind : criterion_kinds()) {
        const auto criterion = kind.make(sample_parameters.at(kind.name)).value();
        bool breaks = false;
        for (int i = 0; i < 60000 && !breaks; ++i) {
            Class a = random_class(random);
            const Class b = random_class(random);
            const Reference reference = reference_of(random, model::Distance::Kind::equal, a, b);
            if (!a.holds(*criterion, reference)) continue;
            a += b;
            breaks = !a.holds(*criterion, reference);
        }
        EXPECT_NE(breaks, criterion->survives_any_union()) << kind.name;
    }
}

TEST(EveryCriterion, FindsThePlantedClassAndIsSilentOnTheCleanTwin) {
    for (const CriterionKind& kind : criterion_kinds()) {
        const auto criterion = kind.make(sample_parameters.at(kind.name)).value();
        Reference reference;
        reference.counts = {20, 20, 20, 20, 20};
        reference.present = {0, 1, 2, 3, 4};
        reference.total = 100;
        Class clean, alone;
        clean.counts = {4, 4, 4, 4, 4};
        clean.population = 40;
        alone.counts = {0, 0, 4, 0, 0};
        alone.population = 4;
        EXPECT_TRUE(clean.holds(*criterion, reference)) << kind.name;
        EXPECT_FALSE(alone.holds(*criterion, reference)) << kind.name;
    }
}

TEST(EveryCriterion, SaysWhatItIsAndRefusesNonsense) {
    for (const CriterionKind& kind : criterion_kinds()) {
        EXPECT_FALSE(std::string(kind.summary).empty());
        EXPECT_FALSE(std::string(kind.source).empty());
        EXPECT_FALSE(std::string(kind.guarantee).empty());
        const auto& good = sample_parameters.at(kind.name);
        EXPECT_NE(statement_of({kind.name, good}).value().find(fmt::format("{}", good[0])), std::string::npos) << kind.name;
        for (const std::vector<double>& bad : {std::vector<double>{}, {-1}, {-1, 2}, {1, 2, 3}, {NAN}, {NAN, 2}, {1e300}, {2, 1e300}}) EXPECT_FALSE(kind.make(bad).ok()) << kind.name;
    }
}

TEST(Require, NamesTheNearest) {
    const auto outcome = require({"k_anonimity", {5}});
    ASSERT_FALSE(outcome.ok());
    EXPECT_NE(outcome.error().what.find("did you mean 'k_anonymity'"), std::string::npos);
}

/// A class of customers with values 0, 1, 2 of the example of Li et al. (2007), section 4: salaries 3k to 11k, 9 customers with one each.
double distance(std::vector<std::uint64_t> counts, model::Distance::Kind kind) {
    Reference reference;
    reference.distance = kind;
    std::vector<std::uint32_t> present;
    for (std::uint32_t v = 0; v < 9; ++v) {
        reference.counts.push_back(1);
        reference.present.push_back(v);
        if (counts[v] > 0) present.push_back(v);
    }
    reference.total = 9;
    const Work work = distance_from({counts, present, &reference}, 3);
    return work.work / work.scale;
}

TEST(DistanceFrom, IsThatOfThePaper) {
    using Kind = model::Distance::Kind;
    EXPECT_DOUBLE_EQ(distance({1, 1, 1, 0, 0, 0, 0, 0, 0}, Kind::ordered), 0.375);        // {3k, 4k, 5k}
    EXPECT_NEAR(distance({0, 0, 0, 1, 0, 1, 0, 0, 1}, Kind::ordered), 0.167, 0.0005);     // {6k, 8k, 11k}
    EXPECT_DOUBLE_EQ(distance({1, 1, 1, 0, 0, 0, 0, 0, 0}, Kind::equal), 2.0 / 3);
}

}  // namespace
}  // namespace meterveil::attributes
