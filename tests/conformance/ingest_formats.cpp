// What every format promises, asked of the whole table.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <random>

#include "ingest/delimited.hpp"
#include "ingest/format.hpp"

namespace meterveil::ingest {
namespace {

/// A file of each format: three meters, two days of a clock change in local time, some rows that cannot be used.
std::string sample(const std::string& format) {
    std::string text = format == "lcl" ? "LCLid,tstp,energy(kWh/hh)\r\n" : "meter_id;timestamp;note;kwh\n";
    for (int meter = 0; meter < 3; ++meter)
        for (int half_hour = 0; half_hour < 100; ++half_hour) {
            const std::string time = fmt::format("2013-10-{:02} {:02}:{:02}:00", 26 + half_hour / 48, half_hour % 48 / 2, half_hour % 2 * 30);
            const std::string value = half_hour % 31 == 7 ? "Null" : fmt::format("{}.{:03}", meter, half_hour);
            text += format == "lcl" ? fmt::format("MAC00000{},{}, {} \r\n", meter, time, value) : fmt::format("\"m;{}\";{};\"a \"\"b\"\"\";{}\n", meter, time, value);
        }
    return text + (format == "lcl" ? "only one field\r\n" : "only one field\n");
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
    model::RowAccount account;
    bool operator==(const Rows&) const = default;
};

void collect(const Decoded& decoded, Rows& rows) {
    for (const auto& r : decoded.batch.rows)
        rows.readings.push_back(fmt::format("{} {} {} {}", decoded.batch.ids[r.who], static_cast<unsigned>(r.interval), static_cast<unsigned>(r.channel), r.quanta));
    rows.account += decoded.batch.account;
    EXPECT_EQ(decoded.set_aside.size(), decoded.batch.account.num_quarantined());
    EXPECT_EQ(decoded.batch.account.read, decoded.batch.rows.size() + decoded.set_aside.size());
    EXPECT_EQ(decoded.batch.offsets.size(), decoded.batch.rows.size());
}

Rows decode_cut(const Format& format, const std::string& text, std::size_t cut) {
    auto decoder = format.open(text, options()).value();
    Rows rows;
    Decoded decoded;
    const std::size_t line_end = text.find('\n', cut);
    const std::size_t at = line_end == std::string::npos ? text.size() : line_end + 1;
    decoder->decode(std::string_view(text).substr(0, at), true, decoded);
    collect(decoded, rows);
    decoder->decode(std::string_view(text).substr(at), false, decoded);
    collect(decoded, rows);
    return rows;
}

TEST(EveryFormat, KnowsItsOwnFileAndNoOther) {
    for (const Format& format : formats()) {
        const auto chosen = choose_format(Source{}, sample(format.name));
        ASSERT_TRUE(chosen.ok()) << format.name;
        EXPECT_STREQ(chosen.value()->name, format.name);
        EXPECT_LT(format.sniff("random text without any structure").confidence, 0.5);
    }
}

TEST(EveryFormat, GivesTheSameRowsWhereverTheFileIsCut) {
    for (const Format& format : formats()) {
        const std::string text = sample(format.name);
        const Rows whole = decode_cut(format, text, text.size());
        EXPECT_EQ(whole.account.read, 301U);
        EXPECT_EQ(whole.readings.size() + whole.account.num_quarantined(), 301U);
        EXPECT_EQ(whole.account.quarantined[static_cast<std::size_t>(model::Reason::bad_value)], 9U) << format.name;
        EXPECT_EQ(whole.account.quarantined[static_cast<std::size_t>(model::Reason::malformed)], 1U) << format.name;
        for (std::size_t cut = 0; cut < text.size(); cut += 13) ASSERT_EQ(decode_cut(format, text, cut), whole) << format.name << " cut at " << cut;
    }
}

TEST(EveryFormat, ADamagedFileNeverCrashesAndEveryRowIsCounted) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (const Format& format : formats()) {
        const std::string clean = sample(format.name);
        const std::size_t header = clean.find('\n') + 1;
        for (int round = 0; round < 300; ++round) {
            std::string text = clean.substr(0, header + random() % (clean.size() - header));
            for (unsigned i = 0; i < 1 + random() % 20; ++i) text[header - 1 + random() % (text.size() - header + 1)] = static_cast<char>(random());
            text[header - 1] = '\n';
            auto decoder = format.open(clean, options()).value();
            Decoded decoded;
            Rows rows;
            decoder->decode(text, true, decoded);
            collect(decoded, rows);
            for (const auto& reading : decoded.batch.rows) ASSERT_LT(reading.interval, 98U);
        }
    }
}

TEST(EveryFormat, KeepsDuplicatesForTheStore) {
    for (const Format& format : formats()) {
        const std::string text = sample(format.name);
        const std::size_t header = text.find('\n') + 1;
        const Rows once = decode_cut(format, text, 0);
        const std::string utc_twice = text + text.substr(header);
        EXPECT_GT(decode_cut(format, utc_twice, 0).readings.size(), once.readings.size());
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
    static const char* const odd[] = {"1e1", "-1", "+2", "Null", ".5", "7.", ".", "12345678901", "0.1234567", "1234.56789", "999999.9", "0,5", "1.2.3", "0x1"};
    if (random() % 8 == 0) return odd[random() % std::size(odd)];
    return fmt::format("{}.{:0{}}", random() % 7, random() % 1000, 1 + random() % 4);
}

/// Rows of a few ids that are prefixes of each other, by meter or by time, now and then damaged.
std::string any_rows(std::mt19937& random) {
    static const char* const ids[] = {"M1", "M12", "M123456789", "M1 ", "m;1", "M\"1", "a-very-long-id-a-very-long-id-a-very-long-id-a-very-long-id"};
    static const char* const channels[] = {"import", "EXPORT", "a-", "sideways"};
    const bool by_meter = random() % 2 == 0, plain = random() % 2 == 0;
    const auto wear = [&](const std::string& text) { return plain && random() % 50 != 0 ? text : dressed(text, random); };
    std::string text;
    for (int i = 0; i < 60; ++i) {
        const int meter = by_meter ? i / 10 : i % 6, half_hour = by_meter ? i % 10 : i / 6;
        const std::string time = fmt::format("2013-10-{:02} {:02}:{:02}:00", 25 + random() % 20 / 19 + meter % 3, half_hour / 2, half_hour % 2 * 30);
        text += fmt::format("{},{},{},{}{}{}", wear(any_value(random)), wear(ids[meter + static_cast<int>(random() % 30 / 29)]), wear(time),
                            wear(channels[random() % 10 == 0 ? random() % 4 : 0]), random() % 3 == 0 ? ",extra" : "", random() % 4 == 0 ? "\r\n" : "\n");
        if (random() % 40 == 0) text.insert(random() % text.size(), 1, "\0\"\n, x\r"[random() % 7]);
    }
    return text;
}

TEST(Delimited, TheShortcutsGiveWhatTheGeneralSplitterGives) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    Layout layout;
    layout.meter = 1;
    layout.time = 2;
    layout.energy = 0;
    std::size_t num_readings = 0;
    for (int round = 0; round < 600; ++round) {
        layout.channel = round % 2 == 0 ? std::optional<std::size_t>(3) : std::nullopt;
        DecodeOptions wanted = options();
        wanted.energy_quantum_wh = round % 3 == 0 ? 10 : 1;
        const auto fast = make_delimited(layout, wanted, true), reference = make_delimited(layout, wanted, false);
        for (int block = 0; block < 4; ++block) {  // what is learnt from one block is used in the next
            const std::string text = any_rows(random);
            Decoded of_fast, of_reference;
            fast->decode(text, false, of_fast);
            reference->decode(text, false, of_reference);
            Rows a, b;
            collect(of_fast, a);
            collect(of_reference, b);
            ASSERT_EQ(a, b) << text;
            ASSERT_EQ(of_fast.batch.offsets, of_reference.batch.offsets);
            num_readings += a.readings.size();
        }
    }
    EXPECT_GT(num_readings, 40000U);
}

TEST(ChooseFormat, RefusesBinaryUnknownAndNothing) {
    EXPECT_EQ(choose_format(Source{}, std::string("a,b\0c", 5)).error().code, Code::input);
    EXPECT_EQ(choose_format(Source{}, "hello\nworld\n").error().code, Code::input);
    Source source;
    source.format = "lcll";
    const auto outcome = choose_format(source, sample("lcl"));
    EXPECT_EQ(outcome.error().code, Code::usage);
    EXPECT_NE(outcome.error().what.find("'lcl'"), std::string::npos);
}

TEST(LongCsv, AMappedColumnThatIsNotThereIsNamedWithTheNearest) {
    DecodeOptions wanted = options();
    wanted.source.format = "long-csv";
    wanted.source.columns.energy = "kwhh";
    const std::string text = sample("long-csv");
    const auto outcome = choose_format(wanted.source, text).value()->open(text, wanted);
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().code, Code::usage);
    EXPECT_NE(outcome.error().what.find("did you mean 'kwh'"), std::string::npos);
}

}  // namespace
}  // namespace meterveil::ingest
