#include "prove/row_space.hpp"

#include <algorithm>
#include <numeric>

#include "prove/groups.hpp"

namespace meterveil::prove {
namespace {

/// Removes columns that no row uses, and empty rows.
RowSpace compacted(const std::vector<ClassId>& classes, std::vector<RowSpace::Row> rows) {
    RowSpace result;
    std::vector<std::uint32_t> place(classes.size(), no_group);
    for (auto& row : rows)
        for (const auto& entry : row) place[entry.column] = 0;
    for (std::uint32_t c = 0; c < classes.size(); ++c) {
        if (place[c] == no_group) continue;
        place[c] = static_cast<std::uint32_t>(result.classes.size());
        result.classes.push_back(classes[c]);
    }
    for (auto& row : rows) {
        if (row.empty()) continue;
        for (auto& entry : row) entry.column = place[entry.column];
        result.rows.push_back(std::move(row));
    }
    return result;
}

/// Rows under elimination, with the rows of each column (some of which may have lost it).
struct Tableau {
    std::vector<RowSpace::Row> rows;
    std::vector<std::vector<std::uint32_t>> rows_of;

    Tableau(const std::vector<RowSpace::Row>& from, std::size_t num_columns) : rows(from), rows_of(num_columns) {
        for (std::uint32_t r = 0; r < rows.size(); ++r)
            for (const auto& entry : rows[r]) rows_of[entry.column].push_back(r);
    }

    [[nodiscard]] field::Value value(std::uint32_t row, std::uint32_t column) const {
        const auto before = [](const RowSpace::Entry& entry, std::uint32_t c) { return entry.column < c; };
        const auto at = std::lower_bound(rows[row].begin(), rows[row].end(), column, before);
        return at == rows[row].end() || at->column != column ? 0 : at->value;
    }

    /// Uses the shortest row with the column to take it out of the others, and deletes that row.
    bool eliminate(std::uint32_t column, Work& work) {
        auto holders = std::move(rows_of[column]);
        std::sort(holders.begin(), holders.end());
        holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
        std::erase_if(holders, [&](std::uint32_t r) { return value(r, column) == 0; });
        if (holders.empty()) return true;
        const auto pivot = *std::min_element(holders.begin(), holders.end(), [&](auto a, auto b) { return rows[a].size() < rows[b].size(); });
        const RowSpace::Row row = std::move(rows[pivot]);
        rows[pivot].clear();
        const auto entry = std::find_if(row.begin(), row.end(), [&](const auto& e) { return e.column == column; });
        const field::Value inverse = field::inverse(entry->value);
        for (const auto r : holders) {
            if (r == pivot) continue;
            if (!work.take(rows[r].size() + row.size())) return false;
            rows[r] = add_scaled(rows[r], field::negate(field::multiply(value(r, column), inverse)), row);
            for (const auto& e : row)
                if (e.column != column) rows_of[e.column].push_back(r);
        }
        return true;
    }
};

}  // namespace

RowSpace::Row add_scaled(const RowSpace::Row& a, field::Value factor, const RowSpace::Row& b) {
    RowSpace::Row sum;
    sum.reserve(a.size() + b.size());
    std::size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (j == b.size() || (i < a.size() && a[i].column < b[j].column)) {
            sum.push_back(a[i++]);
        } else if (i == a.size() || b[j].column < a[i].column) {
            sum.push_back({b[j].column, field::multiply(factor, b[j].value)});
            ++j;
        } else {
            const field::Value value = field::add(a[i].value, field::multiply(factor, b[j].value));
            if (value != 0) sum.push_back({a[i].column, value});
            ++i, ++j;
        }
    }
    return sum;
}

RowSpace RowSpace::zero_on(const std::vector<bool>& marked, Work& work) const {
    Tableau tableau(rows, classes.size());
    std::vector<std::uint32_t> order;
    for (std::uint32_t c = 0; c < classes.size(); ++c)
        if (marked[c]) order.push_back(c);
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return tableau.rows_of[a].size() < tableau.rows_of[b].size(); });
    for (const auto column : order)
        if (!tableau.eliminate(column, work)) break;
    return compacted(classes, std::move(tableau.rows));
}

RowSpace RowSpace::without(const std::vector<bool>& marked) const {
    std::vector<Row> kept = rows;
    for (auto& row : kept) std::erase_if(row, [&](const Entry& entry) { return marked[entry.column]; });
    return compacted(classes, std::move(kept));
}

std::vector<RowSpace> RowSpace::split() const {
    Groups groups(static_cast<std::uint32_t>(classes.size()));
    for (const auto& row : rows)
        for (const auto& entry : row) groups.join(row[0].column, entry.column);
    const std::uint32_t num_parts = groups.number();
    if (num_parts <= 1) return {*this};
    std::vector<std::vector<Row>> rows_of(num_parts);
    for (const auto& row : rows)
        if (!row.empty()) rows_of[groups.number_of(row[0].column)].push_back(row);
    std::vector<std::vector<ClassId>> classes_of(num_parts);
    std::vector<std::uint32_t> place(classes.size());
    for (std::uint32_t c = 0; c < classes.size(); ++c) {
        auto& part = classes_of[groups.number_of(c)];
        place[c] = static_cast<std::uint32_t>(part.size());
        part.push_back(classes[c]);
    }
    std::vector<RowSpace> parts;
    for (std::uint32_t p = 0; p < num_parts; ++p) {
        for (auto& row : rows_of[p])
            for (auto& entry : row) entry.column = place[entry.column];
        parts.push_back({std::move(classes_of[p]), std::move(rows_of[p])});
    }
    return parts;
}

}  // namespace meterveil::prove
