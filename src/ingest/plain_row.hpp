#pragma once
// The fast path of delimited text: a row without surprises is read in one pass, from memory of the rows before it.

#include <optional>
#include <vector>

#include "ingest/decimal.hpp"
#include "ingest/delimited.hpp"
#include "ingest/recall.hpp"
#include "ingest/sink.hpp"

namespace meterveil::ingest {

/// Reads rows whose id, stamp and channel were met before and whose energy is a plain decimal in range.
/// It stops at every other row: then the reference reads it, and teaches what it found. So both give the same.
class PlainRows {
public:
    PlainRows(const Layout& layout, const DecodeOptions& options);

    /// Puts the plain rows from `at` on into the batch. @param block `at` is in it, at the start of a line
    /// @return where the first row stands that is not plain; the end of the block if there is none
    const char* take(std::string_view block, const char* at, BatchSink& batch);

    /// A stamp that means the same in every row.
    void learn_stamp(std::string_view text, Placed placed);
    void learn_channel(std::string_view text, model::Channel channel);
    void learn_quality(std::string_view text, model::Quality quality);

private:
    enum class Column : std::uint8_t { skip, meter, time, energy, channel, quality };
    /// What a plain row says.
    struct Row {
        std::uint32_t who = 0;
        Placed placed = std::uint32_t{0};
        model::Channel channel = model::Channel::import;
        model::Quality quality = model::Quality::measured;
        Energy energy;
    };
    static void put(const Row& row, std::string_view block, const char* line, const char* next, BatchSink& batch);
    /// As take, of rows that are bare: these fields in this order and no others, without quotes and blanks. What most large exports
    /// are, and read without a loop over columns.
    template <Column... columns>
    const char* take_bare(std::string_view block, const char* at, BatchSink& batch);
    template <Column column>
    bool read_bare(const char*& at, Recall<std::uint32_t>& ids, Row& row);
    bool read(const char*& at, const char* end, Recall<std::uint32_t>& ids, Row& row);
    bool read_column(Column column, const char*& at, const char* end, Recall<std::uint32_t>& ids, Row& row);
    bool read_energy(const char*& at, Row& row) const;
    bool read_bare_energy(const char*& at, Row& row) const;
    bool skip_column(const char*& at, const char* end) const;
    bool finish(const char*& at, const char* end) const;

    char delimiter_;
    std::vector<Column> columns_;
    EnergyUnit unit_;
    std::int32_t quantum_wh_;
    int exact_decimals_;           ///< decimals of a value that are whole quanta; -1: none are
    std::int64_t max_quanta_;
    model::Channel channel_;       ///< where there is no such column
    const char* (PlainRows::*take_bare_)(std::string_view, const char*, BatchSink&) = nullptr;  ///< null: not for this order of columns
    Recall<Placed> stamps_;
    Recall<model::Channel> channels_;
    Recall<model::Quality> qualities_;
};

}  // namespace meterveil::ingest
