#include <algorithm>
#include <limits>

#include "attributes/judge.hpp"
#include "attributes/search.hpp"

namespace meterveil::attributes {
namespace {

using Levels = std::vector<std::uint32_t>;
constexpr std::uint64_t no_node = std::numeric_limits<std::uint64_t>::max();

/// Nodes by number: levels are the digits, the last attribute the lowest.
class Lattice {
public:
    explicit Lattice(const std::vector<Hierarchy>& hierarchies) : step_(hierarchies.size(), 1) {
        for (const Hierarchy& hierarchy : hierarchies) heights_.push_back(hierarchy.num_levels());
        for (std::size_t c = step_.size(); c-- > 1;) step_[c - 1] = step_[c] * heights_[c];
        size_ = hierarchies.empty() ? 1 : step_[0] * heights_[0];
    }
    [[nodiscard]] std::uint64_t size() const { return size_; }
    [[nodiscard]] Levels levels_of(std::uint64_t node) const {
        Levels levels;
        for (std::size_t c = 0; c < step_.size(); ++c) levels.push_back(static_cast<std::uint32_t>(node / step_[c] % heights_[c]));
        return levels;
    }
    /// Calls visit(node) for the nodes one level up in one attribute.
    template <class Visit>
    void for_each_above(std::uint64_t node, Visit&& visit) const {
        for (std::size_t c = 0; c < step_.size(); ++c)
            if (node / step_[c] % heights_[c] + 1 < heights_[c]) visit(node + step_[c]);
    }
    /// Calls visit(node) for all nodes whose levels lie between two corners.
    template <class Visit>
    void for_each_between(const Levels& low, const Levels& high, Visit&& visit) const {
        Levels at = low;
        for (;;) {
            std::uint64_t node = 0;
            for (std::size_t c = 0; c < at.size(); ++c) node += at[c] * step_[c];
            visit(node);
            std::size_t c = at.size();
            while (c > 0 && at[c - 1] == high[c - 1]) --c, at[c] = low[c];
            if (c == 0) return;
            ++at[c - 1];
        }
    }
    [[nodiscard]] Levels top() const { return levels_of(size_ - 1); }

private:
    std::vector<std::uint64_t> step_, heights_;
    std::uint64_t size_ = 1;
};

class LatticeSearch {
public:
    explicit LatticeSearch(const Problem& problem) : problem_(problem), judge_(problem), lattice_(problem.hierarchies), is_settled_(lattice_.size(), 0) {
        for (std::uint64_t node = 0; node < lattice_.size(); ++node) least_loss_.push_back(judge_.least_loss(lattice_.levels_of(node)));
    }

    Solution run() {
        for (std::uint64_t start = 0; (start = most_promising()) != no_node;) cut_in_halves(path_from(start));
        if (!solution_.found) return std::move(solution_);
        solution_.levels = lattice_.levels_of(best_);
        solution_.lost_share = lost_share();
        for (std::size_t c = 0; c < solution_.levels.size(); ++c) {
            const Hierarchy& hierarchy = problem_.hierarchies[c];
            solution_.labels.push_back(hierarchy.labels[solution_.levels[c]]);
            for (const std::uint32_t value : problem_.table.column(c)) solution_.label_of.push_back(hierarchy.label_of[solution_.levels[c]][value]);
        }
        return std::move(solution_);
    }

private:
    [[nodiscard]] double lost_share() const {
        if (problem_.loss != Loss::discernibility) return judge_.costs().share(solution_.levels, solution_.is_published);
        const std::uint64_t all = problem_.table.num_customers, published = all - solution_.suppressed;
        return published == 0 ? 0 : static_cast<double>(solution_.loss - solution_.suppressed * all) / (static_cast<double>(published) * static_cast<double>(published));
    }
    [[nodiscard]] static bool precedes(std::uint64_t loss, std::uint64_t node, std::uint64_t other_loss, std::uint64_t other) {
        return loss != other_loss ? loss < other_loss : node < other;
    }
    /// It may still be the best.
    [[nodiscard]] bool is_open(std::uint64_t node) const {
        return is_settled_[node] == 0 && (!solution_.found || precedes(least_loss_[node], node, solution_.loss, best_));
    }
    [[nodiscard]] std::uint64_t more_promising(std::uint64_t node, std::uint64_t than) const {
        return is_open(node) && (than == no_node || precedes(least_loss_[node], node, least_loss_[than], than)) ? node : than;
    }
    [[nodiscard]] std::uint64_t most_promising() const {
        std::uint64_t best = no_node;
        for (std::uint64_t node = 0; node < lattice_.size(); ++node) best = more_promising(node, best);
        return best;
    }
    /// Upwards as long as a node is open, to the most promising of them.
    [[nodiscard]] std::vector<std::uint64_t> path_from(std::uint64_t node) const {
        std::vector<std::uint64_t> path;
        while (node != no_node) {
            path.push_back(node);
            std::uint64_t next = no_node;
            lattice_.for_each_above(node, [&](std::uint64_t above) { next = more_promising(above, next); });
            node = next;
        }
        return path;
    }
    void cut_in_halves(const std::vector<std::uint64_t>& path) {
        for (std::size_t low = 0, high = path.size(); low < high;) {
            const std::size_t middle = low + (high - low) / 2;
            const bool loses_more = !is_open(path[middle]);  // than one found on this path
            if (loses_more || judge(path[middle])) high = middle;
            else low = middle + 1;
        }
    }
    bool judge(std::uint64_t node) {
        const Levels levels = lattice_.levels_of(node);
        const Verdict verdict = judge_.judge(levels);
        ++solution_.nodes_judged;
        is_settled_[node] = 1;
        if (verdict.fails_below) lattice_.for_each_between(Levels(levels.size(), 0), levels, [&](std::uint64_t below) { is_settled_[below] = 1; });
        if (verdict.loss_above > 0)
            lattice_.for_each_between(levels, lattice_.top(), [&](std::uint64_t above) { least_loss_[above] = std::max(least_loss_[above], verdict.loss_above); });
        if (verdict.passes && (!solution_.found || precedes(verdict.loss, node, solution_.loss, best_))) {
            solution_.found = true;
            solution_.loss = verdict.loss;
            solution_.suppressed = verdict.suppressed;
            solution_.is_published = judge_.is_published();
            best_ = node;
        }
        return verdict.passes;
    }

    const Problem& problem_;
    NodeJudge judge_;
    Lattice lattice_;
    std::vector<std::uint8_t> is_settled_;    // [node] judged, or known to fail
    std::vector<std::uint64_t> least_loss_;   // [node]
    std::uint64_t best_ = 0;
    Solution solution_;
};

}  // namespace

std::uint64_t num_nodes(const std::vector<Hierarchy>& hierarchies) {
    std::uint64_t nodes = 1;
    for (const Hierarchy& hierarchy : hierarchies) {
        if (nodes > std::numeric_limits<std::uint64_t>::max() / hierarchy.num_levels()) return std::numeric_limits<std::uint64_t>::max();
        nodes *= hierarchy.num_levels();
    }
    return nodes;
}

Solution search_lattice(const Problem& problem) { return LatticeSearch(problem).run(); }

}  // namespace meterveil::attributes
