#include "pipeline/resum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "meterveil/core/integer.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/io/table_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "pipeline/closed.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
using model::Channel;
using model::LedgerRecord;
using model::no_id;

constexpr std::uint64_t sums_bytes = std::uint64_t{256} << 20;  // of the atoms that are summed in one go over the shards

/// A row of a shard and its atoms.
struct Row {
    model::Pseudonym member;
    model::AtomId atom[model::num_channels] = {no_id, no_id};
};

struct Shard {
    fs::path path;
    io::ShardHeader header;
    std::vector<Row> rows;
};

/// Local. This rank's shards, every ranks-th by name.
Result<std::vector<Shard>> open_shards(const par::Comm& comm, const fs::path& folder) {
    const auto paths = shard_files(folder);
    std::vector<Shard> shards;
    for (std::size_t i = static_cast<std::size_t>(comm.rank()); i < paths.size(); i += static_cast<std::size_t>(comm.size())) {
        TRY(auto header, io::open_shard(paths[i]));
        shards.push_back({paths[i], std::move(header), {}});
    }
    return shards;
}

/// Calls visit(row, series) for all rows of a shard that take part in a channel.
template <class Visit>
Result<> for_each_series(const Shard& shard, Channel channel, Visit&& visit) {
    const auto c = static_cast<std::size_t>(channel);
    if (!shard.header.has_channel[c]) return {};
    const auto rows = static_cast<std::uint32_t>(shard.header.rows.size());
    std::vector<std::int32_t> quanta;
    for (std::uint32_t first = 0; first < rows; first += io::shard_chunk_meters) {
        const std::uint32_t last = std::min(rows, first + io::shard_chunk_meters), width = shard.header.axis.count;
        quanta.resize(std::size_t{last - first} * width);
        TRY_DO(io::read_rows(shard.path, channel, first, last, width, quanta));
        for (std::uint32_t r = first; r < last; ++r)
            if (shard.header.rows[r].takes_part[c]) visit(r, std::span<const std::int32_t>(quanta).subspan(std::size_t{r - first} * width, width));
    }
    return {};
}

/// Months of the ledger as bounds on an axis. @return nothing if the axis is another
std::vector<std::uint32_t> bounds_on(const model::Axis& axis, const model::LedgerEntry& entry) {
    const std::int64_t start = axis.start.time_since_epoch().count(), end = axis.end().time_since_epoch().count();
    if (axis.length.count() != entry.interval_s || start != entry.months_s.front() || end != entry.months_s.back()) return {};
    std::vector<std::uint32_t> bounds;
    for (const std::int64_t month : entry.months_s) bounds.push_back(static_cast<std::uint32_t>((month - start) / entry.interval_s));
    return bounds;
}

/// A meter of a shard asks for its atoms. The record on the wire.
struct Question {
    model::Pseudonym member;
    std::uint32_t channel = 0, spare = 0;
    std::uint64_t content = 0;  ///< of all months
};

std::uint64_t content_of_months(std::span<const std::uint64_t> months) { return std::accumulate(months.begin(), months.end(), std::uint64_t{0}, [](auto a, auto b) { return a * 31 + b; }); }

class Resumming {
public:
    Resumming(par::Comm& comm, const LedgerRecord& record, std::vector<Shard> shards) : comm_(comm), record_(record), shards_(std::move(shards)) {}

    /// Collective. Gives the rows of the shards their atoms. @return false: the shards are of another run
    Result<bool> find_atoms() {
        std::vector<std::vector<Question>> questions(static_cast<std::size_t>(comm_.size()));
        std::vector<std::vector<model::AtomId*>> asked(questions.size());
        bool fits = true;
        TRY_DO(par::agree_on(comm_, [&]() -> Result<> {
            for (Shard& shard : shards_) {
                shard.rows.resize(shard.header.rows.size());
                const auto bounds = bounds_on(shard.header.axis, record_.entry);
                fits = fits && !bounds.empty();
                for (const Channel channel : {Channel::import, Channel::export_}) {
                    if (!fits) return {};
                    TRY_DO(for_each_series(shard, channel, [&](std::uint32_t r, std::span<const std::int32_t> series) {
                        std::vector<std::uint64_t> months;
                        for (std::size_t m = 0; m + 1 < bounds.size(); ++m) months.push_back(ledger::content_of(series.subspan(bounds[m], bounds[m + 1] - bounds[m]), shard.header.energy_quantum_wh));
                        const auto& member = shard.header.rows[r].record.member;
                        const auto to = part_of(model::member_blocks, questions.size(), model::block_of_member(member));
                        questions[to].push_back({member, static_cast<std::uint32_t>(channel), 0, content_of_months(months)});
                        asked[to].push_back(&shard.rows[r].atom[static_cast<std::size_t>(channel)]);
                    }));
                }
            }
            return {};
        }));
        std::uint64_t num_found = 0;
        std::vector<std::vector<model::AtomId>> answers;
        for (const auto& part : par::exchange(comm_, questions)) {
            auto& answer = answers.emplace_back();
            for (const Question& question : part) answer.push_back(atom_of(question, num_found, fits));
        }
        const auto told = par::exchange(comm_, answers);
        for (std::size_t r = 0; r < told.size(); ++r)
            for (std::size_t i = 0; i < told[r].size(); ++i) *asked[r][i] = told[r][i];
        return par::max(comm_, fits && num_found == num_memberships() ? 0 : 1) == 0;
    }

    /// Collective. Sums of atoms [first, last) in the bins of a resolution, on every rank.
    Result<std::vector<std::int64_t>> sums(Channel channel, model::AtomId first, model::AtomId last, const std::vector<std::uint32_t>& bins) {
        const std::size_t width = bins.size() - 1;
        std::vector<std::int64_t> sums(std::size_t{last - first} * width, 0);
        TRY_DO(par::agree_on(comm_, [&]() -> Result<> {
            for (const Shard& shard : shards_) {
                const auto is_wanted = [&](const Row& row) { return row.atom[static_cast<std::size_t>(channel)] - first < last - first; };
                if (std::none_of(shard.rows.begin(), shard.rows.end(), is_wanted)) continue;
                TRY_DO(for_each_series(shard, channel, [&](std::uint32_t r, std::span<const std::int32_t> series) {
                    if (!is_wanted(shard.rows[r])) return;
                    std::int64_t* of_atom = &sums[(shard.rows[r].atom[static_cast<std::size_t>(channel)] - first) * width];
                    for (std::size_t b = 0; b < width; ++b)
                        for (std::uint32_t t = bins[b]; t < bins[b + 1]; ++t) of_atom[b] += std::int64_t{series[t]} * shard.header.energy_quantum_wh;
                }));
            }
            return {};
        }));
        comm_.sum(sums);
        return sums;
    }

private:
    model::AtomId atom_of(const Question& question, std::uint64_t& num_found, bool& fits) const {
        const auto& members = record_.members.members;
        const auto found = std::lower_bound(members.begin(), members.end(), question.member, [](const auto& m, const auto& wanted) { return m.member < wanted; });
        if (found == members.end() || found->member != question.member) return no_id;
        const auto i = static_cast<std::size_t>(found - members.begin());
        const model::AtomId atom = found->atom[question.channel];
        if (atom == no_id) return no_id;
        std::vector<std::uint64_t> months;
        for (std::uint32_t m = 0; m < record_.members.num_months; ++m) months.push_back(record_.members.content(i, static_cast<int>(question.channel), m));
        fits = fits && content_of_months(months) == question.content;
        ++num_found;
        return atom;
    }

    [[nodiscard]] std::uint64_t num_memberships() const {
        std::uint64_t count = 0;
        for (const auto& member : record_.members.members)
            for (const model::AtomId atom : member.atom) count += atom != no_id ? 1 : 0;
        return count;
    }

    par::Comm& comm_;
    const LedgerRecord& record_;
    std::vector<Shard> shards_;
};

/// Rows of a channel, its own or by class, as the release has them.
class Published {
public:
    /// @param units of the ledger
    Published(io::TableReader& file, const model::LedgerEntry& entry, const std::vector<model::LedgerUnit>& units, Channel channel, bool is_by_class)
        : file_(file), entry_(entry), units_(units), root_(model::root_of(channel, is_by_class ? entry.levels.back() : "")), levels_(is_by_class ? model::class_first(entry.levels) : entry.levels) {}

    /// Bins of the finest resolution as bounds on the axis of the ledger.
    Result<std::vector<std::uint32_t>> bins() {
        TRY(const auto starts, file_.read_int(group(units_[0].level) + "time"));
        std::vector<std::uint32_t> bounds;
        for (const std::int64_t start : starts) bounds.push_back(static_cast<std::uint32_t>((start - entry_.months_s.front()) / entry_.interval_s));
        bounds.push_back(static_cast<std::uint32_t>((entry_.months_s.back() - entry_.months_s.front()) / entry_.interval_s));
        if (!std::is_sorted(bounds.begin(), bounds.end()) || bounds[0] != 0) return Error{Code::input, "the times of the release are not those of the ledger", "", ""};
        return bounds;
    }
    Result<std::vector<std::int64_t>> row(std::size_t unit) {
        const auto before = std::count_if(units_.begin(), units_.begin() + static_cast<std::ptrdiff_t>(unit), [&](const auto& u) { return u.level == units_[unit].level; });
        return file_.read_int_rows(group(units_[unit].level) + "energy_wh", static_cast<std::uint64_t>(before), static_cast<std::uint64_t>(before) + 1);
    }

private:
    [[nodiscard]] std::string group(std::uint32_t level) const { return fmt::format("{}/{}/{}/", root_, levels_.at(level), entry_.resolutions.at(0)); }

    io::TableReader& file_;
    const model::LedgerEntry& entry_;
    const std::vector<model::LedgerUnit>& units_;
    std::string root_;
    std::vector<std::string> levels_;
};

/// The unit that is an atom by itself, for every atom: the last that begins with it.
std::vector<std::size_t> rows_of_atoms(const std::vector<model::LedgerUnit>& units) {
    std::vector<std::size_t> rows;
    for (std::size_t u = 0; u < units.size(); ++u)
        if (units[u].num_atoms == 1) {
            rows.resize(std::max<std::size_t>(rows.size(), units[u].first_atom + std::size_t{1}));
            rows[units[u].first_atom] = u;
        }
    return rows;
}

}  // namespace

Result<Resum> resum(par::Comm& comm, const std::string& release, const std::string& custody, const LedgerRecord& record) {
    TRY(auto shards, par::agree_on(comm, [&] {
            const fs::path kept = closed_folder(custody, record.entry.number);
            return open_shards(comm, fs::exists(kept) ? kept : fs::path(custody) / "shards");
        }));
    Resumming again(comm, record, std::move(shards));
    Resum result;
    TRY(result.are_shards_of_it, again.find_atoms());
    if (!result.are_shards_of_it) return result;
    TRY(const auto file, par::agree_on(comm, [&] { return io::TableReader::open(fs::path(release) / "aggregates.h5"); }));
    for (const Channel channel : {Channel::import, Channel::export_}) {
        const auto c = static_cast<std::size_t>(channel);
        const auto &own = record.units.channels[c], &by_class = record.units.by_class[c];
        if (own.empty()) continue;
        Published published(*file, record.entry, own, channel, false), crossed(*file, record.entry, by_class, channel, true);
        TRY(const auto bins, par::agree_on(comm, [&] { return published.bins(); }));
        const auto rows = rows_of_atoms(own), rows_by_class = rows_of_atoms(by_class);
        const auto step = static_cast<model::AtomId>(std::max<std::uint64_t>(1, sums_bytes / (8 * bins.size())));
        for (model::AtomId first = 0; first < rows.size(); first += step) {
            const auto last = static_cast<model::AtomId>(std::min<std::size_t>(rows.size(), std::size_t{first} + step));
            TRY(const auto sums, again.sums(channel, first, last, bins));
            const auto compare = [&](Published& with, const std::string& name, std::size_t row, model::AtomId atom) -> Result<> {
                TRY(const auto values, with.row(row));
                ++result.rows;
                const auto* expected = &sums[std::size_t{atom - first} * (bins.size() - 1)];
                if (!std::equal(values.begin(), values.end(), expected, expected + (bins.size() - 1)) && result.first_difference.empty()) result.first_difference = name;
                return {};
            };
            TRY_DO(par::agree_on(comm, [&]() -> Result<> {
                for (model::AtomId a = first; a < last; ++a) {
                    TRY_DO(compare(published, own[rows[a]].name, rows[a], a));
                    if (by_class.empty()) continue;
                    const std::size_t row = rows_by_class.at(record.units.atom_by_class[c].at(a));
                    TRY_DO(compare(crossed, by_class[row].name, row, a));
                }
                return {};
            }));
        }
    }
    return result;
}

}  // namespace meterveil::pipeline
