#include "meterveil/aggregate/run.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "aggregate/sum_rows.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::aggregate {
namespace {

using model::Channel;
using model::Partition;

/// Energy of every interval, then filled readings, then all readings.
using Row = std::vector<std::int64_t>;
/// Units that are rolled up in one round of exchange: bounds the memory on the wire.
constexpr std::uint64_t units_a_round = 64;

std::size_t width(const model::ShardSet& shards) { return std::size_t{shards.axis.count} + 2; }

/// Local. Sums of the atoms that one shard has meters of.
Result<std::map<model::AtomId, Row>> sum_shard(const model::OwnedShard& shard, const model::ShardSet& shards, const Partition& partition) {
    const auto channel = static_cast<int>(partition.channel);
    std::map<model::AtomId, Row> sums;
    std::mutex guard;
    Result<> outcome;
    const std::size_t rows = shard.rows.size(), step = io::shard_chunk_meters, intervals = shards.axis.count;
    exec::for_each_index((rows + step - 1) / step, [&](std::size_t chunk) {
        const auto first = static_cast<std::uint32_t>(chunk * step), last = static_cast<std::uint32_t>(std::min(rows, (chunk + 1) * step));
        std::vector<std::int32_t> quanta((last - first) * intervals);
        auto read = io::read_rows(shard.path, partition.channel, first, last, shards.axis.count, quanta);
        std::map<model::AtomId, Row> of_chunk;
        for (std::uint32_t r = first; read.ok() && r < last; ++r) {
            const model::ShardRow& row = shard.rows[r];
            const model::AtomId atom = partition.atom_of(row.record.leaf, row.is_newcomer[channel]);
            if (!row.takes_part[channel] || atom == model::no_id) continue;
            Row& sum = of_chunk.try_emplace(atom, width(shards), 0).first->second;
            add_row(std::span(quanta).subspan((r - first) * intervals, intervals), sum);
            sum[intervals] += row.filled[channel];
            sum[intervals + 1] += static_cast<std::int64_t>(intervals);
        }
        const std::lock_guard lock(guard);
        if (!read.ok()) outcome = std::move(read);
        for (const auto& [atom, row] : of_chunk) add_row(std::span<const std::int64_t>(row), sums.try_emplace(atom, width(shards), 0).first->second);
    });
    if (!outcome.ok()) return std::move(outcome).error();
    return sums;
}

/// Rows on their way to the ranks that own them, each led by its number.
class Mail {
public:
    Mail(par::Comm& comm, std::size_t row_width) : comm_(comm), width_(row_width), to_(static_cast<std::size_t>(comm.size())) {}
    void post(std::uint64_t owner, std::uint64_t number, std::span<const std::int64_t> row) {
        auto& part = to_[owner];
        part.push_back(static_cast<std::int64_t>(number));
        part.insert(part.end(), row.begin(), row.end());
    }
    /// Collective. Calls take(number, row) for everything that was sent here.
    template <class Take>
    void deliver(Take&& take) {
        for (const auto& part : par::exchange(comm_, to_))
            for (std::size_t at = 0; at < part.size(); at += width_ + 1)
                take(static_cast<std::uint64_t>(part[at]), std::span(part).subspan(at + 1, width_));
        for (auto& part : to_) part.clear();
    }

private:
    par::Comm& comm_;
    std::size_t width_;
    std::vector<std::vector<std::int64_t>> to_;
};

/// Collective. Sums of this rank's block of atoms: one shard of every rank a round.
Result<std::vector<Row>> sum_atoms(par::Comm& comm, const model::ShardSet& shards, const Partition& partition) {
    const auto ranks = static_cast<std::uint64_t>(comm.size());
    const IndexRange mine = block_of(partition.num_atoms(), ranks, static_cast<std::uint64_t>(comm.rank()));
    std::vector<Row> atoms(mine.size(), Row(width(shards), 0));
    const auto rounds = static_cast<std::size_t>(par::max(comm, static_cast<std::int64_t>(shards.owned.size())));
    Mail mail(comm, width(shards));
    for (std::size_t round = 0; round < rounds; ++round) {
        TRY(const auto sums, par::agree_on(comm, [&]() -> Result<std::map<model::AtomId, Row>> {
                if (round >= shards.owned.size() || !shards.owned[round].has_channel[static_cast<int>(partition.channel)]) return std::map<model::AtomId, Row>{};
                return sum_shard(shards.owned[round], shards, partition);
            }));
        for (const auto& [atom, row] : sums) mail.post(part_of(partition.num_atoms(), ranks, atom), atom, row);
        mail.deliver([&](std::uint64_t atom, std::span<const std::int64_t> row) { add_row(row, atoms[atom - mine.first]); });
    }
    return atoms;
}

/// The atoms of this rank as a partition numbers them, ascending.
using Numbered = std::vector<std::pair<model::AtomId, const Row*>>;

/// @param summed the partition whose atoms they are
/// @param wanted the same one, or one of the same atoms in another order
Numbered numbered(const std::vector<Row>& atoms, IndexRange mine, const Partition& summed, const Partition& wanted) {
    const auto numbers = wanted.is_by_class() ? model::numbers_by_class(summed, wanted) : std::vector<model::AtomId>();
    Numbered all;
    for (std::uint64_t a = mine.first; a < mine.last; ++a) all.emplace_back(wanted.is_by_class() ? numbers[a] : static_cast<model::AtomId>(a), &atoms[a - mine.first]);
    std::sort(all.begin(), all.end());
    return all;
}

/// Sum of the atoms of this rank that a unit contains; empty if it contains none.
Row partial(const model::Unit& unit, const Numbered& atoms) {
    Row sum;
    for (auto at = std::lower_bound(atoms.begin(), atoms.end(), std::pair(unit.first_atom, static_cast<const Row*>(nullptr))); at != atoms.end() && at->first - unit.first_atom < unit.num_atoms; ++at) {
        if (sum.empty()) sum.assign(at->second->size(), 0);
        add_row(std::span<const std::int64_t>(*at->second), sum);
    }
    return sum;
}

/// Collective. Units of this rank from everybody's atoms.
model::ChannelCells roll_up(par::Comm& comm, const model::ShardSet& shards, const Partition& partition, const Numbered& atoms) {
    const auto ranks = static_cast<std::uint64_t>(comm.size()), rank = static_cast<std::uint64_t>(comm.rank());
    const std::size_t intervals = shards.axis.count;
    model::ChannelCells cells;
    cells.channel = partition.channel;
    cells.owned = block_of(partition.units.size(), ranks, rank);
    cells.energy_wh.assign(cells.owned.size() * intervals, 0);
    cells.filled.assign(cells.owned.size(), 0);
    cells.readings.assign(cells.owned.size(), 0);
    Mail mail(comm, width(shards));
    for (std::uint64_t first = 0; first < partition.units.size(); first += units_a_round) {
        const std::uint64_t last = std::min<std::uint64_t>(first + units_a_round, partition.units.size());
        for (std::uint64_t u = first; u < last; ++u)
            if (const Row row = partial(partition.units[u], atoms); !row.empty()) mail.post(part_of(partition.units.size(), ranks, u), u, row);
        mail.deliver([&](std::uint64_t unit, std::span<const std::int64_t> row) {
            const std::uint64_t i = unit - cells.owned.first;
            add_row(row.first(intervals), std::span(cells.energy_wh).subspan(i * intervals, intervals));
            cells.filled[i] += static_cast<std::uint64_t>(row[intervals]);
            cells.readings[i] += static_cast<std::uint64_t>(row[intervals + 1]);
        });
    }
    for (std::int64_t& value : cells.energy_wh) value *= shards.energy_quantum_wh;
    return cells;
}

}  // namespace

Result<model::Cells> run(par::Comm& comm, const model::ShardSet& shards, const std::vector<Partition>& partitions) {
    model::Cells cells{shards.axis, {}};
    std::vector<Row> atoms;
    const Partition* summed = nullptr;
    for (const Partition& partition : partitions) {
        if (!partition.is_by_class()) {
            TRY(atoms, sum_atoms(comm, shards, partition));
            summed = &partition;
        }
        const IndexRange mine = block_of(summed->num_atoms(), static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
        cells.channels.push_back(roll_up(comm, shards, partition, numbered(atoms, mine, *summed, partition)));
    }
    return cells;
}

}  // namespace meterveil::aggregate
