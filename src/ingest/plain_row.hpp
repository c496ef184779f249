#pragma once
// The fast path of delimited text: a row without surprises is read in one pass, from memory of the rows before it.

#include <optional>
#include <vector>

#include "ingest/decimal.hpp"
#include "ingest/delimited.hpp"
#include "ingest/recall.hpp"
#include "ingest/sink.hpp"

namespace meterveil::ingest {

/// What a plain row says.
struct PlainRow {
    const char* end = nullptr;             ///< behind its line end
    Recall<std::uint32_t>::Entry* id = nullptr;
    Placed placed = std::uint32_t{0};
    model::Channel channel = model::Channel::import;
    Energy energy;
};

/// Reads rows whose id, stamp and channel were met before and whose energy is a plain decimal in range.
/// It says no to every other row: then the reference reads it, and teaches what it found. So both give the same.
class PlainRows {
public:
    PlainRows(const Layout& layout, const DecodeOptions& options);

    /// @param line its first byte; @param end of the block; @param ids that were met
    bool read(const char* line, const char* end, Recall<std::uint32_t>& ids, PlainRow& row);

    /// A stamp that means the same in every row.
    void learn_stamp(std::string_view text, Placed placed);
    void learn_channel(std::string_view text, model::Channel channel);

private:
    enum class Column : std::uint8_t { skip, meter, time, energy, channel };
    bool read_column(Column column, const char*& at, const char* end, Recall<std::uint32_t>& ids, PlainRow& row);
    bool read_energy(const char*& at, PlainRow& row) const;
    bool skip_column(const char*& at, const char* end) const;
    bool finish(const char* at, const char* end, PlainRow& row) const;

    char delimiter_;
    std::vector<Column> columns_;
    EnergyUnit unit_;
    std::int32_t quantum_wh_;
    int exact_decimals_;           ///< decimals of a value that are whole quanta; -1: none are
    std::int64_t max_quanta_;
    model::Channel channel_;       ///< where there is no such column
    Recall<Placed> stamps_;
    Recall<model::Channel> channels_;
};

}  // namespace meterveil::ingest
