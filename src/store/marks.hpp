#pragma once
// What is known of a cell beside its value: how its reading came about, and whether the reading covers several intervals.

#include <cstdint>
#include <vector>

#include "meterveil/model/ids.hpp"

namespace meterveil::store {

/// Half a byte a cell. Takes no memory until a cell has a mark: readings that are measured and of one interval have none.
class Marks {
public:
    [[nodiscard]] bool empty() const { return nibbles_.empty(); }
    [[nodiscard]] model::Quality quality(std::size_t cell) const { return static_cast<model::Quality>(nibble(cell) & 3U); }
    /// A further interval of a reading that covers several.
    [[nodiscard]] bool is_part(std::size_t cell) const { return (nibble(cell) & part_bit) != 0; }

    /// @param cells of all there are
    void set(std::size_t cell, model::Quality quality, bool is_part, std::size_t cells) {
        const auto mark = static_cast<unsigned>(quality) | (is_part ? part_bit : 0U);
        if (empty()) {
            if (mark == 0) return;
            nibbles_.resize((cells + 1) / 2, 0);
        }
        const unsigned shift = cell % 2 * 4;
        auto& byte = nibbles_[cell / 2];
        byte = static_cast<std::uint8_t>((byte & ~(15U << shift)) | mark << shift);
    }

private:
    static constexpr unsigned part_bit = 4;
    [[nodiscard]] unsigned nibble(std::size_t cell) const { return empty() ? 0 : unsigned{nibbles_[cell / 2]} >> (cell % 2 * 4) & 15U; }

    std::vector<std::uint8_t> nibbles_;
};
static_assert(static_cast<unsigned>(model::Quality::measured) == 0 && static_cast<unsigned>(model::Quality::missing) == 3);

/// The marks of one series.
class SeriesMarks {
public:
    SeriesMarks() = default;
    SeriesMarks(const Marks& marks, std::size_t first, std::size_t size) : marks_(marks.empty() ? nullptr : &marks), first_(first), size_(size) {}

    [[nodiscard]] bool empty() const { return marks_ == nullptr; }
    [[nodiscard]] model::Quality quality(std::size_t t) const { return marks_ == nullptr ? model::Quality::measured : marks_->quality(first_ + t); }
    /// True if the interval has its value from a reading that covers several.
    [[nodiscard]] bool is_spread(std::size_t t) const {
        return marks_ != nullptr && (marks_->is_part(first_ + t) || (t + 1 < size_ && marks_->is_part(first_ + t + 1)));
    }

private:
    const Marks* marks_ = nullptr;
    std::size_t first_ = 0, size_ = 0;
};

}  // namespace meterveil::store
