#include "meterveil/pseudonym/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::pseudonym {
namespace {

using model::Address;
using model::Pseudonym;

/// Where the rows of one id go. `rank` is no_id for a meter that the topology does not name, `nowhere` for one that was erased.
struct Place {
    std::uint32_t rank = model::no_id;
    std::uint32_t slot = 0;
};
constexpr std::uint32_t nowhere = model::no_id - 1;

/// A lane of the raw stream: its block at hand, and the places of all ids that it has numbered.
struct Lane {
    model::RawBatch raw;
    bool has_rows = false, is_done = false, has_erased = false;
    std::vector<Place> places;                              ///< by number of the id
    std::unordered_map<std::uint32_t, std::string> unknown; ///< ids without a place
    std::vector<std::uint64_t> counts;                      ///< [rank] rows of the block
};

class Stream final : public model::PlacedStream {
public:
    Stream(par::Comm& comm, model::RawStream& raw, std::vector<Address> addresses, std::vector<Pseudonym> erased, const RootKey& key, const std::string& epoch,
           std::string quarantine_folder)
        : comm_(comm), raw_(raw), addresses_(std::move(addresses)), erased_(std::move(erased)), name_(key, Domain::meter, epoch), member_name_(key, Domain::member, ""), quarantine_(std::move(quarantine_folder)),
          lanes_(raw.num_lanes()) {}

    Result<bool> next(model::PlacedBatch& batch) override {
        TRY(const bool has_rows, par::agree_on(comm_, [&] { return pull(); }));
        if (par::max(comm_, has_rows ? 1 : 0) == 0) return false;
        place_new_ids();
        return par::agree_on(comm_, [&]() -> Result<bool> {
            TRY_DO(place(batch));
            return true;
        });
    }

    [[nodiscard]] bool is_versioned() const override { return raw_.is_versioned(); }

private:
    [[nodiscard]] std::size_t num_ranks() const { return static_cast<std::size_t>(comm_.size()); }

    /// Runs work(lane) -> Result<> on every lane at the same time. @return the first error by lane
    template <class Work>
    Result<> on_lanes(Work&& work) {
        std::vector<Result<>> outcomes(lanes_.size());
        exec::for_each_index(lanes_.size(), [&](std::size_t i) { outcomes[i] = par::outcome_of([&] { return work(i); }); });
        for (auto& outcome : outcomes) TRY_DO(std::move(outcome));
        return {};
    }

    /// A block for every lane that has one. @return if any has
    Result<bool> pull() {
        TRY_DO(on_lanes([&](std::size_t i) -> Result<> {
            Lane& lane = lanes_[i];
            lane.has_rows = false;
            if (lane.is_done) return {};
            TRY(lane.has_rows, raw_.next(i, lane.raw));
            lane.is_done = !lane.has_rows;
            return {};
        }));
        return std::any_of(lanes_.begin(), lanes_.end(), [](const Lane& lane) { return lane.has_rows; });
    }

    /// Collective. One exchange of questions to the holders of the roster, one of answers.
    void place_new_ids() {
        if (known_.size() > max_known) known_.clear();
        std::vector<std::vector<Pseudonym>> questions(num_ranks());
        std::vector<std::vector<Place*>> asked(num_ranks());
        std::vector<std::vector<Place*>> wanted(lanes_.size());
        for (std::size_t i = 0; i < lanes_.size(); ++i) {
            if (!lanes_[i].has_rows) continue;
            for (const std::string& id : lanes_[i].raw.ids) {
                const auto [known, is_new] = known_.try_emplace(id);
                wanted[i].push_back(&known->second);
                if (!is_new) continue;
                const Pseudonym meter = name_(id);
                const std::uint32_t holder = model::slice_of(meter, static_cast<std::uint32_t>(comm_.size()));
                questions[holder].push_back(meter);
                asked[holder].push_back(&known->second);
            }
        }
        const auto replies = par::exchange(comm_, answers(par::exchange(comm_, questions)));
        for (std::size_t r = 0; r < replies.size(); ++r)
            for (std::size_t i = 0; i < replies[r].size(); ++i) *asked[r][i] = replies[r][i];
        for (std::size_t i = 0; i < lanes_.size(); ++i) number(lanes_[i], wanted[i]);
    }

    [[nodiscard]] std::vector<std::vector<Place>> answers(const std::vector<std::vector<Pseudonym>>& questions) const {
        std::vector<std::vector<Place>> answers;
        for (const auto& from : questions) {
            auto& reply = answers.emplace_back();
            for (const Pseudonym& meter : from) reply.push_back(look_up(meter));
        }
        return answers;
    }

    [[nodiscard]] Place look_up(const Pseudonym& meter) const {
        const auto found = std::lower_bound(addresses_.begin(), addresses_.end(), meter,
                                            [](const Address& a, const Pseudonym& wanted) { return a.meter < wanted; });
        if (found == addresses_.end() || found->meter != meter) return {};
        return {found->rank, found->slot};
    }

    /// The places of a lane's new ids, under their numbers.
    void number(Lane& lane, const std::vector<Place*>& wanted) {
        if (!lane.has_rows) return;
        if (lane.raw.first_id == 0) {
            lane.places.clear();
            lane.unknown.clear();
            lane.has_erased = false;
        }
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (wanted[i]->rank == model::no_id && !erased_.empty() && std::binary_search(erased_.begin(), erased_.end(), member_name_(lane.raw.ids[i]))) wanted[i]->rank = nowhere;
            lane.has_erased = lane.has_erased || wanted[i]->rank == nowhere;
            if (wanted[i]->rank == model::no_id) lane.unknown.emplace(static_cast<std::uint32_t>(lane.places.size()), std::move(lane.raw.ids[i]));
            lane.places.push_back(*wanted[i]);
        }
    }

    Result<> place(model::PlacedBatch& batch) {
        batch.accounts.clear();
        batch.to.resize(num_ranks());
        batch.runs.assign(num_ranks(), {});
        if (is_versioned()) batch.versions.resize(num_ranks());
        TRY_DO(on_lanes([&](std::size_t i) -> Result<> {
            count(lanes_[i]);
            return {};
        }));
        const auto first = lay_out(batch);
        TRY_DO(on_lanes([&](std::size_t i) -> Result<> {
            if (!lanes_[i].has_rows) return {};
            fill(lanes_[i], first[i], batch);
            if (lanes_[i].has_erased) count_erased(lanes_[i]);
            return lanes_[i].unknown.empty() ? Result<>() : set_aside_unknown(lanes_[i]);
        }));
        for (const Lane& lane : lanes_)
            if (lane.has_rows) batch.accounts.push_back({lane.raw.file, lane.raw.account});
        return {};
    }

    void count(Lane& lane) const {
        lane.counts.assign(num_ranks(), 0);
        if (!lane.has_rows) return;
        if (num_ranks() == 1 && lane.unknown.empty() && !lane.has_erased) {
            lane.counts[0] = lane.raw.rows.size();
            return;
        }
        for (const model::Reading& row : lane.raw.rows)
            if (const std::uint32_t rank = lane.places[row.who].rank; rank < nowhere) ++lane.counts[rank];
    }

    /// Room for the rows of every lane, one lane behind the other. @return [lane][rank] where they start
    std::vector<std::vector<std::size_t>> lay_out(model::PlacedBatch& batch) const {
        std::vector<std::vector<std::size_t>> first(lanes_.size(), std::vector<std::size_t>(num_ranks()));
        for (std::size_t r = 0; r < num_ranks(); ++r) {
            std::size_t rows = 0;
            for (std::size_t i = 0; i < lanes_.size(); ++i) {
                first[i][r] = rows;
                const std::uint64_t more = lanes_[i].counts[r];
                if (more > 0) batch.runs[r].push_back({lanes_[i].raw.file, static_cast<std::uint32_t>(more)});
                rows += more;
            }
            batch.to[r].resize(rows);
            if (is_versioned()) batch.versions[r].resize(rows);
        }
        return first;
    }

    void fill(const Lane& lane, std::vector<std::size_t> next, model::PlacedBatch& batch) const {
        const auto& rows = lane.raw.rows;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const Place place = lane.places[rows[i].who];
            if (place.rank >= nowhere) continue;
            const std::size_t at = next[place.rank]++;
            model::Reading& row = batch.to[place.rank][at];
            row = rows[i];
            row.who = place.slot;
            if (is_versioned()) batch.versions[place.rank][at] = lane.raw.versions.empty() ? 0 : lane.raw.versions[i];
        }
    }

    static void count_erased(Lane& lane) {
        const auto is_erased = [&](const model::Reading& row) { return lane.places[row.who].rank == nowhere && !row.is_part; };
        lane.raw.account.quarantined[static_cast<std::size_t>(model::Reason::erased)] += static_cast<std::uint64_t>(std::count_if(lane.raw.rows.begin(), lane.raw.rows.end(), is_erased));
    }

    /// Rows of meters that the topology does not name: counted, and where they stand in their file.
    Result<> set_aside_unknown(Lane& lane) const {
        std::string text;
        std::uint64_t rows = 0;
        for (std::size_t i = 0; i < lane.raw.rows.size(); ++i) {
            const model::Reading& row = lane.raw.rows[i];
            if (lane.places[row.who].rank != model::no_id || row.is_part) continue;
            ++rows;
            text += fmt::format("{},{}\n", lane.raw.offset + lane.raw.offsets[i], lane.unknown.at(row.who));
        }
        if (rows == 0) return {};
        lane.raw.account.quarantined[static_cast<std::size_t>(model::Reason::unknown_meter)] += rows;
        TRY_DO(io::make_private_folder(quarantine_));
        const auto path = io::Path(quarantine_) / fmt::format("unknown-meter-{:05}-{:012}.csv", lane.raw.file, lane.raw.offset);
        return io::write_whole(path, "byte_offset,meter_id\n" + text);
    }

    static constexpr std::size_t max_known = std::size_t{1} << 20;  ///< ids of which the place is kept: 100 MB

    par::Comm& comm_;
    model::RawStream& raw_;
    std::vector<Address> addresses_;
    std::vector<Pseudonym> erased_;
    Pseudonymiser name_, member_name_;
    std::string quarantine_;
    std::vector<Lane> lanes_;
    std::unordered_map<std::string, Place> known_;
};

}  // namespace

Result<std::unique_ptr<model::PlacedStream>> run(par::Comm& comm, model::RawStream& raw, std::vector<model::Address> addresses,
                                                 std::vector<model::Pseudonym> erased, const RootKey& key, const std::string& epoch,
                                                 const std::string& quarantine_folder) {
    return std::unique_ptr<model::PlacedStream>(new Stream(comm, raw, std::move(addresses), std::move(erased), key, epoch, quarantine_folder));
}

}  // namespace meterveil::pseudonym
