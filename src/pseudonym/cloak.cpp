// Attributes of customers go on under pseudonyms.

#include "meterveil/pseudonym/run.hpp"

namespace meterveil::pseudonym {

model::Customers cloak(model::RawCustomers customers, const RootKey& key, const std::string& epoch) {
    Pseudonymiser name(key, customers.are_meters ? Domain::meter : Domain::customer, epoch);
    model::Customers cloaked{std::move(customers.rows), {}};
    cloaked.subjects.reserve(customers.subjects.size());
    for (const std::string& subject : customers.subjects) cloaked.subjects.push_back(name(subject));
    return cloaked;
}

}  // namespace meterveil::pseudonym
