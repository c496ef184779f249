#include "cohort/run_survey.hpp"

#include <algorithm>
#include <unordered_map>

#include "meterveil/par/exchange.hpp"

namespace meterveil::cohort {
namespace {

using model::Channel;
using model::NodeId;
using model::no_id;
using model::Pseudonym;

/// A subject's part in an earlier release. The record on the wire.
struct Earlier {
    Presence where;
    std::uint32_t atom = no_id, subject_class = 0;
    std::int64_t energy_wh = 0;
    auto operator<=>(const Earlier&) const = default;
};

/// What is told of a presence.
struct Told {
    bool is_spanning = false, is_newcomer = false;
};

/// Leaves by the path of their names, as the ledger has them.
std::vector<NodeId> leaves_of_then(const model::Hierarchy& hierarchy, const model::LedgerRecord& before) {
    std::unordered_map<std::string, NodeId> now;
    for (NodeId leaf = first_leaf(hierarchy); leaf < hierarchy.nodes.size(); ++leaf) now[model::path_of(hierarchy, leaf)] = leaf;
    std::vector<NodeId> leaves;
    for (const std::string& path : before.units.leaves) {
        const auto found = now.find(path);
        leaves.push_back(found == now.end() ? no_id : found->second);
    }
    return leaves;
}

/// The class of now for each class of then: by name, else the last, which takes in the rest.
std::vector<std::uint32_t> classes_of_then(const model::RuleSet& rules, const model::LedgerRecord& before) {
    std::vector<std::uint32_t> classes;
    for (const std::string& name : before.entry.subject_classes) {
        const auto found = std::find_if(rules.classes.begin(), rules.classes.end(), [&](const auto& c) { return c.subject_class == name; });
        classes.push_back(static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(found - rules.classes.begin(), std::ssize(rules.classes) - 1)));
    }
    return classes;
}

/// Of every leaf the atom that held most of its members: newcomers that waited were in others.
std::vector<std::uint32_t> main_atoms(par::Comm& comm, const std::vector<Earlier>& mine, NodeId first, std::size_t num_leaves) {
    struct Count {
        NodeId leaf = 0;
        std::uint32_t atom = 0;
        std::uint64_t members = 0;
    };
    std::map<std::pair<NodeId, std::uint32_t>, std::uint64_t> counts;
    for (const Earlier& e : mine)
        if (e.where.leaf != no_id) ++counts[{e.where.leaf, e.atom}];
    std::vector<Count> told;
    for (const auto& [key, members] : counts) told.push_back({key.first, key.second, members});
    std::map<std::pair<NodeId, std::uint32_t>, std::uint64_t> all;
    for (const auto& part : par::all_gather(comm, told))
        for (const Count& count : part) all[{count.leaf, count.atom}] += count.members;
    std::vector<std::uint32_t> atoms(num_leaves, no_id);
    std::vector<std::uint64_t> most(num_leaves, 0);
    for (const auto& [key, members] : all)
        if (members > most[key.first - first]) {
            most[key.first - first] = members;
            atoms[key.first - first] = key.second;
        }
    return atoms;
}

/// Collective. This rank's slice of the subjects of then, their parts on one leaf and atom added up.
std::vector<Earlier> subjects_of_then(par::Comm& comm, const model::Hierarchy& hierarchy, Channel channel, const Options& options) {
    const auto ranks = static_cast<std::uint32_t>(comm.size());
    const auto leaves = leaves_of_then(hierarchy, *options.before);
    const auto classes = classes_of_then(options.rules, *options.before);
    const auto c = static_cast<std::size_t>(channel);
    std::vector<std::vector<Earlier>> to(ranks);
    for (const model::Membership& m : options.before->members.members)
        if (m.atom[c] != no_id)
            to[model::slice_of(m.subject, ranks)].push_back({{m.subject, leaves[m.leaf]}, m.atom[c], classes[m.subject_class], m.energy_wh[c]});
    std::vector<Earlier> mine;
    for (const auto& part : par::exchange(comm, to)) mine.insert(mine.end(), part.begin(), part.end());
    std::sort(mine.begin(), mine.end());
    std::vector<Earlier> merged;
    for (const Earlier& e : mine) {
        const bool is_same = !merged.empty() && merged.back().where == e.where && merged.back().atom == e.atom && merged.back().subject_class == e.subject_class;
        if (is_same) merged.back().energy_wh += e.energy_wh;
        else merged.push_back(e);
    }
    return merged;
}

/// The ledger has the energy of the whole period: it stands for each slot of the subject's class.
void add(LeafFacts& facts, NodeId first, const Earlier& e, bool is_spanning, const Options& options) {
    std::vector<std::int64_t> energy(options.num_slots(), 0);
    const std::uint32_t bins = options.slots.num_bins();
    std::fill_n(energy.begin() + static_cast<std::ptrdiff_t>(std::size_t{e.subject_class} * bins), bins, e.energy_wh);
    auto& set = facts[e.where.leaf - first];
    if (set.slots == 0) set = model::SetFacts(options.num_slots(), options.rules.num_top());
    if (is_spanning) set.span(e.where.subject, energy);
    else set.fold(energy);
}

std::vector<std::vector<Presence>> presences_of(const model::ShardSet& shards, Channel channel, std::uint32_t ranks) {
    std::vector<std::vector<Presence>> to(ranks);
    for (const auto& shard : shards.owned)
        for (const auto& row : shard.rows)
            if (row.takes_part[static_cast<int>(channel)]) to[model::slice_of(row.record.subject, ranks)].push_back({row.record.subject, row.record.leaf});
    for (auto& part : to) {
        std::sort(part.begin(), part.end());
        part.erase(std::unique(part.begin(), part.end()), part.end());
    }
    return to;
}

}  // namespace

Survey survey(par::Comm& comm, const model::ShardSet& shards, const model::Hierarchy& hierarchy, Channel channel, const Options& options) {
    const NodeId first = first_leaf(hierarchy);
    const std::size_t num_leaves = hierarchy.nodes.size() - first;
    const auto asked = presences_of(shards, channel, static_cast<std::uint32_t>(comm.size()));
    const auto questions = par::exchange(comm, asked);
    std::map<Pseudonym, std::set<NodeId>> now;
    for (const auto& part : questions)
        for (const Presence& p : part) now[p.subject].insert(p.leaf);

    Survey survey;
    std::set<Presence> then;
    if (options.before != nullptr) {
        const auto earlier = subjects_of_then(comm, hierarchy, channel, options);
        survey.earlier_atom = main_atoms(comm, earlier, first, num_leaves);
        survey.left.resize(num_leaves);
        survey.earlier.resize(num_leaves);
        std::map<Pseudonym, std::size_t> leaves_then;
        const auto stood = [&](const Earlier& e) { return e.where.leaf != no_id && survey.earlier_atom[e.where.leaf - first] == e.atom; };
        for (const Earlier& e : earlier)
            if (stood(e)) ++leaves_then[e.where.subject];
        for (const Earlier& e : earlier) {
            if (!stood(e)) continue;
            const bool is_spanning = leaves_then[e.where.subject] > 1;
            add(survey.earlier, first, e, is_spanning, options);
            then.insert(e.where);
            const auto found = now.find(e.where.subject);
            if (found == now.end() || !found->second.contains(e.where.leaf)) add(survey.left, first, e, is_spanning, options);
        }
    }
    std::vector<std::vector<Told>> answers;
    for (const auto& part : questions) {
        auto& answer = answers.emplace_back();
        for (const Presence& p : part) answer.push_back({now[p.subject].size() > 1, options.before != nullptr && !then.contains(p)});
    }
    const auto told = par::exchange(comm, answers);
    for (std::size_t r = 0; r < told.size(); ++r)
        for (std::size_t i = 0; i < told[r].size(); ++i) {
            if (told[r][i].is_spanning) survey.spanning.insert(asked[r][i].subject);
            if (told[r][i].is_newcomer) survey.newcomers.insert(asked[r][i]);
        }
    return survey;
}

}  // namespace meterveil::cohort
