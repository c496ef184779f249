// Tables with many readings a row: headers, days of 23 and 25 hours, units, and the quick way beside the plain one.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <fstream>
#include <random>

#include "ingest/format.hpp"
#include "ingest/wide.hpp"
#include "scratch.hpp"

namespace meterveil::ingest {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Texts = std::vector<std::string>;

DecodeOptions asked(const char* from, const char* until, const char* zone = "UTC", int minutes = 30) {
    const auto calendar = model::Calendar::make(zone).value();
    const auto axis = model::make_axis(calendar, model::parse_date(from).value(), model::parse_date(until).value(), std::chrono::minutes(minutes)).value();
    Source source;
    source.format = "wide-csv";
    if (std::string(zone) != "UTC") source.clock.kind = Clock::Kind::local;
    return {source, calendar, axis, 1, 50000};
}

const Format& format_of(const DecodeOptions& options, std::string_view text) { return *choose_format(options.source, text).value(); }

/// "id interval quanta" of every reading, then "!reason text" of every row set aside.
Texts said(const std::string& text, const DecodeOptions& options) {
    auto opened = format_of(options, text).open(text, options);
    if (!opened.ok()) return {"error: " + opened.error().what};
    BatchSink sink(options);
    EXPECT_TRUE(opened.value()->decode(text, true, sink).ok());
    EXPECT_TRUE(opened.value()->finish(sink).ok());
    Texts all;
    for (const auto& r : sink.batch().rows)
        all.push_back(fmt::format("{} {}{} {}", sink.batch().ids[r.who], static_cast<unsigned>(r.interval), r.channel != 0U ? "-" : "", r.quanta));
    for (const auto& s : sink.set_aside()) all.push_back(fmt::format("!{} {}", model::name_of(s.reason), s.line));
    return all;
}

/// A row of values 1, 2, 3 ... Wh of meter m.
std::string counted_row(const std::string& head, std::size_t num_columns, char delimiter = ',') {
    std::string row = head;
    for (std::size_t i = 1; i <= num_columns; ++i) row += fmt::format("{}0.{:03}", delimiter, i);
    return row + '\n';
}

Texts in_order(std::size_t num_intervals) {
    Texts all;
    for (std::size_t i = 0; i < num_intervals; ++i) all.push_back(fmt::format("m {} {}", i, i + 1));
    return all;
}

template <class Name>
std::string names(std::size_t count, Name&& name) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += "," + name(static_cast<int>(i));
    return all;
}

std::string clock_text(int minutes, const char* format = "{:02}:{:02}") { return fmt::format(fmt::runtime(format), minutes / 60, minutes % 60); }

TEST(WideDays, AreKnownByTheManyNamesOfTheirColumns) {
    const std::vector<std::pair<std::size_t, std::string>> headers = {
        {48, names(48, [](int i) { return fmt::format("hh_{}", i); })},
        {48, names(48, [](int i) { return fmt::format("{}", i + 1); })},
        {48, names(48, [](int i) { return fmt::format("P{:02}", i + 1); })},
        {48, names(48, [](int i) { return "V" + clock_text(i * 30 + 30, "{:02}{:02}"); })},
        {48, names(48, [](int i) { return clock_text(i * 30, "{:02}{:02}"); })},
        {48, names(48, [](int i) { return clock_text(i * 30, "{}:{:02}"); })},
        {48, names(48, [](int i) { return clock_text(i * 30) + ":00"; })},
        {48, names(48, [](int i) { return clock_text(i * 30) + "-" + clock_text((i + 1) * 30 % 1440); })},
        {48, names(48, [](int i) { return clock_text(i * 30 + 30); })},
        {48, names(48, [](int i) { return clock_text((i + 1) * 30 % 1440); })},
        {96, names(96, [](int i) { return clock_text(i * 15); })},
        {96, names(96, [](int i) { return fmt::format("q{}", i + 1); })},
        {24, names(24, [](int i) { return fmt::format("Hour_{}_Consumption", i + 1); })},
    };
    for (const auto& [count, columns] : headers) {
        const DecodeOptions options = asked("2013-06-01", "2013-06-02", "UTC", static_cast<int>(1440 / count));
        const std::string text = "meter_id,date" + columns + "\n" + counted_row("m,2013-06-01", count);
        EXPECT_EQ(said(text, options), in_order(count)) << columns;
        EXPECT_GT(wide_layout_of(text, {}).value().sniffed.confidence, 0.9) << columns;
    }
}

TEST(WideDays, AreNoOtherNumbers) {
    const Texts others = {
        "meter_id,date" + names(47, [](int i) { return fmt::format("hh_{}", i); }),                       // not a day
        "meter_id,date" + names(48, [](int i) { return fmt::format("x{}", i * 2); }),                     // not one after the other
        "meter_id,date" + names(48, [](int i) { return clock_text(i * 30 + (i == 20 ? 5 : 0)); }),        // off the step
        "meter_id,date" + names(40, [](int i) { return clock_text(i * 30); }),                            // ends early
        "meter_id,when" + names(48, [](int i) { return fmt::format("hh_{}", i); }),                       // no date
    };
    for (const std::string& header : others) {
        const auto guess = wide_layout_of(header + "\nm,monday" + std::string(48, ',') + "\n", {});
        EXPECT_TRUE(!guess.ok() || guess.value().sniffed.confidence < 0.5) << header;
    }
}

TEST(WideDays, TheJobsLabelShiftsTimesThatCouldBeEither) {
    DecodeOptions options = asked("2013-06-01", "2013-06-02");
    options.source.label = Label::end;
    const std::string of_times = "meter_id,date" + names(48, [](int i) { return clock_text(i * 30); }) + "\n" + counted_row("m,2013-06-01", 48);
    const std::string of_ends = "meter_id,date" + names(48, [](int i) { return clock_text(i * 30 + 30); }) + "\n" + counted_row("m,2013-06-01", 48);
    const Texts shifted = said(of_times, options);
    EXPECT_EQ(shifted.front(), "m 0 2");
    EXPECT_EQ(shifted.back(), "!outside_period 0.001");
    EXPECT_EQ(said(of_ends, options), in_order(48));
}

// Europe/London: 2013-03-31 has 46 half-hours, 2013-10-27 has 50.

TEST(WideDays, OfAWallClockSkipTheHourThatTheDaySkips) {
    const std::string text = "meter_id,date" + names(48, [](int i) { return clock_text(i * 30); }) + "\n" + counted_row("m,2013-03-31", 48);
    const Texts rows = said(text, asked("2013-03-31", "2013-04-01", "Europe/London"));
    ASSERT_EQ(rows.size(), 48U);
    EXPECT_EQ(rows[1], "m 1 2");
    EXPECT_EQ(rows[2], "m 2 5");  // 02:00 follows 00:30
    EXPECT_EQ(rows[45], "m 45 48");
    EXPECT_THAT(Texts(rows.begin() + 46, rows.end()), ElementsAre("!nonexistent_time 0.003", "!nonexistent_time 0.004"));
}

TEST(WideDays, AnEmptyColumnOfAnHourThatIsNotThereIsNoReading) {
    std::string row = "m,2013-03-31,0.1,0.2,,";
    for (int i = 4; i < 48; ++i) row += ",0.1";
    const std::string text = "meter_id,date" + names(48, [](int i) { return clock_text(i * 30); }) + "\n" + row + "\n";
    EXPECT_EQ(said(text, asked("2013-03-31", "2013-04-01", "Europe/London")).size(), 46U);
}

std::string with_second_pass(bool is_at_end) {
    std::string header = "meter_id,date";
    for (int i = 0; i < 48; ++i) {
        header += "," + clock_text(i * 30);
        if (!is_at_end && i == 3) header += ",01:00,01:30";
    }
    return header + (is_at_end ? ",1B:00,1B:30" : "") + "\n";
}

TEST(WideDays, RepeatedColumnsAreTheSecondPassOfTheDoubledHour) {
    const DecodeOptions options = asked("2013-10-27", "2013-10-28", "Europe/London");
    EXPECT_EQ(said(with_second_pass(false) + counted_row("m,2013-10-27", 50), options), in_order(50));
    const Texts at_end = said(with_second_pass(true) + counted_row("m,2013-10-27", 50), options);
    ASSERT_EQ(at_end.size(), 50U);
    EXPECT_EQ(at_end[3], "m 3 4");
    EXPECT_EQ(at_end[4], "m 6 5");
    EXPECT_EQ(at_end[48], "m 4 49");
}

TEST(WideDays, OnlyTheDoubledHourHasASecondPass) {
    const DecodeOptions options = asked("2013-06-01", "2013-06-02", "Europe/London");
    const Texts rows = said(with_second_pass(true) + counted_row("m,2013-06-01", 50), options);
    EXPECT_EQ(Texts(rows.begin(), rows.begin() + 48), in_order(48));
    EXPECT_THAT(Texts(rows.begin() + 48, rows.end()), ElementsAre("!nonexistent_time 0.049", "!nonexistent_time 0.050"));
    EXPECT_EQ(said(with_second_pass(true) + counted_row("m,2013-06-01", 48).substr(0, 12 + 48 * 6) + ",,\n", options), in_order(48));
}

TEST(WideDays, FiftyNumberedColumnsCountTheHalfHoursOfTheDay) {
    const std::string header = "meter_id,date" + names(50, [](int i) { return fmt::format("{}", i + 1); }) + "\n";
    const auto row = [](const char* day, std::size_t filled) {
        std::string text = counted_row(std::string("m,") + day, filled);
        text.pop_back();
        return text + std::string(50 - filled, ',') + "\n";
    };
    EXPECT_EQ(said(header + row("2013-10-27", 50), asked("2013-10-27", "2013-10-28", "Europe/London")), in_order(50));
    EXPECT_EQ(said(header + row("2013-06-01", 48), asked("2013-06-01", "2013-06-02", "Europe/London")), in_order(48));
    EXPECT_EQ(said(header + row("2013-03-31", 46), asked("2013-03-31", "2013-04-01", "Europe/London")), in_order(46));
}

TEST(WideDays, FortyEightNumberedColumnsAreAWallClockUnlessTheShortDayEndsEarly) {
    const std::string header = "meter_id,date" + names(48, [](int i) { return fmt::format("{}", i); }) + "\n";
    std::string early = counted_row("m,2013-03-31", 46);
    early.pop_back();
    EXPECT_EQ(said(header + early + ",,\n", asked("2013-03-31", "2013-04-01", "Europe/London")), in_order(46));
    const Texts autumn = said(header + counted_row("m,2013-10-27", 48), asked("2013-10-27", "2013-10-28", "Europe/London"));
    EXPECT_EQ(autumn[3], "m 3 4");
    EXPECT_EQ(autumn[4], "m 6 5");  // of the doubled hour there is the first pass only
}

TEST(WideDays, FindTheirMeterAndDateByNameThenByWhatTheyHold) {
    const std::string columns = names(24, [](int i) { return fmt::format("h{}", i); });
    const DecodeOptions options = asked("2013-06-01", "2013-06-02", "UTC", 60);
    for (const char* header : {"date,meter_id", "Day,Consumer_Code", "x,y", "READING_DATE,CUSTOMER_ID"})
        EXPECT_EQ(said(std::string(header) + columns + "\n" + counted_row("2013-06-01,m", 24), options), in_order(24)) << header;
    EXPECT_EQ(said("no,a,b" + columns + "\n" + counted_row("7,m,2013-06-01", 24), options), in_order(24));
    DecodeOptions mapped = options;
    mapped.source.columns.meter = "b";
    EXPECT_EQ(said("meter_id,b,date" + columns + "\n" + counted_row("x,m,2013-06-01", 24), mapped), in_order(24));
    mapped.source.columns.meter = "bb";
    EXPECT_THAT(said("meter_id,b,date" + columns + "\n", mapped)[0], HasSubstr("no column 'bb'"));
}

TEST(WideDays, OfOneMeterAreTheJobsMeter) {
    const std::string text = "date" + names(24, [](int i) { return fmt::format("h{}", i); }) + "\n" + counted_row("2013-06-01", 24);
    DecodeOptions options = asked("2013-06-01", "2013-06-02", "UTC", 60);
    EXPECT_THAT(said(text, options), ElementsAre("error: no column names the meter"));
    options.source.meter = "m";
    EXPECT_EQ(said(text, options), in_order(24));
}

TEST(WideDays, ReadDatesInTheOrderThatTheFileShows) {
    const std::string header = "date,meter_id" + names(24, [](int i) { return fmt::format("h{}", i); }) + "\n";
    const DecodeOptions options = asked("2013-06-01", "2013-07-01", "UTC", 60);
    const auto first = [&](const Texts& dates) {
        std::string text = header;
        for (const std::string& date : dates) text += counted_row(date + ",m", 24);
        return said(text, options).back();
    };
    EXPECT_EQ(first({"13/06/2013", "02/06/2013"}), "m 47 24");
    EXPECT_EQ(first({"06/13/2013", "06/02/2013"}), "m 47 24");
    EXPECT_EQ(first({"02.06.2013"}), "m 47 24");
    EXPECT_EQ(first({"20130602"}), "m 47 24");
    EXPECT_EQ(first({"2-Jun-2013"}), "m 47 24");
    EXPECT_EQ(first({"2013-06-02 00:00:00"}), "m 47 24");
    const auto guess = wide_layout_of(header + counted_row("02/06/2013,m", 24), {}).value();
    EXPECT_FALSE(guess.layout.is_order_told);
    EXPECT_EQ(guess.layout.order, DateOrder::day_first);
}

TEST(WideDays, KnowUnitsByHeaderByRowAndByJob) {
    DecodeOptions options = asked("2013-06-01", "2013-06-02");
    const auto row = [](const char* head, const char* value) {
        std::string text = head;
        for (int i = 0; i < 48; ++i) text += fmt::format(",{}", value);
        return text + "\n";
    };
    const auto first = [&](const std::string& text) { return said(text, options)[0]; };
    const auto header = [](const char* head, const char* unit) { return head + names(48, [&](int i) { return clock_text(i * 30) + unit; }) + "\n"; };
    EXPECT_EQ(first(header("id,date", " (kWh)") + row("m,2013-06-01", "0.5")), "m 0 500");
    EXPECT_EQ(first(header("id,date", " Wh") + row("m,2013-06-01", "500")), "m 0 500");
    EXPECT_EQ(first(header("id,date", " [kW]") + row("m,2013-06-01", "0.5")), "m 0 250");
    EXPECT_EQ(first(header("id,date,unit", "") + row("m,2013-06-01,Wh", "500")), "m 0 500");
    EXPECT_EQ(first(header("id,date,unit", "") + row("m,2013-06-01,kW", "0.5")), "m 0 250");
    EXPECT_THAT(first(header("id,date,unit", "") + row("m,2013-06-01,kvarh", "0.5")), HasSubstr("!other_quantity"));
    EXPECT_EQ(first(header("id,date,direction", "") + row("m,2013-06-01,export", "0.5")), "m 0- 500");
    options.source.is_power = true;
    EXPECT_EQ(first(header("id,date", "") + row("m,2013-06-01", "0.5")), "m 0 250");
    EXPECT_EQ(first(header("id,date", " (kWh)") + row("m,2013-06-01", "0.5")), "m 0 500");
}

TEST(WideDays, ADecimalCommaIsOneOfTheWholeFile) {
    const DecodeOptions options = asked("2013-06-01", "2013-06-02", "UTC", 60);
    std::string header = "id;date", commas = "m;2013-06-01", quoted = "m,2013-06-01", whole = "m;2013-06-01";
    for (int i = 0; i < 24; ++i) {
        header += fmt::format(";h{}", i);
        commas += i == 5 ? ";1.234" : fmt::format(";0,{:03}", i + 1);
        quoted += fmt::format(",\"0,{:03}\"", i + 1);
        whole += fmt::format(";{}", i + 1);
    }
    const Texts rows = said(header + "\n" + commas + "\n", options);
    EXPECT_EQ(rows[4], "m 4 5");
    EXPECT_EQ(rows.back(), "!bad_value 1.234");
    std::string by_comma = header;
    std::replace(by_comma.begin(), by_comma.end(), ';', ',');
    EXPECT_EQ(said(by_comma + "\n" + quoted + "\n", options), in_order(24));
    EXPECT_EQ(said(header + "\n" + whole + "\n", options)[1], "m 1 2000");
}

TEST(WideDays, ARowThatIsNotOneIsSetAsideWhole) {
    const std::string header = "id,date" + names(24, [](int i) { return fmt::format("h{}", i); }) + "\n" + counted_row("m,2013-06-01", 24) + counted_row("n,2013-06-01", 24) + counted_row("o,2013-06-01", 24);
    const DecodeOptions options = asked("2013-06-01", "2013-06-02", "UTC", 60);
    const std::string whole = counted_row("p,2013-06-01", 24);
    EXPECT_EQ(said(header + "m,2013-06-01,0.1,0.2\n", options).size(), 3 * 24U + 1);                         // cut: its last value may be another
    EXPECT_THAT(said(header + "m,2013-06-01,0.1,0.2\n", options).back(), HasSubstr("!malformed"));
    EXPECT_THAT(said(header + whole.substr(0, whole.size() - 1) + ",9\n", options).back(), HasSubstr("!malformed"));
    EXPECT_THAT(said(header + "m,\"2013-06-01" + whole.substr(12), options).back(), HasSubstr("!malformed"));
    EXPECT_THAT(said(header + "m,yesterday" + whole.substr(12), options).back(), HasSubstr("!bad_time"));
    EXPECT_EQ(said(header + whole.substr(0, whole.size() - 1) + ",,\r\n", options).size(), 4 * 24U);        // delimiters at the end
}

TEST(WideInstants, ARowIsAMeter) {
    const std::string text = "CONS_NO,FLAG,2013/6/1 0:00,2013/6/1 0:30,2013/6/1 1:00\nm,1,0.001,0.002,0.003\n\"n\",0,,NaN,0.5\n";
    EXPECT_THAT(said(text, asked("2013-06-01", "2013-06-02")), ElementsAre("m 0 1", "m 1 2", "m 2 3", "n 2 500", "!missing ", "!missing NaN"));
}

TEST(WideInstants, ARepeatedColumnIsTheSecondPass) {
    const std::string text = "id,2013-10-27 00:30,2013-10-27 01:00,2013-10-27 01:30,2013-10-27 01:00,2013-10-27 01:30,2013-10-27 02:00\nm,0.001,0.002,0.003,0.004,0.005,0.006\n";
    EXPECT_THAT(said(text, asked("2013-10-27", "2013-10-28", "Europe/London")), ElementsAre("m 1 1", "m 2 2", "m 3 3", "m 4 4", "m 5 5", "m 6 6"));
}

TEST(WideInstants, ADayIsAsLongAsItIs) {
    const std::string text = "id,2013-10-26,2013-10-27,2013-10-28\nm,4.8,5.0,4.8\n";
    DecodeOptions options = asked("2013-10-26", "2013-10-29", "Europe/London");
    options.max_wh = 1000;
    const Texts rows = said(text, options);
    EXPECT_EQ(rows.size(), 48U + 50U + 48U);
    EXPECT_EQ(rows[60], "m 60 100");
    EXPECT_EQ(format_of(options, text).open(text, options).value()->interval_s(), 3600);
}

TEST(WideMeters, ARowIsAnInstant) {
    const std::string text = "date,time,week,X2,X30\n2013-06-01,00:30:00,Saturday,0.1,0.2\n2013-06-01,00:00:00,Saturday,0.3,\n";
    EXPECT_THAT(said(text, asked("2013-06-01", "2013-06-02")), ElementsAre("X2 1 100", "X30 1 200", "X2 0 300", "!missing "));
    EXPECT_THAT(said("\"\";\"MT_1\";\"MT_2\"\n\"2013-06-01 00:15:00\";0,5;1\n\"2013-06-01 00:30:00\";0,25;2\n", asked("2013-06-01", "2013-06-02", "UTC", 15)),
                ElementsAre("MT_1 1 500", "MT_2 1 1000", "MT_1 2 250", "MT_2 2 2000"));
}

TEST(WideMeters, ARowTwiceIsTheSecondPassAndASkippedOneIsNoTime) {
    const std::string text = "time,X1,X2\n2013-10-27 00:30,0.1,0.2\n2013-10-27 01:00,0,0\n2013-10-27 01:30,0.3,0.4\n2013-10-27 01:30,0.5,0.6\n2013-03-31 01:30,0.7,\n";
    const Texts rows = said(text, asked("2013-10-27", "2013-10-28", "Europe/London"));
    EXPECT_THAT(rows, ElementsAre("X1 1 100", "X2 1 200", "X1 2 0", "X2 2 0", "X1 3 300", "X2 3 400", "X1 5 500", "X2 5 600", "!nonexistent_time 0.7"));
}

TEST(WideMeters, TheirNamesAreNotTold) {
    const std::string text = "time,X1,X2\n2013-06-01 00:30,0.1,0.2\n2013-06-01 01:00,0.1,0.2\n";
    const DecodeOptions options = asked("2013-06-01", "2013-06-02");
    const auto decoder = format_of(options, text).open(text, options).value();
    EXPECT_THAT(decoder->columns(), ElementsAre("time: time", "2 columns: energy of a meter each"));
    EXPECT_EQ(decoder->interval_s(), 1800);
}

TEST(WideDays, SayThatAColumnIsPersonal) {
    const std::string text = "meter_id,Customer Name,date,e-mail" + names(24, [](int i) { return fmt::format("h{}", i); }) + "\n" + counted_row("m,Jo Doe,2013-06-01,jo@example.org", 24);
    const DecodeOptions options = asked("2013-06-01", "2013-06-02", "UTC", 60);
    const auto decoder = format_of(options, text).open(text, options).value();
    EXPECT_THAT(decoder->remarks(), ElementsAre("column 2 may name or place a person; it is not read", "column 4 may name or place a person; it is not read"));
    EXPECT_EQ(said(text, options), in_order(24));
}

TEST(WideMeters, QuantitiesAreNoMeters) {
    for (const char* text : {"time,Import T1 kWh,Import T2 kWh\n2013-06-01 00:00,1,2\n", "date,HUFL,HULL\n2013-06-01 00:00:00,1,2\n",
                             "meter_id,timestamp,kwh\nm1,2013-06-01 00:00,1\n", "date,load,temp\n2013-06-01 00:00:00,1,2\n"}) {
        const auto guess = wide_layout_of(text, {});
        EXPECT_TRUE(!guess.ok() || guess.value().sniffed.confidence < 0.5) << text;
    }
}

/// A cell as exports write them, now and then an odd one.
std::string any_cell(std::mt19937& random, bool is_calm) {
    static const char* const odd[] = {"", " ", "NaN", "-", "\"0.5\"", " 0.25 ", "1e1", "-1", "+2", ".5", "7.", ".", "12345678901", "0.123456789", "0.1234567891", "0.0005",
                                      "0.0015", "999999.9", "0,5", "1.2.3", "x", "\"", "1 2", "000000000.5", "2147483.648", "9.9999999", "0.001\t"};
    if (random() % (is_calm ? 40 : 6) == 0) return odd[random() % std::size(odd)];
    return fmt::format("{}.{:0{}}", random() % 7, random() % 1000, 3 + random() % 5);
}

std::string any_table(std::mt19937& random, int shape, bool is_calm) {
    std::string text = shape == 0 ? "note,id,date" : shape == 1 ? "id" : "time";
    const std::size_t num_columns = shape == 0 ? 50 : 12;
    if (shape == 0) text += with_second_pass(random() % 2 == 0).substr(13);
    else text += names(num_columns, [&](int i) { return shape == 1 ? "2013-10-27 " + clock_text(i * 30) : fmt::format("X{}", i); }) + "\n";
    for (int row = 0; row < 30; ++row) {
        const std::string id = fmt::format("m{}", row / 4), date = fmt::format("2013-10-{:02}", 24 + row % 6);
        std::string line = shape == 0 ? "," + id + "," + date : shape == 1 ? id : fmt::format("2013-10-27 {}", clock_text(row * 30));
        if (random() % 20 == 0) line += " ";
        for (std::size_t i = 0; i < num_columns + (random() % 30 == 0) - (random() % 30 == 0); ++i) line += "," + any_cell(random, is_calm);
        if (random() % 40 == 0) line.insert(random() % line.size(), 1, "\0\"\n, x\r"[random() % 7]);
        text += line + (random() % 4 == 0 ? "\r\n" : "\n");
    }
    if (random() % 3 == 0) text.pop_back();
    return text;
}

struct Decoded {
    std::vector<std::tuple<std::string, unsigned, unsigned, std::int32_t, std::uint32_t>> readings;
    std::vector<std::tuple<model::Reason, std::uint64_t, std::string>> set_aside;
    model::RowAccount account;
};

Decoded decoded(Decoder& decoder, std::string_view text, const DecodeOptions& options) {
    BatchSink sink(options);
    EXPECT_TRUE(decoder.decode(text, true, sink).ok());
    Decoded result;
    const auto& batch = sink.batch();
    for (std::size_t i = 0; i < batch.rows.size(); ++i)
        result.readings.emplace_back(batch.ids[batch.rows[i].who], batch.rows[i].interval, batch.rows[i].channel, batch.rows[i].quanta, batch.offsets[i]);
    for (const auto& s : sink.set_aside()) result.set_aside.emplace_back(s.reason, s.offset, s.line);
    result.account = batch.account;
    return result;
}

TEST(Wide, TheQuickWayGivesWhatThePlainWayGives) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::size_t num_readings = 0;
    for (int round = 0; round < 900; ++round) {
        DecodeOptions options = asked("2013-10-25", "2013-10-29", round % 4 < 2 ? "UTC" : "Europe/London", round % 7 == 0 ? 15 : 30);
        options.source.unit = round % 5 == 0 ? EnergyUnit::wh : round % 5 == 1 ? EnergyUnit::mwh : EnergyUnit::kwh;
        options.source.label = round % 11 == 0 ? Label::end : Label::start;
        const std::string text = any_table(random, round % 3, round % 2 == 0);
        const auto guess = wide_layout_of(text, {});
        if (!guess.ok()) continue;
        const auto quick = make_wide(guess.value().layout, options, true), plain = make_wide(guess.value().layout, options, false);
        const Decoded of_quick = decoded(*quick, text, options), of_plain = decoded(*plain, text, options);
        ASSERT_TRUE(of_quick.account == of_plain.account) << text;
        ASSERT_EQ(of_quick.readings, of_plain.readings) << text;
        ASSERT_EQ(of_quick.set_aside, of_plain.set_aside) << text;
        num_readings += of_quick.readings.size();
    }
    EXPECT_GT(num_readings, 200000U);
}

TEST(Wide, AHeaderMayBeLongerThanAHead) {
    const testing::Scratch scratch;
    std::string text = "meter_id";
    for (int i = 0; i < 48 * 150; ++i) text += "," + model::format_instant(model::parse_date("2013-01-01").value() + std::chrono::minutes(30 * i));
    text += "\nm" + names(48 * 150, [](int i) { return fmt::format("0.{:03}", i % 1000); }) + "\n";
    std::ofstream(scratch.file("wide.csv"), std::ios::binary) << text;
    const auto report = inspect(scratch.file("wide.csv"), Source{}, model::Calendar::make("UTC").value());
    ASSERT_TRUE(report.ok()) << report.error().what;
    EXPECT_EQ(report.value().format, "wide-csv");
    EXPECT_EQ(report.value().rows, 48U * 150U);
    EXPECT_EQ(report.value().interval_s, 1800);
}

TEST(ChooseFormat, NamesParquetAndSaysWhatToDo) {
    const testing::Scratch scratch;
    std::ofstream(scratch.file("year.parquet"), std::ios::binary) << std::string("PAR1\x15\x04\0\0PAR1", 12);
    for (const char* format : {"auto", "long-csv"}) {
        Source source;
        source.format = format;
        const auto report = inspect(scratch.file("year.parquet"), source, model::Calendar::make("UTC").value());
        ASSERT_FALSE(report.ok());
        EXPECT_EQ(report.error().code, Code::input);
        EXPECT_THAT(report.error().what, HasSubstr("Parquet"));
        EXPECT_THAT(report.error().where, HasSubstr("year.parquet"));
        EXPECT_THAT(report.error().hint, HasSubstr("convert it to CSV"));
    }
    std::ofstream(scratch.file("par.csv")) << "PAR1 and more text\n";
    EXPECT_THAT(inspect(scratch.file("par.csv"), Source{}, model::Calendar::make("UTC").value()).error().what, Not(HasSubstr("Parquet")));
}

// .tsf

std::string series(const char* frequency, const char* lines) {
    return std::string("@relation r\n@attribute series_name string\n@attribute state string\n@attribute start_timestamp date\n@frequency ") + frequency + "\n@missing true\n@data\n" + lines;
}

DecodeOptions asked_tsf(DecodeOptions options) {
    options.source.format = "tsf";
    return options;
}

TEST(Tsf, ValuesFollowEachOtherFromTheStart) {
    const DecodeOptions options = asked_tsf(asked("2013-06-01", "2013-06-02"));
    EXPECT_THAT(said(series("half_hourly", "T1:NSW:2013-06-01 00-30-00:0.001,?,0.003\nT2:VIC:2013-06-01 00-00-00:1\n"), options),
                ElementsAre("T1 1 1", "T1 3 3", "T2 0 1000", "!missing ?"));
    EXPECT_THAT(said(series("hourly", "T1:x:2013-06-01 00-00-00:0.101\n"), options), ElementsAre("T1 0 50", "T1 1 51"));
}

TEST(Tsf, AWeekIsSevenLocalDays) {
    const DecodeOptions options = asked_tsf(asked("2013-10-20", "2013-11-10", "Europe/London"));
    const std::string text = series("weekly", "T1:x:2013-10-21 00-00-00:33.8,33.6,33.6\n");
    const Texts rows = said(text, options);
    ASSERT_EQ(rows.size(), 338U + 336U + 1U);
    EXPECT_EQ(rows.back(), "!outside_period 33.6");  // the last week reaches behind the period
    EXPECT_EQ(rows[0], "T1 48 100");
    EXPECT_EQ(rows[338 + 335], "T1 721 100");
    EXPECT_EQ(format_of(options, text).open(text, options).value()->interval_s(), 3600);
}

TEST(Tsf, PowerIsEnergyOverTheStep) {
    DecodeOptions options = asked_tsf(asked("2013-06-01", "2013-06-02"));
    options.source.is_power = true;
    EXPECT_THAT(said(series("half_hourly", "T1:x:2013-06-01 00-00-00:3\n"), options), ElementsAre("T1 0 1500"));
}

TEST(Tsf, AFrequencyOfTheCalendarIsRefused) {
    const DecodeOptions options = asked_tsf(asked("2013-06-01", "2013-06-02"));
    for (const char* frequency : {"monthly", "quarterly", "yearly", "", "8_days", "2_weekly", "0_minutes", "x"}) {
        const std::string text = series(frequency, "T1:x:2013-06-01 00-00-00:1\n");
        const auto opened = format_of(options, text).open(text, options);
        ASSERT_FALSE(opened.ok()) << frequency;
        EXPECT_EQ(opened.error().code, Code::input);
        EXPECT_THAT(opened.error().what, HasSubstr("frequency"));
    }
    for (const char* frequency : {"4_seconds", "minutely", "10_minutes", "half_hourly", "hourly", "2_hours", "daily", "7_days", "weekly"})
        EXPECT_TRUE(format_of(options, series(frequency, "")).open(series(frequency, ""), options).ok()) << frequency;
}

TEST(Tsf, WithoutItsDataOrWithALastValueThatHasNoEndItIsCut) {
    const DecodeOptions options = asked_tsf(asked("2013-06-01", "2013-06-02"));
    EXPECT_THAT(said(series("half_hourly", "T1:x:2013-06-01 00-00-00:0.001,0.0"), options), ElementsAre("T1 0 1", "!malformed 0.0"));
    const std::string text = series("half_hourly", "");
    const auto decoder = format_of(options, text).open(text, options).value();
    BatchSink sink(options);
    EXPECT_TRUE(decoder->decode(text.substr(0, 60), true, sink).ok());
    EXPECT_EQ(decoder->finish(sink).error().code, Code::input);
}

}  // namespace
}  // namespace meterveil::ingest
