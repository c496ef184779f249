#include "attributes/criterion.hpp"

#include <fmt/args.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "meterveil/attributes/run.hpp"
#include "meterveil/core/nearest.hpp"

namespace meterveil::attributes {
namespace {

/// n N (p - q) of one value: p of the class of n, q of all N.
std::int64_t excess(const Histogram& h, std::uint32_t value, std::uint64_t customers) {
    return static_cast<std::int64_t>(h.counts[value] * h.reference->total) - static_cast<std::int64_t>(h.reference->counts[value] * customers);
}

double equal_work(const Histogram& h, std::uint64_t customers) {
    std::uint64_t seen = 0, work = 0;
    for (const std::uint32_t value : h.present) {
        seen += h.reference->counts[value];
        work += static_cast<std::uint64_t>(std::abs(excess(h, value, customers)));
    }
    return static_cast<double>(work + (h.reference->total - seen) * customers);  // values that the class lacks
}

double ordered_work(const Histogram& h, std::uint64_t customers) {
    std::int64_t carried = 0;
    double work = 0;
    for (const std::uint32_t value : h.reference->present) {
        carried += excess(h, value, customers);
        work += static_cast<double>(std::abs(carried));
    }
    return work;
}

double hierarchical_work(const Histogram& h, std::uint64_t customers) {
    std::vector<std::int64_t> amounts(h.counts.size());
    for (const std::uint32_t value : h.reference->present) amounts[value] = excess(h, value, customers);
    double work = 0;
    for (std::size_t height = 0; height < h.reference->parent.size(); ++height) {
        const auto& parent = h.reference->parent[height];
        std::vector<std::int64_t> above, more;  // [label] what is left over; what is too much
        for (std::size_t i = 0; i < parent.size(); ++i) {
            if (above.size() <= parent[i]) above.resize(parent[i] + 1), more.resize(parent[i] + 1);
            above[parent[i]] += amounts[i];
            more[parent[i]] += std::max<std::int64_t>(amounts[i], 0);
        }
        for (std::size_t i = 0; i < above.size(); ++i) work += static_cast<double>(height + 1) * static_cast<double>(std::min(more[i], more[i] - above[i]));
        amounts = std::move(above);
    }
    return work;
}

const CriterionKind* find(const std::string& name) {
    for (const CriterionKind& kind : criterion_kinds())
        if (name == kind.name) return &kind;
    return nullptr;
}

}  // namespace

bool is_count(double number, double least) { return number >= least && number <= 1e9 && number == std::floor(number); }

Work distance_from(const Histogram& h, std::uint64_t customers) {
    const double scale = static_cast<double>(customers) * static_cast<double>(h.reference->total);
    switch (h.reference->distance) {
        case model::Distance::Kind::ordered: return {ordered_work(h, customers), scale * static_cast<double>(std::max<std::size_t>(h.reference->present.size(), 2) - 1)};
        case model::Distance::Kind::hierarchical: return {hierarchical_work(h, customers), scale * static_cast<double>(h.reference->parent.size())};
        default: return {equal_work(h, customers), scale * 2};
    }
}

Result<Requirement> require(const model::CriterionClaim& claim) {
    if (const CriterionKind* kind = find(claim.name)) {
        TRY(auto criterion, kind->make(claim.parameters));
        return Requirement{kind, std::move(criterion)};
    }
    std::vector<std::string> names;
    for (const CriterionKind& kind : criterion_kinds()) names.emplace_back(kind.name);
    return Error{Code::usage, fmt::format("unknown criterion '{}'{}", claim.name, did_you_mean(claim.name, names)), "attributes", fmt::format("one of: {}", fmt::join(names, ", "))};
}

std::vector<CriterionInfo> criterion_infos() {
    std::vector<CriterionInfo> infos;
    for (const CriterionKind& kind : criterion_kinds())
        infos.push_back({kind.name, kind.summary, kind.source, kind.guarantee, kind.needs_population, kind.needs_sensitive});
    return infos;
}

Result<std::string> statement_of(const model::CriterionClaim& claim) {
    TRY(const Requirement made, require(claim));
    fmt::dynamic_format_arg_store<fmt::format_context> parameters;
    for (const double parameter : claim.parameters) parameters.push_back(parameter);
    return fmt::vformat(made.kind->statement, parameters);
}

}  // namespace meterveil::attributes
