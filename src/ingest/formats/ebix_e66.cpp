// Swiss SDAT-CH / ebIX E66 ValidatedMeteredData: one message for each metering point, direction and day, mostly. docs/formats/ebix-e66.md

#include "ingest/decimal.hpp"
#include "ingest/timeline.hpp"
#include "ingest/xml_parts.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

constexpr std::string_view rsm = "http://www.strom.ch";

enum class Part : std::uint8_t {
    other, document, message, header, instance, document_id, creation, document_type, type_code, data, interval, start, end, resolution, length,
    length_unit, import_point, export_point, point, point_id, product, product_id, unit, observation, position, sequence, volume, condition, count
};

const Grammar<Part>& grammar() {
    static const Grammar<Part> rules = {
        {Part::document, rsm, "ValidatedMeteredData*", Part::message},
        {Part::message, rsm, "ValidatedMeteredData*", Part::header},  // _HeaderInformation
        {Part::message, rsm, "MeteringData", Part::data},
        {Part::header, rsm, "InstanceDocument", Part::instance},
        {Part::instance, rsm, "DocumentID", Part::document_id},
        {Part::instance, rsm, "Creation", Part::creation},
        {Part::instance, rsm, "DocumentType", Part::document_type},
        {Part::document_type, rsm, "ebIXCode", Part::type_code},
        {Part::data, rsm, "Observation", Part::observation},
        {Part::data, rsm, "Interval", Part::interval},
        {Part::data, rsm, "Resolution", Part::resolution},
        {Part::data, rsm, "ConsumptionMeteringPoint", Part::import_point},
        {Part::data, rsm, "ProductionMeteringPoint", Part::export_point},
        {Part::data, rsm, "*MeteringPoint", Part::point},
        {Part::data, rsm, "Product", Part::product},
        {Part::interval, rsm, "StartDateTime", Part::start},
        {Part::interval, rsm, "EndDateTime", Part::end},
        {Part::resolution, rsm, "Resolution", Part::length},
        {Part::resolution, rsm, "Unit", Part::length_unit},
        {Part::import_point, rsm, "*", Part::point_id},
        {Part::export_point, rsm, "*", Part::point_id},
        {Part::point, rsm, "*", Part::point_id},
        {Part::product, rsm, "ID", Part::product_id},
        {Part::product_id, rsm, "*", Part::product_id},  // ebIXCode or VSENationalCode, since version 1.6
        {Part::product, rsm, "MeasureUnit", Part::unit},
        {Part::observation, rsm, "Position", Part::position},
        {Part::observation, rsm, "Volume", Part::volume},
        {Part::observation, rsm, "Condition", Part::condition},
        {Part::position, rsm, "Sequence", Part::sequence},
    };
    return rules;
}

/// 0: not of fixed length.
std::int64_t seconds_of(std::string_view unit) {
    if (unit == "SEC") return 1;
    if (unit == "MIN") return 60;
    if (unit == "HOUR" || unit == "HUR") return 3600;
    return unit == "DAY" ? 86400 : 0;
}

/// Length of an interval in seconds; 0: none is told.
std::int64_t seconds_of(std::string_view count, std::string_view unit) {
    constexpr std::int64_t most = 100000;
    const std::int64_t number = whole(count).value_or(0);
    return number > 0 && number < most ? number * seconds_of(unit) : 0;
}

/// What a MeteringData says of all its observations.
struct Series {
    std::string id, product;
    std::optional<Channel> channel;
    std::optional<std::int64_t> start_s, end_s;
    std::string length, length_unit, unit;
    [[nodiscard]] std::int64_t length_s() const { return seconds_of(length, length_unit); }
};

struct Observation {
    std::optional<std::int64_t> sequence;
    std::string volume;
    Quality quality = Quality::measured;
};

class EbixE66 final : public PartDecoder<Part> {
public:
    explicit EbixE66(const DecodeOptions& options) : PartDecoder(grammar()), options_(options) {
        options_.source.label = Label::start;  // the bounds of the period are instants
    }
    [[nodiscard]] std::vector<std::string> columns() const override {
        return {"MeteringPoint: meter, channel", "Interval StartDateTime and Position: time", "Volume: energy", "Condition: quality",
                "Creation: version"};
    }

private:
    void opened(Part part, const xml::Attributes&) override {
        switch (part) {
            case Part::data: series_ = {}; break;
            case Part::import_point: series_.channel = Channel::import; break;
            case Part::export_point: series_.channel = Channel::export_; break;
            case Part::observation: observation_ = {}; begin_row(); break;
            default: break;
        }
    }

    void closed(Part part, std::string_view text) override {
        switch (part) {
            case Part::document_id: document_id_ = text; break;
            case Part::creation: version_ = version_of(text, options_.source.clock, options_.calendar); break;
            case Part::type_code: check_type(text); break;
            case Part::start: series_.start_s = instant_of(text); break;
            case Part::end: series_.end_s = instant_of(text); break;
            case Part::length: series_.length = text; break;
            case Part::length_unit: series_.length_unit = text; break;
            case Part::point_id: if (series_.id.empty()) series_.id = text; break;
            case Part::product_id: if (!text.empty()) series_.product = text; break;
            case Part::unit: series_.unit = text; break;
            case Part::sequence: observation_.sequence = whole(text); break;
            case Part::volume: observation_.volume = text; break;
            case Part::condition: observation_.quality = quality_of(text); break;
            case Part::observation: state(end_row()); break;
            default: break;
        }
    }

    void check_type(std::string_view code) {
        if (code != "E66") refuse("the message is not of type E66 (validated metered data of a metering point)", "leave the file out");
    }

    std::optional<std::int64_t> instant_of(std::string_view text) const {
        const auto stamp = parse_stamp(text);
        return stamp ? Timeline(options_.source, options_.calendar, options_.axis).instant_s(*stamp) : std::nullopt;
    }

    /// @source ebIX code list of the quantity's condition
    Quality quality_of(std::string_view condition) {
        if (condition == "21" || condition == "56") return Quality::estimated;  // temporary, estimated
        if (condition == "46") return Quality::missing;                         // no value exists
        if (!condition.empty()) remark("conditions other than 21, 46 and 56: their values count as estimated");
        return condition.empty() ? Quality::measured : Quality::estimated;
    }

    /// The metering point's own word; where it has none, the sender's suffix: ID735 fed in, ID742 drawn.
    [[nodiscard]] Channel channel() const {
        if (series_.channel) return *series_.channel;
        return document_id_.ends_with("ID735") ? Channel::export_ : document_id_.ends_with("ID742") ? Channel::import : options_.source.channel;
    }

    /// Nothing: not the whole active energy of the metering point.
    std::optional<EnergyUnit> unit() {
        constexpr std::string_view active_energy = "8716867000030";
        if (!series_.product.empty() && series_.product != active_energy) {
            remark("products other than active energy (shares of it, reactive energy): they are not taken");
            return std::nullopt;
        }
        if (series_.unit == "KWH") return EnergyUnit::kwh;
        if (series_.unit == "MWH") return EnergyUnit::mwh;
        if (series_.unit == "WH" || series_.unit == "WHR") return EnergyUnit::wh;
        remark("units other than kWh, MWh and Wh: they are not taken");
        return std::nullopt;
    }

    void state(std::string_view row) {
        const std::uint64_t offset = offset_of(row);
        const auto energy_unit = unit();
        if (!energy_unit) return sink().refuse(Reason::other_quantity, offset, row);
        const std::int64_t length_s = series_.length_s(), sequence = observation_.sequence.value_or(0);
        constexpr std::int64_t most_intervals = std::int64_t{1} << 24;
        if (!series_.start_s || length_s == 0 || sequence < 1 || sequence > most_intervals) return sink().refuse(Reason::bad_time, offset, row);
        Statement s;
        s.start_s = *series_.start_s + (sequence - 1) * length_s;
        if (series_.end_s && s.start_s + length_s > *series_.end_s) return sink().refuse(Reason::bad_time, offset, row);
        const auto energy = to_nwh(observation_.volume, *energy_unit);
        if (!energy && observation_.quality != Quality::missing) return sink().refuse(Reason::bad_value, offset, row);
        if (version_ == 0) remark("no time of creation: which message is newer is not known");
        s.id = series_.id;
        s.length_s = length_s;
        s.channel = channel();
        s.quality = observation_.quality;
        s.energy_nwh = energy.value_or(0);
        s.version = version_;
        s.offset = offset;
        s.text = row;
        sink().take(s);
    }

    DecodeOptions options_;
    std::string document_id_;
    std::uint32_t version_ = 0;
    Series series_;
    Observation observation_;
};

Sniffed sniff(std::string_view head) {
    const auto root = xml::root_of(head);
    if (root && root->space == rsm && root->local.starts_with("ValidatedMeteredData")) return {0.95, "the root is ValidatedMeteredData of SDAT-CH"};
    if (root && root->local == "ESLBillingData") return {0.9, "the root is ESLBillingData, which comes beside SDAT-CH"};
    return {};
}

Result<std::unique_ptr<Decoder>> open(std::string_view head, const DecodeOptions& options) {
    const auto root = xml::root_of(head);
    if (root && root->local == "ESLBillingData")
        return Error{Code::input, "the file has cumulative registers at month ends (ESLBillingData), not energy of intervals", "",
                     "leave it out; the intervals are in the E66 messages"};
    if (sniff(head).confidence == 0)
        return Error{Code::input, "the file is not an E66 message", "", "root: ValidatedMeteredData, namespace " + std::string(rsm)};
    auto decoder = std::make_unique<EbixE66>(options);
    EbixE66 probe(options);
    decoder->set_interval_s(interval_in(probe, head));
    return std::unique_ptr<Decoder>(std::move(decoder));
}

}  // namespace

extern const Format ebix_e66_format;
const Format ebix_e66_format = {"ebix-e66", "ebIX E66 ValidatedMeteredData (SDAT-CH XML)", Blocks::bytes, true, sniff, open};

}  // namespace meterveil::ingest
