#include "ingest/xml_decoder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>

#include "ingest/decimal.hpp"
#include "ingest/timeline.hpp"

namespace meterveil::ingest {

void RowText::begin_block(std::string_view block) {
    block_ = block;
    spanning_.clear();
}

void RowText::end_block(std::optional<std::uint64_t> open_row) {
    const std::uint64_t end = block_begin_ + block_.size();
    const std::uint64_t from = open_row.value_or(end - std::min(end, longest));  // a tag that is cut may open a row
    const bool goes_on = before_begin_ + before_.size() == block_begin_;  // not behind a long row, of which the end was not kept
    if (from >= block_begin_ || (!open_row && !goes_on)) {
        before_begin_ = std::max(from, block_begin_);
        before_ = block_.substr(before_begin_ - block_begin_, longest);
    } else {
        if (goes_on) before_ += block_.substr(0, longest);
        const std::uint64_t unused = from - std::min(from, before_begin_);
        before_.erase(0, unused);
        before_.resize(std::min<std::size_t>(before_.size(), longest));
        before_begin_ += unused;
    }
    block_ = {};
    block_begin_ = end;
}

std::string_view RowText::between(std::uint64_t begin, std::uint64_t end) {
    if (begin >= block_begin_) return block_.substr(begin - block_begin_, std::min(end - begin, longest));
    spanning_ = begin < before_begin_ ? "" : before_.substr(std::min<std::size_t>(begin - before_begin_, before_.size()));
    if (begin + spanning_.size() == block_begin_) spanning_ += block_.substr(0, std::min(end - block_begin_, longest - spanning_.size()));
    return spanning_;
}

std::uint64_t RowText::offset_of(std::string_view row) const {
    const std::less_equal<const char*> not_behind;
    const bool is_here = not_behind(block_.data(), row.data()) && not_behind(row.data() + row.size(), block_.data() + block_.size());
    return is_here ? static_cast<std::uint64_t>(row.data() - block_.data()) : 0;
}

Result<> XmlDecoder::decode(std::string_view block, bool, Sink& sink) {
    sink_ = &sink;
    text_.begin_block(block);
    at_block();
    TRY_DO(parser_.feed(block));
    text_.end_block(row_begin_);
    return {};
}

Result<> XmlDecoder::finish(Sink& sink) {
    sink_ = &sink;
    text_.begin_block({});
    at_block();
    TRY_DO(parser_.finish());
    at_end();
    return {};
}

void XmlDecoder::remark(std::string sentence) {
    if (std::find(remarks_.begin(), remarks_.end(), sentence) == remarks_.end()) remarks_.push_back(std::move(sentence));
}

std::string_view XmlDecoder::end_row() {
    if (!row_begin_) return {};
    const std::uint64_t begin = *row_begin_;
    row_begin_.reset();
    return text_.between(begin, parser_.tag_end());
}

std::int64_t interval_in(Decoder& decoder, std::string_view head) {
    struct Lengths final : Sink {
        void take(const Statement& s) override {
            constexpr std::int64_t day_s = 86400, shortest_s = 60;
            if (s.length_s >= shortest_s && day_s % s.length_s == 0) common = std::gcd(common, s.length_s);
        }
        void refuse(model::Reason, std::uint64_t, std::string_view) override {}
        std::int64_t common = 0;
    } lengths;
    static_cast<void>(decoder.decode(head, true, lengths).ok());  // what is wrong is told when the file is read
    return lengths.common;
}

std::uint32_t version_of(std::string_view text, const Clock& clock, const model::Calendar& calendar) {
    std::string whole_seconds(text);
    if (const std::size_t point = whole_seconds.find('.'); point != std::string::npos) {
        const std::size_t behind = whole_seconds.find_first_not_of("0123456789", point + 1);
        whole_seconds.erase(point, behind == std::string::npos ? behind : behind - point);
    }
    const auto stamp = parse_stamp(whole_seconds);
    if (!stamp) return 0;
    Source source;
    source.clock = clock;
    const auto instant = Timeline(source, calendar, {}).instant_s(*stamp);
    return instant && *instant > 0 && *instant < UINT32_MAX ? static_cast<std::uint32_t>(*instant) : 0;
}

model::Quality worse(model::Quality a, model::Quality b) {
    const auto rank = [](model::Quality quality) {
        switch (quality) {
            case model::Quality::measured: return 0;
            case model::Quality::substituted: return 1;
            case model::Quality::estimated: return 2;
            case model::Quality::missing: return 3;
        }
        return 0;
    };
    return rank(a) < rank(b) ? b : a;
}

std::optional<std::int64_t> scaled_nwh(std::string_view value, int exponent) {
    constexpr int most = 24;
    if (exponent == 0) return to_nwh(value, EnergyUnit::wh);
    if (exponent < -most || exponent > most || value.find_first_of("eE") != std::string_view::npos) return std::nullopt;
    return to_nwh(fmt::format("{}E{}", value, exponent), EnergyUnit::wh);
}

std::optional<std::int64_t> whole(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

}  // namespace meterveil::ingest
