// The search against every support that a small space has.
#include <gtest/gtest.h>

#include <random>

#include "prove/search.hpp"

namespace meterveil::prove {
namespace {

using Dense = std::vector<std::vector<field::Value>>;

/// Rows that span the vectors which are zero on the columns of a mask.
Dense zero_on(Dense rows, std::size_t num_columns, std::uint32_t mask) {
    for (std::size_t c = 0; c < num_columns; ++c) {
        if ((mask >> c & 1) == 0) continue;
        const auto pivot = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row[c] != 0; });
        if (pivot == rows.end()) continue;
        const auto row = *pivot;
        rows.erase(pivot);
        for (auto& other : rows) {
            const auto factor = field::negate(field::multiply(other[c], field::inverse(row[c])));
            for (std::size_t d = 0; d < num_columns; ++d) other[d] = field::add(other[d], field::multiply(factor, row[d]));
        }
    }
    return rows;
}

struct Sample {
    RowSpace space;
    Facts facts;
    bool fails = false;  ///< some vector does
};

Sample sample_of(std::mt19937& random, const Question& question) {
    const auto num_columns = static_cast<std::uint32_t>(3 + random() % 7), num_rows = static_cast<std::uint32_t>(1 + random() % 5);
    Sample sample{{}, Facts({num_columns, 1, 1, 2})};
    Dense dense(num_rows, std::vector<field::Value>(num_columns, 0));
    for (ClassId c = 0; c < num_columns; ++c) {
        sample.space.classes.push_back(c);
        for (std::size_t n = random() % 4; n > 0; --n)
            sample.facts.fold(c, 0, std::vector<std::int64_t>{static_cast<std::int64_t>(1 + random() % 9)});
        for (auto& row : dense)
            if (random() % 2 == 0) row[c] = random() % 3 == 0 ? field::negate(1) : 1 + random() % 2;
    }
    for (const auto& row : dense) {
        auto& sparse = sample.space.rows.emplace_back();
        for (std::uint32_t c = 0; c < num_columns; ++c)
            if (row[c] != 0) sparse.push_back({c, row[c]});
    }
    for (std::uint32_t support = 1; support < 1U << num_columns; ++support) {
        const Dense rows = zero_on(dense, num_columns, ~support);
        std::vector<ClassId> classes;
        bool is_support = true;  // of a general vector of these rows
        for (ClassId c = 0; c < num_columns; ++c) {
            if ((support >> c & 1) == 0) continue;
            classes.push_back(c);
            is_support = is_support && std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row[c] != 0; });
        }
        sample.fails = sample.fails || (is_support && question.failing(question.tally(sample.facts, classes)) != nullptr);
    }
    return sample;
}

void compare(const std::string& statement) {
    const auto question = whole_questions(parse_rules(std::vector<std::string>{statement}, {}).value(), 1, 0)[0];
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    int num_failing = 0;
    for (int i = 0; i < 600; ++i) {
        SCOPED_TRACE(i);
        const Sample sample = sample_of(random, question);
        Work work{1'000'000'000};
        const auto found = find_failing(sample.space, question, sample.facts, work);
        ASSERT_GT(work.left, 0U);
        ASSERT_EQ(found.has_value(), sample.fails);
        if (found) ASSERT_NE(question.failing(question.tally(sample.facts, *found)), nullptr);
        num_failing += sample.fails ? 1 : 0;
    }
    EXPECT_GT(num_failing, 30);
    EXPECT_LT(num_failing, 570);
}

TEST(ProveSearch, DecidesCounts) { compare("min_contributors = 6"); }
TEST(ProveSearch, DecidesDominanceOfOne) { compare("dominance = [1, 0.5]"); }
TEST(ProveSearch, DecidesDominanceOfTwo) { compare("dominance = [2, 0.7]"); }
TEST(ProveSearch, DecidesPPercent) { compare("p_percent = 40"); }
TEST(ProveSearch, DecidesDiversity) { compare("diversity = 0.5"); }

}  // namespace
}  // namespace meterveil::prove
