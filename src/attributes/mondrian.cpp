#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "attributes/judge.hpp"
#include "attributes/search.hpp"

namespace meterveil::attributes {
namespace {

/// Tuples of one class to be, and where they stand: a label of each hierarchy; of numbers the range that is there.
struct Part {
    std::vector<std::uint32_t> tuples;
    std::vector<std::uint32_t> levels;  ///< [attribute] not used for numbers
};

class Mondrian {
public:
    explicit Mondrian(const Problem& problem)
        : problem_(problem), table_(problem.table), costs_(problem), references_(problem.sensitive), codes_(table_.num_quasi), solution_{} {
        count(references_, table_, std::vector<std::uint8_t>(table_.size(), 1));
        for (const Requirement& r : problem.criteria) needs_every_class_ = needs_every_class_ || r.criterion->needs_every_class();
    }

    Solution run() {
        Part all;
        for (std::uint32_t t = 0; t < table_.size(); ++t) all.tuples.push_back(t);
        for (const Hierarchy& hierarchy : problem_.hierarchies) all.levels.push_back(hierarchy.num_levels() - 1);
        ClassReader reader(table_, references_, needs_sensitive(problem_));
        if (!may_stand({all}, reader)) return std::move(solution_);
        solution_.found = true;
        solution_.labels.resize(table_.num_quasi);
        solution_.label_of.resize(table_.num_quasi * table_.size());
        solution_.is_published.resize(table_.size());
        std::vector<Part> open = {std::move(all)};
        while (!open.empty()) {
            const Part part = std::move(open.back());
            open.pop_back();
            auto pieces = best_cut(part, reader);
            if (pieces.empty()) publish(part);
            std::move(pieces.begin(), pieces.end(), std::back_inserter(open));
        }
        if (costs_.worst() > 0) solution_.lost_share = static_cast<double>(solution_.loss) / static_cast<double>(costs_.worst());
        return std::move(solution_);
    }

private:
    [[nodiscard]] std::uint64_t customers_of(const Part& part) const {
        return std::accumulate(part.tuples.begin(), part.tuples.end(), std::uint64_t{0}, [&](std::uint64_t sum, std::uint32_t t) { return sum + table_.customers[t]; });
    }
    /// Drops pieces without customers. @return true if each of the others holds all criteria
    bool may_stand(const std::vector<Part>& pieces, ClassReader& reader) const {
        return std::all_of(pieces.begin(), pieces.end(), [&](const Part& piece) {
            if (customers_of(piece) == 0) return !needs_every_class_;
            return holds_all(problem_, reader.read(piece.tuples));
        });
    }
    /// Codes of the values, lowest and highest; of the population too, which counts in the label that it would find.
    struct Range {
        std::uint32_t low = 0, high = 0;
    };
    [[nodiscard]] Range range_of(const Part& part, std::size_t attribute) const {
        Range range{UINT32_MAX, 0};
        for (const std::uint32_t t : part.tuples) {
            range.low = std::min(range.low, table_.column(attribute)[t]);
            range.high = std::max(range.high, table_.column(attribute)[t]);
        }
        return range;
    }
    /// How much of its domain the part spans, 0 to 1.
    [[nodiscard]] double width_of(const Part& part, std::size_t attribute) const {
        const Hierarchy& hierarchy = problem_.hierarchies[attribute];
        if (hierarchy.domain < 2) return 0;
        const Range range = range_of(part, attribute);
        const std::uint32_t level = part.levels[attribute];
        const std::uint32_t values = hierarchy.is_numeric ? range.high - range.low + 1 : hierarchy.num_values[level][hierarchy.label_of[level][range.low]];
        return static_cast<double>(values - 1) / static_cast<double>(hierarchy.domain - 1);
    }
    /// Two halves at the median of the customers; none if all have one value.
    [[nodiscard]] std::vector<Part> halves(const Part& part, std::size_t attribute) const {
        const auto column = table_.column(attribute);
        std::map<std::uint32_t, std::uint64_t> customers;
        for (const std::uint32_t t : part.tuples)
            if (table_.customers[t] > 0) customers[column[t]] += table_.customers[t];
        if (customers.size() < 2) return {};
        const std::uint64_t all = customers_of(part);
        std::uint64_t below = 0;
        std::uint32_t last_low = customers.begin()->first;  // the low half ends with it
        for (const auto& [code, count] : customers) {
            if (code == customers.rbegin()->first || (below += count) * 2 > all + count) break;
            last_low = code;
        }
        std::vector<Part> pieces(2, Part{{}, part.levels});
        for (const std::uint32_t t : part.tuples) pieces[column[t] <= last_low ? 0 : 1].tuples.push_back(t);
        return pieces;
    }
    /// A piece for each label one level down, or further where there is only one.
    [[nodiscard]] std::vector<Part> children(const Part& part, std::size_t attribute) const {
        const Hierarchy& hierarchy = problem_.hierarchies[attribute];
        const auto column = table_.column(attribute);
        for (std::uint32_t level = part.levels[attribute]; level-- > 0;) {
            std::map<std::uint32_t, Part> by_label;
            for (const std::uint32_t t : part.tuples) by_label[hierarchy.label_of[level][column[t]]].tuples.push_back(t);
            if (by_label.size() == 1 && level > 0) continue;
            std::vector<Part> pieces;
            for (auto& [label, piece] : by_label) {
                piece.levels = part.levels;
                piece.levels[attribute] = level;
                pieces.push_back(std::move(piece));
            }
            return pieces;
        }
        return {};
    }
    /// Along the widest attribute that may be cut; none: this is a class.
    [[nodiscard]] std::vector<Part> best_cut(const Part& part, ClassReader& reader) const {
        std::vector<std::size_t> order(table_.num_quasi);
        std::vector<double> widths;
        for (std::size_t c = 0; c < order.size(); ++c) {
            order[c] = c;
            widths.push_back(width_of(part, c));
        }
        std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return widths[a] > widths[b]; });
        for (const std::size_t c : order) {
            auto pieces = problem_.hierarchies[c].is_numeric ? halves(part, c) : children(part, c);
            if (pieces.empty() || !may_stand(pieces, reader)) continue;
            std::erase_if(pieces, [&](const Part& piece) { return customers_of(piece) == 0; });
            return pieces;
        }
        return {};
    }

    std::uint32_t code_of(std::size_t attribute, const std::string& label) {
        const auto [found, is_new] = codes_[attribute].try_emplace(label, static_cast<std::uint32_t>(solution_.labels[attribute].size()));
        if (is_new) solution_.labels[attribute].push_back(label);
        return found->second;
    }
    void publish(const Part& part) {
        const std::uint64_t customers = customers_of(part);
        if (problem_.loss == Loss::discernibility) solution_.loss += customers * customers;
        for (const std::uint32_t t : part.tuples) solution_.is_published[t] = 1;
        for (std::size_t c = 0; c < table_.num_quasi; ++c) {
            const Hierarchy& hierarchy = problem_.hierarchies[c];
            const Range range = range_of(part, c);
            const std::uint32_t level = part.levels[c], label = hierarchy.label_of[level][range.low];
            const auto& values = hierarchy.labels[0];
            const bool is_range = hierarchy.is_numeric && range.low != range.high;
            const std::string text = is_range ? fmt::format("[{}, {}]", values[range.low], values[range.high]) : hierarchy.is_numeric ? values[range.low] : hierarchy.labels[level][label];
            const std::uint32_t code = code_of(c, text);
            std::uint64_t covered = 0;  // customers of the whole table that the label could stand for
            for (std::uint32_t v = 0; problem_.loss == Loss::entropy && v < values.size(); ++v)
                covered += (hierarchy.is_numeric ? v >= range.low && v <= range.high : hierarchy.label_of[level][v] == label) ? costs_.customers_with(c, v) : 0;
            const std::uint64_t num_values = hierarchy.is_numeric ? range.high - range.low + 1 : hierarchy.num_values[level][label];
            for (const std::uint32_t t : part.tuples) {
                solution_.label_of[c * table_.size() + t] = code;
                solution_.loss += table_.customers[t] * costs_.of_label(c, num_values, covered, costs_.customers_with(c, table_.column(c)[t]));
            }
        }
    }

    const Problem& problem_;
    const Table& table_;
    CellCosts costs_;
    std::vector<Reference> references_;
    bool needs_every_class_ = false;
    std::vector<std::map<std::string, std::uint32_t>> codes_;  // [attribute] label -> code
    Solution solution_;
};

}  // namespace

Solution search_mondrian(const Problem& problem) { return Mondrian(problem).run(); }

}  // namespace meterveil::attributes
