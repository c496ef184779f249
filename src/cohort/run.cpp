#include "meterveil/cohort/run.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "cohort/pool.hpp"
#include "cohort/run_survey.hpp"
#include "cohort/sets.hpp"
#include "meterveil/core/integer.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::cohort {
namespace {

using model::Channel;
using model::NodeId;

/// Wh of one meter in every slot: those of its class of subjects.
std::vector<std::int64_t> slot_sums(std::span<const std::int32_t> quanta, std::uint32_t subject_class, const Options& options, std::int64_t quantum_wh) {
    const model::Resolution& bins = options.slots;
    std::vector<std::int64_t> sums(options.num_slots(), 0);
    const auto of_class = std::span(sums).subspan(std::size_t{subject_class} * bins.num_bins(), bins.num_bins());
    for (std::size_t s = 0; s < of_class.size(); ++s)
        for (std::uint32_t t = bins.bounds[s]; t < bins.bounds[s + 1]; ++t) of_class[s] += quanta[t];
    for (std::int64_t& sum : sums) sum *= quantum_wh;
    return sums;
}

/// Why a meter is on its leaf.
enum class Standing : std::uint8_t {
    stands,  ///< it was in a sum with the leaf, or was let in
    joined,  ///< it was in no sum of the period before
    moved,   ///< it came from elsewhere, and waits
};

/// Who is on the leaves of this rank's shards, and why.
class Places {
public:
    Places(const Survey& survey, const std::vector<bool>& waits, bool has_past) : survey_(survey), waits_(waits), has_past_(has_past) {}
    [[nodiscard]] const Whence& whence(std::size_t shard, std::size_t row) const { return survey_.whence[shard][row]; }
    [[nodiscard]] Standing standing(std::size_t shard, std::size_t row, NodeId leaf) const {
        if (!has_past_) return Standing::stands;
        const std::uint32_t atom = whence(shard, row).atom;
        if (atom == model::no_id) return Standing::joined;
        const auto& moves = survey_.moves.moves;
        const auto found = std::lower_bound(moves.begin(), moves.end(), Move{atom, leaf});
        return waits_[static_cast<std::size_t>(found - moves.begin())] ? Standing::moved : Standing::stands;
    }

private:
    const Survey& survey_;
    const std::vector<bool>& waits_;
    bool has_past_;
};

/// A subject on a leaf.
struct Part {
    model::Pseudonym subject;
    NodeId leaf = 0;
    Standing standing = Standing::stands;
    auto operator<=>(const Part&) const = default;
};

struct PartSums {
    std::vector<std::int64_t> energy;  ///< [slot]
    bool is_spanning = false;
};
using SubjectSums = std::map<Part, PartSums>;

/// What every subject of a shard used on every leaf. @param s number of the shard among this rank's
Result<SubjectSums> subject_sums(const model::ShardSet& shards, std::size_t s, Channel channel, const Places& places, const Options& options) {
    const model::OwnedShard& shard = shards.owned[s];
    SubjectSums sums;
    std::mutex guard;
    Result<> outcome;
    const std::size_t rows = shard.rows.size(), step = io::shard_chunk_meters;
    exec::for_each_index((rows + step - 1) / step, [&](std::size_t chunk) {
        const auto first = static_cast<std::uint32_t>(chunk * step), last = static_cast<std::uint32_t>(std::min(rows, (chunk + 1) * step));
        std::vector<std::int32_t> quanta(std::size_t{last - first} * shards.axis.count);
        auto read = io::read_rows(shard.path, channel, first, last, shards.axis.count, quanta);
        std::vector<std::vector<std::int64_t>> of_row(last - first);
        for (std::uint32_t r = first; read.ok() && r < last; ++r)
            if (shard.rows[r].takes_part[static_cast<int>(channel)])
                of_row[r - first] = slot_sums(std::span(quanta).subspan(std::size_t{r - first} * shards.axis.count, shards.axis.count), shard.rows[r].record.subject_class, options, shards.energy_quantum_wh);
        const std::lock_guard lock(guard);
        if (!read.ok()) outcome = std::move(read);
        for (std::uint32_t r = first; r < last; ++r) {
            if (of_row[r - first].empty()) continue;
            const auto& record = shard.rows[r].record;
            PartSums& sum = sums[{record.subject, record.leaf, places.standing(s, r, record.leaf)}];
            sum.is_spanning = places.whence(s, r).is_spanning;
            sum.energy.resize(options.num_slots(), 0);
            for (std::size_t i = 0; i < sum.energy.size(); ++i) sum.energy[i] += of_row[r - first][i];
        }
    });
    if (!outcome.ok()) return std::move(outcome).error();
    return sums;
}

/// Facts of the leaves as far as a rank's shards go.
struct Known {
    LeafFacts standing, joined, moved;
};

Result<Known> local_facts(const model::ShardSet& shards, const model::Hierarchy& hierarchy, Channel channel, const Places& places, const Options& options) {
    const NodeId first = first_leaf(hierarchy);
    const std::size_t num_leaves = hierarchy.nodes.size() - first;
    Known known{LeafFacts(num_leaves), LeafFacts(num_leaves), LeafFacts(num_leaves)};
    for (std::size_t s = 0; s < shards.owned.size(); ++s) {
        if (!shards.owned[s].has_channel[static_cast<int>(channel)]) continue;
        TRY(const SubjectSums sums, subject_sums(shards, s, channel, places, options));
        for (const auto& [part, sum] : sums) {
            LeafFacts* facts[] = {&known.standing, &known.joined, &known.moved};
            model::SetFacts& set = (*facts[static_cast<std::size_t>(part.standing)])[part.leaf - first];
            if (set.slots == 0) set = model::SetFacts(options.num_slots(), options.rules.num_top());
            if (sum.is_spanning) set.span(part.subject, sum.energy);
            else set.fold(sum.energy);
        }
    }
    return known;
}

void mark_newcomers(model::ShardSet& shards, const model::Hierarchy& hierarchy, Channel channel, const Places& places, const LeafFacts& joined, const Options& options) {
    std::vector<bool> waits;  // [leaf] those who joined
    for (const auto& facts : joined) waits.push_back(must_wait(options.rules, facts));
    for (std::size_t s = 0; s < shards.owned.size(); ++s)
        for (std::size_t r = 0; r < shards.owned[s].rows.size(); ++r) {
            auto& row = shards.owned[s].rows[r];
            const auto c = static_cast<std::size_t>(channel);
            const Standing standing = row.takes_part[c] ? places.standing(s, r, row.record.leaf) : Standing::stands;
            row.is_newcomer[c] = standing == Standing::moved || (standing == Standing::joined && waits[row.record.leaf - first_leaf(hierarchy)]);
        }
}

/// Facts of atoms stay with their owners.
void keep_own_facts(const par::Comm& comm, model::Partition& partition) {
    const IndexRange mine = block_of(partition.num_atoms(), static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
    for (std::uint64_t a = 0; a < partition.num_atoms(); ++a)
        if (a < mine.first || a >= mine.last) partition.atom_facts[a] = {};
}

}  // namespace

Result<std::vector<model::Partition>> run(par::Comm& comm, model::ShardSet& shards, const model::Hierarchy& hierarchy, const Options& options) {
    const auto is_nobody = [](const LeafFacts& facts) { return std::all_of(facts.begin(), facts.end(), [](const auto& f) { return f.slots == 0; }); };
    std::vector<model::Partition> partitions;
    for (const Channel channel : {Channel::import, Channel::export_}) {
        const Survey found = survey(comm, shards, hierarchy, channel, options);
        Settled settled;
        if (options.before != nullptr) settled = settle(found.moves, hierarchy, options.rules);
        const Places places(found, settled.waits, options.before != nullptr);
        TRY(const Known mine, par::agree_on(comm, [&] { return local_facts(shards, hierarchy, channel, places, options); }));
        const LeafFacts standing = merge_over_ranks(comm, mine.standing, options);
        if (options.before != nullptr) {
            settled.history.joined = merge_over_ranks(comm, mine.joined, options);
            settled.history.moved = merge_over_ranks(comm, mine.moved, options);
        }
        if (is_nobody(standing) && is_nobody(settled.history.joined) && is_nobody(settled.history.moved)) continue;
        mark_newcomers(shards, hierarchy, channel, places, settled.history.joined, options);
        for (auto& partition : build_partitions(channel, hierarchy, standing, options.rules, settled.history)) {
            keep_own_facts(comm, partition);
            partitions.push_back(std::move(partition));
        }
    }
    return partitions;
}

}  // namespace meterveil::cohort
