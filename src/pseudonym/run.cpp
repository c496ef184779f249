#include "meterveil/pseudonym/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "meterveil/io/posix.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::pseudonym {
namespace {

using model::Address;
using model::Pseudonym;

/// Where the rows of one id go. `rank` is no_id for a meter that the topology does not name.
struct Place {
    std::uint32_t rank = model::no_id;
    std::uint32_t slot = 0;
};

class Stream final : public model::PlacedStream {
public:
    Stream(par::Comm& comm, model::RawStream& raw, std::vector<Address> addresses, const RootKey& key, const std::string& epoch,
           std::string quarantine_folder)
        : comm_(comm), raw_(raw), addresses_(std::move(addresses)), name_(key, Domain::meter, epoch), quarantine_(std::move(quarantine_folder)) {}

    Result<bool> next(model::PlacedBatch& batch) override {
        model::RawBatch raw;
        TRY(const bool has_rows, par::agree_on(comm_, [&]() -> Result<bool> {
                if (exhausted_) return false;
                return raw_.next(raw);
            }));
        exhausted_ = !has_rows;
        batch = {};
        if (is_versioned()) batch.versions.resize(static_cast<std::size_t>(comm_.size()));
        batch.to.resize(static_cast<std::size_t>(comm_.size()));
        if (par::max(comm_, has_rows ? 1 : 0) == 0) return false;
        ask_for_new_ids(raw);
        return par::agree_on(comm_, [&]() -> Result<bool> {
            if (has_rows) { TRY_DO(place(raw, batch)); }
            return true;
        });
    }

    [[nodiscard]] bool is_versioned() const override { return raw_.is_versioned(); }

private:
    /// Collective. One exchange of questions to the holders of the roster, one of answers.
    void ask_for_new_ids(const model::RawBatch& raw) {
        const auto ranks = static_cast<std::uint32_t>(comm_.size());
        std::vector<std::vector<Pseudonym>> questions(ranks);
        std::vector<std::vector<const std::string*>> asked(ranks);
        for (const std::string& id : raw.ids) {
            if (known_.contains(id)) continue;
            const Pseudonym meter = name_(id);
            const std::uint32_t holder = model::slice_of(meter, ranks);
            questions[holder].push_back(meter);
            asked[holder].push_back(&id);
        }
        std::vector<std::vector<Place>> answers;
        for (const auto& from : par::exchange(comm_, questions)) {
            auto& reply = answers.emplace_back();
            for (const Pseudonym& meter : from) reply.push_back(look_up(meter));
        }
        const auto replies = par::exchange(comm_, answers);
        for (std::size_t r = 0; r < replies.size(); ++r)
            for (std::size_t i = 0; i < replies[r].size(); ++i) known_.emplace(*asked[r][i], replies[r][i]);
    }

    [[nodiscard]] Place look_up(const Pseudonym& meter) const {
        const auto found = std::lower_bound(addresses_.begin(), addresses_.end(), meter,
                                            [](const Address& a, const Pseudonym& wanted) { return a.meter < wanted; });
        if (found == addresses_.end() || found->meter != meter) return {};
        return {found->rank, found->slot};
    }

    Result<> place(const model::RawBatch& raw, model::PlacedBatch& batch) {
        std::vector<Place> places;
        for (const std::string& id : raw.ids) places.push_back(known_.at(id));
        batch.file = raw.file;
        batch.account = raw.account;
        for (auto& part : batch.to) part.reserve(raw.rows.size() / batch.to.size() * 5 / 4);
        std::string unknown;
        std::uint64_t num_unknown = 0;
        for (std::size_t i = 0; i < raw.rows.size(); ++i) {
            const Place place = places[raw.rows[i].who];
            if (place.rank == model::no_id) {
                if (raw.rows[i].is_part) continue;
                ++num_unknown;
                unknown += fmt::format("{},{}\n", raw.offset + raw.offsets[i], raw.ids[raw.rows[i].who]);
                continue;
            }
            auto& row = batch.to[place.rank].emplace_back(raw.rows[i]);
            row.who = place.slot;
            if (is_versioned()) batch.versions[place.rank].push_back(raw.versions.empty() ? 0 : raw.versions[i]);
        }
        batch.account.quarantined[static_cast<std::size_t>(model::Reason::unknown_meter)] += num_unknown;
        return set_aside(raw, unknown);
    }

    /// Rows of meters that the topology does not name: where they stand in their file.
    Result<> set_aside(const model::RawBatch& raw, const std::string& rows) {
        if (rows.empty()) return {};
        TRY_DO(io::make_private_folder(quarantine_));
        const auto path = io::Path(quarantine_) / fmt::format("unknown-meter-{:05}-{:012}.csv", raw.file, raw.offset);
        return io::write_whole(path, "byte_offset,meter_id\n" + rows);
    }

    par::Comm& comm_;
    model::RawStream& raw_;
    std::vector<Address> addresses_;
    Pseudonymiser name_;
    std::string quarantine_;
    std::unordered_map<std::string, Place> known_;
    bool exhausted_ = false;
};

}  // namespace

Result<std::unique_ptr<model::PlacedStream>> run(par::Comm& comm, model::RawStream& raw, std::vector<model::Address> addresses,
                                                 const RootKey& key, const std::string& epoch, const std::string& quarantine_folder) {
    return std::unique_ptr<model::PlacedStream>(new Stream(comm, raw, std::move(addresses), key, epoch, quarantine_folder));
}

}  // namespace meterveil::pseudonym
