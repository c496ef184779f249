#include "meterveil/store/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "meterveil/core/contract.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "store/clean.hpp"
#include "store/join.hpp"
#include "store/quality.hpp"
#include "store/run_hall.hpp"
#include "store/set_aside.hpp"

namespace meterveil::store {
namespace {

using model::Channel;
constexpr std::array both_channels = {Channel::import, Channel::export_};

bool fits_in_memory(const std::vector<model::OwnedShard>& owned, const model::Axis& axis, std::size_t num_files, const Options& options) {
    std::uint64_t meters = 0;
    for (const auto& shard : owned) meters += shard.rows.size();
    return static_cast<double>(dense_bytes(meters, axis.count, num_files)) <= dense_share * static_cast<double>(options.memory_bytes);
}

/// What came from every rank, cut into rows of one file.
std::vector<Arrival> arrivals(const par::Inbox& runs, const par::Inbox& rows, const par::Inbox& versions) {
    std::vector<Arrival> all;
    for (std::size_t r = 0; r < rows.num_ranks(); ++r) {
        const auto readings = par::records<model::Reading>(rows, r);
        const auto stated = versions.num_ranks() == 0 ? std::span<const std::uint32_t>() : par::records<std::uint32_t>(versions, r);
        std::size_t first = 0;
        for (const auto& run : par::records<model::FileRun>(runs, r)) {
            all.push_back({run.file, readings.subspan(first, run.rows), stated.empty() ? stated : stated.subspan(first, run.rows)});
            first += run.rows;
        }
        EXPECTS(first == readings.size());
    }
    return all;
}

/// Collective. Pulls the stream dry: every reading into the hall of its shard's owner.
Result<> receive(par::Comm& comm, model::PlacedStream& stream, Hall& hall, std::vector<model::RowAccount>& accounts) {
    par::Inbox runs, rows, versions;
    for (model::PlacedBatch batch;;) {
        TRY(const bool more, stream.next(batch));
        if (!more) return {};
        for (const auto& part : batch.accounts) accounts.at(part.file) += part.account;
        par::exchange(comm, batch.runs, runs);
        par::exchange(comm, batch.to, rows);
        if (stream.is_versioned()) par::exchange(comm, batch.versions, versions);
        TRY_DO(par::agree_on(comm, [&] { return hall.take(arrivals(runs, rows, versions)); }));
    }
}

std::string hex(const model::Pseudonym& pseudonym) {
    std::string text;
    for (const std::byte byte : pseudonym.value) text += fmt::format("{:02x}", std::to_integer<int>(byte));
    return text;
}

/// The values of cells with several: no order among them, so none is believed.
Result<> quarantine(const std::vector<Assembly::Conflict>& conflicts, const model::OwnedShard& shard, const model::Axis& axis,
                    const Options& options) {
    if (conflicts.empty()) return {};
    std::string text = "meter_pseudonym,channel,interval_start,energy_quanta,file\n";
    for (const auto& c : conflicts)
        text += fmt::format("{},{},{},{},{}\n", hex(shard.rows[c.meter].record.meter), model::name_of(c.channel),
                            model::format_instant(axis.at(c.interval)), c.quanta, c.file);
    const io::Path folder = io::Path(options.custody) / "quarantine";
    TRY_DO(io::make_private_folder(folder));
    return io::write_whole(folder / fmt::format("conflict-shard-{:05}.csv", shard.id), text);
}

/// What cleaning needs to know beside a series.
struct Rules {
    const Options& options;
    Days days;
    Suspicion suspicion;
    std::uint32_t absence = 0;             ///< intervals of the readings
    const std::vector<std::uint32_t>& months;  ///< bounds on the shards' axis
};

Rules make_rules(const Options& options, const model::Axis& axis, const std::vector<std::uint32_t>& months) {
    const std::int64_t length_s = axis.length.count();
    const Suspicion suspicion{static_cast<std::uint32_t>(options.max_stuck_s / length_s), options.spike_factor};
    return {options, make_days(options.calendar, axis), suspicion, static_cast<std::uint32_t>(absence_s / length_s), months};
}

/// Cleans a series on the axis of the readings, then joins it, in place, to that of the shards.
SeriesQuality clean_series(std::span<std::int32_t> series, const SeriesMarks& marks, const Rules& rules) {
    const std::uint32_t parts = rules.options.readings_per_interval;
    SeriesQuality quality;
    quality.gone = set_aside(series, marks, rules.days, rules.suspicion);
    quality.presence = presence(series, rules.absence);
    quality.kinds = count_kinds(series, marks, parts, rules.months);
    quality.cleaned = clean(series, rules.days, rules.options.fill, rules.options.min_coverage);
    quality.is_there = quality.cleaned.measured > 0 || !quality.gone.stuck.empty() || !quality.gone.spikes.empty();
    join(series, parts, series.first(series.size() / parts));
    return quality;
}

void enter(model::ShardRow& row, std::size_t channel, const SeriesQuality& quality, std::uint32_t intervals) {
    for (const Kinds& kinds : quality.kinds) row.measured[channel] += kinds.total();
    row.takes_part[channel] = quality.cleaned.takes_part;
    row.filled[channel] = row.takes_part[channel] ? intervals - row.measured[channel] : 0;
}

std::uint64_t num_subjects(const model::OwnedShard& shard, std::size_t channel) {
    std::vector<model::Pseudonym> subjects;
    for (const auto& row : shard.rows)
        if (row.takes_part[channel]) subjects.push_back(row.record.subject);
    std::sort(subjects.begin(), subjects.end());
    return static_cast<std::uint64_t>(std::unique(subjects.begin(), subjects.end()) - subjects.begin());
}

/// Cleans all series of a channel. @return their quality
RegionQuality clean_channel(Assembly& assembly, model::OwnedShard& shard, Channel channel, const Rules& rules) {
    std::vector<SeriesQuality> all(shard.rows.size());
    const auto c = static_cast<std::size_t>(channel);
    exec::for_each_index(all.size(), [&](std::size_t i) {
        const auto meter = static_cast<std::uint32_t>(i);
        if (!assembly.has(channel)) return;
        all[i] = clean_series(assembly.series(channel, meter), assembly.marks(channel, meter), rules);
        enter(shard.rows[i], c, all[i], rules.months.back());
    });
    RegionQuality region;
    region.months.resize(rules.months.size() - 1);
    for (const SeriesQuality& series : all)
        if (channel == Channel::import || series.is_there) add_series(region, series, rules.options.readings_per_interval, rules.months);
    region.subjects = num_subjects(shard, c);
    return region;
}

Result<> write(Assembly& assembly, model::OwnedShard& shard, const model::Axis& axis, const Options& options) {
    const io::Path folder = io::Path(options.custody) / "shards";
    shard.path = (folder / fmt::format("shard-{:05}.h5", shard.id)).string();
    io::ShardHeader header{shard.id, axis, options.energy_quantum_wh, shard.rows, {}};
    for (const Channel channel : both_channels)
        header.has_channel[static_cast<int>(channel)] = shard.has_channel[static_cast<int>(channel)] = assembly.has(channel);
    return io::write_shard(shard.path, header, [&](Channel channel, std::uint32_t row) {
        const auto series = assembly.series(channel, row);
        return series.first(std::min<std::size_t>(series.size(), axis.count));
    });
}

/// Local. Every shard of this rank: assembled, settled, cleaned, written. Adds to the accounts and, by region, to the quality.
Result<> finish_shards(Hall& hall, std::vector<model::OwnedShard>& owned, const model::Hierarchy& hierarchy, const model::Axis& axis,
                       const Options& options, Stored& stored) {
    TRY_DO(io::make_private_folder(io::Path(options.custody) / "shards"));
    const Rules rules = make_rules(options, axis, stored.months);
    for (std::size_t s = 0; s < owned.size(); ++s) {
        TRY(Assembly assembly, hall.assemble(s));
        TRY_DO(quarantine(assembly.settle(), owned[s], axis, options));
        for (std::size_t f = 0; f < stored.accounts.size(); ++f) stored.accounts[f] += assembly.accounts()[f];
        const std::size_t region = stored.shards.plan.shards[owned[s].id].region - hierarchy.nodes[0].first_child;
        for (const Channel channel : both_channels)
            stored.quality[static_cast<std::size_t>(channel)][region] += clean_channel(assembly, owned[s], channel, rules);
        TRY_DO(write(assembly, owned[s], stored.shards.axis, options));
    }
    return {};
}

/// Collective. Sums the accounts of every file over ranks.
void sum_accounts(par::Comm& comm, std::vector<model::RowAccount>& accounts) {
    std::vector<std::int64_t> flat;
    for (const auto& a : accounts) {
        for (const std::uint64_t n : {a.read, a.accepted, a.superseded, a.duplicate, a.estimated, a.substituted}) flat.push_back(static_cast<std::int64_t>(n));
        for (const std::uint64_t n : a.quarantined) flat.push_back(static_cast<std::int64_t>(n));
        flat.push_back(a.residue_nwh);
    }
    comm.sum(flat);
    auto next = flat.begin();
    for (auto& a : accounts) {
        for (std::uint64_t* n : {&a.read, &a.accepted, &a.superseded, &a.duplicate, &a.estimated, &a.substituted}) *n = static_cast<std::uint64_t>(*next++);
        for (std::uint64_t& n : a.quarantined) n = static_cast<std::uint64_t>(*next++);
        a.residue_nwh = *next++;
    }
}

/// Collective. Sums the quality of every region over ranks.
void sum_quality(par::Comm& comm, std::vector<RegionQuality>& regions) {
    for (RegionQuality& region : regions) {
        const auto fields = counts(region);
        std::vector<std::int64_t> flat;
        for (const std::uint64_t* field : fields) flat.push_back(static_cast<std::int64_t>(*field));
        comm.sum(flat);
        for (std::size_t i = 0; i < fields.size(); ++i) *fields[i] = static_cast<std::uint64_t>(flat[i]);
    }
}

}  // namespace

std::uint64_t dense_bytes(std::uint64_t meters, std::uint64_t intervals, std::size_t num_files) {
    return model::num_channels * Assembly::bytes_of(meters, intervals, num_files);
}

std::uint64_t spooled_bytes(std::uint64_t intervals, std::size_t num_files) {
    const std::uint64_t versions = model::num_channels * meters_per_shard * intervals * sizeof(std::uint32_t);
    return dense_bytes(meters_per_shard, intervals, num_files) + versions;
}

Result<Stored> run(par::Comm& comm, model::PlacedStream& stream, const model::ShardPlan& plan, Placement placement,
                   const model::Hierarchy& hierarchy, const model::Axis& axis, std::size_t num_files, const Options& options) {
    const std::uint32_t parts = options.readings_per_interval;
    EXPECTS(parts >= 1 && axis.count % parts == 0);
    Stored stored;
    stored.accounts.resize(num_files);
    stored.shards = {plan, {axis.start, axis.length * parts, axis.count / parts}, options.energy_quantum_wh, {}};
    stored.months = options.months.empty() ? std::vector<std::uint32_t>{0, axis.count / parts} : options.months;
    for (auto& regions : stored.quality) {
        regions.resize(hierarchy.nodes[0].num_children);
        for (RegionQuality& region : regions) region.months.resize(stored.months.size() - 1);
    }
    const bool dense = !stream.is_versioned() && fits_in_memory(placement.owned, axis, num_files, options);
    stored.spooled = par::max(comm, dense ? 0 : 1) != 0;
    const std::string scratch = (io::Path(options.custody) / "scratch").string();
    TRY(const auto hall, par::agree(comm, make_hall(placement.owned, axis.count, num_files, dense, scratch)));
    TRY_DO(receive(comm, stream, *hall, stored.accounts));
    TRY_DO(par::agree_on(comm, [&] { return finish_shards(*hall, placement.owned, hierarchy, axis, options, stored); }));
    sum_accounts(comm, stored.accounts);
    for (auto& regions : stored.quality) sum_quality(comm, regions);
    stored.shards.owned = std::move(placement.owned);
    return stored;
}

}  // namespace meterveil::store
