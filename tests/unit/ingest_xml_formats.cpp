// Green Button, ebIX E66 and CIM MeterReadings: what their samples do not show.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "ingest/format.hpp"
#include "ingest/xml_decoder.hpp"

namespace meterveil::ingest {
namespace {

using model::Quality;
using model::Reason;

constexpr std::int64_t nano = 1'000'000'000;

/// What a document states, as texts: "id start length channel quality nWh version", and "reason" of what is refused.
struct Told final : Sink {
    void take(const Statement& s) override {
        lines.push_back(fmt::format("{} {} {} {} q{} {} v{}", s.id, s.start_s, s.length_s, model::name_of(s.channel), static_cast<int>(s.quality),
                                    s.energy_nwh, s.version));
        rows.emplace_back(s.text);
        offsets.push_back(s.offset);
        latest = s.quality;
        wh = s.energy_nwh / nano;
    }
    void refuse(Reason reason, std::uint64_t offset, std::string_view text) override {
        lines.emplace_back(model::name_of(reason));
        rows.emplace_back(text);
        offsets.push_back(offset);
    }
    std::vector<std::string> lines, rows, remarks;
    std::vector<std::uint64_t> offsets;
    Quality latest = Quality::measured;
    std::int64_t wh = 0;
    std::string error;
};

const Format& format_named(std::string_view name) {
    return *std::find_if(formats().begin(), formats().end(), [&](const Format& f) { return f.name == name; });
}

DecodeOptions options(Clock::Kind clock = Clock::Kind::utc) {
    Source source;
    source.clock.kind = clock;
    return {source, model::Calendar::make("Europe/London").value(), {model::Instant{}, std::chrono::minutes(15), 1}, 1, 50000};
}

Told told(std::string_view format, const std::string& text, const DecodeOptions& asked = options(), std::size_t cut = std::string::npos) {
    Told told;
    auto decoder = format_named(format).open(text, asked);
    if (!decoder.ok()) {
        told.error = decoder.error().what;
        return told;
    }
    const std::string_view whole(text);
    for (const std::string_view block : {whole.substr(0, cut), cut < text.size() ? whole.substr(cut) : std::string_view()}) {
        const auto outcome = decoder.value()->decode(block, block.data() == whole.data(), told);
        if (told.error.empty() && !outcome.ok()) told.error = outcome.error().what;
    }
    const auto outcome = decoder.value()->finish(told);
    if (told.error.empty() && !outcome.ok()) told.error = outcome.error().what;
    told.remarks = decoder.value()->remarks();
    return told;
}

bool has_remark(const Told& told, std::string_view part) {
    return std::any_of(told.remarks.begin(), told.remarks.end(), [&](const std::string& remark) { return remark.find(part) != std::string::npos; });
}

// --- Rows

struct Row {
    std::size_t begin = 0, tag_end = 0, end = 0;  ///< bytes of the document
};

/// Rows behind each other, some longer than what is kept, with gaps.
std::vector<Row> any_rows(std::mt19937& random, std::size_t size) {
    std::vector<Row> rows;
    for (std::size_t at = 0;;) {
        Row row;
        row.begin = at + random() % 300;
        row.tag_end = row.begin + 1 + random() % 40;
        row.end = row.tag_end + random() % (random() % 4 == 0 ? 9000 : 200);
        if (row.end > size) return rows;
        rows.push_back(row);
        at = row.end;
    }
}

TEST(RowText, IsWholeWhereverTheBlocksEnd) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::string document(40000, ' ');
    for (char& c : document) c = static_cast<char>('a' + random() % 26);
    for (int round = 0; round < 300; ++round) {
        const std::vector<Row> rows = any_rows(random, document.size());
        const std::size_t most = 1 + random() % (round % 3 == 0 ? 20 : 6000);
        RowText text;
        std::size_t next_row = 0;
        for (std::size_t at = 0, next = 0; at < document.size(); at = next) {
            next = std::min(document.size(), at + 1 + random() % most);
            text.begin_block(std::string_view(document).substr(at, next - at));
            for (; next_row < rows.size() && rows[next_row].end <= next; ++next_row) {
                const Row& row = rows[next_row];
                ASSERT_EQ(text.between(row.begin, row.end), document.substr(row.begin, std::min<std::size_t>(row.end - row.begin, RowText::longest)));
            }
            const bool is_open = next_row < rows.size() && rows[next_row].tag_end <= next;
            text.end_block(is_open ? std::optional<std::uint64_t>(rows[next_row].begin) : std::nullopt);
        }
        ASSERT_EQ(next_row, rows.size());
    }
}

// --- Green Button

std::string entry(const std::string& content, const std::string& self, const std::string& up, const std::vector<std::string>& related = {},
                  const std::string& title = "") {
    std::string text = "<entry><id>urn:uuid:1</id><title>" + title + "</title>";
    if (!self.empty()) text += "<link rel=\"self\" href=\"" + self + "\"/>";
    if (!up.empty()) text += "<link rel=\"up\" href=\"" + up + "\"/>";
    for (const std::string& href : related) text += "<link rel=\"related\" href=\"" + href + "\"/>";
    return text + "<content>" + content + "</content></entry>\n";
}

std::string usage_point(const std::string& at, const std::string& kind = "0", const std::string& title = "") {
    return entry("<e:UsagePoint><e:ServiceCategory><e:kind>" + kind + "</e:kind></e:ServiceCategory></e:UsagePoint>", at, "", {at + "/MeterReading"},
                 title);
}
std::string meter_reading(const std::string& point, const std::string& type) {
    return entry("<e:MeterReading/>", point + "/MeterReading/1", point + "/MeterReading", {point + "/MeterReading/1/IntervalBlock", type});
}
std::string reading_type(const std::string& at, const std::string& fields) {
    return entry("<e:ReadingType>" + fields + "</e:ReadingType>", at, "ReadingType");
}
std::string reading(const std::string& start, const std::string& value, const std::string& quality = "") {
    return "<e:IntervalReading>" + (quality.empty() ? "" : "<e:ReadingQuality><e:quality>" + quality + "</e:quality></e:ReadingQuality>") +
           "<e:timePeriod><e:duration>3600</e:duration><e:start>" + start + "</e:start></e:timePeriod><e:value>" + value +
           "</e:value></e:IntervalReading>";
}
std::string block(const std::string& point, const std::string& readings) {
    return entry("<e:IntervalBlock>" + readings + "</e:IntervalBlock>", point + "/MeterReading/1/IntervalBlock/7",
                 point + "/MeterReading/1/IntervalBlock");
}
std::string feed(const std::vector<std::string>& entries) {
    std::string text = "<feed xmlns=\"http://www.w3.org/2005/Atom\" xmlns:e=\"http://naesb.org/espi\">\n";
    for (const std::string& e : entries) text += e;
    return text + "</feed>\n";
}

const std::string forward_wh = "<e:commodity>1</e:commodity><e:flowDirection>1</e:flowDirection><e:uom>72</e:uom>";

/// One customer with one reading of a type.
Told one(const std::string& type_fields, const std::string& start = "1293868800", const std::string& value = "450", const std::string& quality = "") {
    return told("green-button", feed({usage_point("U/1"), meter_reading("U/1", "ReadingType/1"), reading_type("ReadingType/1", type_fields),
                                      block("U/1", reading(start, value, quality))}));
}

TEST(GreenButton, LinksTieReadingsToWhatDescribesThemInAnyOrder) {
    const std::string type = forward_wh + "<e:powerOfTenMultiplier>3</e:powerOfTenMultiplier>";
    std::vector<std::string> entries = {usage_point("U/1"),
                                        meter_reading("U/1", "ReadingType/1"),
                                        reading_type("ReadingType/1", type),
                                        block("U/1", reading("1293868800", "2")),
                                        usage_point("U/2"),
                                        meter_reading("U/2", "ReadingType/2"),
                                        reading_type("ReadingType/2", "<e:flowDirection>19</e:flowDirection><e:uom>72</e:uom>"),
                                        block("U/2", reading("1293868800", "3"))};
    std::vector<int> order = {0, 1, 2, 3, 4, 5, 6, 7};
    int num_orders = 0;
    do {
        std::vector<std::string> shuffled;
        for (const int i : order) shuffled.push_back(entries[static_cast<std::size_t>(i)]);
        Told told_now = told("green-button", feed(shuffled));
        std::sort(told_now.lines.begin(), told_now.lines.end());
        ASSERT_EQ(told_now.lines,
                  (std::vector<std::string>{"U/1 1293868800 3600 import q0 2000000000000 v0", "U/2 1293868800 3600 export q0 3000000000 v0"}));
        for (int i = 0; i < 400; ++i) std::next_permutation(order.begin(), order.end());
    } while (++num_orders < 100);
}

TEST(GreenButton, TheIdIsTheUsagePointsSelfLinkHoweverItIsWritten) {
    for (const char* before : {"https://a.example/DataCustodian/espi/1_1/resource/", "/espi/1_1/resource/", "/", ""}) {
        const std::string at = std::string(before) + "RetailCustomer/5/UsagePoint/1";
        const Told it = told("green-button", feed({usage_point(at), meter_reading(at, "ReadingType/1"), reading_type("ReadingType/1", forward_wh),
                                                   block(at, reading("1293868800", "1"))}));
        EXPECT_EQ(it.lines, (std::vector<std::string>{"RetailCustomer/5/UsagePoint/1 1293868800 3600 import q0 1000000000 v0"})) << before;
    }
}

TEST(GreenButton, WithoutASelfLinkTheIdIsThatOfTheEntry) {
    const std::string point = entry("<e:UsagePoint/>", "", "", {"X/MeterReading"});
    const Told it =
        told("green-button",
             feed({point, meter_reading("X", "ReadingType/1"), reading_type("ReadingType/1", forward_wh), block("X", reading("1293868800", "1"))}));
    EXPECT_EQ(it.lines, (std::vector<std::string>{"urn:uuid:1 1293868800 3600 import q0 1000000000 v0"}));
}

TEST(GreenButton, WhatNoLinkNamesIsTheOnlyOneOfItsKind) {
    const std::string lost = entry("<e:IntervalBlock>" + reading("1293868800", "1") + "</e:IntervalBlock>", "", "");
    EXPECT_EQ(told("green-button", feed({lost, usage_point("U/1"), reading_type("T", forward_wh)})).lines,
              (std::vector<std::string>{"U/1 1293868800 3600 import q0 1000000000 v0"}));
    EXPECT_EQ(told("green-button", feed({lost, usage_point("U/1"), reading_type("T", forward_wh), reading_type("T2", forward_wh)})).lines,
              (std::vector<std::string>{"other_quantity"}));
    EXPECT_EQ(told("green-button", feed({lost, usage_point("U/1"), usage_point("U/2"), reading_type("T", forward_wh)})).lines,
              (std::vector<std::string>{" 1293868800 3600 import q0 1000000000 v0"}));  // no id: the sink refuses it
}

TEST(GreenButton, PrefixesDoNotMatter) {
    std::string text = feed({usage_point("U/1"), meter_reading("U/1", "ReadingType/1"), reading_type("ReadingType/1", forward_wh),
                             block("U/1", reading("1293868800", "1"))});
    const Told prefixed = told("green-button", text);
    for (const char* mark : {"<", "</", "xmlns:"})
        for (const std::string old = mark + std::string("e"), other = mark + std::string("ns0");
             text.find(old + (mark[0] == 'x' ? "=" : ":")) != std::string::npos;)
            text.replace(text.find(old + (mark[0] == 'x' ? "=" : ":")), old.size(), other);
    ASSERT_NE(text.find("<ns0:IntervalReading>"), std::string::npos);
    EXPECT_EQ(told("green-button", text).lines, prefixed.lines);
    EXPECT_EQ(prefixed.lines.size(), 1U);
}

TEST(GreenButton, OnlyWhOfElectricityInOneDirectionIsEnergy) {
    EXPECT_EQ(one(forward_wh).lines.front().substr(0, 3), "U/1");
    for (const char* fields : {"", "<e:commodity>7</e:commodity><e:uom>72</e:uom>", "<e:commodity>1</e:commodity><e:uom>169</e:uom>",
                               "<e:uom>38</e:uom>", "<e:uom>73</e:uom>", "<e:uom>72</e:uom><e:flowDirection>20</e:flowDirection>",
                               "<e:uom>72</e:uom><e:accumulationBehaviour>1</e:accumulationBehaviour>",
                               "<e:uom>72</e:uom><e:accumulationBehaviour>3</e:accumulationBehaviour>",
                               "<e:uom>72</e:uom><e:accumulationBehaviour>12</e:accumulationBehaviour>"}) {
        const Told it = one(fields);
        EXPECT_EQ(it.lines, (std::vector<std::string>{"other_quantity"})) << fields;
        EXPECT_TRUE(has_remark(it, "they cannot be used")) << fields;
    }
}

TEST(GreenButton, AGasUsagePointIsNotElectricityThoughItsTypeSaysNoCommodity) {
    const auto of_kind = [](const std::string& kind) {
        return told("green-button", feed({usage_point("U/1", kind), meter_reading("U/1", "ReadingType/1"),
                                          reading_type("ReadingType/1", "<e:uom>72</e:uom>"), block("U/1", reading("1293868800", "1"))}))
            .lines.front();
    };
    EXPECT_EQ(of_kind("1"), "other_quantity");
    EXPECT_EQ(of_kind("0"), "U/1 1293868800 3600 import q0 1000000000 v0");
    EXPECT_EQ(of_kind(""), "U/1 1293868800 3600 import q0 1000000000 v0");
}

TEST(GreenButton, ValuesAreScaledExactly) {
    const auto of = [](const std::string& multiplier, const std::string& value) {
        return one(forward_wh + "<e:powerOfTenMultiplier>" + multiplier + "</e:powerOfTenMultiplier>", "1293868800", value).lines.front();
    };
    EXPECT_EQ(of("0", "450"), "U/1 1293868800 3600 import q0 450000000000 v0");
    EXPECT_EQ(of("3", "1"), "U/1 1293868800 3600 import q0 1000000000000 v0");
    EXPECT_EQ(of("-3", "1234"), "U/1 1293868800 3600 import q0 1234000000 v0");
    EXPECT_EQ(of("-12", "7"), "U/1 1293868800 3600 import q0 0 v0");
    for (const char* multiplier : {"99", "-99"}) EXPECT_EQ(of(multiplier, "1"), "bad_value") << multiplier;
    for (const char* multiplier : {"12345678901234567890123", "x", "1.5"}) EXPECT_EQ(of(multiplier, "1"), "other_quantity") << multiplier;
    EXPECT_EQ(of("", "1"), "U/1 1293868800 3600 import q0 1000000000 v0");
    EXPECT_EQ(of("3", "1E3"), "bad_value");
}

TEST(GreenButton, TimesAreEpochSecondsAndWhole) {
    EXPECT_EQ(one(forward_wh, "1293868800.000").lines.front().substr(0, 14), "U/1 1293868800");
    for (const char* start : {"1721154384.66136", "2011-01-01T00:00:00Z", "", "1e9", "12938688001293868800129386880012"})
        EXPECT_EQ(one(forward_wh, start).lines.front(), "bad_time") << start;
}

TEST(GreenButton, QualityCodesAreTold) {
    const auto of = [](const char* code) { return one(forward_wh, "1293868800", "1", code).latest; };
    for (const char* code : {"0", "14", "16", "17", "18", "19", "x"}) EXPECT_EQ(of(code), Quality::measured) << code;
    for (const char* code : {"8", "9", "10", "11", "13"}) EXPECT_EQ(of(code), Quality::estimated) << code;
    for (const char* code : {"7", "15"}) EXPECT_EQ(of(code), Quality::substituted) << code;
    EXPECT_EQ(of("12"), Quality::missing);
}

TEST(GreenButton, NetReadingsAreExportWhereTheyAreNegative) {
    const std::string net = "<e:flowDirection>4</e:flowDirection><e:uom>72</e:uom>";
    EXPECT_EQ(one(net, "1293868800", "5").lines.front(), "U/1 1293868800 3600 import q0 5000000000 v0");
    EXPECT_EQ(one(net, "1293868800", "-5").lines.front(), "U/1 1293868800 3600 export q0 5000000000 v0");
    EXPECT_EQ(one(forward_wh, "1293868800", "-5").lines.front(), "U/1 1293868800 3600 import q0 -5000000000 v0");  // the sink refuses it
}

TEST(GreenButton, PersonalDataIsRemarkedAndNeverKept) {
    const std::string customer =
        entry("<c:Customer xmlns:c=\"http://naesb.org/espi/customer\"><c:name>Ada Example</c:name></c:Customer>", "", "", {}, "ada@example.org");
    const Told it =
        told("green-button", feed({usage_point("U/1", "0", "101 DOG ST BOBTOWN MA US 12345-9032"), customer, meter_reading("U/1", "ReadingType/1"),
                                   reading_type("ReadingType/1", forward_wh), block("U/1", reading("1293868800", "1"))}));
    EXPECT_TRUE(has_remark(it, "an address in an atom:title"));
    EXPECT_TRUE(has_remark(it, "an e-mail address in an atom:title"));
    EXPECT_TRUE(has_remark(it, "names or addresses of customers"));
    for (const auto& texts : {it.lines, it.rows, it.remarks})
        for (const std::string& text : texts)
            for (const char* personal : {"DOG", "Ada", "example.org", "9032"}) EXPECT_EQ(text.find(personal), std::string::npos) << text;
    EXPECT_EQ(it.lines.size(), 1U);
    EXPECT_TRUE(told("green-button", feed({usage_point("U/1", "0", "Hourly Electricity Consumption")})).remarks.empty());
}

TEST(GreenButton, ReadingsWaitForWhatDescribesThemUpToALimitAndNoLonger) {
    constexpr std::size_t num_blocks = 300, block_readings = 1000;
    std::string readings;
    for (std::size_t i = 0; i < block_readings; ++i) readings += reading(std::to_string(1293868800 + 3600 * i), "450");
    std::vector<std::string> never, before, after;
    for (std::size_t i = 0; i < num_blocks; ++i) {
        const std::string point = fmt::format("U/{}", i);
        const std::vector<std::string> described = {usage_point(point), meter_reading(point, "ReadingType/1"), reading_type("ReadingType/1", forward_wh)};
        never.push_back(block(point, readings));
        after.push_back(block(point, readings));
        after.insert(after.end(), described.begin(), described.end());
        before.insert(before.end(), described.begin(), described.end());
        before.push_back(block(point, readings));
    }
    EXPECT_TRUE(told("green-button", feed(never)).error.starts_with("more readings stand before the entries that describe them than 64 MiB hold"));
    for (const auto& entries : {before, after}) {
        const Told it = told("green-button", feed(entries));
        EXPECT_EQ(it.error, "");
        EXPECT_EQ(it.lines.size(), num_blocks * block_readings);
    }
}

TEST(GreenButton, ARowIsWholeForTheQuarantineWhereverTheFileIsCut) {
    const std::string bad = reading("1293868800", "Null");
    const std::string text = feed({usage_point("U/1"), meter_reading("U/1", "ReadingType/1"), reading_type("ReadingType/1", forward_wh),
                                   block("U/1", reading("1293865200", "1") + bad + reading("1293872400", "2"))});
    const std::size_t at = text.find(bad);
    for (std::size_t cut = 0; cut <= text.size(); ++cut) {
        const Told it = told("green-button", text, options(), cut);
        ASSERT_EQ(it.lines.size(), 3U) << cut;
        ASSERT_EQ(it.rows[1], bad) << cut;
        ASSERT_EQ(it.offsets[1], cut <= at ? at - cut : cut < at + bad.size() ? 0 : at) << cut;
    }
}

TEST(GreenButton, TheHeadTellsTheInterval) {
    const auto opened = format_named("green-button")
                            .open(feed({usage_point("U/1"), meter_reading("U/1", "ReadingType/1"), reading_type("ReadingType/1", forward_wh),
                                        block("U/1", reading("1293868800", "1"))}),
                                  options());
    EXPECT_EQ(opened.value()->interval_s(), 3600);
}

// --- ebIX E66

struct Message {
    std::string point = "ConsumptionMeteringPoint", document = "x_ID742", creation = "2021-01-01T09:39:00Z", type = "E66", product = "8716867000030",
                unit = "KWH";
    std::string start = "2020-12-30T23:00:00Z", end = "2020-12-31T23:00:00Z", resolution = "15", resolution_unit = "MIN";
    std::string observations = "<o:Observation><o:Position><o:Sequence>2</o:Sequence></o:Position><o:Volume>0.125</o:Volume></o:Observation>";
    [[nodiscard]] std::string text() const {
        return "<o:ValidatedMeteredData_14 "
               "xmlns:o=\"http://www.strom.ch\"><o:ValidatedMeteredData_HeaderInformation><o:InstanceDocument><o:DocumentID>" +
               document + "</o:DocumentID><o:DocumentType><o:ebIXCode>" + type + "</o:ebIXCode></o:DocumentType><o:Creation>" + creation +
               "</o:Creation></o:InstanceDocument></o:ValidatedMeteredData_HeaderInformation><o:MeteringData><o:DocumentID>y</"
               "o:DocumentID><o:Interval><o:StartDateTime>" +
               start + "</o:StartDateTime><o:EndDateTime>" + end + "</o:EndDateTime></o:Interval><o:Resolution><o:Resolution>" + resolution +
               "</o:Resolution><o:Unit>" + resolution_unit + "</o:Unit></o:Resolution><o:" + point +
               "><o:VSENationalID>CH1</o:VSENationalID></o:" + point + "><o:Product><o:ID>" + product + "</o:ID><o:MeasureUnit>" + unit +
               "</o:MeasureUnit></o:Product>" + observations + "</o:MeteringData></o:ValidatedMeteredData_14>";
    }
};

Told e66(const Message& message) { return told("ebix-e66", message.text()); }

TEST(EbixE66, AReadingStandsAtItsPositionInThePeriod) {
    EXPECT_EQ(e66({}).lines, (std::vector<std::string>{"CH1 1609370100 900 import q0 125000000000 v1609493940"}));
    Message hourly;
    hourly.resolution = "1";
    hourly.resolution_unit = "HOUR";
    EXPECT_EQ(e66(hourly).lines, (std::vector<std::string>{"CH1 1609372800 3600 import q0 125000000000 v1609493940"}));
}

TEST(EbixE66, TheMeteringPointSaysTheDirectionElseTheDocumentDoes) {
    const auto direction = [](const std::string& point, const std::string& document) {
        Message message;
        message.point = point;
        message.document = document;
        const std::string line = e66(message).lines.front();
        return line.find("export") != std::string::npos ? "export" : "import";
    };
    EXPECT_STREQ(direction("ProductionMeteringPoint", "x_ID735"), "export");
    EXPECT_STREQ(direction("ConsumptionMeteringPoint", "x_ID742"), "import");
    EXPECT_STREQ(direction("ProductionMeteringPoint", "x"), "export");
    EXPECT_STREQ(direction("MeteringPoint", "x_ID735"), "export");
    EXPECT_STREQ(direction("MeteringPoint", "x_ID742"), "import");
    EXPECT_STREQ(direction("MeteringPoint", "x"), "import");
}

TEST(EbixE66, TheVersionIsTheCreationInSeconds) {
    const auto version = [](const std::string& creation) {
        Message message;
        message.creation = creation;
        const std::string line = e66(message).lines.front();
        return line.substr(line.rfind('v'));
    };
    EXPECT_EQ(version("2021-01-01T09:39:00Z"), "v1609493940");
    EXPECT_EQ(version("2021-01-01T10:39:01+01:00"), "v1609493941");
    EXPECT_EQ(version("2021-01-01T09:39:02.987Z"), "v1609493942");
    EXPECT_EQ(version("yesterday"), "v0");
    Message message;
    message.creation = "yesterday";
    EXPECT_TRUE(has_remark(e66(message), "which message is newer is not known"));
}

TEST(EbixE66, ConditionsAreQualities) {
    const auto quality = [](const std::string& condition) {
        Message message;
        message.observations = "<o:Observation><o:Position><o:Sequence>1</o:Sequence></o:Position><o:Volume>1</o:Volume><o:Condition>" + condition +
                               "</o:Condition></o:Observation>";
        return e66(message).latest;
    };
    EXPECT_EQ(quality(""), Quality::measured);
    EXPECT_EQ(quality("21"), Quality::estimated);
    EXPECT_EQ(quality("56"), Quality::estimated);
    EXPECT_EQ(quality("46"), Quality::missing);
    EXPECT_EQ(quality("99"), Quality::estimated);
}

TEST(EbixE66, WhatIsNotTheWholeActiveEnergyIsRefused) {
    const auto refused = [](auto Message::*field, const std::string& text) {
        Message message;
        message.*field = text;
        return e66(message).lines.front();
    };
    EXPECT_EQ(refused(&Message::product, "2404050010124"), "other_quantity");
    EXPECT_EQ(refused(&Message::unit, "K3"), "other_quantity");
    EXPECT_EQ(refused(&Message::unit, ""), "other_quantity");
    EXPECT_EQ(refused(&Message::start, "x"), "bad_time");
    EXPECT_EQ(refused(&Message::resolution, "0"), "bad_time");
    EXPECT_EQ(refused(&Message::resolution_unit, "MON"), "bad_time");
    EXPECT_EQ(refused(&Message::end, "2020-12-30T23:29:59Z"), "bad_time");
    EXPECT_NE(refused(&Message::end, "2020-12-30T23:30:00Z"), "bad_time");
}

TEST(EbixE66, AnotherTypeOfMessageAndRegistersAreRejectedWithTheReason) {
    Message other;
    other.type = "E31";
    EXPECT_TRUE(e66(other).error.starts_with("the message is not of type E66"));
    const std::string registers =
        "<?xml version=\"1.0\"?>\n<ESLBillingData><Meter factoryNo=\"1\"><TimePeriod end=\"2019-11-01T00:00:00\"/></Meter></ESLBillingData>";
    const auto format = choose_format(Source{}, registers);
    ASSERT_TRUE(format.ok());
    EXPECT_EQ(told(format.value()->name, registers).error,
              "the file has cumulative registers at month ends (ESLBillingData), not energy of intervals");
}

// --- CIM MeterReadings

const std::string kwh = "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0", kwh_register = "0.0.2.9.1.2.12.0.0.0.0.0.0.0.0.3.72.0";

std::string cim_reading(const std::string& stamp, const std::string& value, const std::string& type, const std::string& quality = "1.0.0",
                        const std::string& extra = "") {
    return "<Readings><timeStamp>" + stamp + "</timeStamp><value>" + value + "</value>" + extra + "<ReadingQualities><ReadingQualityType ref=\"" +
           quality + "\"/></ReadingQualities><ReadingType ref=\"" + type + "\"/></Readings>";
}
std::string bare(const std::string& readings, const std::string& meter = "<Meter><mRID>M1</mRID></Meter>") {
    return "<MeterReadings xmlns=\"http://iec.ch/TC57/2011/MeterReadings#\"><MeterReading>" + readings + meter + "</MeterReading></MeterReadings>";
}
Told cim(const std::string& text, const DecodeOptions& asked = options()) { return told("cim-meter-readings", text, asked); }

TEST(CimMeterReadings, AStampEndsItsIntervalAndTheTypeSaysHowLongItIs) {
    EXPECT_EQ(cim(bare(cim_reading("2022-11-18T07:00:00.000+08:00", "0.5", kwh))).lines,
              (std::vector<std::string>{"M1 1668725100 900 import q0 500000000000 v0"}));
    const auto line = [](const std::string& type) { return cim(bare(cim_reading("2022-11-18T00:00:00Z", "0.5", type))).lines.front(); };
    EXPECT_EQ(line("0.0.7.4.19.1.12.0.0.0.0.0.0.0.0.3.72.0"), "M1 1668726000 3600 export q0 500000000000 v0");
    EXPECT_EQ(line("0.0.5.4.1.1.12.0.0.0.0.0.0.0.0.0.72.0"), "M1 1668727800 1800 import q0 500000000 v0");
    EXPECT_EQ(line("11.0.0.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"), "M1 1668643200 86400 import q0 500000000000 v0");
    EXPECT_EQ(line("0.0.0.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0"), "bad_time");
}

TEST(CimMeterReadings, WhatIsNotActiveEnergyIsRefused) {
    for (const char* type :
         {"0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.73.0", "0.0.2.4.1.7.12.0.0.0.0.0.0.0.0.3.72.0", "0.0.2.4.1.1.37.0.0.0.0.0.0.0.0.3.38.0",
          "0.0.2.12.1.1.12.0.0.0.0.0.0.0.0.3.72.0", "0.0.2.4.20.1.12.0.0.0.0.0.0.0.0.3.72.0", "3.0.129.160", "",
          "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72", "0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0.0", "kWh"})
        EXPECT_EQ(cim(bare(cim_reading("2022-11-18T00:00:00Z", "0.5", type))).lines, (std::vector<std::string>{"other_quantity"})) << type;
}

TEST(CimMeterReadings, TheIdIsTheUsagePointElseTheMeterElseItsName) {
    const auto id = [](const std::string& meter) {
        const std::string line = cim(bare(cim_reading("2022-11-18T00:00:00Z", "0.5", kwh), meter)).lines.front();
        return line.substr(0, line.find(' '));
    };
    const std::string names = "<Names><name>N1</name><NameType><name>MeterUniqueID</name></NameType></Names>";
    EXPECT_EQ(id("<Meter><mRID>M1</mRID>" + names + "</Meter><UsagePoint><mRID>P1</mRID></UsagePoint>"), "P1");
    EXPECT_EQ(id("<Meter><mRID>M1</mRID>" + names + "</Meter>"), "M1");
    EXPECT_EQ(id("<Meter>" + names + "</Meter>"), "N1");
    EXPECT_EQ(id(""), "");  // the sink refuses it
}

TEST(CimMeterReadings, OfRegistersTheDifferenceIsTaken) {
    const auto at = [](int minute, const std::string& value, const std::string& quality = "1.0.0") {
        return cim_reading(fmt::format("2022-11-18T07:{:02}:00+08:00", minute), value, kwh_register, quality);
    };
    const Told it = cim(bare(at(0, "6519.0955") + at(15, "6519.1396", "2.8.0") + at(30, "6519.2") + at(59, "6519.3") + at(45, "6519.9")));
    EXPECT_EQ(it.lines, (std::vector<std::string>{"other_quantity", "M1 1668726000 900 import q1 44100000000 v0",
                                                  "M1 1668726900 900 import q1 60400000000 v0", "other_quantity", "other_quantity"}));
    EXPECT_TRUE(has_remark(it, "cumulative registers"));
}

TEST(CimMeterReadings, RegistersOfOneMeterAreNotThoseOfAnother) {
    const std::string first = cim_reading("2022-11-18T07:00:00Z", "100", kwh_register),
                      second = cim_reading("2022-11-18T07:15:00Z", "101", kwh_register);
    const std::string text = "<MeterReadings xmlns=\"http://iec.ch/TC57/2011/MeterReadings#\"><MeterReading>" + first +
                             "<Meter><mRID>A</mRID></Meter></MeterReading><MeterReading>" + second +
                             "<Meter><mRID>B</mRID></Meter></MeterReading></MeterReadings>";
    EXPECT_EQ(cim(text).lines, (std::vector<std::string>{"other_quantity", "other_quantity"}));
}

TEST(CimMeterReadings, QualityCodesAreTold) {
    const auto of = [](const std::string& code) { return cim(bare(cim_reading("2022-11-18T00:00:00Z", "0.5", kwh, code))).latest; };
    for (const char* code : {"1.0.0", "5.4.260", "1.2.32", "3.0.1", "2.5.257", "x", ""}) EXPECT_EQ(of(code), Quality::measured) << code;
    for (const char* code : {"2.8.0", "3.6.0", "3.10.1", "2.11.0"}) EXPECT_EQ(of(code), Quality::estimated) << code;
    EXPECT_EQ(of("2.7.0"), Quality::substituted);
    EXPECT_EQ(of("2.5.259"), Quality::missing);
    EXPECT_EQ(of("3.12.0"), Quality::missing);
}

TEST(CimMeterReadings, TheVersionIsThatOfTheMessageOrOfTheReading) {
    const std::string header = "<Header><Noun>MeterReadings</Noun><Timestamp>2022-11-18T08:42:21.539+08:00</Timestamp></Header>";
    const std::string inner =
        bare(cim_reading("2022-11-18T00:00:00Z", "0.5", kwh) +
             cim_reading("2022-11-18T00:15:00Z", "0.5", kwh, "1.0.0", "<reportedDateTime>2022-11-19T00:00:00Z</reportedDateTime>"));
    const std::string message =
        "<EventMessage xmlns=\"http://iec.ch/TC57/2011/schema/message\">" + header + "<Payload>" + inner + "</Payload></EventMessage>";
    const std::string soap = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>" + message + "</s:Body></s:Envelope>";
    const std::vector<std::string> expected = {"M1 1668728700 900 import q0 500000000000 v1668732141",
                                               "M1 1668729600 900 import q0 500000000000 v1668816000"};
    EXPECT_EQ(cim(message).lines, expected);
    EXPECT_EQ(cim(soap).lines, expected);
}

TEST(CimMeterReadings, ALocalClockDoublesAnHourInFileOrder) {
    std::string readings;
    for (const char* stamp : {"2013-10-27T01:00:00", "2013-10-27T01:15:00", "2013-10-27T01:00:00", "2013-10-27T01:15:00", "2013-10-27T02:00:00"})
        readings += cim_reading(stamp, "0.5", kwh);
    std::vector<std::string> starts;
    for (const std::string& line : cim(bare(readings), options(Clock::Kind::local)).lines) starts.push_back(line.substr(3, 10));
    EXPECT_EQ(starts, (std::vector<std::string>{"1382831100", "1382832000", "1382834700", "1382835600", "1382838300"}));
}

}  // namespace
}  // namespace meterveil::ingest
