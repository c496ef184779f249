#include "cohort/run_survey.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "cohort/matching.hpp"
#include "cohort/wire.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::cohort {
namespace {

using model::Channel;
using model::no_id;
using model::NodeId;
using model::Pseudonym;

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

/// Collective. Of every leaf the atom that held most of its members: newcomers that waited were in others.
std::vector<std::uint32_t> main_atoms(par::Comm& comm, const std::vector<MeterThen>& mine, NodeId first, std::size_t num_leaves) {
    struct Count {
        NodeId leaf = 0;
        std::uint32_t atom = 0;
        std::uint64_t members = 0;
    };
    std::map<std::pair<NodeId, std::uint32_t>, std::uint64_t> counts;
    for (const MeterThen& meter : mine)
        if (meter.leaf != no_id) ++counts[{meter.leaf, meter.atom}];
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

/// Collective. This rank's slice of the subjects of then.
std::vector<MeterThen> meters_of_then(par::Comm& comm, const model::Hierarchy& hierarchy, Channel channel, const Options& options) {
    const auto ranks = static_cast<std::uint32_t>(comm.size());
    const auto leaves = leaves_of_then(hierarchy, *options.before);
    const auto classes = classes_of_then(options.rules, *options.before);
    const auto c = static_cast<std::size_t>(channel);
    std::vector<std::vector<MeterThen>> to(ranks);
    for (const model::Membership& m : options.before->members.members)
        if (m.atom[c] != no_id) to[model::slice_of(m.subject, ranks)].push_back({m.subject, m.member, leaves[m.leaf], m.atom[c], classes[m.subject_class], m.energy_wh[c]});
    std::vector<MeterThen> mine;
    for (const auto& part : par::exchange(comm, to)) mine.insert(mine.end(), part.begin(), part.end());
    return mine;
}

/// Meters that take part, by the rank that holds their subjects' slice, in the order of shards and rows.
std::vector<std::vector<MeterNow>> meters_of_now(const model::ShardSet& shards, Channel channel, std::uint32_t ranks) {
    std::vector<std::vector<MeterNow>> to(ranks);
    for (const auto& shard : shards.owned)
        for (const auto& row : shard.rows)
            if (row.takes_part[static_cast<std::size_t>(channel)]) to[model::slice_of(row.record.subject, ranks)].push_back({row.record.subject, row.record.member, row.record.leaf});
    return to;
}

/// Calls visit(now, then) with the meters of one subject after another.
template <class Visit>
void for_each_subject(const std::vector<MeterNow>& now, const std::vector<MeterThen>& then, Visit&& visit) {
    const auto by_subject = [](const auto& meters) {
        std::vector<decltype(meters.data())> order;
        for (const auto& meter : meters) order.push_back(&meter);
        std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->subject < b->subject; });
        return order;
    };
    const auto all_now = by_subject(now);
    const auto all_then = by_subject(then);
    for (std::size_t i = 0, j = 0; i < all_now.size() || j < all_then.size();) {
        const bool is_of_now = j == all_then.size() || (i < all_now.size() && all_now[i]->subject < all_then[j]->subject);
        const Pseudonym subject = is_of_now ? all_now[i]->subject : all_then[j]->subject;
        std::vector<const MeterNow*> of_now;
        std::vector<const MeterThen*> of_then;
        while (i < all_now.size() && all_now[i]->subject == subject) of_now.push_back(all_now[i++]);
        while (j < all_then.size() && all_then[j]->subject == subject) of_then.push_back(all_then[j++]);
        visit(std::move(of_now), std::move(of_then));
    }
}

/// What moved, as far as this rank's slice of subjects goes.
class Tally {
public:
    explicit Tally(const Options& options) : options_(options) {}

    /// Adds a subject. Calls tell(meter, whence) for each of its meters of now.
    template <class Tell>
    void add(const std::vector<Match>& matches, Tell&& tell) {
        const Pseudonym subject = matches[0].now != nullptr ? matches[0].now->subject : matches[0].then->subject;
        std::set<Move> places;
        std::map<std::pair<Move, std::uint32_t>, std::int64_t> energy;  // of a class of subjects
        for (const Match& match : matches) {
            const Move move{match.then != nullptr ? match.then->atom : no_id, match.now != nullptr ? match.now->leaf : no_id};
            places.insert(move);
            if (match.then == nullptr) continue;
            // Whoever moved is one of the flow whatever he used then; who left tells nothing if he used nothing.
            const std::int64_t least = match.now != nullptr ? 1 : 0;
            if (match.then->energy_wh + least > 0) energy[{move, match.then->subject_class}] += std::max(least, match.then->energy_wh);
        }
        for (const auto& [key, wh] : energy) add(facts_.try_emplace(key.first, options_.num_slots(), options_.rules.num_top()).first->second, subject, key.second, wh, places.size() > 1);
        for (const Match& match : matches)
            if (match.now != nullptr) tell(*match.now, Whence{match.then != nullptr ? match.then->atom : no_id, places.size() > 1});
    }

    /// Collective. @return the moves of all ranks
    Moves merge(par::Comm& comm) const {
        Moves all;
        std::vector<Move> mine;
        for (const auto& [move, facts] : facts_) mine.push_back(move);
        for (const auto& part : par::all_gather(comm, mine)) all.moves.insert(all.moves.end(), part.begin(), part.end());
        std::sort(all.moves.begin(), all.moves.end());
        all.moves.erase(std::unique(all.moves.begin(), all.moves.end()), all.moves.end());
        LeafFacts facts(all.moves.size());
        for (const auto& [move, fact] : facts_) facts[static_cast<std::size_t>(std::lower_bound(all.moves.begin(), all.moves.end(), move) - all.moves.begin())] = fact;
        all.facts = merge_over_ranks(comm, facts, options_);
        return all;
    }

private:
    /// The ledger has the energy of the whole period: it stands for each slot of the subject's class.
    void add(model::SetFacts& facts, const Pseudonym& subject, std::uint32_t subject_class, std::int64_t wh, bool is_spanning) const {
        std::vector<std::int64_t> energy(options_.num_slots(), 0);
        const std::uint32_t bins = options_.slots.num_bins();
        std::fill_n(energy.begin() + static_cast<std::ptrdiff_t>(std::size_t{subject_class} * bins), bins, wh);
        if (is_spanning) facts.span(subject, energy);
        else facts.fold(energy);
    }

    const Options& options_;
    std::map<Move, model::SetFacts> facts_;
};

}  // namespace

LeafFacts merge_over_ranks(par::Comm& comm, const LeafFacts& mine, const Options& options) {
    std::vector<std::int64_t> numbers;
    for (std::uint32_t i = 0; i < mine.size(); ++i)
        if (mine[i].slots != 0) pack(i, mine[i], numbers);
    LeafFacts all(mine.size());
    for (const auto& part : par::all_gather(comm, numbers)) unpack(part, options.num_slots(), options.rules.num_top(), all);
    return all;
}

Survey survey(par::Comm& comm, const model::ShardSet& shards, const model::Hierarchy& hierarchy, Channel channel, const Options& options) {
    std::vector<MeterNow> now;
    std::vector<std::size_t> num_asked;
    for (const auto& part : par::exchange(comm, meters_of_now(shards, channel, static_cast<std::uint32_t>(comm.size())))) {
        now.insert(now.end(), part.begin(), part.end());
        num_asked.push_back(part.size());
    }
    std::vector<MeterThen> then;
    if (options.before != nullptr) then = meters_of_then(comm, hierarchy, channel, options);
    Tally tally(options);
    std::vector<Whence> whence(now.size());
    for_each_subject(now, then, [&](auto of_now, auto of_then) {
        tally.add(match_meters(std::move(of_now), std::move(of_then)), [&](const MeterNow& meter, const Whence& told) { whence[static_cast<std::size_t>(&meter - now.data())] = told; });
    });
    std::vector<std::vector<Whence>> answers;
    auto next_answer = whence.begin();
    for (const std::size_t count : num_asked) {
        answers.emplace_back(next_answer, next_answer + static_cast<std::ptrdiff_t>(count));
        next_answer += static_cast<std::ptrdiff_t>(count);
    }

    Survey survey;
    if (options.before != nullptr) {
        survey.moves = tally.merge(comm);
        survey.moves.main_atom = main_atoms(comm, then, first_leaf(hierarchy), hierarchy.nodes.size() - first_leaf(hierarchy));
    }
    const auto told = par::exchange(comm, answers);
    std::vector<std::size_t> next(told.size(), 0);
    for (const auto& shard : shards.owned) {
        auto& rows = survey.whence.emplace_back(shard.rows.size());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            if (!shard.rows[i].takes_part[static_cast<std::size_t>(channel)]) continue;
            const std::uint32_t to = model::slice_of(shard.rows[i].record.subject, static_cast<std::uint32_t>(told.size()));
            rows[i] = told[to][next[to]++];
        }
    }
    return survey;
}

}  // namespace meterveil::cohort
