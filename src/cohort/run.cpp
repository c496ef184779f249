#include "meterveil/cohort/run.hpp"

#include <algorithm>
#include <map>
#include <mutex>

#include "cohort/pool.hpp"
#include "cohort/run_survey.hpp"
#include "cohort/wire.hpp"
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

using SubjectSums = std::map<Presence, std::vector<std::int64_t>>;

/// What every subject of a shard used on every leaf.
Result<SubjectSums> subject_sums(const model::OwnedShard& shard, const model::ShardSet& shards, Channel channel, const Options& options) {
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
            auto& sum = sums.try_emplace({shard.rows[r].record.subject, shard.rows[r].record.leaf}, options.num_slots(), 0).first->second;
            for (std::size_t s = 0; s < sum.size(); ++s) sum[s] += of_row[r - first][s];
        }
    });
    if (!outcome.ok()) return std::move(outcome).error();
    return sums;
}

/// Facts of the leaves as far as a rank's shards go.
struct Known {
    LeafFacts standing, joined;
};

Result<Known> local_facts(const model::ShardSet& shards, std::size_t num_leaves, NodeId first, Channel channel, const Survey& survey, const Options& options) {
    Known known{LeafFacts(num_leaves), LeafFacts(num_leaves)};
    for (const auto& shard : shards.owned) {
        if (!shard.has_channel[static_cast<int>(channel)]) continue;
        TRY(const SubjectSums sums, subject_sums(shard, shards, channel, options));
        for (const auto& [presence, energy] : sums) {
            model::SetFacts& set = (survey.newcomers.contains(presence) ? known.joined : known.standing)[presence.leaf - first];
            if (set.slots == 0) set = model::SetFacts(options.num_slots(), options.rules.num_top());
            if (survey.spanning.contains(presence.subject)) set.span(presence.subject, energy);
            else set.fold(energy);
        }
    }
    return known;
}

/// Collective. Facts of all leaves on every rank.
LeafFacts merge_over_ranks(par::Comm& comm, const LeafFacts& mine, const Options& options) {
    std::vector<std::int64_t> numbers;
    for (std::uint32_t leaf = 0; leaf < mine.size(); ++leaf)
        if (mine[leaf].slots != 0) pack(leaf, mine[leaf], numbers);
    LeafFacts all(mine.size());
    for (const auto& part : par::all_gather(comm, numbers)) unpack(part, options.num_slots(), options.rules.num_top(), all);
    return all;
}

/// Leaves of an earlier cohort stay together, unless those of then pass on each of them by themselves.
std::vector<std::uint32_t> bonds_of(const LeafFacts& earlier, const std::vector<std::uint32_t>& earlier_atom, const model::RuleSet& rules) {
    std::map<std::uint32_t, std::pair<std::size_t, bool>> cohorts;  // atom -> leaves, some fails
    const auto is_there = [&](std::size_t leaf) { return earlier_atom[leaf] != model::no_id && earlier[leaf].slots != 0; };
    for (std::size_t leaf = 0; leaf < earlier.size(); ++leaf) {
        if (!is_there(leaf)) continue;
        auto& [leaves, fails] = cohorts[earlier_atom[leaf]];
        ++leaves;
        fails = fails || !model::judge(rules, earlier[leaf]).passes;
    }
    std::vector<std::uint32_t> bonds(earlier.size(), model::no_id);
    for (std::size_t leaf = 0; leaf < earlier.size(); ++leaf)
        if (is_there(leaf) && cohorts[earlier_atom[leaf]].first > 1 && cohorts[earlier_atom[leaf]].second) bonds[leaf] = earlier_atom[leaf];
    return bonds;
}

void mark_newcomers(model::ShardSet& shards, Channel channel, const Survey& survey) {
    for (auto& shard : shards.owned)
        for (auto& row : shard.rows) row.is_newcomer[static_cast<int>(channel)] = survey.newcomers.contains({row.record.subject, row.record.leaf});
}

/// Facts of atoms stay with their owners.
void keep_own_facts(const par::Comm& comm, model::Partition& partition) {
    const IndexRange mine = block_of(partition.num_atoms(), static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
    for (std::uint64_t a = 0; a < partition.num_atoms(); ++a)
        if (a < mine.first || a >= mine.last) partition.atom_facts[a] = {};
}

}  // namespace

Result<std::vector<model::Partition>> run(par::Comm& comm, model::ShardSet& shards, const model::Hierarchy& hierarchy, const Options& options) {
    const NodeId first = first_leaf(hierarchy);
    const auto is_nobody = [](const LeafFacts& facts) { return std::all_of(facts.begin(), facts.end(), [](const auto& f) { return f.slots == 0; }); };
    std::vector<model::Partition> partitions;
    for (const Channel channel : {Channel::import, Channel::export_}) {
        const Survey found = survey(comm, shards, hierarchy, channel, options);
        TRY(const Known mine, par::agree_on(comm, [&] { return local_facts(shards, hierarchy.nodes.size() - first, first, channel, found, options); }));
        const LeafFacts standing = merge_over_ranks(comm, mine.standing, options);
        History history;
        if (options.before != nullptr) {
            history.joined = merge_over_ranks(comm, mine.joined, options);
            history.left = merge_over_ranks(comm, found.left, options);
            history.bond = bonds_of(merge_over_ranks(comm, found.earlier, options), found.earlier_atom, options.rules);
        }
        if (is_nobody(standing) && is_nobody(history.joined)) continue;
        mark_newcomers(shards, channel, found);
        for (auto& partition : build_partitions(channel, hierarchy, standing, options.rules, history)) {
            keep_own_facts(comm, partition);
            partitions.push_back(std::move(partition));
        }
    }
    return partitions;
}

}  // namespace meterveil::cohort
