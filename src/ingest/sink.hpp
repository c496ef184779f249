#pragma once
// Where a decoder puts what a file says: readings go on the axis here, and every one is counted.

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "ingest/decimal.hpp"
#include "ingest/options.hpp"
#include "ingest/recall.hpp"
#include "ingest/timeline.hpp"
#include "meterveil/model/readings.hpp"

namespace meterveil::ingest {

/// One reading as a file states it. It counts as one row, whatever the file calls a row.
struct Statement {
    std::string_view id;            ///< of the metering point, canonical form
    std::int64_t start_s = 0;       ///< UTC seconds
    std::int64_t length_s = 0;      ///< 0: an interval of the axis
    model::Channel channel = model::Channel::import;
    model::Quality quality = model::Quality::measured;
    std::int64_t energy_nwh = 0;    ///< over the interval, nano-Wh
    std::uint32_t version = 0;      ///< of statements about one interval the highest wins, by the format's own clock
    std::uint64_t offset = 0;       ///< of its text in the block
    std::string_view text;          ///< for the quarantine; a view into the block
};

class BatchSink;

class Sink {
public:
    virtual ~Sink() = default;
    virtual void take(const Statement& statement) = 0;
    /// A row that states no reading that can be used.
    virtual void refuse(model::Reason reason, std::uint64_t offset, std::string_view text) = 0;
    /// For a decoder with a fast path to the axis; null: statements are wanted.
    virtual BatchSink* batch_sink() { return nullptr; }
};

/// A row that cannot be used.
struct SetAside {
    model::Reason reason;
    std::uint64_t offset = 0;  ///< of its first byte in the block
    std::string_view line;
};

/// Collects the rows of one block after another, of any files: a lane of the stream.
class BatchSink final : public Sink {
public:
    explicit BatchSink(const DecodeOptions& options);

    /// For the next block; keeps the room that it has.
    void clear();
    void take(const Statement& statement) override;
    void refuse(model::Reason reason, std::uint64_t offset, std::string_view text) override;
    BatchSink* batch_sink() override { return this; }

    /// A row that has its place already. Counts it.
    void add(std::uint32_t who, std::uint32_t interval, model::Channel channel, Energy energy, std::uint64_t offset, model::Quality quality = model::Quality::measured) {
        ++batch_.account.read;
        batch_.account.estimated += quality == model::Quality::estimated ? 1 : 0;
        batch_.account.substituted += quality == model::Quality::substituted ? 1 : 0;
        batch_.account.residue_nwh += energy.residue_nwh;
        model::Reading& reading = batch_.rows.emplace_back();  // made in place: a copy of parts just written waits for them
        reading.who = who;
        reading.interval = interval & 0xffffffU;
        reading.channel = channel == model::Channel::export_;
        reading.quality = static_cast<std::uint32_t>(quality) & 3U;
        reading.quanta = static_cast<std::int32_t>(energy.quanta);
        batch_.offsets.push_back(static_cast<std::uint32_t>(offset));
    }
    /// Number of an id, until the next clear.
    std::uint32_t number_of(std::string_view id);
    /// The ids that have a number and are plain text.
    Recall<std::uint32_t>& ids() { return ids_; }

    [[nodiscard]] const model::RawBatch& batch() const { return batch_; }
    /// The batch is given away; `batch` leaves its memory here.
    void release(model::RawBatch& batch) { std::swap(batch_, batch); }
    [[nodiscard]] const std::vector<SetAside>& set_aside() const { return set_aside_; }

private:
    void put(const Statement& statement, std::uint32_t first, std::uint32_t parts, std::int64_t quanta);

    model::Axis axis_;
    std::int32_t quantum_wh_;
    std::int64_t max_wh_;
    model::RawBatch batch_;
    std::vector<SetAside> set_aside_;
    static constexpr std::uint32_t max_ids = std::uint32_t{1} << 17;  ///< numbers start anew behind so many
    std::uint32_t num_ids_ = 0;
    Recall<std::uint32_t> ids_;
    std::unordered_map<std::string, std::uint32_t> odd_ids_;  ///< those that Recall does not take
};

/// Part `part` of `parts` of a whole number, so that the parts add up to it: they differ by one at most, the larger ones
/// are spread evenly. Example: share_of(101, 2, 0) == 50, share_of(101, 2, 1) == 51.
constexpr std::int64_t share_of(std::int64_t whole, std::int64_t parts, std::int64_t part) {
    return whole * (part + 1) / parts - whole * part / parts;
}

}  // namespace meterveil::ingest
