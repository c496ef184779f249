// Green Button (NAESB ESPI, REQ.21): an Atom feed of usage points, reading types and blocks of readings. docs/formats/green-button.md

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "ingest/espi_links.hpp"
#include "ingest/xml_parts.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

constexpr std::string_view atom = "http://www.w3.org/2005/Atom", espi_space = "http://naesb.org/espi";
constexpr std::string_view customer_space = "http://naesb.org/espi/customer";

enum class Part : std::uint8_t {
    other, document, feed, entry, id, link, title, content, usage_point, service, service_kind, meter_reading, type, accumulation, commodity, flow,
    length, multiplier, uom, block, reading, period, start, duration, value, quality, quality_code, zone, customer, count
};

const Grammar<Part>& grammar() {
    static const Grammar<Part> rules = {
        {Part::document, atom, "feed", Part::feed},
        {Part::document, atom, "entry", Part::entry},
        {Part::feed, atom, "entry", Part::entry},
        {Part::entry, atom, "id", Part::id},
        {Part::entry, atom, "link", Part::link},
        {Part::entry, atom, "title", Part::title},
        {Part::entry, atom, "content", Part::content},
        {Part::content, espi_space, "IntervalBlock", Part::block},
        {Part::content, espi_space, "UsagePoint", Part::usage_point},
        {Part::content, espi_space, "MeterReading", Part::meter_reading},
        {Part::content, espi_space, "ReadingType", Part::type},
        {Part::content, espi_space, "LocalTimeParameters", Part::zone},
        {Part::content, customer_space, "*", Part::customer},
        {Part::usage_point, espi_space, "ServiceCategory", Part::service},
        {Part::service, espi_space, "kind", Part::service_kind},
        {Part::type, espi_space, "accumulationBehaviour", Part::accumulation},
        {Part::type, espi_space, "commodity", Part::commodity},
        {Part::type, espi_space, "flowDirection", Part::flow},
        {Part::type, espi_space, "intervalLength", Part::length},
        {Part::type, espi_space, "powerOfTenMultiplier", Part::multiplier},
        {Part::type, espi_space, "uom", Part::uom},
        {Part::block, espi_space, "IntervalReading", Part::reading},
        {Part::reading, espi_space, "timePeriod", Part::period},
        {Part::reading, espi_space, "value", Part::value},
        {Part::reading, espi_space, "ReadingQuality", Part::quality},
        {Part::period, espi_space, "start", Part::start},
        {Part::period, espi_space, "duration", Part::duration},
        {Part::quality, espi_space, "quality", Part::quality_code},
    };
    return rules;
}

/// QualityOfReading of ESPI.
Quality quality_of(std::string_view code) {
    switch (whole(code).value_or(0)) {
        case 7: case 15: return Quality::substituted;                 // edited by a person; normalised for weather
        case 8: case 9: case 10: case 11: case 13: return Quality::estimated;  // of a reference day, interpolated, questionable, derived, mixed
        case 12: return Quality::missing;                             // projected: nobody measured it
        default: return Quality::measured;                            // valid, raw, validated, verified, of revenue quality, other
    }
}

/// A reading before it is known what it is a reading of.
struct Reading {
    std::optional<std::int64_t> start_s, duration_s;
    bool has_duration = false;
    Quality quality = Quality::measured;
    std::string value;
};

struct Waiting {
    Reading reading;
    std::string row;
};
struct Block {
    espi::Entry entry;
    std::vector<Waiting> readings;
};

/// Epoch seconds; a fraction must be zero.
std::optional<std::int64_t> seconds_of(std::string_view text) {
    if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
        if (text.find_first_not_of('0', point + 1) != std::string_view::npos) return std::nullopt;
        text = text.substr(0, point);
    }
    return whole(text);
}

bool looks_like_address(std::string_view title) {
    const std::size_t blank = title.find(' ');
    const bool has_number = blank != std::string_view::npos && blank > 0 && whole(title.substr(0, blank));
    return has_number && std::count(title.begin(), title.end(), ' ') >= 2;
}

class GreenButton final : public PartDecoder<Part> {
public:
    explicit GreenButton(const DecodeOptions& options) : PartDecoder(grammar()), source_(options.source) {}
    [[nodiscard]] std::vector<std::string> columns() const override {
        return {"UsagePoint link self: meter", "IntervalReading timePeriod start: time", "IntervalReading value: energy",
                "ReadingType flowDirection: channel"};
    }

private:
    static constexpr std::size_t max_waiting_bytes = std::size_t{64} << 20;

    void opened(Part part, const xml::Attributes& attributes) override {
        switch (part) {
            case Part::entry: entry_ = {}; block_ = {}; break;
            case Part::link: take_link(attributes.find("rel"), attributes.find("href")); break;
            case Part::usage_point: kind_ = part; point_ = {}; break;
            case Part::type: kind_ = part; type_ = {}; break;
            case Part::meter_reading: kind_ = part; break;
            case Part::block: series_ = links_.find(entry_); break;
            case Part::reading: reading_ = {}; begin_row(); break;
            case Part::customer: remark("names or addresses of customers: they are not read"); break;
            case Part::zone: remark("a time zone (LocalTimeParameters): not needed, the times are UTC"); break;
            default: break;
        }
    }

    void closed(Part part, std::string_view text) override {
        switch (part) {
            case Part::entry: close_entry(); break;
            case Part::id: entry_.id = text; break;
            case Part::title: look_at_title(text); break;
            case Part::service_kind: point_.kind = whole(text); break;
            case Part::accumulation: type_.accumulation = field_of_type(text); break;
            case Part::commodity: type_.commodity = field_of_type(text); break;
            case Part::flow: type_.flow = field_of_type(text); break;
            case Part::length: type_.length_s = field_of_type(text); break;
            case Part::multiplier: type_.multiplier = field_of_type(text); break;
            case Part::uom: type_.uom = field_of_type(text); break;
            case Part::start: reading_.start_s = seconds_of(text); break;
            case Part::duration: reading_.duration_s = seconds_of(text); reading_.has_duration = true; break;
            case Part::value: reading_.value = text; break;
            case Part::quality_code: reading_.quality = worse(reading_.quality, quality_of(text)); break;
            case Part::reading: close_reading(); break;
            default: break;
        }
    }

    std::optional<std::int64_t> field_of_type(std::string_view text) {
        const auto number = whole(text);
        type_.is_readable = type_.is_readable && (number || text.empty());
        return number;
    }

    void take_link(std::string_view rel, std::string_view href) {
        if (rel == "self") entry_.self = espi::key_of(href);
        else if (rel == "up") entry_.up = espi::key_of(href);
        else if (rel == "related") entry_.related.push_back(espi::key_of(href));
        if (entry_.related.size() > max_links) refuse("an entry of the feed has more than 1000 links");
    }

    void look_at_title(std::string_view title) {
        if (looks_like_address(title)) remark("what looks like an address in an atom:title: it is not read");
        if (title.find('@') != std::string_view::npos) remark("what looks like an e-mail address in an atom:title: it is not read");
    }

    void close_reading() {
        const std::string_view row = end_row();
        if (series_.is_whole()) return state(series_, reading_, row);
        block_.readings.push_back({reading_, std::string(row)});
        waiting_bytes_ += sizeof(Waiting) + row.size();
        check_room();
    }

    void check_room() {
        if (waiting_bytes_ + links_.bytes() > max_waiting_bytes)
            refuse("more readings stand before the entries that describe them than 64 MiB hold",
                   "split the feed, or have each customer's entries before their readings");
    }

    /// An entry that describes others may be what blocks wait for.
    void close_entry() {
        const Part kind = std::exchange(kind_, Part::other);
        series_ = {};
        if (kind == Part::usage_point) {
            point_.id = entry_.self.empty() ? entry_.id : entry_.self;
            state_waiting(links_.add(entry_, point_));
        }
        if (kind == Part::type) state_waiting(links_.add(entry_, type_));
        if (kind == Part::meter_reading) state_waiting(links_.add_meter_reading(entry_));
        if (!block_.readings.empty()) close_block();
        check_room();
    }

    void close_block() {
        waiting_bytes_ += bytes_of(entry_);
        block_.entry = std::exchange(entry_, {});
        blocks_.emplace(num_blocks_, std::exchange(block_, {}));
        try_state(num_blocks_++);
    }

    static std::size_t bytes_of(const espi::Entry& entry) {
        std::size_t bytes = 2 * sizeof(Block) + entry.id.size() + entry.self.size() + entry.up.size();
        for (const std::string& key : entry.related) bytes += sizeof(std::string) + key.size();
        return bytes;
    }

    void state_waiting(const std::vector<std::string>& keys) {
        for (const std::string& key : keys) {
            const auto found = waiting_.find(key);
            if (found == waiting_.end()) continue;
            const auto numbers = std::move(found->second);
            waiting_.erase(found);
            for (const std::size_t number : numbers) try_state(number);
        }
    }

    /// States a block if all is known that describes it; else it waits for what it lacks.
    void try_state(std::size_t number) {
        espi::Series series = links_.find(blocks_.at(number).entry);
        if (series.is_whole()) return state_block(number, series);
        waiting_[std::move(series.lacks)].push_back(number);
    }

    void state_block(std::size_t number, const espi::Series& series) {
        auto block = blocks_.extract(number);
        waiting_bytes_ -= bytes_of(block.mapped().entry);
        stated_.push_back(std::move(block.mapped().readings));
        for (const Waiting& waiting : stated_.back()) {
            waiting_bytes_ -= sizeof(Waiting) + waiting.row.size();
            state(series, waiting.reading, waiting.row);
        }
    }

    void at_block() override { stated_.clear(); }

    void at_end() override {
        while (!blocks_.empty()) state_block(blocks_.begin()->first, links_.find_or_only(blocks_.begin()->second.entry));
    }

    /// Wh of electricity over an interval, in a direction.
    bool is_energy(const espi::Series& series) {
        constexpr std::int64_t wh = 72, total_flow = 20;
        if (series.type == nullptr || !series.type->uom || !series.type->is_readable) {
            remark("readings without a ReadingType that states a unit: they cannot be used");
            return false;
        }
        const espi::ReadingType& type = *series.type;
        const std::int64_t commodity = type.commodity.value_or(0), behaviour = type.accumulation.value_or(4), flow = type.flow.value_or(0);
        const std::int64_t service = series.point == nullptr ? 0 : series.point->kind.value_or(0);
        const bool is_electricity = commodity == 0 ? service == 0 : commodity == 1 || commodity == 2;
        if (!is_electricity) remark("readings of gas, water or another commodity: they cannot be used");
        const bool is_interval = behaviour == 0 || behaviour == 4 || behaviour == 6;  // unstated, delta data, indicating
        const bool has_direction = flow == 0 || flow == 1 || flow == 4 || flow == 19;
        if (is_electricity && (!is_interval || !has_direction || *type.uom != wh))
            remark(flow == total_flow ? "readings of both directions added up: they cannot be used"
                                      : "readings that are not Wh of an interval (registers, power, reactive energy): they cannot be used");
        return is_electricity && is_interval && has_direction && *type.uom == wh;
    }

    void state(const espi::Series& series, const Reading& reading, std::string_view row) {
        const std::uint64_t offset = offset_of(row);
        if (!is_energy(series)) return sink().refuse(Reason::other_quantity, offset, row);
        const espi::ReadingType& type = *series.type;
        const bool has_time = reading.start_s && (!reading.has_duration || (reading.duration_s && *reading.duration_s > 0));
        if (!has_time) return sink().refuse(Reason::bad_time, offset, row);
        const auto energy = scaled_nwh(reading.value, static_cast<int>(std::clamp<std::int64_t>(type.multiplier.value_or(0), -99, 99)));
        if (!energy && reading.quality != Quality::missing) return sink().refuse(Reason::bad_value, offset, row);
        Statement s;
        if (series.point != nullptr) s.id = series.point->id;
        s.start_s = *reading.start_s;
        s.length_s = reading.duration_s.value_or(std::max<std::int64_t>(type.length_s.value_or(source_.interval_s), 0));
        s.quality = reading.quality;
        s.channel = type.flow.value_or(0) == 19 ? Channel::export_ : type.flow.value_or(0) == 1 ? Channel::import : source_.channel;
        s.energy_nwh = energy.value_or(0);
        if (type.flow.value_or(0) == 4) set_direction_of_net(s);
        s.offset = offset;
        s.text = row;
        sink().take(s);
    }

    /// Net: what is fed in is negative.
    void set_direction_of_net(Statement& s) {
        remark("net readings: positive ones are taken as import, negative ones as export");
        s.channel = s.energy_nwh < 0 ? Channel::export_ : Channel::import;
        s.energy_nwh = std::abs(s.energy_nwh);
    }

    static constexpr std::size_t max_links = 1000;
    Source source_;
    espi::Links links_;
    espi::Entry entry_;                     ///< the one that is open, and what its content is:
    Part kind_ = Part::other;
    espi::UsagePoint point_;
    espi::ReadingType type_;
    espi::Series series_;                   ///< of the block that is open, if its links were met
    Reading reading_;
    Block block_;                           ///< readings of the entry that is open, if not
    std::map<std::size_t, Block> blocks_;   ///< by number, whose entries are not all known
    std::unordered_map<std::string, std::vector<std::size_t>> waiting_;  ///< key of an entry -> numbers of the blocks that lack it
    std::size_t num_blocks_ = 0;
    std::vector<std::vector<Waiting>> stated_;  ///< their rows are looked at until the next block of the file
    std::size_t waiting_bytes_ = 0;
};

Sniffed sniff(std::string_view head) {
    const auto root = xml::root_of(head);
    if (!root || root->space != atom || (root->local != "feed" && root->local != "entry")) return {};
    if (head.find(espi_space) == std::string_view::npos) return {};
    return {0.95, "an Atom feed with entries of NAESB ESPI"};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    if (sniff(head).confidence == 0)
        return Error{Code::input, "the file is not a Green Button feed", "", "root: feed, namespace " + std::string(atom)};
    auto decoder = std::make_unique<GreenButton>(options);
    GreenButton probe(options);
    decoder->set_interval_s(interval_in(probe, head));
    return std::unique_ptr<Decoder>(std::move(decoder));
}

}  // namespace

extern const Format green_button_format;
const Format green_button_format = {"green-button", "Green Button: NAESB ESPI feed (Atom XML)", Blocks::bytes, false, sniff, open};

}  // namespace meterveil::ingest
