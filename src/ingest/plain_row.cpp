#include "ingest/plain_row.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "ingest/fields.hpp"

namespace meterveil::ingest {
namespace {

/// No column that is read here reaches over so many bytes.
constexpr std::ptrdiff_t column_bytes = 64;
static_assert(column_bytes > Recall<std::uint32_t>::readable + 2);

constexpr std::int64_t powers_of_ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000};

int decimals_of(EnergyUnit unit) { return unit == EnergyUnit::wh ? 0 : unit == EnergyUnit::kwh ? 3 : 6; }

void skip_blanks(const char*& at) {
    while (*at == ' ') ++at;
}

/// A number without sign and exponent: digits, and a point among them or not.
struct Number {
    std::int64_t value = 0;  ///< of its digits
    int digits = 0, decimals = 0;
};

constexpr int max_digits = 9;

/// At most max_digits digits; what is left where more stand is no stop, and so no plain row.
int read_digits(const char*& at, std::int64_t& value) {
    int count = 0;
    for (; count < max_digits && *at >= '0' && *at <= '9'; ++at, ++count) value = value * 10 + (*at - '0');
    return count;
}

Number read_long_number(const char*& at) {
    Number number;
    number.digits = read_digits(at, number.value);
    if (*at == '.') {
        ++at;
        number.decimals = read_digits(at, number.value);
        number.digits += number.decimals;
    }
    return number;
}

/// The value of eight digits, one a byte, the first in the lowest: pairs, then fours, then all.
/// Source: D. Lemire, "Quickly parsing eight digits" (2018).
std::uint32_t value_of_digits(std::uint64_t digits) {
    digits = digits * 10 + (digits >> 8);
    constexpr std::uint64_t pairs = 0x000000ff000000ff, low = 0x000f424000000064, high = 0x0000271000000001;
    return static_cast<std::uint32_t>(((digits & pairs) * low + (digits >> 16 & pairs) * high) >> 32);
}

/// A number that ends within eight bytes is read without a branch a digit.
/// @param at with eight bytes behind it
Number read_number(const char*& at) {
    static_assert(std::endian::native == std::endian::little);
    constexpr std::uint64_t every = 0x0101010101010101;
    std::uint64_t digits = 0;
    std::memcpy(&digits, at, sizeof digits);
    digits ^= '0' * every;                                                                   // 0 to 9 where a digit stands
    std::uint64_t others = ((digits + (0x80 - 10) * every) | digits) & (0x80 * every);  // carries from the first other byte on: harmless
    if (others == 0) return read_long_number(at);
    int stop = std::countr_zero(others) / 8, decimals = 0;
    int count = stop;
    if (at[stop] == '.') {
        const int point = stop;
        others &= others - 1;
        if (others == 0) return read_long_number(at);
        stop = std::countr_zero(others) / 8;
        decimals = stop - point - 1;
        count = stop - 1;
        const std::uint64_t before = (std::uint64_t{1} << (8 * point)) - 1;
        digits = (digits & before) | (digits >> 8 & ~before);
    }
    at += stop;
    if (count == 0) return {};
    return {value_of_digits(digits << (64 - 8 * count)), count, decimals};
}

}  // namespace

PlainRows::PlainRows(const Layout& layout, const DecodeOptions& options)
    : delimiter_(layout.delimiter), unit_(layout.unit), quantum_wh_(options.energy_quantum_wh), exact_decimals_(options.energy_quantum_wh == 1 ? decimals_of(layout.unit) : -1),
      max_quanta_(std::min<std::int64_t>(options.max_wh / options.energy_quantum_wh, INT32_MAX)), channel_(options.source.channel) {
    columns_.resize(std::max({layout.meter, layout.time, layout.energy, layout.channel.value_or(0), layout.quality.value_or(0)}) + 1, Column::skip);
    columns_[layout.meter] = Column::meter;
    columns_[layout.time] = Column::time;
    columns_[layout.energy] = Column::energy;
    if (layout.channel) columns_[*layout.channel] = Column::channel;
    if (layout.quality) columns_[*layout.quality] = Column::quality;
    using enum Column;
    if (columns_ == std::vector{meter, time, energy}) take_bare_ = &PlainRows::take_bare<meter, time, energy>;
    if (columns_ == std::vector{meter, time, channel, energy}) take_bare_ = &PlainRows::take_bare<meter, time, channel, energy>;
}

void PlainRows::learn_stamp(std::string_view text, Placed placed) {
    if (stamps_.find(text) == nullptr) stamps_.add(text, placed);
}

void PlainRows::learn_channel(std::string_view text, model::Channel channel) {
    if (channels_.find(text) == nullptr) channels_.add(text, channel);
}

void PlainRows::learn_quality(std::string_view text, model::Quality quality) {
    if (quality != model::Quality::missing && qualities_.find(text) == nullptr) qualities_.add(text, quality);
}

inline void PlainRows::put(const Row& row, std::string_view block, const char* line, const char* next, BatchSink& batch) {
    const auto offset = static_cast<std::size_t>(line - block.data());
    if (const auto* interval = std::get_if<std::uint32_t>(&row.placed)) batch.add(row.who, *interval, row.channel, row.energy, offset, row.quality);
    else batch.refuse(std::get<model::Reason>(row.placed), offset, without_line_end(block.substr(offset, static_cast<std::size_t>(next - line))));
}

const char* PlainRows::take(std::string_view block, const char* at, BatchSink& batch) {
    constexpr int few = 64;  // rows that are not bare seldom come alone
    const char* const end = block.data() + block.size();
    Row row;
    for (;;) {
        if (take_bare_ != nullptr) at = (this->*take_bare_)(block, at, batch);
        for (int i = 0; i < few; ++i) {
            const char* const line = at;
            if (!read(at, end, batch.ids(), row)) return at;
            put(row, block, line, at, batch);
        }
    }
}

template <PlainRows::Column... columns>
const char* PlainRows::take_bare(std::string_view block, const char* at, BatchSink& batch) {
    const char* const end = block.data() + block.size();
    Recall<std::uint32_t>& ids = batch.ids();
    Row row;
    row.channel = channel_;
    while (end - at >= static_cast<std::ptrdiff_t>(sizeof...(columns)) * column_bytes) {
        const char* next = at;
        if (!(read_bare<columns>(next, ids, row) && ...)) break;
        put(row, block, at, next, batch);
        at = next;
    }
    return at;
}

/// @param at moves behind what ends the field: the delimiter; of the energy, which is the last, the line end
template <PlainRows::Column column>
inline bool PlainRows::read_bare(const char*& at, Recall<std::uint32_t>& ids, Row& row) {
    if constexpr (column == Column::energy) {
        if (!read_bare_energy(at, row)) return false;
        if (*at == '\r') ++at;
        return *at++ == '\n';
    }
    const auto take = [&](const auto* entry, auto& value) {
        if (entry == nullptr) return false;
        value = entry->value;
        at += entry->length;
        return *at++ == delimiter_;
    };
    if constexpr (column == Column::meter) return take(ids.match(at, delimiter_), row.who);
    if constexpr (column == Column::time) return take(stamps_.match(at, delimiter_), row.placed);
    if constexpr (column == Column::channel) return take(channels_.match(at, delimiter_), row.channel);
}

/// @param at moves behind the row if it is plain, and stays if not
inline bool PlainRows::read(const char*& at, const char* end, Recall<std::uint32_t>& ids, Row& row) {
    if (end - at < static_cast<std::ptrdiff_t>(columns_.size()) * column_bytes) return false;
    const char* next = at;
    row.channel = channel_;
    row.quality = model::Quality::measured;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0 && *next++ != delimiter_) return false;
        if (!read_column(columns_[i], next, end, ids, row)) return false;
    }
    if (!finish(next, end)) return false;
    at = next;
    return true;
}

inline bool PlainRows::read_column(Column column, const char*& at, const char* end, Recall<std::uint32_t>& ids, Row& row) {
    if (column == Column::skip) return skip_column(at, end);
    if (column == Column::energy) return read_energy(at, row);
    if (column == Column::quality && (*at == delimiter_ || *at == '\r' || *at == '\n')) return true;  // nothing is said
    const bool is_quoted = *at == '"';
    if (is_quoted) ++at;
    const auto take = [&](const auto* entry, auto& value) {
        if (entry == nullptr) return false;
        value = entry->value;
        at += entry->length;
        return !is_quoted || *at++ == '"';
    };
    if (column == Column::meter) return take(ids.match(at, delimiter_), row.who);
    if (column == Column::time) return take(stamps_.match(at, delimiter_), row.placed);
    if (column == Column::channel) return take(channels_.match(at, delimiter_), row.channel);
    return take(qualities_.match(at, delimiter_), row.quality);
}

inline bool PlainRows::read_bare_energy(const char*& at, Row& row) const {
    const char* const begin = at;
    const Number number = read_number(at);
    if (number.digits == 0) return false;
    if (number.decimals <= exact_decimals_) {
        row.energy = {number.value * powers_of_ten[exact_decimals_ - number.decimals], 0};
    } else if (const auto energy = to_energy({begin, static_cast<std::size_t>(at - begin)}, unit_, quantum_wh_)) {
        row.energy = *energy;
    } else {
        return false;
    }
    return row.energy.quanta <= max_quanta_;
}

inline bool PlainRows::read_energy(const char*& at, Row& row) const {
    skip_blanks(at);
    const bool is_quoted = *at == '"';
    if (is_quoted) ++at;
    if (!read_bare_energy(at, row)) return false;
    if (is_quoted && *at++ != '"') return false;
    skip_blanks(at);
    return true;
}

/// A column that is not read may be of any length.
inline bool PlainRows::skip_column(const char*& at, const char* end) const {
    for (; at < end && *at != delimiter_; ++at)
        if (*at == '\n' || *at == '\r' || *at == '"' || *at == '\0') return false;
    return end - at >= static_cast<std::ptrdiff_t>(columns_.size()) * column_bytes;
}

/// The rest of the line is not read, but has to be part of a row: no quote and no zero byte.
inline bool PlainRows::finish(const char*& at, const char* end) const {
    if (*at == '\r' && at[1] == '\n') ++at;
    if (*at != '\n') {
        if (*at != delimiter_) return false;
        const auto* stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
        if (stop == nullptr) return false;
        const std::string_view rest(at, static_cast<std::size_t>(stop - at));
        if (rest.find('"') != std::string_view::npos || rest.find('\0') != std::string_view::npos) return false;
        at = stop;
    }
    ++at;
    return true;
}

}  // namespace meterveil::ingest
