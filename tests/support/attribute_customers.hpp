#pragma once
// Customers with attributes as they leave the cloakroom, spread over ranks.

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "meterveil/attributes/run.hpp"
#include "meterveil/model/attribute_proof.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::testing {

/// A pseudonym that depends on a number alone.
inline model::Pseudonym pseudonym_of(std::uint64_t number) {
    model::Pseudonym made;
    for (auto& byte : made.value) {
        number = number * 6364136223846793005ULL + 1442695040888963407ULL;
        byte = static_cast<std::byte>(number >> 56);
    }
    return made;
}

/// 600 customers, every third with two meters and so two rows. Ages 20 to 79, two tariffs, 18 groups of which some are rare, an income
/// of four classes and a heating of five kinds.
inline model::Customers customers_of(const par::Comm& comm, int count = 600) {
    model::AttributeEncoder encoder({{"age", model::AttributeKind::quasi}, {"tariff", model::AttributeKind::quasi}, {"acorn", model::AttributeKind::quasi},
                                     {"income", model::AttributeKind::sensitive}, {"heating", model::AttributeKind::sensitive}});
    static const std::vector<std::string> incomes = {"low", "mid", "high", "top"}, heatings = {"gas", "oil", "pump", "storage", "none"};
    model::Customers customers;
    int row = 0;
    for (int i = 0; i < count; ++i)
        for (int copy = 0; copy < (i % 3 == 0 ? 2 : 1); ++copy, ++row) {
            if (row * 7 % comm.size() != comm.rank()) continue;
            customers.subjects.push_back(pseudonym_of(static_cast<std::uint64_t>(i)));
            encoder.add(std::to_string(20 + i * 37 % 60));
            encoder.add(i % 5 == 0 ? "ToU" : "Std");
            encoder.add(std::string("ACORN-") + static_cast<char>('A' + i * i % 97 % 18));
            encoder.add(incomes[static_cast<std::size_t>(i * 11 % 7 % 4)]);
            encoder.add(heatings[static_cast<std::size_t>(i * 13 % 11 % 5)]);
        }
    customers.rows = encoder.take();
    return customers;
}

/// Rank 0 writes the files that the options name.
inline attributes::Options options_for_customers(par::Comm& comm, const std::string& folder) {
    if (comm.rank() == 0) {
        std::ofstream acorn(folder + "/acorn.csv"), heating(folder + "/heating.csv");
        for (char c = 'A'; c < 'A' + 18; ++c) acorn << "ACORN-" << c << ";group " << (c - 'A') / 4 << ";*\n";
        heating << "gas;fossil;*\noil;fossil;*\npump;electric;*\nstorage;electric;*\nnone;none;*\n";
    }
    comm.barrier();
    attributes::Options options;
    options.criteria = {{"k_anonymity", {10}}, {"distinct_l_diversity", {2}}, {"t_closeness", {0.3}}};
    options.hierarchies["age"].intervals = {5, 10, 20};
    options.hierarchies["acorn"].file = folder + "/acorn.csv";
    options.distances["income"] = {model::Distance::Kind::ordered, {"low", "mid", "high", "top"}, ""};
    options.distances["heating"] = {model::Distance::Kind::hierarchical, {}, folder + "/heating.csv"};
    return options;
}

/// The proof of a table that is to be published, from its rows.
inline model::AttributeProof proof_of(const model::ReleasedAttributes& table) {
    model::AttributeProof proof(table.attributes);
    for (std::size_t r = 0; r < table.num_rows(); ++r) {
        std::vector<std::string> row;
        for (std::size_t a = 0; a < table.attributes.size(); ++a) row.push_back(table.label(r, a));
        proof.add(row, table.customers[r]);
    }
    return proof;
}

}  // namespace meterveil::testing
