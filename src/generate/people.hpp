#pragma once
// Names, addresses and numbers that belong to nobody.

#include <cstdint>
#include <string>

#include "meterveil/generate/run.hpp"

namespace meterveil::generate {

/// "1" and 12 digits: different for every meter of a utility; does not show the premise's number.
/// @param second the meter that replaced the first one
std::string meter_id(std::uint64_t seed, std::uint32_t premise, bool second);

/// Who holds which premise. Pure: groups of 64 premises in a shuffled order are dealt to customers on their own.
class Customers {
public:
    explicit Customers(const Spec& spec);
    /// Number of the customer of a premise: unique, with gaps.
    [[nodiscard]] std::uint32_t of(std::uint32_t premise) const;

private:
    std::uint64_t seed_, multi_site_, step_, offset_;
    std::uint32_t premises_;
};

/// A person as the customer table shows them. Phone numbers are of a range kept for fiction, mail is at example.org.
/// @source Ofcom, numbers for use in TV and radio drama: 07700 900000 to 900999; RFC 2606
struct Person {
    std::string id, name, phone, email;
};
Person person(std::uint64_t seed, std::uint32_t customer);

/// "17 Alder Street,Northmere,XN4 7QD": street, town and postcode; no such places.
std::string address_fields(std::uint64_t seed, std::uint32_t premise);

}  // namespace meterveil::generate
