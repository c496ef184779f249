#include "pipeline_attack.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace meterveil::sequences {
namespace {

/// The energy of a meter is taken where it is largest, so a share just over the limit may be seen as just under it: a leak is more.
constexpr double margin = 0.05;

}  // namespace

bool fails(const Energies& energies, double most) {
    std::int64_t total = 0, largest = 0, count = 0;
    for (const auto& [subject, wh] : energies) {
        total += wh;
        largest = std::max(largest, wh);
        count += wh != 0 ? 1 : 0;
    }
    return count > 0 && (count < least_subjects || static_cast<double>(largest) > (most + margin) * static_cast<double>(total));
}

Attack::Attack(const std::vector<const Published*>& releases, std::uint32_t month, double most) : most_(most) {
    std::map<std::pair<std::size_t, model::AtomId>, std::uint32_t> row_of;
    for (std::size_t r = 0; r < releases.size(); ++r)
        for (const auto& [meter, atom] : releases[r]->atom) row_of.try_emplace({r, atom}, static_cast<std::uint32_t>(row_of.size()));
    std::map<std::vector<bool>, Energies> columns;
    std::set<std::uint32_t> all;
    for (const Published* release : releases)
        for (const auto& [meter, atom] : release->atom) all.insert(meter);
    for (const std::uint32_t meter : all) {
        // The meter as the first release has it, then what each other version adds.
        std::map<std::int32_t, std::vector<bool>> versions;
        std::vector<bool> base(row_of.size());
        std::int64_t largest = 0;
        const Published* origin = nullptr;
        std::map<std::int32_t, std::int64_t> added;
        for (std::size_t r = 0; r < releases.size(); ++r) {
            const auto at = releases[r]->atom.find(meter);
            if (at == releases[r]->atom.end()) continue;
            if (origin == nullptr) origin = releases[r];
            const std::uint32_t row = row_of.at({r, at->second});
            base[row] = true;
            largest = std::max(largest, releases[r]->energy(meter));
            const std::int32_t extra = releases[r]->meters.at(meter).extra(month), first = origin->meters.at(meter).extra(month);
            if (extra == first) continue;
            auto& version = versions.try_emplace(extra, row_of.size()).first->second;
            version[row] = true;
            added[extra] = std::abs(extra - first);
        }
        const std::uint32_t subject = origin->meters.at(meter).subject;
        columns[base][subject] += largest;
        for (const auto& [extra, rows] : versions) columns[rows][subject] += added[extra];
    }
    for (const auto& [rows, energies] : columns) classes_.push_back(energies);
    std::set<std::vector<std::uint32_t>> distinct;
    for (std::uint32_t row = 0; row < row_of.size(); ++row) {
        std::vector<std::uint32_t> classes;
        for (std::uint32_t cls = 0; const auto& [rows, energies] : columns) {
            if (rows[row]) classes.push_back(cls);
            ++cls;
        }
        distinct.insert(classes);
    }
    rows_.assign(distinct.begin(), distinct.end());
}

bool Attack::succeeds(std::mt19937& random) {
    if (classes_.size() > 64) return false;
    std::shuffle(rows_.begin(), rows_.end(), random);
    const std::size_t num_rows = std::min<std::size_t>(rows_.size(), most_rows);
    std::vector<int> sum(classes_.size(), 0);
    return combine(0, num_rows, num_rows <= 6 ? 2 : 1, sum);
}

bool Attack::combine(std::size_t row, std::size_t num_rows, int most, std::vector<int>& sum) {
    if (row == num_rows) return leaks(sum);
    const auto add = [&](int times) {
        for (const std::uint32_t cls : rows_[row]) sum[cls] += times;
    };
    bool found = false;
    add(-most);
    for (int times = -most; times <= most && !found; ++times) {
        found = combine(row + 1, num_rows, most, sum);
        add(1);
    }
    add(-most - 1);
    return found;
}

bool Attack::leaks(const std::vector<int>& sum) {
    std::uint64_t support = 0;
    for (std::size_t cls = 0; cls < sum.size(); ++cls) support |= std::uint64_t{sum[cls] != 0} << cls;
    const auto [known, is_new] = known_.try_emplace(support, false);
    if (is_new) {
        Energies energies;
        for (std::size_t cls = 0; cls < sum.size(); ++cls)
            if (sum[cls] != 0)
                for (const auto& [subject, wh] : classes_[cls]) energies[subject] += wh;
        known->second = fails(energies, most_);
    }
    return known->second;
}

}  // namespace meterveil::sequences
