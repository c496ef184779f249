#pragma once
// A format plugin: one file in formats/, one line in CMakeLists.txt.

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "ingest/timeline.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/ingest/run.hpp"

namespace meterveil::ingest {

/// How sure a format is that a file is its own.
struct Sniffed {
    double confidence = 0;  ///< 0 .. 1
    std::string why;
};

/// A row that cannot be used.
struct SetAside {
    model::Reason reason;
    std::uint64_t offset = 0;  ///< of its first byte in the block
    std::string_view line;
};

/// What a block of lines became.
struct Decoded {
    model::RawBatch batch;
    std::vector<SetAside> set_aside;  ///< views into the block
    /// For the next block; keeps the room that it has.
    void clear() {
        batch.ids.clear();
        batch.rows.clear();
        batch.offsets.clear();
        batch.account = {};
        set_aside.clear();
    }
};

/// Turns blocks of whole lines of one file, in file order, into readings.
class Decoder {
public:
    virtual ~Decoder() = default;
    /// @param is_first the block starts the file: its header is skipped
    virtual void decode(std::string_view lines, bool is_first, Decoded& decoded) = 0;
    /// Calls row(id, stamp text, value text) for every row that has these fields; for inspect.
    virtual void scan(std::string_view lines, bool is_first,
                      const std::function<void(std::string_view id, std::string_view time, std::string_view value)>& row) = 0;
    /// "tstp: time"
    [[nodiscard]] virtual std::vector<std::string> columns() const = 0;
};

/// What a decoder needs beside the file's head.
struct DecodeOptions {
    Source source;
    model::Calendar calendar;
    model::Axis axis;
    std::int32_t energy_quantum_wh = 1;
    std::int64_t max_wh = 0;
};

struct Format {
    const char* name;
    const char* summary;
    Sniffed (*sniff)(std::string_view head);
    /// @errors usage: a mapped column is not in the header (nearest named); input: not this format
    Result<std::unique_ptr<Decoder>> (*open)(std::string_view head, const DecodeOptions& options);
};

/// All formats of this build, by name.
std::span<const Format> formats();

/// The format that Source names or, for "auto", the one that is sure of this head.
/// @errors usage: unknown format; input: no format is sure, or two are
Result<const Format*> choose_format(const Source& source, std::string_view head);

}  // namespace meterveil::ingest
