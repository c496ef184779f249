#include "generate/people.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "generate/random.hpp"

namespace meterveil::generate {
namespace {

using Words = std::array<std::string_view, 24>;
constexpr Words given = {"Ada", "Amir", "Bela", "Carys", "Chidi", "Dora", "Emil", "Farah", "Gwen", "Hugo", "Ines", "Jonas",
                         "Kira", "Leon", "Mei", "Nadia", "Omar", "Petra", "Quin", "Rosa", "Sami", "Tova", "Uma", "Viktor"};
constexpr Words family = {"Ashdown", "Barrowby", "Calloway", "Dunmore", "Eastwick", "Fenwright", "Garside", "Holloway",
                          "Ironside", "Jessop", "Kestrel", "Larkfield", "Merriman", "Northcote", "Oakhurst", "Penrose",
                          "Quickley", "Ravenhill", "Silverton", "Thackeray", "Underhill", "Venning", "Wetherby", "Yarrow"};
constexpr Words street = {"Alder", "Beacon", "Canal", "Dovecote", "Elm", "Foundry", "Granary", "Harbour", "Ivy", "Jubilee", "Kiln", "Lantern",
                          "Mill", "Nettle", "Orchard", "Pump", "Quarry", "Rope", "Saddler", "Tannery", "Upper", "Vine", "Weir", "Yew"};
constexpr std::array<std::string_view, 6> road = {"Street", "Road", "Lane", "Close", "Way", "Row"};
constexpr std::array<std::string_view, 8> town = {"Northmere", "Saltwick", "Oxbourne", "Fernley", "Harrowgate Vale", "Millbrook Cross", "Stonecombe", "Eastholm"};
constexpr std::string_view letters = "ABDEFGHJLNPQRSTUWXYZ";

constexpr std::uint32_t group = 64;

template <class List>
std::string_view pick(const List& list, std::uint64_t bits) { return list[below(bits, list.size())]; }

/// A bijection of 0 .. 10^12 - 1: the factor has no 2 and no 5 in it.
std::uint64_t scramble(std::uint64_t seed, Purpose purpose, std::uint64_t number) {
    constexpr std::uint64_t modulus = 1'000'000'000'000, factor = 382'199'104'637;
    const std::uint64_t offset = below(draw(stream(seed, purpose, 0), 0), modulus);
    return static_cast<std::uint64_t>((static_cast<model::uint128>(number) * factor + offset) % modulus);
}

}  // namespace

std::string meter_id(std::uint64_t seed, std::uint32_t premise, bool second) {
    return fmt::format("1{:012}", scramble(seed, Purpose::meter_id, std::uint64_t{premise} * 2 + (second ? 1 : 0)));
}

Customers::Customers(const Spec& spec)
    : seed_(spec.seed), multi_site_(threshold_of(spec.multi_site_share)), step_(0), offset_(0), premises_(std::max(spec.meters, 1U)) {
    const std::uint64_t bits = stream(spec.seed, Purpose::sites, 0);
    step_ = 1 + below(draw(bits, 0), premises_);  // coprime to the number of premises: a shuffle
    while (std::gcd(step_, std::uint64_t{premises_}) != 1) ++step_;
    offset_ = below(draw(bits, 1), premises_);
}

std::uint32_t Customers::of(std::uint32_t premise) const {
    const auto place = static_cast<std::uint32_t>((static_cast<model::uint128>(premise) * step_ + offset_) % premises_);
    const std::uint32_t first = place / group * group;
    std::uint32_t start = first;
    for (std::uint64_t number = 0;; ++number) {
        const std::uint64_t bits = draw(stream(seed_, Purpose::sites, 1 + first / group), number);
        const auto sites = bits < multi_site_ ? static_cast<std::uint32_t>(between(mix(bits), 2, 5)) : 1U;
        if (place < start + sites) return start;
        start += sites;
    }
}

Person person(std::uint64_t seed, std::uint32_t customer) {
    const std::uint64_t bits = stream(seed, Purpose::person, customer);
    const std::string first(pick(given, draw(bits, 0))), last(pick(family, draw(bits, 1)));
    Person one;
    one.id = fmt::format("C{:012}", scramble(seed, Purpose::customer_id, customer));
    one.name = first + " " + last;
    one.phone = fmt::format("+44 7700 900{:03}", below(draw(bits, 2), 1000));
    one.email = fmt::format("{}.{}.{}@example.org", first, last, customer);
    std::transform(one.email.begin(), one.email.end(), one.email.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return one;
}

std::string address_fields(std::uint64_t seed, std::uint32_t premise) {
    const std::uint64_t bits = stream(seed, Purpose::address, premise);
    const auto letter = [&](std::uint64_t counter) { return letters[below(draw(bits, counter), letters.size())]; };
    return fmt::format("{} {} {},{},X{}{} {}{}{}", 1 + below(draw(bits, 0), 180), pick(street, draw(bits, 1)), pick(road, draw(bits, 2)),
                       pick(town, draw(bits, 3)), letter(4), 1 + below(draw(bits, 5), 20), below(draw(bits, 6), 10), letter(7), letter(8));
}

}  // namespace meterveil::generate
