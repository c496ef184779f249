#include "ingest/portal_series.hpp"

#include <algorithm>
#include <tuple>

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

constexpr std::size_t most_rows = std::size_t{1} << 23;  ///< 384 MiB

Statement statement_of(const std::string& meter, Channel channel, std::int64_t start_s, std::int64_t length_s, std::int64_t nwh, Quality quality) {
    Statement statement;
    statement.id = meter;
    statement.channel = channel;
    statement.start_s = start_s;
    statement.length_s = length_s;
    statement.energy_nwh = nwh;
    statement.quality = quality;
    return statement;
}

std::uint32_t number_of(std::map<std::string, std::uint32_t, std::less<>>& numbers, std::string_view name) {
    const auto known = numbers.find(name);
    return known != numbers.end() ? known->second : numbers.emplace(name, static_cast<std::uint32_t>(numbers.size())).first->second;
}

/// Sum, or the largest number where it does not fit: that is out of every range.
std::int64_t sum_of(const std::vector<std::int64_t>& values) {
    std::int64_t sum = 0;
    for (const std::int64_t value : values)
        if (__builtin_add_overflow(sum, value, &sum)) return value < 0 ? INT64_MIN + 1 : INT64_MAX;
    return sum;
}

/// What a section's values are.
enum class Sign : std::uint8_t { zero, import, export_, net };

}  // namespace

PortalSeries::PortalSeries(const DecodeOptions& options)
    : origin_s_(options.axis.start.time_since_epoch().count()), step_s_(options.axis.length.count()) {}

PortalSeries::Series* PortalSeries::add(AllSeries& all, const Source& source, Row row) {
    if (num_rows_ == most_rows) return nullptr;
    ++num_rows_;
    Series& series = all[{std::string(source.meter), source.channel}];
    row.register_number = number_of(series.registers, source.register_name);
    row.device = number_of(series.devices, source.device);
    series.rows.push_back(row);
    return &series;
}

bool PortalSeries::add_read(const Source& source, std::int64_t at_s, std::int64_t nwh, std::int64_t modulus_nwh) {
    Series* const series = add(reads_, source, {at_s, 0, nwh, 0, 0, Quality::measured});
    if (series == nullptr) return false;
    series->moduli_nwh.resize(series->registers.size(), 0);
    series->moduli_nwh[series->rows.back().register_number] = modulus_nwh;
    return true;
}

bool PortalSeries::add_part(const Source& source, std::int64_t start_s, std::int64_t length_s, std::int64_t nwh, Quality quality) {
    return add(parts_, source, {start_s, length_s, nwh, 0, 0, quality}) != nullptr;
}

bool PortalSeries::add_net(std::string_view meter, std::int64_t start_s, std::int64_t length_s, std::int64_t nwh, Quality quality,
                           std::uint32_t section) {
    return add(nets_, {meter, Channel::import, std::to_string(section), {}}, {start_s, length_s, nwh, 0, 0, quality}) != nullptr;
}

void PortalSeries::finish(Sink& sink) {
    for (auto& [key, series] : reads_) state_reads(key.first, key.second, series, sink);
    for (auto& [key, series] : parts_) state_parts(key.first, key.second, series, sink);
    for (auto& [key, series] : nets_) state_net(key.first, series, sink);
    reads_.clear();
    parts_.clear();
    nets_.clear();
}

std::vector<PortalSeries::Group> PortalSeries::groups_of(Series& series) {
    const auto order = [](const Row& r) { return std::tuple(r.at_s, r.length_s, r.register_number, r.nwh, r.device); };
    std::sort(series.rows.begin(), series.rows.end(), [&](const Row& a, const Row& b) { return order(a) < order(b); });
    std::vector<Group> groups;
    const std::size_t num_registers = series.registers.size();
    for (std::size_t i = 0; i < series.rows.size();) {
        Group group{series.rows[i].at_s,
                    series.rows[i].length_s,
                    std::vector<std::int64_t>(num_registers, 0),
                    std::vector<std::uint32_t>(num_registers, 0),
                    Quality::measured,
                    0,
                    false,
                    false};
        std::vector<std::uint32_t> counts(num_registers, 0);
        for (; i < series.rows.size() && series.rows[i].at_s == group.at_s && series.rows[i].length_s == group.length_s; ++i) {
            const Row& row = series.rows[i];
            const std::size_t r = row.register_number;
            group.is_conflict = group.is_conflict || (counts[r] > 0 && (group.nwh[r] != row.nwh || group.devices[r] != row.device));
            ++counts[r];
            group.nwh[r] = row.nwh;
            group.devices[r] = row.device;
            group.quality = std::max(group.quality, row.quality);
        }
        group.is_whole = std::none_of(counts.begin(), counts.end(), [](std::uint32_t count) { return count == 0; });
        group.copies = *std::max_element(counts.begin(), counts.end());
        groups.push_back(std::move(group));
    }
    return groups;
}

std::optional<std::int64_t> PortalSeries::risen_nwh(const Group& from, const Group& to, const std::vector<std::int64_t>& moduli_nwh) {
    std::vector<std::int64_t> risen;
    std::uint64_t num_rollovers = 0;
    if (from.devices != to.devices) return std::nullopt;
    for (std::size_t r = 0; r < from.nwh.size(); ++r) {
        std::int64_t energy = to.nwh[r] - from.nwh[r];  // both from 0 on
        const std::int64_t modulus = moduli_nwh[r];
        if (energy < 0 && from.nwh[r] < modulus && from.nwh[r] >= modulus / 10 * 9 && to.nwh[r] <= modulus / 10) {
            energy += modulus;
            ++num_rollovers;
        }
        if (energy < 0) {
            ++num_falls_;
            return std::nullopt;
        }
        risen.push_back(energy);
    }
    num_rollovers_ += num_rollovers;
    return sum_of(risen);
}

/// A read off the job's grid begins and ends no interval: the energy is that between the reads around it.
void PortalSeries::state_reads(const std::string& meter, Channel channel, Series& series, Sink& sink) {
    std::optional<Group> from;
    for (const Group& to : groups_of(series)) {
        const bool is_on_grid = (to.at_s - origin_s_) % step_s_ == 0, is_usable = to.is_whole && is_on_grid && !to.is_conflict;
        const auto energy = is_usable && from ? risen_nwh(*from, to, series.moduli_nwh) : std::nullopt;
        for (std::uint32_t copy = 0; copy < to.copies; ++copy) {
            if (energy)
                sink.take(statement_of(meter, channel, from->at_s, to.at_s - from->at_s, *energy, to.quality));
            else
                sink.refuse(to.is_conflict ? Reason::conflict : Reason::register_base, 0, {});
        }
        if (is_usable) from = to;
    }
}

void PortalSeries::state_parts(const std::string& meter, Channel channel, Series& series, Sink& sink) {
    for (const Group& group : groups_of(series))
        for (std::uint32_t copy = 0; copy < group.copies; ++copy) {
            if (group.is_conflict)
                sink.refuse(Reason::conflict, 0, {});
            else
                sink.take(statement_of(meter, channel, group.at_s, group.length_s, sum_of(group.nwh), group.quality));
        }
}

/// Sections of the same hours are import, export and what is left of them: the last is not counted again. Where there is nothing but net
/// values, each says both channels of its interval, one of them 0.
void PortalSeries::state_net(const std::string& meter, Series& series, Sink& sink) {
    std::vector<std::pair<std::int64_t, std::int64_t>> ranges(series.registers.size(), {0, 0});  // least and largest
    std::map<std::int64_t, std::vector<std::uint32_t>> sections_at;
    for (const Row& row : series.rows) {
        auto& [least, largest] = ranges[row.register_number];
        least = std::min(least, row.nwh);
        largest = std::max(largest, row.nwh);
        auto& sections = sections_at[row.at_s];
        if (std::find(sections.begin(), sections.end(), row.register_number) == sections.end()) sections.push_back(row.register_number);
    }
    const auto sign_of = [&](std::uint32_t section) {
        const auto [least, largest] = ranges[section];
        return least < 0 ? (largest > 0 ? Sign::net : Sign::export_) : largest > 0 ? Sign::import : Sign::zero;
    };
    for (const Row& row : series.rows) {
        const auto& sections = sections_at[row.at_s];
        const auto has = [&](Sign sign) {
            return std::any_of(sections.begin(), sections.end(), [&](std::uint32_t section) { return sign_of(section) == sign; });
        };
        const auto state = [&](Channel channel, std::int64_t nwh) {
            sink.take(statement_of(meter, channel, row.at_s, row.length_s, nwh, row.quality));
        };
        Sign sign = sections.size() < 2 ? Sign::net : sign_of(row.register_number);
        if (sign == Sign::net && has(Sign::import) && (has(Sign::export_) || has(Sign::zero)) && sections.size() > 2) {
            sink.refuse(Reason::other_quantity, 0, {});
            continue;
        }
        if (sign == Sign::zero) sign = has(Sign::import) ? Sign::export_ : Sign::import;
        if (sign != Sign::export_) state(Channel::import, std::max<std::int64_t>(row.nwh, 0));
        if (sign != Sign::import) state(Channel::export_, std::max<std::int64_t>(-row.nwh, 0));
    }
}

}  // namespace meterveil::ingest
