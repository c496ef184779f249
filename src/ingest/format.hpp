#pragma once
// A format plugin: one file in formats/, one line in CMakeLists.txt.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/sink.hpp"
#include "meterveil/core/result.hpp"
#include "meterveil/ingest/run.hpp"

namespace meterveil::ingest {

/// How sure a format is that a file is its own.
struct Sniffed {
    double confidence = 0;  ///< 0 .. 1
    std::string why;
};

/// What a block may be cut into, and who may read it.
enum class Blocks : std::uint8_t {
    lines,          ///< whole lines that mean the same alone: byte ranges of a file are read apart
    ordered_lines,  ///< whole lines, of the whole file in order
    bytes,          ///< of the whole file in order, cut anywhere
};

/// Turns the blocks of one file, in file order, into statements.
class Decoder {
public:
    virtual ~Decoder() = default;
    /// @param is_first the block starts the file
    /// @errors input: the file is not what it says; nothing more is read
    virtual Result<> decode(std::string_view block, bool is_first, Sink& sink) = 0;
    /// The file is at its end. @errors input: it ends too early
    virtual Result<> finish(Sink&) { return {}; }
    /// "tstp: time"; for inspect.
    [[nodiscard]] virtual std::vector<std::string> columns() const { return {}; }
    /// What a person should know of the file, as far as it was read: quirks met, kinds of personal data seen; for inspect.
    [[nodiscard]] virtual std::vector<std::string> remarks() const { return {}; }
    /// Length of the readings, if the file's head tells it; 0: it does not.
    [[nodiscard]] virtual std::int64_t interval_s() const { return 0; }
};

struct Format {
    const char* name;
    const char* summary;
    Blocks blocks;
    bool has_versions;  ///< it states which of two values for one interval is newer
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
