#pragma once
// What the decoders of XML formats share.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/format.hpp"
#include "ingest/xml.hpp"

namespace meterveil::ingest {

/// The text of rows of a document that comes in blocks: a row may begin in one and end in another.
class RowText {
public:
    static constexpr std::uint64_t longest = 4096;  ///< bytes of a row that are kept

    void begin_block(std::string_view block);
    /// @param open_row where the row begins that has no end yet, in bytes of the document
    void end_block(std::optional<std::uint64_t> open_row);
    /// From one byte of the document to another that is in the block, its first 4096 bytes at most. Valid until the next block; only one row
    /// of a block begins before it.
    std::string_view between(std::uint64_t begin, std::uint64_t end);
    /// Where such a text stands in the block; 0 if it began before.
    [[nodiscard]] std::uint64_t offset_of(std::string_view row) const;

private:
    std::string_view block_;
    std::uint64_t block_begin_ = 0;    ///< bytes of the document before it
    std::string before_;               ///< bytes of earlier blocks
    std::uint64_t before_begin_ = 0;
    std::string spanning_;             ///< the row that began before the block
};

/// Elements in, statements out. A format says what its elements mean; a part of the document that holds one reading is a row.
class XmlDecoder : public Decoder, private xml::Handler {
public:
    Result<> decode(std::string_view block, bool is_first, Sink& sink) final;
    Result<> finish(Sink& sink) final;
    [[nodiscard]] std::vector<std::string> remarks() const final { return {remarks_.begin(), remarks_.end()}; }
    [[nodiscard]] std::int64_t interval_s() const final { return interval_s_; }
    /// As the head of the file tells it.
    void set_interval_s(std::int64_t interval_s) { interval_s_ = interval_s; }

protected:
    XmlDecoder() : parser_(*this) {}
    virtual void at_open(const xml::Name& name, const xml::Attributes& attributes) = 0;
    virtual void at_close(const xml::Name& name, std::string_view text) = 0;
    /// The document is whole: what waited is stated now.
    virtual void at_end() {}
    /// A block begins: nothing that was stated is looked at any more.
    virtual void at_block() {}

    Sink& sink() { return *sink_; }
    void refuse(std::string what, std::string hint = "") { parser_.refuse(std::move(what), std::move(hint)); }
    /// A short sentence for `inspect`, once.
    void remark(std::string sentence);

    /// In at_open: the element is a row.
    void begin_row() { row_begin_ = parser_.tag_begin(); }
    /// In at_close of it: its text, valid until the next block.
    std::string_view end_row();
    /// Where a row stands in this block; 0 if it began before.
    [[nodiscard]] std::uint64_t offset_of(std::string_view row) const { return text_.offset_of(row); }

private:
    void open(const xml::Name& name, const xml::Attributes& attributes) final { at_open(name, attributes); }
    void close(const xml::Name& name, std::string_view text) final { at_close(name, text); }

    xml::Parser parser_;
    Sink* sink_ = nullptr;
    RowText text_;
    std::optional<std::uint64_t> row_begin_;  ///< of the row that is open
    std::vector<std::string> remarks_;
    std::int64_t interval_s_ = 0;
};

/// Common length of the readings at the head of a file; 0: none tells. Lengths that do not divide a day do not count: of a month,
/// of the day of a clock change.
/// @param decoder a fresh one, thrown away
std::int64_t interval_in(Decoder& decoder, std::string_view head);

/// UTC seconds of a date and time, its fraction cut off: of a message's creation, which ranks it among others.
std::uint32_t version_of(std::string_view stamp, const Clock& clock, const model::Calendar& calendar);

/// Which of several qualities of one reading counts: missing before estimated before substituted before measured.
model::Quality worse(model::Quality a, model::Quality b);

/// Exact: value x 10^exponent in Wh. The value has no exponent of its own. @return nothing if it is no number or does not fit
std::optional<std::int64_t> scaled_nwh(std::string_view value, int exponent);

/// A whole number, or nothing.
std::optional<std::int64_t> whole(std::string_view text);

}  // namespace meterveil::ingest
