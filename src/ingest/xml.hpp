#pragma once
// XML as a stream of elements, by expat. What a document could do to its reader is refused: a DTD (and with it every entity of
// its own), elements within elements without end, names, attributes and texts without end.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "meterveil/core/result.hpp"

namespace meterveil::ingest::xml {

/// Far above what a meter message needs.
inline constexpr int max_depth = 64;
inline constexpr std::size_t max_text_bytes = std::size_t{64} << 10;       ///< of one element or attribute
inline constexpr int max_attributes = 64;                                  ///< of one element
inline constexpr std::size_t max_tag_bytes = std::size_t{1} << 20;         ///< of one tag, comment or instruction
inline constexpr std::size_t max_parser_bytes = std::size_t{16} << 20;     ///< of the parser itself: names stay until the end

/// Name of an element; `space` is its namespace, whatever the prefix is.
struct Name {
    std::string_view space, local;
    bool operator==(const Name&) const = default;
};

/// Attributes of an element. Those in a namespace are not found.
class Attributes {
public:
    explicit Attributes(const char** pairs) : pairs_(pairs) {}
    /// @return empty if it is not there
    [[nodiscard]] std::string_view find(std::string_view name) const;

private:
    const char** pairs_;
};

/// What the elements of a document are told to.
class Handler {
public:
    virtual ~Handler() = default;
    virtual void open(const Name& name, const Attributes& attributes) = 0;
    /// @param text without blanks at its edges; empty if there are elements within
    virtual void close(const Name& name, std::string_view text) = 0;
};

/// Reads one document from blocks that are cut anywhere.
class Parser {
public:
    explicit Parser(Handler& handler);
    ~Parser();
    Parser(const Parser&) = delete;
    Parser& operator=(const Parser&) = delete;

    /// @errors input: not XML, or one of the refusals above; says line and column, never what stands there
    Result<> feed(std::string_view bytes);
    /// The document is at its end. @errors input: it ends early
    Result<> finish();

    /// For the handler: the document is refused where it stands. Nothing more is told.
    void refuse(std::string what, std::string hint = "");
    /// For the handler: where the tag that is told begins and ends, in bytes from the start of the document.
    [[nodiscard]] std::uint64_t tag_begin() const;
    [[nodiscard]] std::uint64_t tag_end() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Root element of a document, as far as its head tells.
struct Root {
    std::string space, local;
};
/// Pure. Nothing if the head is not that of an XML document that `Parser` takes.
std::optional<Root> root_of(std::string_view head);

}  // namespace meterveil::ingest::xml
