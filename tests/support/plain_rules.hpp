#pragma once
// Rules as short as can be, for tests of what is built upon them.

#include <memory>
#include <string>

#include "meterveil/model/rules.hpp"

namespace meterveil::testing {

/// At least five contributors, and of a strict one none with over half.
class AtLeastFive final : public model::Rule {
public:
    explicit AtLeastFive(bool is_strict) : is_strict_(is_strict) {}
    [[nodiscard]] const std::string& name() const override { return name_; }
    [[nodiscard]] bool passes(const model::CellFacts& cell) const override { return cell.contributors >= 5 && (!is_strict_ || 2 * cell.top[0] <= cell.total); }
    [[nodiscard]] std::uint32_t num_top() const override { return is_strict_ ? 1 : 0; }
    [[nodiscard]] std::string statement() const override { return "test"; }

private:
    std::string name_ = "five";
    bool is_strict_;
};

inline model::RuleSet five_or_more() {
    model::RuleSet set;
    set.classes[0].rules = {std::make_shared<AtLeastFive>(false)};
    return set;
}
inline model::RuleSet five_or_more_none_over_half() {
    model::RuleSet set;
    set.classes[0].rules = {std::make_shared<AtLeastFive>(true)};
    return set;
}

}  // namespace meterveil::testing
