#include "prove/dense_block.hpp"

#include <algorithm>
#include <map>

#include "prove/groups.hpp"

namespace meterveil::prove {

DenseBlock DenseBlock::of(const RowSpace& space, Work& work) {
    DenseBlock block;
    if (!work.take(std::uint64_t{space.rows.size()} * space.classes.size())) return block;
    for (const ClassId cls : space.classes) block.columns.push_back({{cls}, false});
    for (const auto& row : space.rows) {
        auto& dense = block.rows.emplace_back(space.classes.size(), 0);
        for (const auto& entry : row) dense[entry.column] = entry.value;
    }
    return block;
}

void DenseBlock::reduce(Work& work) {
    std::size_t rank = 0;
    for (std::size_t c = 0; c < columns.size() && rank < rows.size(); ++c) {
        std::size_t pivot = rank;
        while (pivot < rows.size() && rows[pivot][c] == 0) ++pivot;
        if (pivot == rows.size()) continue;
        std::swap(rows[rank], rows[pivot]);
        if (!work.take(columns.size() * rows.size())) return;
        const field::Value inverse = field::inverse(rows[rank][c]);
        for (std::size_t d = c; d < columns.size(); ++d) rows[rank][d] = field::multiply(rows[rank][d], inverse);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            if (r == rank || rows[r][c] == 0) continue;
            const field::Value factor = field::negate(rows[r][c]);
            for (std::size_t d = c; d < columns.size(); ++d) rows[r][d] = field::add(rows[r][d], field::multiply(factor, rows[rank][d]));
        }
        ++rank;
    }
    rows.resize(rank);
}

void DenseBlock::make_zero(std::size_t column) {
    const auto pivot = std::find_if(rows.begin(), rows.end(), [&](const auto& row) { return row[column] != 0; });
    if (pivot != rows.end()) {
        const std::vector<field::Value> row = std::move(*pivot);
        rows.erase(pivot);
        const field::Value inverse = field::inverse(row[column]);
        for (auto& other : rows) {
            if (other[column] == 0) continue;
            const field::Value factor = field::negate(field::multiply(other[column], inverse));
            for (std::size_t d = 0; d < columns.size(); ++d) other[d] = field::add(other[d], field::multiply(factor, row[d]));
        }
    }
    columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(column));
    for (auto& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(column));
}

bool DenseBlock::drop_zero_columns() {
    bool is_possible = true;
    for (std::size_t c = columns.size(); c-- > 0;) {
        if (std::any_of(rows.begin(), rows.end(), [&](const auto& row) { return row[c] != 0; })) continue;
        is_possible = is_possible && !columns[c].is_included;
        columns.erase(columns.begin() + static_cast<std::ptrdiff_t>(c));
        for (auto& row : rows) row.erase(row.begin() + static_cast<std::ptrdiff_t>(c));
    }
    return is_possible;
}

void DenseBlock::join_parallel() {
    std::map<std::vector<field::Value>, std::size_t> first_of;  // direction -> its first column
    std::vector<bool> is_joined(columns.size(), false);
    for (std::size_t c = 0; c < columns.size(); ++c) {
        std::vector<field::Value> direction;
        for (const auto& row : rows) direction.push_back(row[c]);
        const auto lead = std::find_if(direction.begin(), direction.end(), [](auto value) { return value != 0; });
        if (lead == direction.end()) continue;
        const field::Value inverse = field::inverse(*lead);
        for (auto& value : direction) value = field::multiply(value, inverse);
        const auto [found, is_new] = first_of.try_emplace(std::move(direction), c);
        if (is_new) continue;
        Column& into = columns[found->second];
        into.classes.insert(into.classes.end(), columns[c].classes.begin(), columns[c].classes.end());
        into.is_included = into.is_included || columns[c].is_included;
        is_joined[c] = true;
    }
    const auto keep = [&](auto& list) {
        std::size_t kept = 0;
        for (std::size_t c = 0; c < is_joined.size(); ++c)
            if (!is_joined[c]) {
                if (kept != c) list[kept] = std::move(list[c]);
                ++kept;
            }
        list.resize(kept);
    };
    keep(columns);
    for (auto& row : rows) keep(row);
}

std::vector<DenseBlock> DenseBlock::split() const {
    Groups groups(static_cast<std::uint32_t>(columns.size()));
    std::vector<std::uint32_t> lead(rows.size(), 0);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        while (rows[r][lead[r]] == 0) ++lead[r];
        for (std::uint32_t c = lead[r]; c < columns.size(); ++c)
            if (rows[r][c] != 0) groups.join(lead[r], c);
    }
    std::vector<DenseBlock> parts(groups.number());
    if (parts.size() == 1) return {*this};
    for (std::uint32_t c = 0; c < columns.size(); ++c) parts[groups.number_of(c)].columns.push_back(columns[c]);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        const std::uint32_t part = groups.number_of(lead[r]);
        auto& row = parts[part].rows.emplace_back();
        for (std::uint32_t c = 0; c < columns.size(); ++c)
            if (groups.number_of(c) == part) row.push_back(rows[r][c]);
    }
    return parts;
}

std::vector<ClassId> DenseBlock::classes() const {
    std::vector<ClassId> all;
    for (const auto& column : columns) all.insert(all.end(), column.classes.begin(), column.classes.end());
    return all;
}

std::size_t DenseBlock::num_classes() const {
    std::size_t number = 0;
    for (const auto& column : columns) number += column.classes.size();
    return number;
}

}  // namespace meterveil::prove
