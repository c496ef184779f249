// NEM13, accumulated consumption of the Australian market (AEMO MDFF): recognised, and no interval data. docs/formats/nem13.md
// @source AEMO, Meter Data File Format Specification NEM12 & NEM13

#include "ingest/fields.hpp"
#include "ingest/format.hpp"

namespace meterveil::ingest {
namespace {

using model::Reason;

std::string_view kind_of(std::string_view record) { return trimmed(record.substr(0, record.find(','))); }

/// Every 250 record states the consumption between two visits to a meter, weeks or months apart. Spread over intervals it would look
/// like a load profile and be none, so it is refused, as what it is.
class Nem13 final : public Decoder {
public:
    Result<> decode(std::string_view block, bool is_first, Sink& sink) override {
        if (is_first && block.starts_with("\xef\xbb\xbf")) return records(block, 3, sink);
        return records(block, 0, sink);
    }

    [[nodiscard]] std::vector<std::string> columns() const override { return {"250: not read"}; }
    [[nodiscard]] std::vector<std::string> remarks() const override {
        return {"accumulated consumption between two visits to a meter: no interval data, every record is refused"};
    }

private:
    static Result<> records(std::string_view block, std::size_t begin, Sink& sink) {
        while (begin < block.size()) {
            const Line line = line_at(block, begin);
            const std::string_view kind = kind_of(line.text);
            if (kind == "250") sink.refuse(Reason::other_quantity, begin, line.text);
            else if (!trimmed(line.text).empty() && kind != "100" && kind != "550" && kind != "900") sink.refuse(Reason::malformed, begin, line.text);
            begin = line.next;
        }
        return {};
    }
};

Sniffed sniff(std::string_view head) {
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    const std::string_view record = trimmed(head).substr(0, trimmed(head).find_first_of("\r\n"));
    std::vector<std::string> fields;
    split(record, ',', fields);
    if (fields[0] == "100" && fields.size() > 1 && lower(fields[1]) == "nem13") return {0.98, "the header record says NEM13"};
    if (fields[0] == "250" && fields.size() >= 20) return {0.9, "the first record is a 250 of accumulated consumption"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view, const DecodeOptions&) { return std::unique_ptr<Decoder>(std::make_unique<Nem13>()); }

}  // namespace

extern const Format nem13_format;
const Format nem13_format = {"nem13", "AEMO NEM13 accumulated consumption (refused: no interval data)", Blocks::ordered_lines, false, sniff, open};

}  // namespace meterveil::ingest
