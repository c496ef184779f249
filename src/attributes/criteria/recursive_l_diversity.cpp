// recursive_l = [c, l]: the most frequent value is less than c times what is left without the l - 1 most frequent. docs/methods/attributes.md

#include <algorithm>
#include <functional>
#include <numeric>

#include "attributes/criterion.hpp"

namespace meterveil::attributes {
namespace {

class RecursiveLDiversity final : public Criterion {
public:
    RecursiveLDiversity(double c, std::size_t l) : c_(c), l_(l) {}
    [[nodiscard]] bool holds(const ClassFacts& facts) const override {
        return std::all_of(facts.sensitive.begin(), facts.sensitive.end(), [&](const Histogram& h) {
            std::vector<std::uint64_t> counts;
            for (const std::uint32_t value : h.present) counts.push_back(h.counts[value]);
            std::sort(counts.begin(), counts.end(), std::greater<>());
            const auto top = counts.begin() + static_cast<std::ptrdiff_t>(std::min(l_ - 1, counts.size()));
            const std::uint64_t rest = facts.customers - std::accumulate(counts.begin(), top, std::uint64_t{0});
            return static_cast<double>(counts[0]) < c_ * static_cast<double>(rest);
        });
    }
    [[nodiscard]] bool survives_any_union() const override { return false; }

private:
    double c_;
    std::size_t l_;
};

Result<std::shared_ptr<const Criterion>> make(std::span<const double> parameters) {
    if (!(parameters.size() == 2 && parameters[0] > 0 && parameters[0] <= 1e9 && is_count(parameters[1], 2))) return Error{Code::usage, "recursive_l is [c, l]: a number c above 0, and a whole number l from 2", "attributes", "e.g. recursive_l = [3, 2]"};
    return std::shared_ptr<const Criterion>(new RecursiveLDiversity(parameters[0], static_cast<std::size_t>(parameters[1])));
}

}  // namespace

extern const CriterionKind recursive_l_diversity_kind;
const CriterionKind recursive_l_diversity_kind = {"recursive_l_diversity", "the most frequent value is less than c times the rest without the l - 1 most frequent",
    "Machanavajjhala et al., l-Diversity (2007), definition 4.2",
    "no value is too frequent even to one who can exclude l - 2 others", false, true, "recursive_l = [{}, {}]", make};

}  // namespace meterveil::attributes
