#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "meterveil/ingest/run.hpp"
#include "meterveil/par/exchange.hpp"
#include "ranks.hpp"

namespace meterveil::ingest {
namespace {

/// 500 meters of 300 customers, names in between; every tenth has no age.
CustomerOptions write_customers(par::Comm& comm) {
    const std::string path = testing::shared_folder(comm) + "/customers.csv";
    if (comm.rank() == 0) {
        std::ofstream file(path);
        file << "meter_id,name,customer_id,age,tariff\r\n";
        for (int i = 0; i < 500; ++i) file << "M" << i << ",Ann N" << i << ",C" << i % 300 << ',' << (i % 10 == 0 ? "" : std::to_string(20 + i % 300 % 50)) << ",\"Std, old\"\r\n";
    }
    comm.barrier();
    return {path, "meter_id", "customer_id", {{"age", model::AttributeKind::quasi}, {"tariff", model::AttributeKind::quasi}}};
}

/// Rows of all ranks: subject, age, tariff.
std::multiset<std::string> all_rows(par::Comm& comm, const model::RawCustomers& customers) {
    std::string text;
    for (std::size_t r = 0; r < customers.subjects.size(); ++r) {
        text += customers.subjects[r];
        for (std::size_t a = 0; a < 2; ++a) text += '|' + customers.rows.values[a][customers.rows.codes[r * 2 + a]];
        text += '\n';
    }
    std::multiset<std::string> rows;
    for (const auto& part : par::all_gather_text(comm, text))
        for (std::size_t begin = 0, end = 0; (end = part.find('\n', begin)) != std::string::npos; begin = end + 1) rows.insert(part.substr(begin, end - begin));
    return rows;
}

TEST(ReadCustomers, EveryRowIsReadOnceOnAnyNumberOfRanks) {
    testing::on_ranks([](par::Comm& comm) {
        const auto customers = read_customers(comm, write_customers(comm)).value();
        std::multiset<std::string> expected;
        for (int i = 0; i < 500; ++i) expected.insert("C" + std::to_string(i % 300) + '|' + (i % 10 == 0 ? "" : std::to_string(20 + i % 300 % 50)) + "|Std, old");
        EXPECT_EQ(all_rows(comm, customers), expected);
        EXPECT_FALSE(customers.are_meters);
    });
}

TEST(ReadCustomers, WithoutASubjectEveryMeterIsOne) {
    testing::on_ranks([](par::Comm& comm) {
        auto options = write_customers(comm);
        options.subject_column.clear();
        const auto customers = read_customers(comm, options).value();
        EXPECT_TRUE(customers.are_meters);
        for (const auto& subject : customers.subjects) EXPECT_EQ(subject[0], 'M');
    });
}

TEST(ReadCustomers, AMissingColumnIsToldWithTheNearest) {
    testing::on_ranks([](par::Comm& comm) {
        auto options = write_customers(comm);
        options.attributes[1].name = "tarif";
        const auto outcome = read_customers(comm, options);
        ASSERT_FALSE(outcome.ok());
        EXPECT_NE(outcome.error().what.find("no column 'tarif' (did you mean 'tariff'?)"), std::string::npos);
    });
}

TEST(ReadCustomers, ARowWithoutSubjectOrFieldIsRefusedByItsPlace) {
    testing::on_ranks([](par::Comm& comm) {
        for (const char* row : {"M1,x,,30,Std\n", "M1,x,C1,30\n", "M1,x,C1,3\x01,Std\n"}) {
            const auto options = write_customers(comm);
            if (comm.rank() == 0) std::ofstream(options.path, std::ios::app) << row;
            comm.barrier();
            const auto outcome = read_customers(comm, options);
            ASSERT_FALSE(outcome.ok()) << row;
            EXPECT_NE(outcome.error().where.find("customers.csv, byte "), std::string::npos);
        }
    });
}

}  // namespace
}  // namespace meterveil::ingest
