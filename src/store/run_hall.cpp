#include "store/run_hall.hpp"

#include <fmt/format.h>
#include <sys/types.h>

#include <algorithm>
#include <array>

#include "meterveil/core/contract.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"

namespace meterveil::store {
namespace {

/// Slots to shards: rows of the owned shards laid end to end.
class Slots {
public:
    struct Place {
        std::uint32_t shard = 0, row = 0;
    };
    explicit Slots(const std::vector<model::OwnedShard>& owned) {
        for (std::uint32_t s = 0; s < owned.size(); ++s)
            for (std::uint32_t row = 0; row < owned[s].rows.size(); ++row) places_.push_back({s, row});
    }
    [[nodiscard]] Place operator[](std::uint32_t slot) const { return places_[slot]; }

private:
    std::vector<Place> places_;
};

/// Readings of one meter and channel at the start of some.
std::size_t length_of_run(std::span<const model::Reading> readings) {
    std::size_t length = 1;
    while (length < readings.size() && readings[length].who == readings[0].who && readings[length].channel == readings[0].channel) ++length;
    return length;
}

class DenseHall final : public Hall {
public:
    DenseHall(const std::vector<model::OwnedShard>& owned, std::uint32_t intervals, std::size_t files) : slots_(owned) {
        for (const auto& shard : owned) shards_.emplace_back(static_cast<std::uint32_t>(shard.rows.size()), intervals, files);
    }
    /// Every thread goes through all rows, and takes those of its shards.
    Result<> take(std::span<const Arrival> arrivals) override {
        const auto threads = static_cast<std::uint32_t>(std::min<std::size_t>(shards_.size(), static_cast<std::size_t>(exec::num_threads())));
        exec::for_each_index(threads, [&](std::size_t thread) {
            for (const Arrival& arrival : arrivals)
                for (std::span<const model::Reading> rest = arrival.readings; !rest.empty();) {
                    const auto run = rest.first(length_of_run(rest));
                    rest = rest.subspan(run.size());
                    const Slots::Place place = slots_[run.front().who];
                    if (place.shard % threads == thread) shards_[place.shard].add(place.row, run, arrival.file);
                }
        });
        return {};
    }
    Result<Assembly> assemble(std::size_t shard) override { return std::move(shards_[shard]); }

private:
    Slots slots_;
    std::vector<Assembly> shards_;
};

struct Spooled {
    model::Reading reading;
    std::uint32_t file = 0, version = 0;
};
static_assert(sizeof(Spooled) == spooled_row_bytes);
constexpr std::size_t buffer_rows = 4096;

/// The highest version of every cell of one shard that has a row with a version.
class Newest {
public:
    Newest(std::uint32_t meters, std::uint32_t intervals) : meters_(meters), intervals_(intervals) {}
    void note(const Spooled& row) {
        auto& channel = versions_[row.reading.channel];
        if (row.version == 0) return;
        if (channel.empty()) channel.resize(std::size_t{meters_} * intervals_, 0);
        std::uint32_t& known = channel[cell(row)];
        known = std::max(known, row.version);
    }
    [[nodiscard]] bool replaces(const Spooled& row) const {
        const auto& channel = versions_[row.reading.channel];
        return !channel.empty() && row.version < channel[cell(row)];
    }

private:
    [[nodiscard]] std::size_t cell(const Spooled& row) const { return std::size_t{row.reading.who} * intervals_ + row.reading.interval; }
    std::uint32_t meters_, intervals_;
    std::array<std::vector<std::uint32_t>, model::num_channels> versions_;
};

class SpooledHall final : public Hall {
public:
    SpooledHall(const std::vector<model::OwnedShard>& owned, std::uint32_t intervals, std::size_t files, io::Path scratch)
        : slots_(owned), intervals_(intervals), files_(files), scratch_(std::move(scratch)), buffers_(owned.size()) {
        for (const auto& shard : owned) {
            ids_.push_back(shard.id);
            num_rows_.push_back(static_cast<std::uint32_t>(shard.rows.size()));
        }
    }
    Result<> take(std::span<const Arrival> arrivals) override {
        for (const Arrival& arrival : arrivals) {
            has_versions_ = has_versions_ || !arrival.versions.empty();
            for (std::size_t i = 0; i < arrival.readings.size(); ++i) {
                Spooled row{arrival.readings[i], arrival.file, arrival.versions.empty() ? 0 : arrival.versions[i]};
                const Slots::Place place = slots_[row.reading.who];
                row.reading.who = place.row;
                buffers_[place.shard].push_back(row);
                if (buffers_[place.shard].size() == buffer_rows) TRY_DO(flush(place.shard));
            }
        }
        return {};
    }
    Result<Assembly> assemble(std::size_t shard) override {
        Assembly assembly(num_rows_[shard], intervals_, files_);
        TRY_DO(flush(shard));
        if (!std::filesystem::exists(path_of(shard))) return assembly;
        Newest newest(num_rows_[shard], intervals_);
        if (has_versions_) TRY_DO(for_each_row(shard, [&](const Spooled& row) { newest.note(row); }));
        TRY_DO(for_each_row(shard, [&](const Spooled& row) {
            if (newest.replaces(row)) assembly.supersede(row.reading, row.file);
            else assembly.add(row.reading.who, {&row.reading, 1}, row.file);
        }));
        std::filesystem::remove(path_of(shard));
        return assembly;
    }

private:
    [[nodiscard]] io::Path path_of(std::size_t shard) const { return scratch_ / fmt::format("shard-{:05}.spool", ids_[shard]); }

    template <class Row>
    Result<> for_each_row(std::size_t shard, Row&& each) const {
        TRY(const io::File file, io::of_storage(io::File::open(path_of(shard), io::File::Mode::read)));
        std::vector<Spooled> rows(std::size_t{1} << 15);
        for (std::uint64_t offset = 0;;) {
            TRY(const std::size_t bytes, io::of_storage(file.read_at(offset, std::as_writable_bytes(std::span(rows)))));
            for (std::size_t i = 0; i < bytes / sizeof(Spooled); ++i) each(rows[i]);
            offset += bytes;
            if (bytes < rows.size() * sizeof(Spooled)) return {};
        }
    }

    Result<> flush(std::size_t shard) {
        if (buffers_[shard].empty()) return {};
        TRY(io::File file, io::File::open(path_of(shard), io::File::Mode::append));
        TRY_DO(file.write(std::as_bytes(std::span(buffers_[shard]))));
        buffers_[shard].clear();
        return file.close();
    }

    Slots slots_;
    std::uint32_t intervals_;
    std::size_t files_;
    io::Path scratch_;
    std::vector<std::vector<Spooled>> buffers_;
    std::vector<model::ShardId> ids_;
    std::vector<std::uint32_t> num_rows_;
    bool has_versions_ = false;
};

}  // namespace

Result<std::unique_ptr<Hall>> make_hall(const std::vector<model::OwnedShard>& owned, std::uint32_t num_intervals, std::size_t num_files,
                                        bool dense, const std::string& scratch) {
    if (dense) return std::unique_ptr<Hall>(new DenseHall(owned, num_intervals, num_files));
    TRY_DO(io::make_private_folder(scratch));
    return std::unique_ptr<Hall>(new SpooledHall(owned, num_intervals, num_files, scratch));
}

}  // namespace meterveil::store
