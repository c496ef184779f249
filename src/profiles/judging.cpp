#include "profiles/judging.hpp"

#include <algorithm>

#include "meterveil/core/contract.hpp"

namespace meterveil::profiles {

Judging::Judging(const Members& members, const Requirement& requirement) : members_(members), requirement_(requirement), subject_of_(members.subjects.size()) {
    const std::size_t num_rows = members.subjects.size();
    EXPECTS(requirement.k > 0 && (members.is_elsewhere.empty() || members.is_elsewhere.size() == num_rows));
    if (num_rows == 0) return;
    EXPECTS(!members.quanta.empty() && members.quanta.size() % num_rows == 0);
    num_slots_ = members.quanta.size() / num_rows;
    std::vector<model::Pseudonym> names(members.subjects.begin(), members.subjects.end());
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    rows_of_subject_.resize(names.size(), 0);
    for (std::size_t row = 0; row < num_rows; ++row) {
        subject_of_[row] = static_cast<std::uint32_t>(std::lower_bound(names.begin(), names.end(), members.subjects[row]) - names.begin());
        ++rows_of_subject_[subject_of_[row]];
    }
    for (std::size_t row = 0; row < members.is_elsewhere.size(); ++row)
        if (members.is_elsewhere[row] != 0) rows_of_subject_[subject_of_[row]] = UINT32_MAX;
}

model::Finding Judging::judge(const std::vector<std::uint32_t>& rows) const {
    std::vector<std::uint32_t> order = rows;
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return subject_of_[a] < subject_of_[b]; });
    model::SetFacts facts(static_cast<std::uint32_t>(num_slots_), requirement_.rules.num_top());
    std::uint32_t with_energy = 0;
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        const std::uint32_t subject = subject_of_[order[first]];
        std::vector<std::int64_t> quanta(num_slots_, 0);
        for (; last < order.size() && subject_of_[order[last]] == subject; ++last)
            for (std::size_t slot = 0; slot < num_slots_; ++slot) quanta[slot] += members_.quanta[order[last] * num_slots_ + slot];
        with_energy += std::any_of(quanta.begin(), quanta.end(), [](std::int64_t q) { return q != 0; }) ? 1U : 0U;
        if (last - first == rows_of_subject_[subject]) facts.fold(quanta);
        else facts.span(members_.subjects[order[first]], quanta);
    }
    if (with_energy < requirement_.k) return {false, "group_size"};
    return model::judge(requirement_.rules, facts);
}

}  // namespace meterveil::profiles
