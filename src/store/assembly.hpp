#pragma once
// Readings in any order become the dense series of one shard. Pure.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <tuple>
#include <vector>

#include "meterveil/model/readings.hpp"
#include "meterveil/model/shards.hpp"
#include "store/marks.hpp"

namespace meterveil::store {

/// The matrix of one shard under construction, with the accounts of the rows that went in.
///
/// Every distinct value of a cell (meter, channel, interval) is represented by its row of the lowest file, of one file by the
/// one that is counted, then by the one of the best quality; further rows of the same value are duplicates. A cell of one distinct value accepts it. A cell of
/// several is a conflict: all its representatives are quarantined and the cell stays missing. So nothing
/// depends on the order of arrival.
class Assembly {
public:
    Assembly(std::uint32_t num_meters, std::uint32_t num_intervals, std::size_t num_files);

    /// @param meter index within the shard; @param readings of it, of one channel
    void add(std::uint32_t meter, std::span<const model::Reading> readings, std::uint32_t file);
    /// A row that a newer one of the same cell replaces.
    void supersede(const model::Reading& reading, std::uint32_t file) { count(accounts_[file].superseded, reading.is_part, 1); }

    /// A value that was one of several for its cell.
    struct Conflict {
        std::uint32_t meter = 0, interval = 0;
        model::Channel channel = model::Channel::import;
        std::int32_t quanta = 0;
        std::uint32_t file = 0;
    };
    /// Settles the conflicts and the accounts. To be called once, when all rows are in.
    /// @return the conflicting values, by meter, channel, interval, value
    std::vector<Conflict> settle();

    /// accepted, duplicate and conflict of every file.
    [[nodiscard]] const std::vector<model::RowAccount>& accounts() const { return accounts_; }
    [[nodiscard]] bool has(model::Channel channel) const { return !matrix(channel).quanta.empty(); }
    /// [num_intervals]; empty if the shard has no such channel.
    [[nodiscard]] std::span<std::int32_t> series(model::Channel channel, std::uint32_t meter);
    /// Of the rows that stand.
    [[nodiscard]] SeriesMarks marks(model::Channel channel, std::uint32_t meter) const;

    /// Bytes of one channel of `meters` meters, with the files of the rows where there are several, and with marks.
    static std::uint64_t bytes_of(std::uint64_t meters, std::uint64_t intervals, std::size_t num_files);

private:
    struct Matrix {
        std::vector<std::int32_t> quanta;                 ///< [meters x intervals], empty until needed
        std::vector<std::uint32_t> file;                  ///< [meters] file of all its rows so far, or several_files
        std::vector<std::vector<std::uint32_t>> files;    ///< [meters] -> [intervals], where there are several
        Marks marks;                                      ///< [meters x intervals]
    };
    struct Value {
        std::int32_t quanta = 0;
        std::uint32_t file = 0;
        bool is_part = false;
        model::Quality quality = model::Quality::measured;
        /// Of rows of one value the first stands.
        bool operator<(const Value& other) const { return std::tie(file, is_part, quality) < std::tie(other.file, other.is_part, other.quality); }
    };
    void add_any(std::uint32_t meter, const model::Reading& reading, std::uint32_t file);
    /// Further parts of a reading that covers several intervals are not counted.
    static void count(std::uint64_t& rows, bool is_part, int change) {
        if (!is_part) rows += static_cast<std::uint64_t>(static_cast<std::int64_t>(change));
    }
    [[nodiscard]] const Matrix& matrix(model::Channel channel) const { return matrices_[static_cast<std::size_t>(channel)]; }
    void allocate(Matrix& matrix);
    [[nodiscard]] std::uint32_t file_of(const Matrix& matrix, std::uint32_t meter, std::uint32_t interval) const;
    void set_file(Matrix& matrix, std::uint32_t meter, std::uint32_t interval, std::uint32_t file);
    void collide(Matrix& matrix, std::uint32_t meter, const model::Reading& reading, const Value& fresh);
    /// What stands in a cell that has one value.
    [[nodiscard]] Value value_of(const Matrix& matrix, std::uint32_t meter, std::uint32_t interval) const;
    void set_value(Matrix& matrix, std::uint32_t meter, std::uint32_t interval, const Value& value);
    /// One more row of a value: it or the one before is a duplicate. @return the representative
    Value repeat(const Value& known, const Value& fresh);

    std::uint32_t num_meters_, num_intervals_;
    std::array<Matrix, model::num_channels> matrices_;
    std::map<std::array<std::uint32_t, 3>, std::vector<Value>> conflicts_;  ///< meter, channel, interval -> distinct values
    std::vector<model::RowAccount> accounts_;
};

}  // namespace meterveil::store
