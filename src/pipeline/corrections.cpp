#include "pipeline/corrections.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <tuple>

#include "meterveil/core/integer.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/prove/run.hpp"
#include "pipeline/changes.hpp"
#include "pipeline/closed.hpp"
#include "pipeline/ledger.hpp"

namespace meterveil::pipeline {
namespace {

using model::Channel;
using model::LedgerRecord;
using model::no_id;
using model::Pseudonym;
constexpr std::array both_channels = {Channel::import, Channel::export_};

/// A release that shares months with the job.
struct Earlier {
    LedgerRecord record;
    std::vector<std::uint32_t> month_of;  ///< [month of the job] its own number of the month, or no_id
    std::vector<ClosedRow> closed;
    [[nodiscard]] std::int64_t num_months() const { return std::ssize(record.entry.months_s) - 1; }
    [[nodiscard]] std::uint32_t bound(std::uint32_t month) const {
        return static_cast<std::uint32_t>((record.entry.months_s[month] - record.entry.months_s[0]) / record.entry.interval_s);
    }
};

/// Whole months only: what is shared in part the gate refuses.
std::vector<std::uint32_t> same_months(const std::vector<std::int64_t>& of, const std::vector<std::int64_t>& in) {
    std::vector<std::uint32_t> same;
    for (std::size_t m = 0; m + 1 < of.size(); ++m) {
        const auto found = std::ranges::lower_bound(in, of[m]);
        const bool is_there = found != in.end() && *found == of[m] && found + 1 != in.end() && found[1] == of[m + 1];
        same.push_back(is_there ? static_cast<std::uint32_t>(found - in.begin()) : no_id);
    }
    return same;
}

/// Collective. The releases of the ledger that share months with the job, the oldest first.
Result<std::vector<Earlier>> releases_that_share_months(par::Comm& comm, const config::Job& job) {
    model::LedgerEntry period;
    period.months_s = months_of(job);
    TRY(const auto all, ledger::open(comm, job.custody));
    std::vector<Earlier> earlier;
    for (const auto& entry : ledger::releases_of(all)) {
        if (!prove::overlap(entry, period)) continue;
        TRY(auto record, ledger::read(comm, job.custody, entry));
        earlier.push_back({std::move(record), same_months(period.months_s, entry.months_s), {}});
    }
    return earlier;
}

/// As if all who take part were in one sum: their names, energy and contents, as the ledger would have them.
std::vector<model::Partition> all_in_one(const model::Hierarchy& hierarchy) {
    std::vector<model::Partition> partitions;
    for (const Channel channel : both_channels) {
        auto& partition = partitions.emplace_back();
        partition.channel = channel;
        partition.atom_of_batch.assign(2 * hierarchy.nodes.size(), 0);
    }
    return partitions;
}

/// A month of a meter that waits.
struct Waiting {
    std::uint32_t meter = 0, channel = 0, month = 0;  ///< meter: index into the members of this rank
    auto operator<=>(const Waiting&) const = default;
};

/// What to put in its place. The record on the wire.
struct Restored {
    std::uint64_t question = 0;  ///< index of the one who asked
    std::uint64_t content = 0;
    std::uint32_t channel = 0, month = 0, release = 0, file = 0, row = 0;
    std::uint32_t measured = 0, filled = 0;  ///< of the whole series
};

/// Meters as they are and as they were released: those whose block of members this rank holds.
class Books {
public:
    Books(model::Memberships now, std::vector<Earlier> earlier) : now_(std::move(now)), earlier_(std::move(earlier)) {
        most_months_ = now_.num_months;
        for (const Earlier& release : earlier_) {
            most_months_ = std::max(most_months_, release.num_months());
            at_.push_back(places_in(release.record.members.members, [](const auto& m) -> const Pseudonym& { return m.member; }));
        }
    }

    [[nodiscard]] const std::vector<Earlier>& earlier() const { return earlier_; }

    /// Those that are not as all releases have them.
    [[nodiscard]] std::vector<MeterMonth> changed(Channel channel, std::uint32_t month) const {
        const auto c = static_cast<std::size_t>(channel);
        std::vector<MeterMonth> changed;
        for (std::uint32_t i = 0; i < now_.members.size(); ++i) {
            const model::Membership& meter = now_.members[i];
            if (meter.atom[c] == no_id) continue;
            MeterMonth made{i, meter.subject, meter.subject_class, now_.content(i, static_cast<int>(c), month), rate(meter.energy_wh[c], now_.num_months), releases_of(i, c, month)};
            if (std::ranges::any_of(made.released, [&](const ReleasedMonth& then) { return then.content != made.content; })) changed.push_back(std::move(made));
        }
        return changed;
    }

    /// Collective. Whether any rank has a month that is not as it was released last.
    [[nodiscard]] bool has_corrections(par::Comm& comm) const {
        bool any = false;
        for (const Channel channel : both_channels)
            for (std::uint32_t month = 0; month < now_.num_months; ++month) any = any || std::ranges::any_of(changed(channel, month), &MeterMonth::is_corrected);
        return par::max(comm, any ? 1 : 0) != 0;
    }

    /// Collective. Looks up what custody has of the releases.
    Result<> find_closed(par::Comm& comm, const std::string& custody, const model::ShardSet& shards) {
        for (Earlier& release : earlier_) {
            TRY(release.closed, closed_rows(comm, custody, release.record.entry, shards));
            closed_at_.push_back(places_in(release.closed, [](const auto& row) -> const Pseudonym& { return row.member; }));
        }
        return {};
    }

    /// After find_closed. Whether custody has kept what was released last, of that or of another release.
    [[nodiscard]] bool can_wait(const MeterMonth& month) const { return source(month.meter, month.released).has_value(); }

    /// After find_closed. @param waiting sorted. @return what to restore of one member
    [[nodiscard]] std::vector<Restored> restored(const Pseudonym& member, const std::vector<Waiting>& waiting) const {
        std::vector<Restored> all;
        const auto found = std::ranges::lower_bound(now_.members, member, {}, &model::Membership::member);
        if (found == now_.members.end() || found->member != member) return all;
        const auto i = static_cast<std::uint32_t>(found - now_.members.begin());
        for (auto w = std::ranges::lower_bound(waiting, Waiting{i, 0, 0}); w != waiting.end() && w->meter == i; ++w) {
            const auto then = releases_of(i, w->channel, w->month);
            const std::uint32_t from = source(i, then).value();
            const ClosedRow& row = earlier_[from].closed[closed_at_[from][i]];
            all.push_back({0, then.back().content, w->channel, w->month, from, row.file, row.row, row.measured[w->channel], row.filled[w->channel]});
        }
        return all;
    }

private:
    /// [member of now] its index in a sorted list, or no_id.
    template <class List, class Name>
    [[nodiscard]] std::vector<std::uint32_t> places_in(const List& list, Name&& name) const {
        std::vector<std::uint32_t> places;
        std::size_t at = 0;
        for (const auto& meter : now_.members) {
            while (at < list.size() && name(list[at]) < meter.member) ++at;
            places.push_back(at < list.size() && name(list[at]) == meter.member ? static_cast<std::uint32_t>(at) : no_id);
        }
        return places;
    }

    /// The ledger has the energy of whole periods: each at the rate of the longest.
    [[nodiscard]] std::int64_t rate(std::int64_t energy_wh, std::int64_t months) const { return months == most_months_ ? energy_wh : energy_wh * most_months_ / months; }

    /// @param month of the job. @return the releases that have the meter's month in a sum, the oldest first
    [[nodiscard]] std::vector<ReleasedMonth> releases_of(std::uint32_t meter, std::size_t channel, std::uint32_t month) const {
        std::vector<ReleasedMonth> all;
        for (std::uint32_t r = 0; r < earlier_.size(); ++r) {
            const Earlier& then = earlier_[r];
            const auto& members = then.record.members.members;
            const std::uint32_t at = at_[r][meter], own = then.month_of[month];
            if (at == no_id || own == no_id || members[at].atom[channel] == no_id) continue;
            all.push_back({r, members[at].atom[channel], then.record.members.content(at, static_cast<int>(channel), own), rate(members[at].energy_wh[channel], then.num_months())});
        }
        return all;
    }

    /// The newest release that has what was released last, and whose shards are kept.
    [[nodiscard]] std::optional<std::uint32_t> source(std::uint32_t meter, const std::vector<ReleasedMonth>& released) const {
        for (const ReleasedMonth& then : std::views::reverse(released))
            if (then.content == released.back().content && closed_at_[then.release][meter] != no_id) return then.release;
        return std::nullopt;
    }

    model::Memberships now_;
    std::vector<Earlier> earlier_;
    std::int64_t most_months_ = 0;
    std::vector<std::vector<std::uint32_t>> at_, closed_at_;  ///< [release][member of now] index into the release's members, closed rows
};

/// Collective. Lets wait what must, of one channel and month. What waits is as it was released; so others may be too few now.
void settle_month(par::Comm& comm, std::vector<MeterMonth>& months, const std::vector<model::RuleSet>& rules) {
    const auto ranks = static_cast<std::uint32_t>(comm.size());
    for (bool any = true; any;) {
        std::vector<std::vector<ChangedShare>> to(ranks);
        for (const ChangedShare& share : shares_of(months)) to[model::slice_of(share.subject, ranks)].push_back(share);
        std::vector<ChangedShare> mine;
        for (const auto& part : par::exchange(comm, to)) mine.insert(mine.end(), part.begin(), part.end());
        ChangedFacts of_slice(rules), of_all(rules);
        of_slice.fold(std::move(mine));
        for (const auto& part : par::all_gather(comm, of_slice.told())) of_all.merge(part);
        any = par::max(comm, hold_back(months, of_all.failing()) ? 1 : 0) != 0;
    }
}

/// Collective. @return this rank's months that wait, sorted. @param outcome what becomes of corrections on this rank
std::vector<Waiting> settle_all(par::Comm& comm, const config::Job& job, const Books& books, Admission admission, Corrections& outcome) {
    std::vector<model::RuleSet> rules;
    for (const auto& release : job.releases) rules.push_back(release.rules);
    std::vector<Waiting> waiting;
    for (const Channel channel : both_channels)
        for (std::uint32_t month = 0; month + 1 < job.store.months.size(); ++month) {
            auto months = books.changed(channel, month);
            for (MeterMonth& m : months) {
                m.can_wait = books.can_wait(m);
                if (admission == Admission::none && m.can_wait && m.is_corrected()) m.wait();
            }
            if (admission == Admission::enough) settle_month(comm, months, rules);
            for (const MeterMonth& m : months) {
                if (m.waits) waiting.push_back({m.meter, static_cast<std::uint32_t>(channel), month});
                outcome.are_let_in = outcome.are_let_in || m.is_corrected();
            }
        }
    std::sort(waiting.begin(), waiting.end());
    return waiting;
}

/// What to restore in a shard.
struct Row {
    std::uint32_t index = 0;
    Restored from;
};

/// Collective. [owned shard] what of it waits, as the ranks know that hold its members.
std::vector<std::vector<Row>> ask(par::Comm& comm, const model::ShardSet& shards, const Books& books, const std::vector<Waiting>& waiting) {
    struct Place {
        std::size_t shard;
        std::uint32_t row;
    };
    std::vector<std::vector<Pseudonym>> questions(static_cast<std::size_t>(comm.size()));
    std::vector<std::vector<Place>> asked(questions.size());
    for (std::size_t s = 0; s < shards.owned.size(); ++s)
        for (std::uint32_t r = 0; r < shards.owned[s].rows.size(); ++r) {
            const Pseudonym& member = shards.owned[s].rows[r].record.member;
            const auto to = part_of(model::member_blocks, questions.size(), model::block_of_member(member));
            questions[to].push_back(member);
            asked[to].push_back({s, r});
        }
    std::vector<std::vector<Restored>> answers;
    for (const auto& part : par::exchange(comm, questions)) {
        auto& answer = answers.emplace_back();
        for (std::size_t q = 0; q < part.size(); ++q)
            for (Restored& restored : books.restored(part[q], waiting)) {
                restored.question = q;
                answer.push_back(restored);
            }
    }
    std::vector<std::vector<Row>> of_shard(shards.owned.size());
    const auto told = par::exchange(comm, answers);
    for (std::size_t r = 0; r < told.size(); ++r)
        for (const Restored& restored : told[r]) {
            const Place& place = asked[r][restored.question];
            of_shard[place.shard].push_back({place.row, restored});
        }
    return of_shard;
}

/// Local. A shard with the readings that were released, where they are those of the ledger still. @return whether there were any
Result<bool> restore(const config::Job& job, const model::ShardSet& shards, model::OwnedShard& shard, std::vector<Row> rows, const std::vector<Earlier>& earlier) {
    const std::uint32_t width = shards.axis.count, step = io::shard_chunk_meters;
    std::vector<std::int32_t> quanta[model::num_channels], then;
    for (const Channel channel : both_channels) {
        const auto c = static_cast<std::size_t>(channel);
        quanta[c].resize(shard.has_channel[c] ? shard.rows.size() * width : 0);
        if (shard.has_channel[c]) TRY_DO(io::read_rows(shard.path, channel, 0, static_cast<std::uint32_t>(shard.rows.size()), width, quanta[c]));
    }
    const auto chunk = [&](const Row& row) { return std::tuple(row.from.release, row.from.file, row.from.channel, row.from.row / step); };
    std::ranges::sort(rows, {}, [&](const Row& row) { return std::tuple(chunk(row), row.from.row, row.from.month); });
    bool any = false;
    for (std::size_t first = 0, last = 0; first < rows.size(); first = last) {
        while (last < rows.size() && chunk(rows[last]) == chunk(rows[first])) ++last;
        const Restored& from = rows[first].from;
        const Earlier& release = earlier[from.release];
        const std::uint32_t then_width = release.bound(static_cast<std::uint32_t>(release.num_months())), end = rows[last - 1].from.row + 1;
        then.resize(std::size_t{end - from.row} * then_width);
        const auto files = shard_files(closed_folder(job.custody, release.record.entry.number));
        TRY_DO(io::read_rows(files.at(from.file), both_channels.at(from.channel), from.row, end, then_width, then));
        for (std::size_t i = first; i < last; ++i) {
            const Restored& wanted = rows[i].from;
            const std::uint32_t own = release.month_of[wanted.month], begin = job.store.months[wanted.month], length = job.store.months[wanted.month + 1] - begin;
            const auto month = std::span<const std::int32_t>(then).subspan(std::size_t{wanted.row - from.row} * then_width + release.bound(own), length);
            if (release.bound(own + 1) - release.bound(own) != length || ledger::content_of(month) != wanted.content) continue;
            std::ranges::copy(month, quanta[wanted.channel].begin() + static_cast<std::ptrdiff_t>(std::size_t{rows[i].index} * width + begin));
            if (release.record.entry.months_s == months_of(job)) {  // as many were filled
                shard.rows[rows[i].index].measured[wanted.channel] = wanted.measured;
                shard.rows[rows[i].index].filled[wanted.channel] = wanted.filled;
            }
            any = true;
        }
    }
    if (!any) return false;
    io::ShardHeader header{shard.id, shards.axis, shards.energy_quantum_wh, shard.rows, {}};
    std::ranges::copy(shard.has_channel, header.has_channel);
    TRY_DO(io::write_shard(shard.path, header, [&](Channel channel, std::uint32_t row) {
        return std::span<const std::int32_t>(quanta[static_cast<std::size_t>(channel)]).subspan(std::size_t{row} * width, width);
    }));
    return true;
}

}  // namespace

Result<Corrections> settle_corrections(par::Comm& comm, const config::Job& job, const model::Hierarchy& hierarchy, model::ShardSet& shards, Admission admission) {
    TRY(auto earlier, releases_that_share_months(comm, job));
    if (earlier.empty()) return Corrections{};
    TRY(auto now, ledger::members_of(comm, shards, hierarchy, all_in_one(hierarchy), job.store.months));
    Books books(std::move(now), std::move(earlier));
    if (!books.has_corrections(comm)) return Corrections{};
    TRY_DO(books.find_closed(comm, job.custody, shards));
    Corrections mine;
    const auto waiting = settle_all(comm, job, books, admission, mine);
    const auto rows = ask(comm, shards, books, waiting);
    TRY(mine.wait, par::agree_on(comm, [&]() -> Result<bool> {
            bool any = false;
            for (std::size_t s = 0; s < rows.size(); ++s) {
                if (rows[s].empty()) continue;
                TRY(const bool is_written, restore(job, shards, shards.owned[s], rows[s], books.earlier()));
                any = any || is_written;
            }
            return any;
        }));
    return Corrections{par::max(comm, mine.wait ? 1 : 0) != 0, par::max(comm, mine.are_let_in ? 1 : 0) != 0};
}

}  // namespace meterveil::pipeline
