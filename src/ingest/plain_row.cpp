#include "ingest/plain_row.hpp"

#include <algorithm>
#include <cstring>

#include "ingest/fields.hpp"

namespace meterveil::ingest {
namespace {

/// No column that is read here reaches over so many bytes: what is nearer to the end of the block is left to the reference.
constexpr std::ptrdiff_t column_bytes = 64;
static_assert(column_bytes > Recall<std::uint32_t>::readable + 2);

constexpr std::int64_t powers_of_ten[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
constexpr int max_digits = 9;

int decimals_of(EnergyUnit unit) { return unit == EnergyUnit::wh ? 0 : unit == EnergyUnit::kwh ? 3 : 6; }

void skip_blanks(const char*& at) {
    while (*at == ' ') ++at;
}

/// At most max_digits digits; what is left where more stand is no stop, and so no plain row.
int read_digits(const char*& at, std::int64_t& value) {
    int count = 0;
    for (; count < max_digits && *at >= '0' && *at <= '9'; ++at, ++count) value = value * 10 + (*at - '0');
    return count;
}

}  // namespace

PlainRows::PlainRows(const Layout& layout, const DecodeOptions& options)
    : delimiter_(layout.delimiter), unit_(layout.unit), quantum_wh_(options.energy_quantum_wh), exact_decimals_(options.energy_quantum_wh == 1 ? decimals_of(layout.unit) : -1),
      max_quanta_(std::min<std::int64_t>(options.max_wh / options.energy_quantum_wh, INT32_MAX)), channel_(options.source.channel) {
    columns_.resize(std::max({layout.meter, layout.time, layout.energy, layout.channel.value_or(0)}) + 1, Column::skip);
    columns_[layout.meter] = Column::meter;
    columns_[layout.time] = Column::time;
    columns_[layout.energy] = Column::energy;
    if (layout.channel) columns_[*layout.channel] = Column::channel;
}

void PlainRows::learn_stamp(std::string_view text, Placed placed) {
    if (stamps_.find(text) == nullptr) stamps_.add(text, placed);
}

void PlainRows::learn_channel(std::string_view text, model::Channel channel) {
    if (channels_.find(text) == nullptr) channels_.add(text, channel);
}

bool PlainRows::read(const char* line, const char* end, Recall<std::uint32_t>& ids, PlainRow& row) {
    const char* at = line;
    row.channel = channel_;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        if (i > 0 && *at++ != delimiter_) return false;
        if (end - at < column_bytes) return false;
        if (!read_column(columns_[i], at, end, ids, row)) return false;
    }
    return finish(at, end, row);
}

bool PlainRows::read_column(Column column, const char*& at, const char* end, Recall<std::uint32_t>& ids, PlainRow& row) {
    if (column == Column::skip) return skip_column(at, end);
    if (column == Column::energy) return read_energy(at, row);
    const bool is_quoted = *at == '"';
    if (is_quoted) ++at;
    const auto take = [&](auto* entry) {
        if (entry == nullptr) return false;
        at += entry->length;
        return !is_quoted || *at++ == '"';
    };
    if (column == Column::meter) {
        row.id = ids.match(at, delimiter_);
        return take(row.id);
    }
    if (column == Column::time) {
        const auto* stamp = stamps_.match(at, delimiter_);
        if (stamp != nullptr) row.placed = stamp->value;
        return take(stamp);
    }
    const auto* channel = channels_.match(at, delimiter_);
    if (channel != nullptr) row.channel = channel->value;
    return take(channel);
}

bool PlainRows::read_energy(const char*& at, PlainRow& row) const {
    skip_blanks(at);
    const bool is_quoted = *at == '"';
    if (is_quoted) ++at;
    const char* const begin = at;
    std::int64_t value = 0;
    int digits = read_digits(at, value), decimals = 0;
    if (*at == '.') {
        ++at;
        decimals = read_digits(at, value);
        digits += decimals;
    }
    if (digits == 0) return false;
    if (decimals <= exact_decimals_) {
        row.energy = {value * powers_of_ten[exact_decimals_ - decimals], 0};
    } else if (const auto energy = to_energy({begin, static_cast<std::size_t>(at - begin)}, unit_, quantum_wh_)) {
        row.energy = *energy;
    } else {
        return false;
    }
    if (is_quoted && *at++ != '"') return false;
    skip_blanks(at);
    return row.energy.quanta <= max_quanta_;
}

bool PlainRows::skip_column(const char*& at, const char* end) const {
    for (; at < end && *at != delimiter_; ++at)
        if (*at == '\n' || *at == '\r' || *at == '"' || *at == '\0') return false;
    return end - at >= column_bytes;
}

/// The rest of the line is not read, but has to be part of a row: no quote and no zero byte.
bool PlainRows::finish(const char* at, const char* end, PlainRow& row) const {
    if (*at == '\r' && at[1] == '\n') ++at;
    if (*at != '\n') {
        if (*at != delimiter_) return false;
        const auto* stop = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
        if (stop == nullptr) return false;
        const std::string_view rest(at, static_cast<std::size_t>(stop - at));
        if (rest.find('"') != std::string_view::npos || rest.find('\0') != std::string_view::npos) return false;
        at = stop;
    }
    row.end = at + 1;
    return true;
}

}  // namespace meterveil::ingest
