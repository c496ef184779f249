#include "pipeline/corrections.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <tuple>

#include "meterveil/core/integer.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "pipeline/changes.hpp"
#include "pipeline/closed.hpp"
#include "pipeline/ledger.hpp"
#include "pipeline/released.hpp"

namespace meterveil::pipeline {
namespace {

using model::Channel;
using model::Pseudonym;
constexpr std::array both_channels = {Channel::import, Channel::export_};

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
std::vector<Waiting> settle_all(par::Comm& comm, const config::Job& job, const ReleasedMeters& meters, Admission admission, Corrections& outcome) {
    std::vector<model::RuleSet> rules;
    for (const auto& release : job.releases) rules.push_back(release.rules);
    std::vector<Waiting> waiting;
    for (const Channel channel : both_channels)
        for (std::uint32_t month = 0; month + 1 < job.store.months.size(); ++month) {
            auto months = meters.changed(channel, month);
            for (MeterMonth& m : months) {
                m.can_wait = meters.can_wait(m);
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
std::vector<std::vector<Row>> ask(par::Comm& comm, const model::ShardSet& shards, const ReleasedMeters& meters, const std::vector<Waiting>& waiting) {
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
            for (Restored& restored : meters.restored(part[q], waiting)) {
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

/// The series of a shard, all in memory.
class Series {
public:
    static Result<Series> read(const model::OwnedShard& shard, std::uint32_t width) {
        Series series(width);
        for (const Channel channel : both_channels) {
            const auto c = static_cast<std::size_t>(channel);
            if (!shard.has_channel[c]) continue;
            series.quanta_[c].resize(shard.rows.size() * width);
            TRY_DO(io::read_rows(shard.path, channel, 0, static_cast<std::uint32_t>(shard.rows.size()), width, series.quanta_[c]));
        }
        return series;
    }
    [[nodiscard]] std::span<std::int32_t> of(std::size_t channel, std::uint32_t row) { return std::span(quanta_[channel]).subspan(std::size_t{row} * width_, width_); }

private:
    explicit Series(std::uint32_t width) : width_(width) {}
    std::vector<std::int32_t> quanta_[model::num_channels];
    std::uint32_t width_;
};

/// Puts what was released into the series and rows of one shard, if it is what the ledger says.
class Restorer {
public:
    Restorer(const config::Job& job, std::int32_t quantum_wh, const std::vector<Earlier>& earlier, std::vector<model::ShardRow>& rows, Series& series)
        : job_(job), quantum_wh_(quantum_wh), earlier_(earlier), rows_(rows), series_(series) {}

    /// @param wanted in any order. @return whether any was put in
    Result<bool> put_all(std::vector<Row> wanted) {
        const auto chunk = [](const Row& row) { return std::tuple(row.from.release, row.from.file, row.from.channel, row.from.row / io::shard_chunk_meters); };
        std::ranges::sort(wanted, {}, [&](const Row& row) { return std::tuple(chunk(row), row.from.row, row.from.month); });
        bool any = false;
        for (std::size_t first = 0, last = 0; first < wanted.size(); first = last) {
            while (last < wanted.size() && chunk(wanted[last]) == chunk(wanted[first])) ++last;
            TRY(const bool is_put, put_chunk(std::span(wanted).subspan(first, last - first)));
            any = any || is_put;
        }
        return any;
    }

private:
    /// @param wanted of one chunk of a closed shard, by its rows
    Result<bool> put_chunk(std::span<const Row> wanted) {
        const Restored& from = wanted.front().from;
        const Earlier& release = earlier_[from.release];
        const std::uint32_t width = release.bound(static_cast<std::uint32_t>(release.num_months())), end = wanted.back().from.row + 1;
        std::vector<std::int32_t> then(std::size_t{end - from.row} * width);
        const auto files = shard_files(closed_folder(job_.custody, release.record.entry.number));
        TRY_DO(io::read_rows(files.at(from.file), both_channels.at(from.channel), from.row, end, width, then));
        bool any = false;
        for (const Row& row : wanted) any = put_month(row, std::span(then).subspan(std::size_t{row.from.row - from.row} * width, width)) || any;
        return any;
    }

    bool put_month(const Row& row, std::span<const std::int32_t> then) {
        const Earlier& release = earlier_[row.from.release];
        const std::uint32_t own = release.month_of[row.from.month], begin = job_.store.months[row.from.month], length = job_.store.months[row.from.month + 1] - begin;
        const auto month = then.subspan(release.bound(own), release.bound(own + 1) - release.bound(own));
        if (month.size() != length || ledger::content_of(month, quantum_wh_) != row.from.content) return false;
        std::ranges::copy(month, series_.of(row.from.channel, row.index).subspan(begin, length).begin());
        if (release.record.entry.months_s == months_of(job_)) {  // counts are of the whole period
            rows_[row.index].measured[row.from.channel] = row.from.measured;
            rows_[row.index].filled[row.from.channel] = row.from.filled;
        }
        return true;
    }

    const config::Job& job_;
    std::int32_t quantum_wh_;
    const std::vector<Earlier>& earlier_;
    std::vector<model::ShardRow>& rows_;
    Series& series_;
};

/// Local. Writes a shard anew with the readings that were released. @return whether there were any
Result<bool> restore(const config::Job& job, const model::ShardSet& shards, model::OwnedShard& shard, const std::vector<Row>& wanted, const std::vector<Earlier>& earlier) {
    TRY(Series series, Series::read(shard, shards.axis.count));
    TRY(const bool any, Restorer(job, shards.energy_quantum_wh, earlier, shard.rows, series).put_all(wanted));
    if (!any) return false;
    io::ShardHeader header{shard.id, shards.axis, shards.energy_quantum_wh, shard.rows, {}};
    std::ranges::copy(shard.has_channel, header.has_channel);
    TRY_DO(io::write_shard(shard.path, header, [&](Channel channel, std::uint32_t row) { return std::span<const std::int32_t>(series.of(static_cast<std::size_t>(channel), row)); }));
    return true;
}

}  // namespace

Result<Corrections> settle_corrections(par::Comm& comm, const config::Job& job, const model::Hierarchy& hierarchy, model::ShardSet& shards, Admission admission) {
    TRY(auto earlier, releases_that_share_months(comm, job.custody, months_of(job)));
    if (earlier.empty()) return Corrections{};
    TRY(auto now, ledger::members_of(comm, shards, hierarchy, all_in_one(hierarchy), job.store.months));
    ReleasedMeters meters(std::move(now), std::move(earlier));
    if (!meters.has_corrections(comm)) return Corrections{};
    TRY_DO(meters.find_closed(comm, job.custody, shards));
    Corrections mine;
    const auto waiting = settle_all(comm, job, meters, admission, mine);
    const auto rows = ask(comm, shards, meters, waiting);
    TRY(mine.wait, par::agree_on(comm, [&]() -> Result<bool> {
            bool any = false;
            for (std::size_t s = 0; s < rows.size(); ++s) {
                if (rows[s].empty()) continue;
                TRY(const bool is_written, restore(job, shards, shards.owned[s], rows[s], meters.earlier()));
                any = any || is_written;
            }
            return any;
        }));
    return Corrections{par::max(comm, mine.wait ? 1 : 0) != 0, par::max(comm, mine.are_let_in ? 1 : 0) != 0};
}

}  // namespace meterveil::pipeline
