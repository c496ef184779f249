#include "meterveil/cohort/run.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "cohort/pool.hpp"
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
using model::Pseudonym;

/// A subject that has a meter on a leaf. The record on the wire.
struct Presence {
    Pseudonym subject;
    NodeId leaf = 0;
    auto operator<=>(const Presence&) const = default;
};

/// Collective. Subjects of this rank's meters that have meters on more than one leaf, anywhere.
std::set<Pseudonym> spanning_subjects(par::Comm& comm, const model::ShardSet& shards, Channel channel) {
    const auto ranks = static_cast<std::uint32_t>(comm.size());
    std::vector<std::vector<Presence>> questions(ranks);
    for (const auto& shard : shards.owned)
        for (const auto& row : shard.rows)
            if (row.takes_part[static_cast<int>(channel)])
                questions[model::slice_of(row.record.subject, ranks)].push_back({row.record.subject, row.record.leaf});
    for (auto& part : questions) {
        std::sort(part.begin(), part.end());
        part.erase(std::unique(part.begin(), part.end()), part.end());
    }
    const auto asked = par::exchange(comm, questions);
    std::map<Pseudonym, std::set<NodeId>> leaves;
    for (const auto& part : asked)
        for (const Presence& p : part) leaves[p.subject].insert(p.leaf);
    std::vector<std::vector<Pseudonym>> answers;
    for (const auto& part : asked) {
        auto& answer = answers.emplace_back();
        for (const Presence& p : part)
            if (leaves[p.subject].size() > 1) answer.push_back(p.subject);
    }
    std::set<Pseudonym> spanning;
    for (const auto& part : par::exchange(comm, answers)) spanning.insert(part.begin(), part.end());
    return spanning;
}

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

/// Local. Facts of the leaves as far as this rank's shards go.
Result<LeafFacts> local_facts(const model::ShardSet& shards, std::size_t num_leaves, NodeId first, Channel channel, const std::set<Pseudonym>& spanning,
                              const Options& options) {
    LeafFacts facts(num_leaves);
    for (const auto& shard : shards.owned) {
        if (!shard.has_channel[static_cast<int>(channel)]) continue;
        TRY(const SubjectSums sums, subject_sums(shard, shards, channel, options));
        for (const auto& [presence, energy] : sums) {
            model::SetFacts& set = facts[presence.leaf - first];
            if (set.slots == 0) set = model::SetFacts(options.num_slots(), options.rules.num_top());
            if (spanning.contains(presence.subject)) set.span(presence.subject, energy);
            else set.fold(energy);
        }
    }
    return facts;
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

/// Facts of atoms stay with their owners.
void keep_own_facts(const par::Comm& comm, model::Partition& partition) {
    const IndexRange mine = block_of(partition.num_atoms(), static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
    for (std::uint64_t a = 0; a < partition.num_atoms(); ++a)
        if (a < mine.first || a >= mine.last) partition.atom_facts[a] = {};
}

}  // namespace

Result<std::vector<model::Partition>> run(par::Comm& comm, const model::ShardSet& shards, const model::Hierarchy& hierarchy, const Options& options) {
    const NodeId first = first_leaf(hierarchy);
    std::vector<model::Partition> partitions;
    for (const Channel channel : {Channel::import, Channel::export_}) {
        const auto spanning = spanning_subjects(comm, shards, channel);
        TRY(const LeafFacts mine, par::agree_on(comm, [&] {
                return local_facts(shards, hierarchy.nodes.size() - first, first, channel, spanning, options);
            }));
        const LeafFacts facts = merge_over_ranks(comm, mine, options);
        if (std::all_of(facts.begin(), facts.end(), [](const auto& f) { return f.slots == 0; })) continue;
        partitions.push_back(build_partition(channel, hierarchy, facts, options.rules));
        keep_own_facts(comm, partitions.back());
    }
    return partitions;
}

}  // namespace meterveil::cohort
