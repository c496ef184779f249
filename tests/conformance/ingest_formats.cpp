// What every format promises, asked of the whole table.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "ingest/delimited.hpp"
#include "ingest/format.hpp"
#include "lane_ids.hpp"

namespace meterveil::ingest {
namespace {

/// A small file of a format and what it says: samples/<format>.<ending>, and beside it samples/<format>.expect, lines of key=value:
/// from, until, zone, interval, clock and label as in a job; then what one reading of the file gives: read, rows, wh, and every
/// reason that is not 0.
struct Sample {
    std::string text;
    std::map<std::string, std::string> expected;
    DecodeOptions options;
};

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Sample sample(const std::string& format) {
    Sample sample;
    for (const auto& entry : std::filesystem::directory_iterator(METERVEIL_SOURCE "/tests/conformance/samples")) {
        if (entry.path().stem() != format) continue;
        if (entry.path().extension() != ".expect") {
            sample.text = content_of(entry.path());
            continue;
        }
        std::istringstream lines(content_of(entry.path()));
        for (std::string line; std::getline(lines, line);)
            if (const auto at = line.find('='); at != std::string::npos) sample.expected[line.substr(0, at)] = line.substr(at + 1);
    }
    EXPECT_FALSE(sample.text.empty()) << "no tests/conformance/samples/" << format << ".*";
    auto& told = sample.expected;
    const auto calendar = model::Calendar::make(told["zone"]).value();
    Source source;
    source.clock.kind = told["clock"] == "local" ? Clock::Kind::local : Clock::Kind::utc;
    source.label = told["label"] == "end" ? Label::end : Label::start;
    source.format = format;
    const auto axis = model::make_axis(calendar, model::parse_date(told["from"]).value(), model::parse_date(told["until"]).value(),
                                       model::parse_duration(told["interval"]).value()).value();
    sample.options = {source, calendar, axis, 1, 50000};
    return sample;
}

DecodeOptions options() {
    const auto calendar = model::Calendar::make("Europe/London").value();
    const auto axis = model::make_axis(calendar, model::parse_date("2013-10-26").value(), model::parse_date("2013-10-28").value(), std::chrono::minutes(30)).value();
    Source source;
    source.clock.kind = Clock::Kind::local;
    return {source, calendar, axis, 1, 5000};
}

/// Readings as (id, interval, quanta) in order, and the account.
struct Rows {
    std::vector<std::string> readings;
    std::int64_t wh = 0;
    model::RowAccount account;
    bool operator==(const Rows&) const = default;
};

void collect(const BatchSink& sink, testing::LaneIds& ids, Rows& rows) {
    const model::RawBatch& batch = sink.batch();
    ids.learn(batch);
    std::size_t parts = 0;
    for (const auto& r : batch.rows) {
        parts += r.is_part;
        rows.wh += r.quanta;
        rows.readings.push_back(fmt::format("{} {} {} {} {}", ids[r.who], static_cast<unsigned>(r.interval), static_cast<unsigned>(r.channel), static_cast<unsigned>(r.quality), r.quanta));
    }
    rows.account += batch.account;
    EXPECT_EQ(sink.set_aside().size(), batch.account.num_quarantined());
    EXPECT_EQ(batch.account.read, batch.rows.size() - parts + sink.set_aside().size());
    EXPECT_EQ(batch.offsets.size(), batch.rows.size());
}

/// Decodes one block after another, and the end.
Rows decode(Decoder& decoder, const DecodeOptions& asked, const std::vector<std::string_view>& blocks) {
    BatchSink sink(asked);
    testing::LaneIds ids;
    Rows rows;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        sink.clear();
        EXPECT_TRUE(decoder.decode(blocks[i], i == 0, sink).ok());
        collect(sink, ids, rows);
    }
    sink.clear();
    EXPECT_TRUE(decoder.finish(sink).ok());
    collect(sink, ids, rows);
    return rows;
}

Rows decode_cut(const Format& format, const Sample& sample, const std::string& text, std::size_t cut) {
    auto decoder = format.open(sample.text, sample.options).value();
    const std::size_t line_end = text.find('\n', cut);
    const std::size_t at = format.blocks == Blocks::bytes ? cut : line_end == std::string::npos ? text.size() : line_end + 1;
    return decode(*decoder, sample.options, {std::string_view(text).substr(0, at), std::string_view(text).substr(at)});
}

TEST(EveryFormat, KnowsItsOwnFileAndNoOther) {
    for (const Format& format : formats()) {
        const auto chosen = choose_format(Source{}, sample(format.name).text);
        ASSERT_TRUE(chosen.ok()) << format.name << ": " << chosen.error().what;
        EXPECT_STREQ(chosen.value()->name, format.name);
        EXPECT_LT(format.sniff("random text without any structure").confidence, 0.5);
    }
}

TEST(EveryFormat, SaysWhatItsSampleSays) {
    for (const Format& format : formats()) {
        Sample known = sample(format.name);
        const Rows whole = decode_cut(format, known, known.text, known.text.size());
        SCOPED_TRACE(format.name);
        EXPECT_EQ(std::to_string(whole.account.read), known.expected["read"]);
        EXPECT_EQ(std::to_string(whole.readings.size()), known.expected["rows"]);
        EXPECT_EQ(std::to_string(whole.wh), known.expected["wh"]);
        for (int i = 0; i < model::num_reasons; ++i) {
            const std::string count = std::to_string(whole.account.quarantined[static_cast<std::size_t>(i)]);
            const auto told = known.expected.find(model::name_of(static_cast<model::Reason>(i)));
            EXPECT_EQ(count, told == known.expected.end() ? "0" : told->second) << model::name_of(static_cast<model::Reason>(i));
        }
    }
}

TEST(EveryFormat, GivesTheSameRowsWhereverTheFileIsCut) {
    for (const Format& format : formats()) {
        const Sample known = sample(format.name);
        const Rows whole = decode_cut(format, known, known.text, known.text.size());
        const std::size_t step = format.blocks == Blocks::bytes ? 1 + known.text.size() / 1000 : 13;
        for (std::size_t cut = 0; cut < known.text.size(); cut += step) ASSERT_EQ(decode_cut(format, known, known.text, cut), whole) << format.name << " cut at " << cut;
    }
}

TEST(EveryFormat, ATruncatedFileNeverInventsAReading) {
    for (const Format& format : formats()) {
        const Sample known = sample(format.name);
        Rows whole = decode_cut(format, known, known.text, known.text.size());
        std::sort(whole.readings.begin(), whole.readings.end());
        const std::size_t step = 1 + known.text.size() / 1000;
        for (std::size_t end = 0; end < known.text.size(); end += step) {
            // A value that is cut short is another value: lines are cut between lines, as an export that broke off and was mended.
            const std::size_t at = format.blocks == Blocks::bytes ? end : known.text.rfind('\n', end) + 1;
            auto decoder = format.open(known.text, known.options).value();
            BatchSink sink(known.options);
            testing::LaneIds ids;
            Rows rows;
            static_cast<void>(decoder->decode(std::string_view(known.text).substr(0, at), true, sink).ok() && decoder->finish(sink).ok());
            collect(sink, ids, rows);
            std::sort(rows.readings.begin(), rows.readings.end());
            ASSERT_TRUE(std::includes(whole.readings.begin(), whole.readings.end(), rows.readings.begin(), rows.readings.end())) << format.name << " ends at " << at;
        }
    }
}

TEST(EveryFormat, ADamagedFileNeverCrashesAndEveryRowIsCounted) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (const Format& format : formats()) {
        const Sample known = sample(format.name);
        for (int round = 0; round < 300; ++round) {
            std::string text = known.text.substr(0, 1 + random() % known.text.size());
            for (unsigned i = 0; i < 1 + random() % 20; ++i) text[random() % text.size()] = static_cast<char>(random());
            auto decoder = format.open(known.text, known.options).value();
            BatchSink sink(known.options);
            testing::LaneIds ids;
            Rows rows;
            const bool accepted = decoder->decode(text, true, sink).ok() && decoder->finish(sink).ok();
            static_cast<void>(accepted);  // a damaged file may be refused as a whole
            collect(sink, ids, rows);
            for (const auto& reading : sink.batch().rows) ASSERT_LT(reading.interval, known.options.axis.count);
        }
    }
}

TEST(EveryFormat, KeepsDuplicatesForTheStore) {
    for (const Format& format : formats()) {
        if (format.blocks != Blocks::lines) continue;  // a document does not go on behind its end
        const Sample known = sample(format.name);
        const std::size_t header = known.text.find('\n') + 1;
        const Rows once = decode_cut(format, known, known.text, 0);
        EXPECT_GT(decode_cut(format, known, known.text + known.text.substr(header), 0).readings.size(), once.readings.size());
    }
}

/// A field as exports write them: bare, quoted, with blanks, or broken.
std::string dressed(const std::string& text, std::mt19937& random) {
    switch (random() % 24) {
        case 0: return '"' + text + '"';
        case 1: return ' ' + text;
        case 2: return text + ' ';
        case 3: return " \"" + text + "\" ";
        case 4: return "\" " + text + '"';
        case 5: return text + '"';
        case 6: return '"' + text;
        case 7: return "";
        default: return text;
    }
}

std::string any_value(std::mt19937& random) {
    static const char* const odd[] = {"1e1", "-1", "+2", "Null", ".5", "7.", ".", "12345678901", "0.1234567", "1234.56789", "999999.9", "0,5", "1.2.3", "0x1",
                                      "000001", "0000001", "00000001", "000000001", "0.12345", "0.123456", "00000.5", "000000.5", "0000000.5", "1..2", "1\x80", "2 "};
    if (random() % 8 == 0) return odd[random() % std::size(odd)];
    return fmt::format("{}.{:0{}}", random() % 7, random() % 1000, 1 + random() % 4);
}

/// Columns by what they are: m(eter), t(ime), e(nergy), c(hannel), q(uality).
Layout layout_of(const std::string& columns) {
    Layout layout;
    layout.meter = columns.find('m');
    layout.time = columns.find('t');
    layout.energy = columns.find('e');
    if (columns.find('c') != std::string::npos) layout.channel = columns.find('c');
    if (columns.find('q') != std::string::npos) layout.quality = columns.find('q');
    return layout;
}

/// Rows of a few ids that are prefixes of each other, by meter or by time, now and then damaged.
std::string any_rows(const std::string& columns, std::mt19937& random) {
    static const char* const ids[] = {"M1", "M12", "M123456789", "M1 ", "m;1", "M\"1", "a-very-long-id-a-very-long-id-a-very-long-id-a-very-long-id"};
    static const char* const channels[] = {"import", "EXPORT", "a-", "sideways"};
    static const char* const flags[] = {"A", "", "E", "Substituted", "missing", "what"};
    const bool by_meter = random() % 2 == 0, plain = random() % 2 == 0, has_extra = random() % 2 == 0;
    const auto wear = [&](const std::string& text) { return plain && random() % 50 != 0 ? text : dressed(text, random); };
    std::string text;
    for (int i = 0; i < 60; ++i) {
        const int meter = by_meter ? i / 10 : i % 6, half_hour = by_meter ? i % 10 : i / 6;
        const std::string time = fmt::format("2013-10-{:02} {:02}:{:02}:00", 25 + random() % 20 / 19 + meter % 3, half_hour / 2, half_hour % 2 * 30);
        std::map<char, std::string> fields = {{'e', any_value(random)}, {'m', ids[meter + static_cast<int>(random() % 30 / 29)]}, {'t', time},
                                              {'c', channels[random() % 10 == 0 ? random() % 4 : 0]}, {'q', flags[random() % 4 == 0 ? random() % 6 : 0]}};
        for (const char column : columns) text += wear(fields[column]) + ',';
        if (!has_extra || random() % 2 == 0) text.pop_back();
        text += random() % 4 == 0 ? "\r\n" : "\n";
        if (random() % 40 == 0) text.insert(random() % text.size(), 1, "\0\"\n, x\r"[random() % 7]);
    }
    return text;
}

TEST(Delimited, TheShortcutsGiveWhatTheGeneralSplitterGives) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::size_t num_readings = 0;
    for (int round = 0; round < 1200; ++round) {
        const std::string columns = std::array{"emtc", "emt", "mtce", "mte", "mtqe", "mtceq"}[static_cast<std::size_t>(round % 6)];
        const Layout layout = layout_of(columns);
        DecodeOptions wanted = options();
        wanted.energy_quantum_wh = round % 3 == 0 ? 10 : 1;
        const auto fast = make_delimited(layout, wanted, true), reference = make_delimited(layout, wanted, false);
        BatchSink of_fast(wanted), of_reference(wanted);
        testing::LaneIds ids_of_fast, ids_of_reference;
        for (int block = 0; block < 4; ++block) {  // what is learnt from one block is used in the next
            const std::string text = any_rows(columns, random);
            of_fast.clear();
            of_reference.clear();
            ASSERT_TRUE(fast->decode(text, false, of_fast).ok());
            ASSERT_TRUE(reference->decode(text, false, of_reference).ok());
            Rows a, b;
            collect(of_fast, ids_of_fast, a);
            collect(of_reference, ids_of_reference, b);
            ASSERT_EQ(a, b) << text;
            ASSERT_EQ(of_fast.batch().offsets, of_reference.batch().offsets);
            num_readings += a.readings.size();
        }
    }
    EXPECT_GT(num_readings, 80000U);
}

TEST(ChooseFormat, SaysWhatToDoWithAnArchiveAndWithUtf16) {
    std::string tar(512, '\0');
    tar.replace(0, 8, "meter.csv").replace(257, 5, "ustar");
    EXPECT_NE(choose_format(Source{}, tar).error().hint.find("tar xf"), std::string::npos);
    EXPECT_NE(choose_format(Source{}, std::string("\xff\xfet\0i\0m\0e\0", 10)).error().hint.find("iconv"), std::string::npos);
    EXPECT_EQ(choose_format(Source{}, std::string("t\0i\0m\0e\0", 8)).error().what, "the file is binary, not text");
}

TEST(ChooseFormat, RefusesBinaryUnknownAndNothing) {
    EXPECT_EQ(choose_format(Source{}, std::string("a,b\0c", 5)).error().code, Code::input);
    EXPECT_EQ(choose_format(Source{}, "hello\nworld\n").error().code, Code::input);
    Source source;
    source.format = "lcll";
    const auto outcome = choose_format(source, sample("lcl").text);
    EXPECT_EQ(outcome.error().code, Code::usage);
    EXPECT_NE(outcome.error().what.find("'lcl'"), std::string::npos);
}

TEST(LongCsv, TheNameOfAColumnSaysItsUnit) {
    DecodeOptions wanted = options();
    wanted.source.clock.kind = Clock::Kind::utc;
    wanted.source.format = "long-csv";
    for (const auto& [name, wh] : {std::pair("energy_wh", 250), std::pair("general_supply_kwh", 250000), std::pair("value", 250000)}) {
        const std::string text = fmt::format("customer_id,reading_datetime,{}\nm,2013-10-26 01:00:00,250\n", name);
        auto asked = wanted;
        asked.max_wh = 1000000;
        EXPECT_EQ(decode(*choose_format(asked.source, text).value()->open(text, asked).value(), asked, {text}).wh, wh) << name;
    }
}

TEST(LongCsv, AMissingValueIsMissingAndAHugeOneIsOutOfRange) {
    DecodeOptions wanted = options();
    wanted.source.format = "long-csv";
    const std::string text = "meter,time,kwh\nm,2013-10-26 01:00:00,Null\nm,2013-10-26 01:30:00,-\nm,2013-10-26 02:00:00,\nm,2013-10-26 02:30:00,1e15\nm,2013-10-26 03:00:00,x\n";
    const Rows rows = decode(*choose_format(wanted.source, text).value()->open(text, wanted).value(), wanted, {text});
    EXPECT_EQ(rows.account.quarantined[static_cast<std::size_t>(model::Reason::missing)], 3U);
    EXPECT_EQ(rows.account.quarantined[static_cast<std::size_t>(model::Reason::out_of_range)], 1U);
    EXPECT_EQ(rows.account.quarantined[static_cast<std::size_t>(model::Reason::bad_value)], 1U);
}

TEST(LongCsv, AMappedColumnThatIsNotThereIsNamedWithTheNearest) {
    DecodeOptions wanted = options();
    wanted.source.format = "long-csv";
    wanted.source.columns.energy = "kwhh";
    const std::string text = sample("long-csv").text;
    const auto outcome = choose_format(wanted.source, text).value()->open(text, wanted);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Code::usage);
    EXPECT_NE(outcome.error().what.find("did you mean 'kwh'"), std::string::npos);
}

}  // namespace
}  // namespace meterveil::ingest
