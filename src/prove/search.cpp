#include "prove/search.hpp"

#include <algorithm>

#include "prove/dense_block.hpp"

namespace meterveil::prove {
namespace {

/// Of several parts, those that hold all included columns. A vector that has its failing part elsewhere is zero on some
/// included column, and was visited when that column was made zero.
std::vector<DenseBlock> parts_of_interest(std::vector<DenseBlock> parts) {
    const auto has_included = [](const DenseBlock& part) {
        return std::any_of(part.columns.begin(), part.columns.end(), [](const auto& column) { return column.is_included; });
    };
    const auto num_with = std::count_if(parts.begin(), parts.end(), has_included);
    if (num_with == 0) return parts;
    if (num_with > 1) return {};
    std::erase_if(parts, [&](const DenseBlock& part) { return !has_included(part); });
    return parts;
}

class Search {
public:
    Search(const Question& question, const Facts& facts, Work& work) : question_(question), facts_(facts), work_(work) {}

    std::optional<std::vector<ClassId>> run(const RowSpace& space) {
        DenseBlock block = DenseBlock::of(space, work_);
        block.reduce(work_);
        visit(std::move(block));
        return std::move(found_);
    }

private:
    [[nodiscard]] bool is_over() const { return found_.has_value() || work_.left == 0; }

    void visit(DenseBlock block) {
        if (!settle(block)) return;
        if (question_.is_monotone(facts_)) {
            auto parts = block.split();
            if (parts.size() > 1) {
                for (auto& part : parts_of_interest(std::move(parts)))
                    if (!is_over()) visit(std::move(part));
                return;
            }
        }
        branch(std::move(block));
    }

    /// Removes what cannot be in a failing vector. @return false if nothing of interest is left
    bool settle(DenseBlock& block) {
        while (!is_over() && block.drop_zero_columns() && !block.rows.empty()) {
            block.join_parallel();
            std::vector<ClassId> included;
            std::vector<std::span<const ClassId>> sets;
            for (const auto& column : block.columns) {
                sets.emplace_back(column.classes);
                if (column.is_included) included.insert(included.end(), column.classes.begin(), column.classes.end());
            }
            if (!work_.take(block.num_classes() * 4 + included.size() * block.columns.size())) return false;
            if (passes_in_unions(sets)) return false;
            const Tallies most = question_.most_of(facts_, sets);
            if (question_.settles(question_.tally(facts_, included), most)) return false;
            bool has_changed = false;
            for (std::size_t c = block.columns.size(); c-- > 0;) {
                if (block.columns[c].is_included) continue;
                std::vector<ClassId> least = included;
                least.insert(least.end(), block.columns[c].classes.begin(), block.columns[c].classes.end());
                if (!question_.settles(question_.tally(facts_, least), most)) continue;
                block.make_zero(c);
                has_changed = true;
            }
            if (!has_changed) return true;
            block.reduce(work_);
        }
        return false;
    }

    [[nodiscard]] bool passes_in_unions(const std::vector<std::span<const ClassId>>& sets) const {
        return question_.num_allowed == 0 &&
               std::all_of(sets.begin(), sets.end(), [&](const auto set) { return question_.passes_in_unions(question_.tally(facts_, set)); });
    }

    /// The undecided column to branch over: one that fails by itself if there is one, since some such column is in every failing vector.
    [[nodiscard]] std::size_t choose(const DenseBlock& block) const {
        std::size_t chosen = block.columns.size();
        for (std::size_t c = 0; c < block.columns.size(); ++c) {
            if (block.columns[c].is_included) continue;
            if (!question_.passes_in_unions(question_.tally(facts_, block.columns[c].classes))) return c;
            if (chosen == block.columns.size()) chosen = c;
        }
        return chosen;
    }

    /// Some vector is non-zero on every column that is left.
    void branch(DenseBlock block) {
        auto all = block.classes();
        if (question_.failing(question_.tally(facts_, all)) != nullptr) {
            found_ = std::move(all);
            return;
        }
        const std::size_t column = choose(block);
        if (column == block.columns.size()) return;
        DenseBlock zero = block;
        zero.make_zero(column);
        zero.reduce(work_);
        visit(std::move(zero));
        if (is_over()) return;
        block.columns[column].is_included = true;
        visit(std::move(block));
    }

    const Question& question_;
    const Facts& facts_;
    Work& work_;
    std::optional<std::vector<ClassId>> found_;
};

/// Every elementary vector: all others are sums of them without cancelling.
class SignedSearch {
public:
    SignedSearch(const Question& question, const Facts& facts, Work& work) : question_(question), facts_(facts), work_(work) {}

    std::optional<std::vector<ClassId>> run(const RowSpace& space) {
        DenseBlock block = DenseBlock::of(space, work_);
        block.reduce(work_);
        visit(std::move(block));
        return std::move(found_);
    }

private:
    void visit(DenseBlock block) {
        if (found_ || !block.drop_zero_columns() || block.rows.empty()) return;
        if (!work_.take(block.columns.size() * block.rows.size())) return;
        if (block.rows.size() == 1) {
            judge(block);
            return;
        }
        if (auto parts = block.split(); parts.size() > 1) {
            for (auto& part : parts_of_interest(std::move(parts))) visit(std::move(part));
            return;
        }
        const auto open = std::find_if(block.columns.begin(), block.columns.end(), [](const auto& column) { return !column.is_included; });
        if (open == block.columns.end()) return;
        const auto column = static_cast<std::size_t>(open - block.columns.begin());
        DenseBlock zero = block;
        zero.make_zero(column);
        zero.reduce(work_);
        visit(std::move(zero));
        block.columns[column].is_included = true;
        visit(std::move(block));
    }

    void judge(const DenseBlock& block) {
        std::vector<ClassId> positive, negative;
        for (std::size_t c = 0; c < block.columns.size(); ++c) {
            const auto fraction = field::fraction_of(block.rows[0][c]);
            if (!fraction) {
                work_.left = 0;  // no sign can be told: nothing is known
                return;
            }
            auto& part = fraction->numerator > 0 ? positive : negative;
            part.insert(part.end(), block.columns[c].classes.begin(), block.columns[c].classes.end());
        }
        const auto fails = [&](const auto& part) { return question_.failing(question_.tally(facts_, part)) != nullptr; };
        if (fails(positive) || fails(negative)) found_ = block.classes();
    }

    const Question& question_;
    const Facts& facts_;
    Work& work_;
    std::optional<std::vector<ClassId>> found_;
};

}  // namespace

std::optional<std::vector<ClassId>> find_failing(const RowSpace& space, const Question& question, const Facts& facts, Work& work) {
    return Search(question, facts, work).run(space);
}

std::optional<std::vector<ClassId>> find_failing_part(const RowSpace& space, const Question& question, const Facts& facts, Work& work) {
    return SignedSearch(question, facts, work).run(space);
}

}  // namespace meterveil::prove
