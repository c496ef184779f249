#include "meterveil/store/run.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "store/clean.hpp"
#include "store/join.hpp"
#include "store/run_hall.hpp"

namespace meterveil::store {
namespace {

using model::Channel;
constexpr std::array both_channels = {Channel::import, Channel::export_};

/// Share of the rank's memory that the dense matrices may take; the rest is for batches and encoding.
constexpr double dense_share = 0.6;

bool fits_in_memory(const std::vector<model::OwnedShard>& owned, const model::Axis& axis, std::size_t num_files, const Options& options) {
    std::uint64_t meters = 0;
    for (const auto& shard : owned) meters += shard.rows.size();
    const auto bytes = model::num_channels * Assembly::bytes_of(meters, axis.count, num_files);
    return static_cast<double>(bytes) <= dense_share * static_cast<double>(options.memory_bytes);
}

/// Collective. Pulls the stream dry: every reading into the hall of its shard's owner.
Result<> receive(par::Comm& comm, model::PlacedStream& stream, Hall& hall, std::vector<model::RowAccount>& accounts) {
    for (model::PlacedBatch batch;;) {
        TRY(const bool more, stream.next(batch));
        if (!more) return {};
        accounts.at(batch.file) += batch.account;
        const auto files = par::all_gather(comm, std::vector<std::uint32_t>{batch.file});
        const auto received = par::exchange(comm, batch.to);
        std::vector<std::vector<std::uint32_t>> versions(received.size());
        if (stream.is_versioned()) versions = par::exchange(comm, batch.versions);
        TRY_DO(par::agree_on(comm, [&]() -> Result<> {
            for (std::size_t r = 0; r < received.size(); ++r) TRY_DO(hall.take(received[r], versions[r], files[r][0]));
            return {};
        }));
    }
}

std::string hex(const model::Pseudonym& pseudonym) {
    std::string text;
    for (const std::byte byte : pseudonym.value) text += fmt::format("{:02x}", std::to_integer<int>(byte));
    return text;
}

/// The values of cells with several: no order among them, so none is believed.
Result<> set_aside(const std::vector<Assembly::Conflict>& conflicts, const model::OwnedShard& shard, const model::Axis& axis,
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

/// Cleans every series on the axis of the readings, then joins it, in place, to that of the shards.
void clean_rows(Assembly& assembly, model::OwnedShard& shard, const Days& days, const Options& options) {
    const std::uint32_t parts = options.readings_per_interval;
    exec::for_each_index(shard.rows.size(), [&](std::size_t i) {
        model::ShardRow& row = shard.rows[i];
        for (const Channel channel : both_channels) {
            const auto series = assembly.series(channel, static_cast<std::uint32_t>(i));
            if (series.empty()) continue;
            const auto c = static_cast<std::size_t>(channel);
            row.measured[c] = num_whole(series, parts);
            row.takes_part[c] = clean(series, days, options.fill, options.min_coverage).takes_part;
            const auto joined = series.first(series.size() / parts);
            join(series, parts, joined);
            row.filled[c] = row.takes_part[c] ? static_cast<std::uint32_t>(joined.size()) - row.measured[c] : 0;
        }
    });
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

/// Local. Every shard of this rank: assembled, settled, cleaned, written.
Result<> finish_shards(Hall& hall, std::vector<model::OwnedShard>& owned, const Days& days, const model::Axis& axis,
                       const model::Axis& shard_axis, const Options& options, std::vector<model::RowAccount>& accounts) {
    TRY_DO(io::make_private_folder(io::Path(options.custody) / "shards"));
    for (std::size_t s = 0; s < owned.size(); ++s) {
        TRY(Assembly assembly, hall.assemble(s));
        TRY_DO(set_aside(assembly.settle(), owned[s], axis, options));
        for (std::size_t f = 0; f < accounts.size(); ++f) accounts[f] += assembly.accounts()[f];
        clean_rows(assembly, owned[s], days, options);
        TRY_DO(write(assembly, owned[s], shard_axis, options));
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

using RegionQuality = Stored::RegionQuality;

void add_row(RegionQuality& region, const model::ShardRow& row, std::uint32_t intervals) {
    ++region.meters;
    if (row.measured[0] == 0) ++region.silent;
    else if (!row.takes_part[0]) ++region.low_coverage;
    if (!row.takes_part[0]) return;
    ++region.takes_part;
    region.intervals += intervals;
    region.measured += row.measured[0];
    region.filled += row.filled[0];
}

/// Collective. Quality of every region over all ranks.
std::vector<RegionQuality> region_quality(par::Comm& comm, const std::vector<model::OwnedShard>& owned, const model::ShardPlan& plan,
                                          const model::Hierarchy& hierarchy, const model::Axis& axis) {
    std::vector<RegionQuality> regions(hierarchy.nodes[0].num_children);
    for (const auto& shard : owned)
        for (const auto& row : shard.rows) add_row(regions[plan.shards[shard.id].region - hierarchy.nodes[0].first_child], row, axis.count);
    for (RegionQuality& r : regions) {
        std::array<std::int64_t, 7> n{};
        const std::array<std::uint64_t*, 7> fields = {&r.meters, &r.takes_part, &r.low_coverage, &r.silent, &r.intervals, &r.measured, &r.filled};
        for (std::size_t i = 0; i < n.size(); ++i) n[i] = static_cast<std::int64_t>(*fields[i]);
        comm.sum(n);
        for (std::size_t i = 0; i < n.size(); ++i) *fields[i] = static_cast<std::uint64_t>(n[i]);
    }
    return regions;
}

}  // namespace

Result<Stored> run(par::Comm& comm, model::PlacedStream& stream, const model::ShardPlan& plan, Placement placement,
                   const model::Hierarchy& hierarchy, const model::Axis& axis, std::size_t num_files, const Options& options) {
    Stored stored;
    stored.accounts.resize(num_files);
    const model::Axis shard_axis{axis.start, axis.length * options.readings_per_interval, axis.count / options.readings_per_interval};
    const bool dense = !stream.is_versioned() && fits_in_memory(placement.owned, axis, num_files, options);
    stored.spooled = par::max(comm, dense ? 0 : 1) != 0;
    const std::string scratch = (io::Path(options.custody) / "scratch").string();
    TRY(const auto hall, par::agree(comm, make_hall(placement.owned, axis.count, num_files, dense, scratch)));
    TRY_DO(receive(comm, stream, *hall, stored.accounts));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        const Days days = make_days(options.calendar, axis);
        return finish_shards(*hall, placement.owned, days, axis, shard_axis, options, stored.accounts);
    }));
    sum_accounts(comm, stored.accounts);
    stored.regions = region_quality(comm, placement.owned, plan, hierarchy, shard_axis);
    stored.shards = {plan, shard_axis, options.energy_quantum_wh, std::move(placement.owned)};
    return stored;
}

}  // namespace meterveil::store
