#include "prove/blocks.hpp"

#include <algorithm>
#include <numeric>

#include "prove/layout.hpp"

namespace meterveil::prove {

Rows::Rows(const Problem& problem) : first_class_(1, 0), first_row_(std::size_t{problem.facts.shape().num_classes} + 1, 0) {
    for (std::uint32_t f = 0; f < problem.forests.size(); ++f)
        for (UnitId u = 0; u < problem.forests[f].parent.size(); ++u) {
            const auto own = own_classes(problem.forests[f], u);
            if (own.empty()) continue;
            sources_.push_back({f, u});
            classes_.insert(classes_.end(), own.begin(), own.end());
            std::sort(classes_.end() - static_cast<std::ptrdiff_t>(own.size()), classes_.end());
            first_class_.push_back(classes_.size());
        }
    for (const ClassId cls : classes_) ++first_row_[std::size_t{cls} + 1];
    std::partial_sum(first_row_.begin(), first_row_.end(), first_row_.begin());
    rows_.resize(classes_.size());
    std::vector<std::uint64_t> next = first_row_;
    for (std::uint32_t r = 0; r < sources_.size(); ++r)
        for (const ClassId cls : row(r)) rows_[next[cls]++] = r;
    for (std::uint32_t r = 0; r < sources_.size(); ++r) is_kept_.push_back(!is_repeated(r));
}

bool Rows::is_repeated(std::uint32_t r) const {
    const auto holders = rows_of(row(r).front());  // ascending
    return std::any_of(holders.begin(), holders.end(), [&](std::uint32_t other) { return other < r && std::ranges::equal(row(other), row(r)); });
}

Block Rows::block_of(std::uint32_t start, std::vector<bool>& is_seen) const {
    Block block;
    std::vector<std::uint32_t> found{start};
    is_seen[start] = true;
    for (std::size_t i = 0; i < found.size(); ++i)
        for (const ClassId cls : row(found[i])) {
            block.classes.push_back(cls);
            for (const std::uint32_t other : rows_of(cls))
                if (is_kept_[other] && !is_seen[other]) {
                    is_seen[other] = true;
                    found.push_back(other);
                }
        }
    std::sort(block.classes.begin(), block.classes.end());
    block.classes.erase(std::unique(block.classes.begin(), block.classes.end()), block.classes.end());
    for (const std::uint32_t r : found) {
        block.sources.push_back(sources_[r]);
        block.rows.push_back(row(r));
    }
    return block;
}

}  // namespace meterveil::prove
