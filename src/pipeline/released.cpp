#include "pipeline/released.hpp"

#include <algorithm>
#include <array>
#include <ranges>

#include "meterveil/ledger/run.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/prove/run.hpp"

namespace meterveil::pipeline {
namespace {

using model::Channel;
using model::no_id;

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

}  // namespace

Result<std::vector<Earlier>> releases_that_share_months(par::Comm& comm, const std::string& custody, const std::vector<std::int64_t>& months_s) {
    model::LedgerEntry period;
    period.months_s = months_s;
    TRY(const auto all, ledger::open(comm, custody));
    std::vector<Earlier> earlier;
    for (const auto& entry : ledger::releases_of(all)) {
        if (!prove::overlap(entry, period)) continue;
        TRY(auto record, ledger::read(comm, custody, entry));
        earlier.push_back({std::move(record), same_months(months_s, entry.months_s), {}});
    }
    return earlier;
}

template <class List>
std::vector<std::uint32_t> ReleasedMeters::places_in(const List& list) const {
    std::vector<std::uint32_t> places;
    std::size_t at = 0;
    for (const auto& meter : now_.members) {
        while (at < list.size() && list[at].member < meter.member) ++at;
        places.push_back(at < list.size() && list[at].member == meter.member ? static_cast<std::uint32_t>(at) : no_id);
    }
    return places;
}

ReleasedMeters::ReleasedMeters(model::Memberships now, std::vector<Earlier> earlier) : now_(std::move(now)), earlier_(std::move(earlier)), most_months_(now_.num_months) {
    for (const Earlier& release : earlier_) {
        most_months_ = std::max(most_months_, release.num_months());
        at_.push_back(places_in(release.record.members.members));
    }
}

std::vector<MeterMonth> ReleasedMeters::changed(Channel channel, std::uint32_t month) const {
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

bool ReleasedMeters::has_corrections(par::Comm& comm) const {
    bool any = false;
    for (const Channel channel : {Channel::import, Channel::export_})
        for (std::uint32_t month = 0; month < now_.num_months; ++month) any = any || std::ranges::any_of(changed(channel, month), &MeterMonth::is_corrected);
    return par::max(comm, any ? 1 : 0) != 0;
}

Result<> ReleasedMeters::find_closed(par::Comm& comm, const std::string& custody, const model::ShardSet& shards) {
    for (Earlier& release : earlier_) {
        TRY(release.closed, closed_rows(comm, custody, release.record.entry, shards));
        closed_at_.push_back(places_in(release.closed));
    }
    return {};
}

std::vector<Restored> ReleasedMeters::restored(const model::Pseudonym& member, const std::vector<Waiting>& waiting) const {
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

std::vector<ReleasedMonth> ReleasedMeters::releases_of(std::uint32_t meter, std::size_t channel, std::uint32_t month) const {
    std::vector<ReleasedMonth> all;
    for (std::uint32_t r = 0; r < earlier_.size(); ++r) {
        const model::Memberships& members = earlier_[r].record.members;
        const std::uint32_t at = at_[r][meter], own = earlier_[r].month_of[month];
        if (at == no_id || own == no_id || members.members[at].atom[channel] == no_id) continue;
        const auto& then = members.members[at];
        all.push_back({r, then.atom[channel], members.content(at, static_cast<int>(channel), own), rate(then.energy_wh[channel], earlier_[r].num_months())});
    }
    return all;
}

std::optional<std::uint32_t> ReleasedMeters::source(std::uint32_t meter, const std::vector<ReleasedMonth>& released) const {
    for (const ReleasedMonth& then : std::views::reverse(released))
        if (then.content == released.back().content && closed_at_[then.release][meter] != no_id) return then.release;
    return std::nullopt;
}

}  // namespace meterveil::pipeline
