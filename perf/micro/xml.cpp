// How many bytes a second does one thread decode of each XML format, and how far is that from expat alone on the same document?
#include <benchmark/benchmark.h>
#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "ingest/format.hpp"

namespace {

using namespace meterveil;

constexpr int days = 365, hours = 24, quarters = 96;
constexpr std::int64_t start_s = 1356998400;  // 2013-01-01

/// A customer's year of hours, as NIST's samples are laid out: a block a month, an element a line.
std::string green_button() {
    std::string text = "<?xml version=\"1.0\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n";
    const auto entry = [&](const std::string& content, const std::string& self, const std::string& up, const std::string& related) {
        text += "  <entry>\n    <link rel=\"self\" href=\"" + self + "\"/>\n    <link rel=\"up\" href=\"" + up + "\"/>\n" + related +
                "    <content>\n" + content + "    </content>\n  </entry>\n";
    };
    const std::string point = "RetailCustomer/1/UsagePoint/1", reading = point + "/MeterReading/1", ns = " xmlns=\"http://naesb.org/espi\"";
    entry("      <UsagePoint" + ns + "/>\n", point, "RetailCustomer/1/UsagePoint",
          "    <link rel=\"related\" href=\"" + point + "/MeterReading\"/>\n");
    entry("      <MeterReading" + ns + "/>\n", reading, point + "/MeterReading",
          "    <link rel=\"related\" href=\"" + reading + "/IntervalBlock\"/>\n    <link rel=\"related\" href=\"ReadingType/1\"/>\n");
    entry("      <ReadingType" + ns + ">\n        <flowDirection>1</flowDirection>\n        <uom>72</uom>\n      </ReadingType>\n", "ReadingType/1",
          "ReadingType", "");
    for (int day = 0; day < days; day += 30) {
        std::string content = "      <IntervalBlock" + ns + ">\n";
        for (int hour = day * hours; hour < std::min(day + 30, days) * hours; ++hour)
            content += fmt::format(
                "        <IntervalReading>\n          <timePeriod>\n            <duration>3600</duration>\n            <start>{}</start>\n          "
                "</timePeriod>\n"
                "          <value>{}</value>\n        </IntervalReading>\n",
                start_s + hour * 3600LL, 200 + hour * 37 % 900);
        entry(content + "      </IntervalBlock>\n", reading + "/IntervalBlock/1", reading + "/IntervalBlock", "");
    }
    return text + "</feed>\n";
}

/// Days of quarters of an hour, one line.
std::string ebix_e66() {
    std::string text =
        "<?xml version=\"1.0\"?><rsm:ValidatedMeteredData_14 "
        "xmlns:rsm=\"http://www.strom.ch\"><rsm:ValidatedMeteredData_HeaderInformation><rsm:InstanceDocument>"
        "<rsm:Creation>2014-01-02T00:00:00Z</rsm:Creation></rsm:InstanceDocument></rsm:ValidatedMeteredData_HeaderInformation>";
    for (int day = 0; day < days; ++day) {
        const auto instant = [&](int at) { return model::format_instant(model::Instant(std::chrono::seconds(start_s + at * 86400LL))); };
        text += fmt::format(
            "<rsm:MeteringData><rsm:Interval><rsm:StartDateTime>{}</rsm:StartDateTime><rsm:EndDateTime>{}</rsm:EndDateTime></"
            "rsm:Interval><rsm:Resolution><rsm:Resolution>15</rsm:Resolution>"
            "<rsm:Unit>MIN</rsm:Unit></rsm:Resolution><rsm:ConsumptionMeteringPoint><rsm:VSENationalID>CH1</rsm:VSENationalID></"
            "rsm:ConsumptionMeteringPoint><rsm:Product>"
            "<rsm:ID>8716867000030</rsm:ID><rsm:MeasureUnit>KWH</rsm:MeasureUnit></rsm:Product>",
            instant(day), instant(day + 1));
        for (int i = 0; i < quarters; ++i)
            text += fmt::format(
                "<rsm:Observation><rsm:Position><rsm:Sequence>{}</rsm:Sequence></rsm:Position><rsm:Volume>0.{:03}</rsm:Volume><rsm:Condition>21</"
                "rsm:Condition></rsm:Observation>",
                i + 1, (day * 7 + i * 31) % 1000);
        text += "</rsm:MeteringData>";
    }
    return text + "</rsm:ValidatedMeteredData_14>";
}

/// Days of quarters of an hour, a MeterReading a day.
std::string cim_meter_readings() {
    std::string text = "<?xml version=\"1.0\"?><MeterReadings xmlns=\"http://iec.ch/TC57/2011/MeterReadings#\">";
    for (int day = 0; day < days; ++day) {
        text += "<MeterReading><IntervalBlocks>";
        for (int i = 1; i <= quarters; ++i)
            text += fmt::format(
                "<IntervalReadings><timeStamp>{}</timeStamp><value>0.{:03}</value><ReadingQualities><source>HES</source><ReadingQualityType "
                "ref=\"1.0.0\"></ReadingQualityType>"
                "</ReadingQualities></IntervalReadings>",
                model::format_instant(model::Instant(std::chrono::seconds(start_s + day * 86400LL + i * 900))), (day * 7 + i * 31) % 1000);
        text +=
            "<ReadingType ref=\"0.0.2.4.1.1.12.0.0.0.0.0.0.0.0.3.72.0\"></ReadingType></IntervalBlocks><Meter><mRID>M1</mRID></Meter></MeterReading>";
    }
    return text + "</MeterReadings>";
}

const ingest::Format& format_named(std::string_view name) {
    return *std::find_if(ingest::formats().begin(), ingest::formats().end(), [&](const ingest::Format& format) { return format.name == name; });
}

/// The limit: expat with its namespaces and nothing to tell.
void parse(benchmark::State& state, std::string (*document)()) {
    const std::string text = document();
    for ([[maybe_unused]] auto _ : state) {
        const XML_Parser parser = XML_ParserCreateNS(nullptr, '\n');
        if (XML_Parse(parser, text.data(), static_cast<int>(text.size()), XML_TRUE) != XML_STATUS_OK) state.SkipWithError("not XML");
        XML_ParserFree(parser);
    }
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

void decode(benchmark::State& state, std::string (*document)(), const char* name, std::size_t readings) {
    const std::string text = document();
    const model::Axis axis{model::Instant(std::chrono::seconds(start_s)), std::chrono::minutes(15), days * quarters};
    const ingest::DecodeOptions options{{}, model::Calendar::make("UTC").value(), axis, 1, 50000};
    ingest::BatchSink sink(options);
    for ([[maybe_unused]] auto _ : state) {
        sink.clear();
        const auto decoder = format_named(name).open(std::string_view(text).substr(0, 65536), options).value();
        const bool is_read = decoder->decode(text, true, sink).ok() && decoder->finish(sink).ok();
        if (!is_read || sink.batch().account.read != readings || !sink.set_aside().empty()) state.SkipWithError("rows were lost");
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * readings));
    state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(text.size()));
}

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    const struct {
        const char* name;
        std::string (*document)();
        std::size_t readings;
    } subjects[] = {{"green-button", green_button, days * hours},
                    {"ebix-e66", ebix_e66, days * quarters},
                    {"cim-meter-readings", cim_meter_readings, days * quarters}};
    for (const auto& subject : subjects) {
        benchmark::RegisterBenchmark((std::string("limit/expat/") + subject.name).c_str(), parse, subject.document)->Unit(benchmark::kMillisecond);
        benchmark::RegisterBenchmark((std::string("xml/decode/") + subject.name).c_str(), decode, subject.document, subject.name, subject.readings)
            ->Unit(benchmark::kMillisecond);
    }
    benchmark::RunSpecifiedBenchmarks();
}
