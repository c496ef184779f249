#include "attributes/judge.hpp"

#include <algorithm>
#include <numeric>

#include "meterveil/exec/parallel.hpp"

namespace meterveil::attributes {

ClassReader::ClassReader(const Table& table, std::span<const Reference> references, bool with_sensitive) : table_(table), with_sensitive_(with_sensitive) {
    if (!with_sensitive) return;
    present_.resize(references.size());
    for (const Reference& reference : references) counts_.emplace_back(reference.counts.size(), 0);
    for (std::size_t s = 0; s < references.size(); ++s) histograms_.push_back({counts_[s], {}, &references[s]});
}

const ClassFacts& ClassReader::read(std::span<const std::uint32_t> tuples) {
    facts_ = {};
    for (std::size_t s = 0; s < counts_.size(); ++s) {
        for (const std::uint32_t value : present_[s]) counts_[s][value] = 0;
        present_[s].clear();
    }
    for (const std::uint32_t t : tuples) {
        facts_.customers += table_.customers[t];
        facts_.population += table_.population[t];
        if (!with_sensitive_) continue;
        for (std::uint64_t e = table_.first_entry[t]; e < table_.first_entry[t + 1]; ++e)
            for (std::size_t s = 0; s < counts_.size(); ++s) {
                const std::uint32_t value = table_.sensitive[e * table_.num_sensitive + s];
                if (counts_[s][value] == 0) present_[s].push_back(value);
                counts_[s][value] += table_.entry_customers[e];
            }
    }
    for (std::size_t s = 0; s < counts_.size(); ++s) histograms_[s].present = present_[s];
    facts_.sensitive = histograms_;
    return facts_;
}

void count(std::vector<Reference>& references, const Table& table, std::span<const std::uint8_t> is_in) {
    for (std::size_t s = 0; s < references.size(); ++s) {
        Reference& reference = references[s];
        std::fill(reference.counts.begin(), reference.counts.end(), 0);
        for (std::size_t t = 0; t < table.size(); ++t)
            for (std::uint64_t e = table.first_entry[t]; is_in[t] != 0 && e < table.first_entry[t + 1]; ++e)
                reference.counts[table.sensitive[e * table.num_sensitive + s]] += table.entry_customers[e];
        reference.total = std::accumulate(reference.counts.begin(), reference.counts.end(), std::uint64_t{0});
        reference.present.clear();
        for (std::uint32_t v = 0; v < reference.counts.size(); ++v)
            if (reference.counts[v] != 0) reference.present.push_back(v);
    }
}

bool holds_all(const Problem& problem, const ClassFacts& facts) {
    return std::all_of(problem.criteria.begin(), problem.criteria.end(), [&](const Requirement& r) { return r.criterion->holds(facts); });
}

bool needs_sensitive(const Problem& problem) {
    return std::any_of(problem.criteria.begin(), problem.criteria.end(), [](const Requirement& r) { return r.kind->needs_sensitive; });
}

/// The classes of a node.
struct NodeJudge::Classes {
    Grouping grouping;
    std::vector<std::uint64_t> customers, population;  // [class]
    std::vector<std::uint8_t> is_out;                  // [class] suppressed, or without customers
    std::vector<std::uint32_t> first, members;         // tuples of class c: members[first[c]] to members[first[c + 1]]

    Classes(const Table& table, Grouping of) : grouping(std::move(of)), customers(grouping.num_classes, 0), population(grouping.num_classes, 0) {
        for (std::size_t t = 0; t < table.size(); ++t) {
            customers[grouping.class_of[t]] += table.customers[t];
            population[grouping.class_of[t]] += table.population[t];
        }
        for (const std::uint64_t c : customers) is_out.push_back(c == 0);
    }
    void list_members() {
        if (!first.empty()) return;
        first.assign(grouping.num_classes + 1, 0);
        for (const std::uint32_t c : grouping.class_of) ++first[c + 1];
        std::partial_sum(first.begin(), first.end(), first.begin());
        members.resize(grouping.class_of.size());
        auto next = first;
        for (std::uint32_t t = 0; t < members.size(); ++t) members[next[grouping.class_of[t]]++] = t;
    }
    [[nodiscard]] std::span<const std::uint32_t> members_of(std::size_t c) const { return std::span(members).subspan(first[c], first[c + 1] - first[c]); }
    [[nodiscard]] std::uint64_t suppressed() const {
        std::uint64_t sum = 0;
        for (std::size_t c = 0; c < customers.size(); ++c) sum += is_out[c] != 0 ? customers[c] : 0;
        return sum;
    }
};

NodeJudge::NodeJudge(const Problem& problem) : problem_(problem), costs_(problem), needs_sensitive_(needs_sensitive(problem)) {
    for (const Requirement& r : problem.criteria) {
        needs_every_class_ = needs_every_class_ || r.criterion->needs_every_class();
        (r.criterion->survives_any_union() && !r.kind->needs_sensitive ? of_size_ : others_).push_back(r.criterion.get());
    }
}

void NodeJudge::suppress_small(Classes& classes) const {
    for (std::size_t c = 0; c < classes.customers.size(); ++c) {
        if (classes.is_out[c] != 0) continue;
        const ClassFacts facts{classes.customers[c], classes.population[c], {}};
        classes.is_out[c] = !std::all_of(of_size_.begin(), of_size_.end(), [&](const Criterion* criterion) { return criterion->holds(facts); });
    }
}

/// The distribution that closeness compares with is that of what is published: it moves when a class is suppressed.
void NodeJudge::suppress_failing(Classes& classes, Verdict& verdict) {
    classes.list_members();
    auto references = problem_.sensitive;
    std::vector<std::uint8_t> is_failing(classes.customers.size());  // 1: fails; 2: fails what survives any union
    for (bool is_first = true, changed = true; changed; is_first = false) {
        for (std::size_t t = 0; t < is_published_.size(); ++t) is_published_[t] = classes.is_out[classes.grouping.class_of[t]] == 0;
        if (needs_sensitive_) count(references, problem_.table, is_published_);
        std::fill(is_failing.begin(), is_failing.end(), 0);
        exec::for_each_range(classes.customers.size(), 512, [&](std::size_t begin, std::size_t end) {
            ClassReader reader(problem_.table, references, needs_sensitive_);
            for (std::size_t c = begin; c < end; ++c) {
                if (classes.is_out[c] != 0) continue;
                const ClassFacts& facts = reader.read(classes.members_of(c));
                for (const Criterion* criterion : others_)
                    if (!criterion->holds(facts)) is_failing[c] = std::max<std::uint8_t>(is_failing[c], criterion->survives_any_union() ? 2 : 1);
            }
        });
        std::uint64_t surely_out = classes.suppressed();
        changed = false;
        for (std::size_t c = 0; c < is_failing.size(); ++c) {
            if (is_failing[c] == 0) continue;
            surely_out += is_failing[c] == 2 ? classes.customers[c] : 0;
            classes.is_out[c] = 1;
            changed = true;
        }
        if (is_first && surely_out > problem_.max_suppressed) verdict.fails_below = true;
        if (classes.suppressed() > problem_.max_suppressed) return;
    }
}

bool NodeJudge::lacks_a_class(const Classes& classes, bool without_customers_only) const {
    for (std::size_t c = 0; needs_every_class_ && c < classes.customers.size(); ++c)
        if (classes.population[c] > 0 && (without_customers_only ? classes.customers[c] == 0 : classes.is_out[c] != 0)) return true;
    return false;
}

std::uint64_t NodeJudge::least_loss(std::span<const std::uint32_t> levels) const {
    std::uint64_t sum = 0;
    for (std::size_t c = 0; c < levels.size(); ++c) sum += costs_.column(c, levels[c]);
    return sum;
}

std::uint64_t NodeJudge::loss_of(const Classes& classes, std::span<const std::uint32_t> levels, std::uint64_t suppressed) const {
    if (problem_.loss == Loss::discernibility) {
        std::uint64_t sum = suppressed * problem_.table.num_customers;
        for (std::size_t c = 0; c < classes.customers.size(); ++c) sum += classes.is_out[c] != 0 ? 0 : classes.customers[c] * classes.customers[c];
        return sum;
    }
    std::uint64_t sum = least_loss(levels);
    for (std::size_t t = 0; suppressed > 0 && t < is_published_.size(); ++t)
        if (is_published_[t] == 0 && problem_.table.customers[t] > 0) sum += problem_.table.customers[t] * costs_.more_if_suppressed(t, levels);
    return sum;
}

Verdict NodeJudge::judge(std::span<const std::uint32_t> levels) {
    const Table& table = problem_.table;
    Keys keys(table.size());
    for (std::size_t c = 0; c < table.num_quasi; ++c) {
        const Hierarchy& hierarchy = problem_.hierarchies[c];
        keys.add(table.column(c), 1, static_cast<std::uint32_t>(hierarchy.labels[levels[c]].size()), hierarchy.label_of[levels[c]]);
    }
    Classes classes(table, group(keys));
    Verdict verdict;
    if (problem_.loss == Loss::discernibility)
        for (const std::uint64_t c : classes.customers) verdict.loss_above += c * c;
    is_published_.assign(table.size(), 0);
    suppress_small(classes);
    verdict.fails_below = classes.suppressed() > problem_.max_suppressed || lacks_a_class(classes, true);
    if (!verdict.fails_below && !others_.empty()) suppress_failing(classes, verdict);
    for (std::size_t t = 0; t < table.size(); ++t) is_published_[t] = classes.is_out[classes.grouping.class_of[t]] == 0;
    verdict.suppressed = classes.suppressed();
    verdict.passes = verdict.suppressed <= problem_.max_suppressed && !verdict.fails_below && !lacks_a_class(classes, false);
    if (!verdict.passes && problem_.max_suppressed == 0) verdict.fails_below = true;  // all criteria hold of unions of classes that hold them
    if (verdict.passes) verdict.loss = loss_of(classes, levels, verdict.suppressed);
    return verdict;
}

}  // namespace meterveil::attributes
