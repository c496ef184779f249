#include "ingest/delimited.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "ingest/decimal.hpp"
#include "ingest/fields.hpp"
#include "ingest/plain_row.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Reason;

/// The fields of a line that matter.
struct Cells {
    std::string_view meter, time, energy, channel;
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
        : layout_(std::move(layout)), options_(options), timeline_(options.source, options.calendar, options.axis), plain_(layout_, options),
          shortcuts_(use_shortcuts) {
        last_field_ = std::max({layout_.meter, layout_.time, layout_.energy, layout_.channel.value_or(0)});
    }

    void decode(std::string_view lines, bool is_first, Decoded& decoded) override {
        decoded.clear();
        ++batch_;
        odd_ids_.clear();
        bool is_header = is_first;
        const char* const begin = lines.data();
        const char* const end = begin + lines.size();
        PlainRow plain;
        for (const char* at = begin; at < end;) {
            const auto offset = static_cast<std::size_t>(at - begin);
            if (shortcuts_ && !is_header && plain_.read(at, end, plain)) {
                keep(plain, lines.substr(offset, static_cast<std::size_t>(plain.end - at)), offset, decoded);
                at = plain.end;
                continue;
            }
            const Line line = line_at(lines, offset);
            at = begin + line.next;
            if (trimmed(line.text).empty() || std::exchange(is_header, false)) continue;
            ++decoded.batch.account.read;
            if (const auto trouble = take(line.text, offset, decoded.batch)) set_aside(*trouble, offset, line.text, decoded);
        }
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

    static void set_aside(Reason reason, std::size_t offset, std::string_view line, Decoded& decoded) {
        ++decoded.batch.account.quarantined[static_cast<std::size_t>(reason)];
        decoded.set_aside.push_back({reason, offset, line});
    }

    void add(std::uint32_t who, std::uint32_t interval, Channel channel, Energy energy, std::size_t offset, model::RawBatch& batch) {
        model::Reading reading;
        reading.who = who;
        reading.interval = interval & 0xffffffU;
        reading.channel = channel == Channel::export_;
        reading.quanta = static_cast<std::int32_t>(energy.quanta);
        batch.account.residue_nwh += energy.residue_nwh;
        batch.rows.push_back(reading);
        batch.offsets.push_back(static_cast<std::uint32_t>(offset));
    }

    void keep(const PlainRow& row, std::string_view line, std::size_t offset, Decoded& decoded) {
        ++decoded.batch.account.read;
        if (const auto* reason = std::get_if<Reason>(&row.placed)) return set_aside(*reason, offset, without_line_end(line), decoded);
        add(number_of(*row.id, decoded.batch), std::get<std::uint32_t>(row.placed), row.channel, row.energy, offset, decoded.batch);
    }

    /// The reference: any row. @return why it cannot be used, if so
    std::optional<Reason> take(std::string_view line, std::size_t offset, model::RawBatch& batch) {
        Cells cells;
        if (!cut(line, cells) || cells.meter.empty()) return Reason::malformed;
        const auto channel = parse_channel(cells.channel, options_.source.channel);
        if (!channel) return Reason::malformed;
        if (shortcuts_) plain_.learn_channel(cells.channel, *channel);
        const auto energy = to_energy(cells.energy, layout_.unit, options_.energy_quantum_wh);
        const Placed placed = place(cells);
        if (const auto* reason = std::get_if<Reason>(&placed)) return *reason;
        if (!energy) return Reason::bad_value;
        if (energy->quanta < 0 || energy->quanta > options_.max_wh / options_.energy_quantum_wh) return Reason::out_of_range;
        add(number_of(cells.meter, batch), std::get<std::uint32_t>(placed), *channel, *energy, offset, batch);
        return std::nullopt;
    }

    bool cut(std::string_view line, Cells& cells) {
        if (line.find('\0') != std::string_view::npos) return false;
        if (!split(line, layout_.delimiter, fields_) || fields_.size() <= last_field_) return false;
        cells = {fields_[layout_.meter], fields_[layout_.time], fields_[layout_.energy], {}};
        if (layout_.channel) cells.channel = fields_[*layout_.channel];
        return true;
    }

    Placed place(const Cells& cells) {
        const auto stamp = parse_stamp(cells.time);
        if (!stamp) return Reason::bad_time;
        if (!timeline_.is_unique(*stamp)) return timeline_.place(*stamp, file_number_of(cells.meter));
        const Placed placed = timeline_.place(*stamp, 0);
        if (shortcuts_) plain_.learn_stamp(cells.time, placed);
        return placed;
    }

    /// Index into the batch's ids.
    std::uint32_t number_of(Recall<IdNumber>::Entry& id, model::RawBatch& batch) const {
        if (id.value.batch != batch_) {
            id.value = {batch_, static_cast<std::uint32_t>(batch.ids.size())};
            batch.ids.emplace_back(id.view());
        }
        return id.value.number;
    }

    std::uint32_t number_of(std::string_view text, model::RawBatch& batch) {
        if (auto* id = plain_.learn_id(text)) return number_of(*id, batch);
        const auto [known, is_new] = odd_ids_.try_emplace(std::string(text), static_cast<std::uint32_t>(batch.ids.size()));
        if (is_new) batch.ids.emplace_back(text);
        return known->second;
    }

    /// A number that stays with the meter through the whole file; needed in doubled hours only.
    std::uint64_t file_number_of(std::string_view id) { return file_numbers_.try_emplace(std::string(id), file_numbers_.size()).first->second; }

    Layout layout_;
    DecodeOptions options_;
    Timeline timeline_;
    PlainRows plain_;
    bool shortcuts_;
    std::size_t last_field_;
    std::uint32_t batch_ = 0;
    std::vector<std::string> fields_;
    std::unordered_map<std::string, std::uint32_t> odd_ids_;  ///< of this batch, that PlainRows does not remember
    std::unordered_map<std::string, std::uint64_t> file_numbers_;
};

}  // namespace

std::unique_ptr<Decoder> make_delimited(Layout layout, const DecodeOptions& options, bool use_shortcuts) {
    return std::make_unique<Delimited>(std::move(layout), options, use_shortcuts);
}

}  // namespace meterveil::ingest
