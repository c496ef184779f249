#include "ingest/sink.hpp"

#include <algorithm>
#include <utility>

#include "meterveil/core/integer.hpp"

namespace meterveil::ingest {
namespace {

using model::Reason;

constexpr std::int64_t nano = 1'000'000'000;
/// Beyond it a rounded value may not fit.
constexpr std::int64_t most_nwh = 9'000'000'000 * nano;

/// Intervals of the axis that a reading covers.
struct Cover {
    std::uint32_t first = 0, parts = 0;
};

std::variant<Cover, Reason> cover_of(const model::Axis& axis, std::int64_t start_s, std::int64_t length_s) {
    const std::int64_t step = axis.length.count(), from_start = start_s - axis.start.time_since_epoch().count();
    if (length_s == 0) length_s = step;
    if (length_s < 0 || length_s % step != 0 || from_start % step != 0) return Reason::bad_time;
    const std::int64_t first = from_start / step, parts = length_s / step;
    if (first < 0 || first + parts > axis.count) return Reason::outside_period;
    return Cover{static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(parts)};
}

}  // namespace

BatchSink::BatchSink(const DecodeOptions& options) : axis_(options.axis), quantum_wh_(options.energy_quantum_wh), max_wh_(options.max_wh) {}

void BatchSink::clear() {
    if (num_ids_ >= max_ids) {
        ids_ = {};
        odd_ids_.clear();
        num_ids_ = 0;
    }
    batch_.first_id = num_ids_;
    batch_.ids.clear();
    batch_.rows.clear();
    batch_.offsets.clear();
    batch_.versions.clear();
    batch_.account = {};
    set_aside_.clear();
}

void BatchSink::refuse(Reason reason, std::uint64_t offset, std::string_view text) {
    ++batch_.account.read;
    ++batch_.account.quarantined[static_cast<std::size_t>(reason)];
    set_aside_.push_back({reason, offset, text});
}

void BatchSink::take(const Statement& s) {
    if (s.id.empty()) return refuse(Reason::malformed, s.offset, s.text);
    const auto covered = cover_of(axis_, s.start_s, s.length_s);
    if (const auto* reason = std::get_if<Reason>(&covered)) return refuse(*reason, s.offset, s.text);
    if (s.quality == model::Quality::missing) return refuse(Reason::missing, s.offset, s.text);
    if (s.energy_nwh < 0 || s.energy_nwh > most_nwh) return refuse(Reason::out_of_range, s.offset, s.text);
    const Cover cover = std::get<Cover>(covered);
    const std::int64_t quantum_nwh = quantum_wh_ * nano, quanta = divide_half_even(s.energy_nwh, quantum_nwh);
    if (quanta > max_wh_ / quantum_wh_ * cover.parts) return refuse(Reason::out_of_range, s.offset, s.text);
    batch_.account.residue_nwh += s.energy_nwh - quanta * quantum_nwh;
    put(s, cover.first, cover.parts, quanta);
}

/// One row, and a further part for every interval behind the first that it covers.
void BatchSink::put(const Statement& s, std::uint32_t first, std::uint32_t parts, std::int64_t quanta) {
    ++batch_.account.read;
    if (s.quality == model::Quality::estimated) ++batch_.account.estimated;
    if (s.quality == model::Quality::substituted) ++batch_.account.substituted;
    model::Reading reading;
    reading.who = number_of(s.id);
    reading.channel = s.channel == model::Channel::export_;
    reading.quality = static_cast<std::uint32_t>(s.quality) & 3U;
    if (s.version != 0 || !batch_.versions.empty()) batch_.versions.resize(batch_.rows.size(), 0);
    for (std::uint32_t part = 0; part < parts; ++part) {
        reading.interval = (first + part) & 0xffffffU;
        reading.is_part = part > 0;
        reading.quanta = static_cast<std::int32_t>(share_of(quanta, parts, part));
        batch_.rows.push_back(reading);
        batch_.offsets.push_back(static_cast<std::uint32_t>(s.offset));
        if (s.version != 0 || !batch_.versions.empty()) batch_.versions.push_back(s.version);
    }
}

std::uint32_t BatchSink::number_of(std::string_view id) {
    if (const auto* known = ids_.find(id)) return known->value;
    if (const auto odd = odd_ids_.find(std::string(id)); odd != odd_ids_.end()) return odd->second;
    if (ids_.add(id, num_ids_) == nullptr) odd_ids_.emplace(id, num_ids_);
    batch_.ids.emplace_back(id);
    return num_ids_++;
}

}  // namespace meterveil::ingest
