#include "generate/run_tables.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>
#include <string_view>

#include "generate/random.hpp"
#include "generate/run_output.hpp"

namespace meterveil::generate {
namespace {

constexpr std::size_t flush_bytes = std::size_t{1} << 20;

/// Writes `path`: the header, then what `line(i, text)` appends for every i.
template <class Line>
Result<> write_lines(const std::string& path, const std::string& header, std::uint32_t count, Line&& line) {
    TRY(Output output, Output::create(path, false));
    std::string text = header;
    for (std::uint32_t i = 0; i < count; ++i) {
        line(i, text);
        if (text.size() < flush_bytes) continue;
        TRY_DO(output.append(text));
        text.clear();
    }
    TRY_DO(output.append(text));
    return output.close();
}

/// A row for each meter that the premise has had: "id,rest\n".
void add_meters(const World& world, const Premises& premises, std::uint32_t number, const std::string& rest, std::string& text) {
    text += meter_id(world.spec.seed, number, false) + ',' + rest + '\n';
    if (premises(number).exchanged_at > 0) text += meter_id(world.spec.seed, number, true) + ',' + rest + '\n';
}

std::string_view tariff_of(const Premise& premise, std::uint64_t seed) {
    if (premise.kind >= Kind::business) return "business";
    constexpr std::array<std::string_view, 4> tariffs = {"standard", "standard", "day-night", "time-of-use"};
    return tariffs[below(draw(stream(seed, Purpose::tariff, premise.number), 0), tariffs.size())];
}

}  // namespace

Result<> write_topology(const World& world, const std::string& path) {
    const Premises premises(world.spec, world.axis.count);
    const Grid& grid = world.grid;
    return write_lines(path, fmt::format("meter_id,{}\n", fmt::join(grid.levels, ",")), world.spec.meters, [&](std::uint32_t number, std::string& text) {
        const Leaf& leaf = grid.leaf_of(number);
        std::string places = grid.name(leaf, 0);
        for (std::size_t level = 1; level < grid.levels.size(); ++level) places += ',' + grid.name(leaf, level);
        add_meters(world, premises, number, places, text);
    });
}

Result<> write_customers(const World& world, const std::string& path) {
    const Premises premises(world.spec, world.axis.count);
    const Customers customers(world.spec);
    const std::uint64_t seed = world.spec.seed;
    return write_lines(path, "meter_id,customer_id,name,address,town,postcode,phone,email,tariff\n", world.spec.meters, [&](std::uint32_t number, std::string& text) {
        const Person one = person(seed, customers.of(number));
        const auto rest = fmt::format("{},{},{},{},{},{}", one.id, one.name, address_fields(seed, number), one.phone, one.email, tariff_of(premises(number), seed));
        add_meters(world, premises, number, rest, text);
    });
}

Result<> write_weather(const World& world, const std::string& path) {
    return write_lines(path, "timestamp,temperature_c,cloud_share\n", world.axis.count, [&](std::uint32_t i, std::string& text) {
        const Moment& moment = world.moments[i];
        const std::int32_t tenths = static_cast<std::int32_t>(divide_half_even(moment.temperature_centi, 10)), size = tenths < 0 ? -tenths : tenths;
        fmt::format_to(std::back_inserter(text), "{},{}{}.{},{}.{:03}\n", model::format_instant(world.axis.at(i)), tenths < 0 ? "-" : "",
                       size / 10, size % 10, moment.cloud_mille / 1000, moment.cloud_mille % 1000);
    });
}

}  // namespace meterveil::generate
