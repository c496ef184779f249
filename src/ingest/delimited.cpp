#include "ingest/delimited.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "ingest/decimal.hpp"
#include "ingest/fields.hpp"
#include "ingest/plain_row.hpp"
#include "ingest/portal_words.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Reason;

/// The fields of a line that matter.
struct Cells {
    std::string_view meter, time, energy, channel, quality;
};

class Delimited final : public Decoder {
public:
    Delimited(Layout layout, const DecodeOptions& options, bool use_shortcuts)
        : layout_(std::move(layout)), source_(options.source), timeline_(options.source, options.calendar, options.axis), plain_(layout_, options),
          shortcuts_(use_shortcuts && !layout_.is_power), step_s_(options.source.interval_s > 0 ? options.source.interval_s : options.axis.length.count()) {
        last_field_ = std::max({layout_.meter, layout_.time, layout_.energy, layout_.channel.value_or(0), layout_.quality.value_or(0)});
    }

    Result<> decode(std::string_view lines, bool is_first, Sink& sink) override {
        bool is_header = is_first;
        BatchSink* const batch = shortcuts_ ? sink.batch_sink() : nullptr;
        for (std::size_t at = 0; at < lines.size();) {
            if (batch != nullptr && !is_header) at = static_cast<std::size_t>(plain_.take(lines, lines.data() + at, *batch) - lines.data());
            if (at == lines.size()) break;
            const Line line = line_at(lines, at);
            if (!trimmed(line.text).empty() && !std::exchange(is_header, false)) take(line.text, at, sink);
            at = line.next;
        }
        return {};
    }

    [[nodiscard]] std::vector<std::string> columns() const override {
        std::vector<std::string> described;
        for (std::size_t i = 0; i < layout_.names.size(); ++i) {
            const char* meaning = i == layout_.meter ? "meter" : i == layout_.time ? "time" : i == layout_.energy ? "energy" : layout_.channel == i ? "channel" : layout_.quality == i ? "quality" : "not read";
            described.push_back(layout_.names[i] + ": " + meaning);
        }
        return described;
    }

private:
    /// The reference: any row.
    void take(std::string_view line, std::size_t offset, Sink& sink) {
        Cells cells;
        Statement statement;
        statement.offset = offset;
        statement.text = line;
        const auto reason = read(line, cells, statement);
        if (reason) sink.refuse(*reason, offset, line);
        else sink.take(statement);
    }

    /// @return why the row states no reading, if so
    std::optional<Reason> read(std::string_view line, Cells& cells, Statement& statement) {
        if (!cut(line, cells) || cells.meter.empty()) return Reason::malformed;
        const auto channel = layout_.channel ? channel_of(cells.channel) : source_.channel;
        if (!channel) return Reason::malformed;
        plain_.learn_channel(cells.channel, *channel);
        const auto stamp = parse_stamp(cells.time);
        if (!stamp) return Reason::bad_time;
        const bool is_unique = timeline_.is_unique(*stamp);
        const auto start = timeline_.start_s(*stamp, is_unique ? 0 : file_number_of(cells.meter));
        if (is_unique && source_.interval_s == 0) plain_.learn_stamp(cells.time, timeline_.place(*stamp, 0));
        if (!start) return Reason::nonexistent_time;
        auto energy = to_nwh(cells.energy, layout_.unit);
        if (energy && layout_.is_power) energy = energy_of_power(*energy, step_s_);
        statement.id = cells.meter;
        statement.start_s = *start;
        statement.length_s = source_.interval_s;
        statement.channel = *channel;
        if (layout_.quality) statement.quality = quality_of(cells.quality);
        plain_.learn_quality(cells.quality, statement.quality);
        statement.energy_nwh = energy.value_or(0);
        if (!energy) return reason_without_value(*stamp, cells.energy);
        return std::nullopt;
    }

    /// A row outside the period is just that, whatever its value is.
    Reason reason_without_value(const Stamp& stamp, std::string_view value) {
        const Reason of_value = says_nothing(value) ? Reason::missing : parse_decimal(value) ? Reason::out_of_range : Reason::bad_value;
        if (!timeline_.is_unique(stamp)) return of_value;
        const Placed placed = timeline_.place(stamp, 0);
        const auto* reason = std::get_if<Reason>(&placed);
        return reason == nullptr ? of_value : *reason;
    }

    bool cut(std::string_view line, Cells& cells) {
        if (line.find('\0') != std::string_view::npos) return false;
        if (!split(line, layout_.delimiter, fields_) || fields_.size() <= last_field_) return false;
        cells = {fields_[layout_.meter], fields_[layout_.time], fields_[layout_.energy], {}, {}};
        if (layout_.channel) cells.channel = fields_[*layout_.channel];
        if (layout_.quality) cells.quality = fields_[*layout_.quality];
        return true;
    }

    /// A number that stays with the meter through the whole file; needed in doubled hours only.
    std::uint64_t file_number_of(std::string_view id) { return file_numbers_.try_emplace(std::string(id), file_numbers_.size()).first->second; }

    Layout layout_;
    Source source_;
    Timeline timeline_;
    PlainRows plain_;
    bool shortcuts_;
    std::int64_t step_s_;  ///< length of a reading
    std::size_t last_field_;
    std::vector<std::string> fields_;
    std::unordered_map<std::string, std::uint64_t> file_numbers_;
};

}  // namespace

std::optional<Channel> channel_of(std::string_view text) {
    const std::string word = lower(text);
    if (word == "import" || word == "consumption" || word == "a+") return Channel::import;
    if (word == "export" || word == "production" || word == "a-") return Channel::export_;
    return std::nullopt;
}

std::unique_ptr<Decoder> make_delimited(Layout layout, const DecodeOptions& options, bool use_shortcuts) {
    return std::make_unique<Delimited>(std::move(layout), options, use_shortcuts);
}

}  // namespace meterveil::ingest
