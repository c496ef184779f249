#include <gtest/gtest.h>

#include <fstream>
#include <optional>

#include "attribute_customers.hpp"
#include "faulty_comm.hpp"
#include "meterveil/attributes/run.hpp"
#include "meterveil/par/exchange.hpp"
#include "ranks.hpp"

namespace meterveil::attributes {
namespace {

using testing::on_ranks;

/// The same on one rank.
Result<Candidate> alone(const Options& options, int count = 600) {
    std::optional<Result<Candidate>> outcome;
    par::run_on_threads(1, [&](par::Comm& comm) { outcome = run(comm, testing::customers_of(comm, count), options); });
    return std::move(*outcome);
}

void expect_same(const Candidate& a, const Candidate& b) {
    EXPECT_EQ(a.table, b.table);
    EXPECT_EQ(a.evidence.loss, b.evidence.loss);
    EXPECT_EQ(a.evidence.levels, b.evidence.levels);
    EXPECT_EQ(a.evidence.statements, b.evidence.statements);
    EXPECT_EQ(a.evidence.customers, b.evidence.customers);
    EXPECT_EQ(a.evidence.suppressed, b.evidence.suppressed);
    EXPECT_EQ(a.evidence.classes, b.evidence.classes);
    EXPECT_EQ(a.evidence.smallest_class, b.evidence.smallest_class);
    EXPECT_EQ(a.evidence.smallest_population, b.evidence.smallest_population);
    EXPECT_EQ(a.evidence.marketer_risk, b.evidence.marketer_risk);
    EXPECT_EQ(a.evidence.marketer_population_risk, b.evidence.marketer_population_risk);
}

void expect_holds(const Candidate& candidate) {
    const auto proof = testing::proof_of(candidate.table);
    EXPECT_EQ(proof.first_failure(candidate.table.claims), std::nullopt);
    EXPECT_EQ(proof.num_rows() + candidate.evidence.suppressed, candidate.evidence.customers);
    EXPECT_EQ(proof.num_classes(), candidate.evidence.classes);
    EXPECT_EQ(proof.smallest_class(), candidate.evidence.smallest_class);
}

TEST(Attributes, TheTableIsTheSameOnAnyNumberOfRanksAndHoldsItsClaims) {
    for (const Search search : {Search::optimal, Search::mondrian})
        for (const double max_suppressed : {0.0, 0.1})
            on_ranks([&](par::Comm& comm) {
                auto options = testing::options_for_customers(comm, testing::shared_folder(comm));
                options.search = search;
                options.max_suppressed = max_suppressed;
                const auto candidate = run(comm, testing::customers_of(comm), options).value();
                expect_same(candidate, alone(options).value());
                expect_holds(candidate);
                EXPECT_EQ(candidate.evidence.customers, 600U);  // not their 800 rows
                EXPECT_LE(static_cast<double>(candidate.evidence.suppressed), max_suppressed * 600);
                EXPECT_LT(candidate.evidence.loss, 1);
                EXPECT_EQ(candidate.table.claims.distances.at("heating").paths.at("pump"), (std::vector<std::string>{"electric", "*"}));
            });
}

TEST(Attributes, RowsAreSortedByTheirText) {
    on_ranks([](par::Comm& comm) {
        const auto table = run(comm, testing::customers_of(comm), testing::options_for_customers(comm, testing::shared_folder(comm))).value().table;
        std::vector<std::vector<std::string>> rows;
        for (std::size_t r = 0; r < table.num_rows(); ++r)
            for (std::size_t a = 0; a < table.attributes.size(); ++a) {
                if (a == 0) rows.emplace_back();
                rows.back().push_back(table.label(r, a));
            }
        EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end()));
        EXPECT_EQ(std::adjacent_find(rows.begin(), rows.end()), rows.end());
    });
}

TEST(Attributes, APopulationIsReadByItsPartsAndCounted) {
    on_ranks([](par::Comm& comm) {
        const std::string folder = testing::shared_folder(comm);
        auto options = testing::options_for_customers(comm, folder);
        options.population = folder + "/population.csv";
        options.criteria = {{"k_anonymity", {5}}, {"k_map", {40}}, {"distinct_l_diversity", {2}}, {"delta_presence", {0, 0.5}}};
        if (comm.rank() == 0) {
            std::ofstream file(options.population);
            file << "acorn;age;id;tariff\n";
            for (int i = 0; i < 1200; ++i)
                file << "ACORN-" << static_cast<char>('A' + i % 600 * (i % 600) % 97 % 18) << ';' << 20 + i % 600 * 37 % 60 << ';' << i << ';' << (i % 5 == 0 ? "ToU" : "Std") << '\n';
        }
        comm.barrier();
        const auto candidate = run(comm, testing::customers_of(comm), options).value();
        expect_same(candidate, alone(options).value());
        EXPECT_GE(candidate.evidence.smallest_population, 40U);
        EXPECT_DOUBLE_EQ(candidate.evidence.marketer_population_risk, candidate.evidence.marketer_risk / 2);  // everybody is there twice
    });
}

/// Runs with one thing changed; every rank must get the same error.
void expect_refused(const std::function<void(par::Comm&, model::Customers&, Options&)>& change, Code code, const std::string& words) {
    on_ranks([&](par::Comm& comm) {
        auto options = testing::options_for_customers(comm, testing::shared_folder(comm));
        auto customers = testing::customers_of(comm);
        change(comm, customers, options);
        const auto outcome = run(comm, std::move(customers), options);
        ASSERT_FALSE(outcome.ok()) << words;
        EXPECT_EQ(outcome.error().code, code) << outcome.error().what;
        EXPECT_NE((outcome.error().what + outcome.error().where).find(words), std::string::npos) << outcome.error().what << outcome.error().where;
        for (const auto& other : par::all_gather_text(comm, outcome.error().what)) EXPECT_EQ(other, outcome.error().what);
    });
}

TEST(Attributes, ACustomerWithTwoValuesIsRefusedWithoutHisName) {
    expect_refused([](const par::Comm&, model::Customers& customers, Options&) {
        for (std::size_t row = 0; row < customers.subjects.size(); ++row)
            if (customers.subjects[row] == testing::pseudonym_of(3)) customers.rows.codes[row * 5 + 3] = static_cast<std::uint32_t>(row % customers.rows.values[3].size());
        const auto other = std::find(customers.subjects.begin(), customers.subjects.end(), testing::pseudonym_of(4));
        if (other != customers.subjects.end()) *other = testing::pseudonym_of(5);
    }, Code::input, "two different values of '");
}

TEST(Attributes, AValueThatItsHierarchyLacksIsRefusedWithoutTellingIt) {
    expect_refused([](const par::Comm& comm, model::Customers& customers, Options&) {
        if (comm.rank() == 0) customers.rows.values[2][0] = "ACORN-Z";
    }, Code::input, "column 'acorn'");
    expect_refused([](const par::Comm& comm, model::Customers& customers, Options&) {
        if (comm.rank() == 0) customers.rows.values[0][0] = "old";
    }, Code::input, "column 'age'");
    expect_refused([](const par::Comm& comm, model::Customers& customers, Options&) {
        if (comm.rank() == 0) customers.rows.values[3][0] = "none";
    }, Code::input, "a value of 'income' is not in its order");
}

TEST(Attributes, WhatCannotBeHiddenIsRefused) {
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.criteria[0].parameters = {601}; }, Code::privacy, "no generalisation");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) {
        options.criteria[0].parameters = {601};
        options.search = Search::mondrian;
    }, Code::privacy, "no generalisation");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.max_tuples = 100; }, Code::input, "more than 100 distinct tuples");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.max_nodes = 10; }, Code::usage, "more than 10 nodes");
}

TEST(Attributes, OptionsThatDoNotFitTheTableAreRefused) {
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.criteria.clear(); }, Code::usage, "no criterion");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.criteria = {{"k_anonymity", {10}}}; }, Code::usage, "no criterion guards 'income'");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.criteria = {{"k_map", {5}}}; }, Code::usage, "needs a population");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.hierarchies["ages"].dates = true; }, Code::usage, "did you mean 'age'");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.distances["age"].kind = model::Distance::Kind::ordered; }, Code::usage, "'age' is no sensitive column");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.hierarchies["acorn"].file += ".gone"; }, Code::input, "acorn.csv.gone");
    expect_refused([](const par::Comm&, const model::Customers&, Options& options) { options.population = options.hierarchies["acorn"].file; }, Code::input, "no column 'age'");
}

TEST(Attributes, AnErrorAtAnyAgreementIsThatOfEveryRank) {
    on_ranks([](par::Comm& comm) {
        const auto options = testing::options_for_customers(comm, testing::shared_folder(comm));
        const auto run_with = [&](testing::FaultyComm& faulty) { return run(faulty, testing::customers_of(comm), options); };
        testing::FaultyComm counting(comm, {});
        ASSERT_TRUE(run_with(counting).ok());
        EXPECT_GE(counting.num_agreements(), 5);
        for (int agreement = 1; agreement <= counting.num_agreements(); ++agreement) {
            testing::FaultyComm faulty(comm, {comm.size() - 1, agreement});
            const auto outcome = run_with(faulty);
            ASSERT_FALSE(outcome.ok()) << agreement;
            EXPECT_EQ(outcome.error().what, testing::FaultyComm::planted().what);
        }
    });
}

TEST(Attributes, NoCustomerIsAnError) {
    on_ranks([](par::Comm& comm) {
        const auto options = testing::options_for_customers(comm, testing::shared_folder(comm));
        const auto outcome = run(comm, testing::customers_of(comm, 0), options);
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, Code::input);
    });
}

}  // namespace
}  // namespace meterveil::attributes
