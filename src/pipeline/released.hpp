#pragma once
// Meters as they are now, beside what the ledger has of them: which months were corrected, and what stands where a correction waits.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/ledger.hpp"
#include "meterveil/model/shards.hpp"
#include "meterveil/par/comm.hpp"
#include "pipeline/changes.hpp"
#include "pipeline/closed.hpp"

namespace meterveil::pipeline {

/// A release that shares months with the job.
struct Earlier {
    model::LedgerRecord record;
    std::vector<std::uint32_t> month_of;  ///< [month of the job] its own number of the month, or no_id
    std::vector<ClosedRow> closed;
    [[nodiscard]] std::int64_t num_months() const { return std::ssize(record.entry.months_s) - 1; }
    [[nodiscard]] std::uint32_t bound(std::uint32_t month) const {
        return static_cast<std::uint32_t>((record.entry.months_s[month] - record.entry.months_s[0]) / record.entry.interval_s);
    }
};

/// Collective. The releases of the ledger that share months with a period, the oldest first.
/// @param months_s of the period: starts of its months, and the end
/// @errors storage
Result<std::vector<Earlier>> releases_that_share_months(par::Comm& comm, const std::string& custody, const std::vector<std::int64_t>& months_s);

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

/// Meters whose block of members this rank holds.
class ReleasedMeters {
public:
    ReleasedMeters(model::Memberships now, std::vector<Earlier> earlier);
    [[nodiscard]] const std::vector<Earlier>& earlier() const { return earlier_; }

    /// Months that are not as all releases have them.
    [[nodiscard]] std::vector<MeterMonth> changed(model::Channel channel, std::uint32_t month) const;
    /// Collective. Whether any rank has a month that is not as it was released last.
    [[nodiscard]] bool has_corrections(par::Comm& comm) const;
    /// Collective. Looks up what custody has of the releases.
    Result<> find_closed(par::Comm& comm, const std::string& custody, const model::ShardSet& shards);
    /// After find_closed. Whether custody has kept what was released last, of that or of another release.
    [[nodiscard]] bool can_wait(const MeterMonth& month) const { return source(month.meter, month.released).has_value(); }
    /// After find_closed. @param waiting sorted. @return what to restore of one member
    [[nodiscard]] std::vector<Restored> restored(const model::Pseudonym& member, const std::vector<Waiting>& waiting) const;

private:
    /// [member of now] its index in a sorted list, or no_id.
    template <class List>
    [[nodiscard]] std::vector<std::uint32_t> places_in(const List& list) const;
    /// The ledger has the energy of whole periods: each at the rate of the longest.
    [[nodiscard]] std::int64_t rate(std::int64_t energy_wh, std::int64_t months) const { return months == most_months_ ? energy_wh : energy_wh * most_months_ / months; }
    /// @param month of the job. @return the releases that have the meter's month in a sum, the oldest first
    [[nodiscard]] std::vector<ReleasedMonth> releases_of(std::uint32_t meter, std::size_t channel, std::uint32_t month) const;
    /// The newest release that has what was released last, and whose shards are kept.
    [[nodiscard]] std::optional<std::uint32_t> source(std::uint32_t meter, const std::vector<ReleasedMonth>& released) const;

    model::Memberships now_;
    std::vector<Earlier> earlier_;
    std::int64_t most_months_ = 0;
    std::vector<std::vector<std::uint32_t>> at_, closed_at_;  ///< [release][member of now] index into the release's members, closed rows
};

}  // namespace meterveil::pipeline
