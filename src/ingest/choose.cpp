#include <fmt/format.h>

#include <algorithm>

#include "ingest/format.hpp"
#include "meterveil/core/nearest.hpp"

namespace meterveil::ingest {
namespace {

constexpr double least_confidence = 0.5, tie_margin = 0.05;

/// Text of two bytes a character, by its byte order mark.
bool is_utf_16(std::string_view head) { return head.starts_with("\xff\xfe") || head.starts_with("\xfe\xff"); }

/// An archive of files, by its magic.
bool is_tar(std::string_view head) { return head.size() > 262 && head.substr(257, 5) == "ustar"; }

bool is_binary(std::string_view head) { return head.find('\0') != std::string_view::npos; }

Error not_readable(std::string what) { return {Code::input, std::move(what), "", "say what it is: format = \"...\", or leave the file out"}; }

/// Known by its first bytes and not read: docs/formats/parquet.md. Behind the magic stands a binary header.
bool is_parquet(std::string_view head) { return head.size() > 4 && head.starts_with("PAR1") && static_cast<unsigned char>(head[4]) < 0x20 && head[4] != '\n'; }

Error not_read_parquet() {
    return {Code::input, "this is a Parquet file, and this build reads no Parquet", "",
            "convert it to CSV, e.g. duckdb -c \"COPY (FROM 'FILE.parquet') TO 'FILE.csv.gz'\", and name the CSV"};
}

}  // namespace

Result<const Format*> choose_format(const Source& source, std::string_view head) {
    if (is_parquet(head)) return not_read_parquet();
    if (is_utf_16(head)) return Error{Code::input, "the text is UTF-16, and this build reads UTF-8", "", "convert it: iconv -f UTF-16 -t UTF-8 FILE > FILE.csv"};
    if (is_tar(head)) return Error{Code::input, "this is an archive of files (tar), not a file of readings", "", "take the files out: tar xf FILE; then name them, a glob will do"};
    if (is_binary(head)) return not_readable("the file is binary, not text");
    if (source.format != "auto") {
        std::vector<std::string> names;
        for (const Format& format : formats()) {
            if (source.format == format.name) return &format;
            names.emplace_back(format.name);
        }
        return Error{Code::usage, fmt::format("unknown format '{}'{}", source.format, did_you_mean(source.format, names)), "[[readings]] format",
                     fmt::format("one of: auto, {}", fmt::join(names, ", "))};
    }
    const Format* best = nullptr;
    double first = 0, second = 0;
    for (const Format& format : formats()) {
        const double confidence = format.sniff(head).confidence;
        second = std::max(second, std::min(confidence, first));
        if (confidence > first) {
            first = confidence;
            best = &format;
        }
    }
    if (first < least_confidence) return not_readable("no format knows this file");
    if (second > first - tie_margin) return not_readable("two formats claim this file");
    return best;
}

}  // namespace meterveil::ingest
