#include "ingest/delimited.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "ingest/decimal.hpp"
#include "ingest/fields.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Reason;

/// The fields of a line that matter.
struct Cells {
    std::string_view meter, time, energy, channel;
};

/// Stamps repeat from meter to meter: remembers the interval of those that mean the same in every row.
class StampMemory {
public:
    StampMemory() : slots_(std::size_t{1} << 15) {}
    /// The slot of a text: known if its text is equal.
    struct Slot {
        std::array<char, 39> text{};
        std::uint8_t length = 0;
        Placed placed = std::uint32_t{0};
        [[nodiscard]] bool holds(std::string_view wanted) const {
            return length == wanted.size() && std::memcmp(text.data(), wanted.data(), length) == 0;
        }
    };
    Slot& slot(std::string_view text) { return slots_[hash(text) & (slots_.size() - 1)]; }
    static bool fits(std::string_view text) { return !text.empty() && text.size() <= sizeof Slot::text; }
    static void keep(Slot& slot, std::string_view text, Placed placed) {
        std::memcpy(slot.text.data(), text.data(), text.size());
        slot.length = static_cast<std::uint8_t>(text.size());
        slot.placed = placed;
    }

private:
    static std::uint64_t hash(std::string_view text) {
        std::uint64_t sum = text.size();
        for (std::size_t i = 0; i < text.size(); i += 8) {
            std::uint64_t word = 0;
            std::memcpy(&word, text.data() + i, std::min<std::size_t>(8, text.size() - i));
            sum = (sum ^ word) * 0x9e3779b97f4a7c15ULL;
            sum ^= sum >> 29;
        }
        return sum;
    }
    std::vector<Slot> slots_;
};

std::optional<Channel> parse_channel(std::string_view text, Channel otherwise) {
    if (text.data() == nullptr) return otherwise;
    const std::string word = lower(text);
    if (word == "import" || word == "consumption" || word == "a+") return Channel::import;
    if (word == "export" || word == "production" || word == "a-") return Channel::export_;
    return std::nullopt;
}

class Delimited final : public Decoder {
public:
    Delimited(Layout layout, const DecodeOptions& options, bool use_shortcuts)
        : layout_(std::move(layout)), options_(options), timeline_(options.source, options.calendar, options.axis), shortcuts_(use_shortcuts) {
        last_field_ = std::max({layout_.meter, layout_.time, layout_.energy, layout_.channel.value_or(0)});
    }

    void decode(std::string_view lines, bool is_first, Decoded& decoded) override {
        decoded = {};
        numbers_.clear();
        last_id_ = {};
        for_each_row(lines, is_first, [&](std::string_view line, std::size_t offset) {
            ++decoded.batch.account.read;
            if (const auto trouble = take(line, offset, decoded.batch)) {
                ++decoded.batch.account.quarantined[static_cast<std::size_t>(*trouble)];
                decoded.set_aside.push_back({*trouble, offset, line});
            }
        });
    }

    void scan(std::string_view lines, bool is_first,
              const std::function<void(std::string_view, std::string_view, std::string_view)>& row) override {
        for_each_row(lines, is_first, [&](std::string_view line, std::size_t) {
            Cells cells;
            if (cut(line, cells)) row(cells.meter, cells.time, cells.energy);
            else row({}, {}, {});
        });
    }

    [[nodiscard]] std::vector<std::string> columns() const override {
        std::vector<std::string> described;
        for (std::size_t i = 0; i < layout_.names.size(); ++i) {
            const char* meaning = i == layout_.meter ? "meter" : i == layout_.time ? "time" : i == layout_.energy ? "energy" : layout_.channel == i ? "channel" : "not read";
            described.push_back(layout_.names[i] + ": " + meaning);
        }
        return described;
    }

private:
    template <class Row>
    static void for_each_row(std::string_view lines, bool is_first, Row&& row) {
        bool header = is_first;
        for_each_line(lines, [&](std::string_view line, std::size_t offset) {
            if (!std::exchange(header, false)) row(line, offset);
        });
    }

    /// @return why the row cannot be used, if so
    std::optional<Reason> take(std::string_view line, std::size_t offset, model::RawBatch& batch) {
        Cells cells;
        if (!cut(line, cells) || cells.meter.empty()) return Reason::malformed;
        const auto channel = parse_channel(cells.channel, options_.source.channel);
        if (!channel) return Reason::malformed;
        const auto energy = to_energy(cells.energy, layout_.unit, options_.energy_quantum_wh);
        const Placed placed = place(cells);
        if (const auto* reason = std::get_if<Reason>(&placed)) return *reason;
        if (!energy) return Reason::bad_value;
        if (energy->quanta < 0 || energy->quanta > options_.max_wh / options_.energy_quantum_wh) return Reason::out_of_range;
        model::Reading reading;
        reading.who = number_of(cells.meter, batch);
        reading.interval = std::get<std::uint32_t>(placed) & 0xffffffU;
        reading.channel = *channel == Channel::export_;
        reading.quanta = static_cast<std::int32_t>(energy->quanta);
        batch.account.residue_nwh += energy->residue_nwh;
        batch.rows.push_back(reading);
        batch.offsets.push_back(static_cast<std::uint32_t>(offset));
        return std::nullopt;
    }

    bool cut(std::string_view line, Cells& cells) {
        if (line.find('\0') != std::string_view::npos) return false;
        if (shortcuts_ && line.find('"') == std::string_view::npos) return cut_plain(line, cells);
        if (!split(line, layout_.delimiter, fields_) || fields_.size() <= last_field_) return false;
        cells = {fields_[layout_.meter], fields_[layout_.time], fields_[layout_.energy], {}};
        if (layout_.channel) cells.channel = fields_[*layout_.channel];
        return true;
    }

    bool cut_plain(std::string_view line, Cells& cells) const {
        const char* begin = line.data();
        const char* const end = begin + line.size();
        for (std::size_t field = 0;; ++field) {
            const void* found = std::memchr(begin, layout_.delimiter, static_cast<std::size_t>(end - begin));
            const char* stop = found == nullptr ? end : static_cast<const char*>(found);
            const std::string_view text(begin, static_cast<std::size_t>(stop - begin));
            if (field == layout_.meter) cells.meter = bare(text);
            else if (field == layout_.time) cells.time = bare(text);
            else if (field == layout_.energy) cells.energy = bare(text);
            else if (field == layout_.channel) cells.channel = bare(text);
            if (field == last_field_) return true;
            if (found == nullptr) return false;
            begin = stop + 1;
        }
    }

    /// Trimmed as `trimmed` does, and quick where there is nothing to trim. Never with a null pointer: an empty field is a field.
    static std::string_view bare(std::string_view text) {
        const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r'; };
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
        return text;
    }

    Placed place(const Cells& cells) {
        const bool remember = shortcuts_ && StampMemory::fits(cells.time);
        StampMemory::Slot* slot = remember ? &memory_.slot(cells.time) : nullptr;
        if (remember && slot->holds(cells.time)) return slot->placed;
        const auto stamp = parse_stamp(cells.time);
        if (!stamp) return Reason::bad_time;
        const Placed placed = timeline_.place(*stamp, timeline_.is_unique(*stamp) ? 0 : file_number_of(cells.meter));
        if (remember && timeline_.is_unique(*stamp)) StampMemory::keep(*slot, cells.time, placed);
        return placed;
    }

    /// Index into the batch's ids. Rows of one meter mostly follow each other.
    std::uint32_t number_of(std::string_view id, model::RawBatch& batch) {
        if (id == last_id_) return last_number_;
        const auto [known, is_new] = numbers_.try_emplace(std::string(id), static_cast<std::uint32_t>(batch.ids.size()));
        if (is_new) batch.ids.emplace_back(id);
        last_id_ = known->first;
        return last_number_ = known->second;
    }

    /// A number that stays with the meter through the whole file; needed in doubled hours only.
    std::uint64_t file_number_of(std::string_view id) { return file_numbers_.try_emplace(std::string(id), file_numbers_.size()).first->second; }

    Layout layout_;
    DecodeOptions options_;
    Timeline timeline_;
    bool shortcuts_;
    std::size_t last_field_;
    StampMemory memory_;
    std::vector<std::string> fields_;
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::unordered_map<std::string, std::uint64_t> file_numbers_;
    std::string_view last_id_;
    std::uint32_t last_number_ = 0;
};

}  // namespace

std::unique_ptr<Decoder> make_delimited(Layout layout, const DecodeOptions& options, bool use_shortcuts) {
    return std::make_unique<Delimited>(std::move(layout), options, use_shortcuts);
}

}  // namespace meterveil::ingest
