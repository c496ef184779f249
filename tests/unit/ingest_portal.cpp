// Tables of portals, apps and loggers: what is decided from the head, and what rows become.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <array>
#include <map>
#include <random>

#include "ingest/portal.hpp"
#include "ingest/portal_words.hpp"

namespace meterveil::ingest {
namespace {

using model::Reason;

/// What is said of a job, beside the text.
struct Job {
    const char* zone = "UTC";
    const char* from = "2024-01-01";
    const char* until = "2024-01-03";
    int minutes = 60;
    Source source = {};
    bool has_meter = true;  ///< the job names it: "m"
    std::int64_t max_wh = 50000;
};

struct Said {
    std::vector<std::string> readings;  ///< "m + 3 250": id, channel, interval, Wh
    std::map<Reason, std::uint64_t> refused;
    std::uint64_t read = 0, estimated = 0, substituted = 0;
    std::vector<std::string> remarks;
    Error error{Code::internal, "", "", ""};
};

DecodeOptions options_of(const Job& job) {
    const auto calendar = model::Calendar::make(job.zone).value();
    Source source = job.source;
    if (job.has_meter) source.meter = "m";
    source.format = "portal-csv";
    const auto axis = model::make_axis(calendar, model::parse_date(job.from).value(), model::parse_date(job.until).value(), std::chrono::minutes(job.minutes)).value();
    return {source, calendar, axis, 1, job.max_wh};
}

Said say(const std::string& text, const Job& job = {}) {
    const DecodeOptions options = options_of(job);
    Said said;
    const auto format = choose_format(options.source, text);
    auto decoder = format.value()->open(text, options);
    if (!decoder.ok()) {
        said.error = std::move(decoder).error();
        return said;
    }
    BatchSink sink(options);
    const auto outcome = decoder.value()->decode(text, true, sink);
    if (!outcome.ok()) said.error = outcome.error();
    EXPECT_TRUE(!outcome.ok() || decoder.value()->finish(sink).ok());
    const auto& batch = sink.batch();
    for (const auto& r : batch.rows) said.readings.push_back(fmt::format("{} {} {} {}", batch.ids[r.who], r.channel ? '-' : '+', static_cast<unsigned>(r.interval), r.quanta));
    std::sort(said.readings.begin(), said.readings.end());
    for (std::size_t i = 0; i < batch.account.quarantined.size(); ++i)
        if (batch.account.quarantined[i] > 0) said.refused[static_cast<Reason>(i)] = batch.account.quarantined[i];
    said.read = batch.account.read;
    said.estimated = batch.account.estimated;
    said.substituted = batch.account.substituted;
    said.remarks = decoder.value()->remarks();
    return said;
}

using Readings = std::vector<std::string>;
using Refused = std::map<Reason, std::uint64_t>;

Source local() {
    Source source;
    source.clock.kind = Clock::Kind::local;
    return source;
}

Source registers(int digits = 0) {
    Source source;
    source.values = Values::registers;
    source.register_digits = digits;
    return source;
}

// ---- values ------------------------------------------------------------------------------------------------------------------------

TEST(PortalValues, WhatSaysThatThereIsNoneIsMissing) {
    const Said said = say("time,usage kWh,quality\n2024-01-01 00:00,0.5,\n2024-01-01 01:00,,\n2024-01-01 02:00,-,\n2024-01-01 03:00,--,\n2024-01-01 04:00,N/A,\n2024-01-01 05:00,Null,\n"
                          "2024-01-01 06:00,0.7,missing\n2024-01-01 07:00,0.25,\n2024-01-01 08:00,0.25,E\n2024-01-01 09:00,0.25,substituted\n2024-01-01 10:00,0.25,Actual\n");
    EXPECT_EQ(said.readings, (Readings{"m + 0 500", "m + 10 250", "m + 7 250", "m + 8 250", "m + 9 250"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::missing, 6}}));
    EXPECT_EQ(said.estimated, 1U);
    EXPECT_EQ(said.substituted, 1U);
}

TEST(PortalValues, UnitsOfColumnsAndRowsAndPower) {
    EXPECT_EQ(say("time,energy (Wh)\n2024-01-01 00:00,250\n2024-01-01 01:00,100\n").readings, (Readings{"m + 0 250", "m + 1 100"}));
    EXPECT_EQ(say("time,Power kW,end\n2024-01-01 00:00,2,2024-01-01 02:00\n").readings, (Readings{"m + 0 2000", "m + 1 2000"}));
    EXPECT_EQ(say("time,Load (kW),Energy (kWh)\n2024-01-01 00:00,2,0.5\n").readings, (Readings{"m + 0 500"}));  // the power says the same less exactly
    const Said said = say("time,value,unit\n2024-01-01 00:00,2,kWh\n2024-01-01 01:00,3,Wh\n2024-01-01 02:00,0.001,MWh\n2024-01-01 03:00,4,m3\n2024-01-01 04:00,5,kW\n");
    EXPECT_EQ(said.readings, (Readings{"m + 0 2000", "m + 1 3", "m + 2 1000", "m + 4 5000"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::other_quantity, 1}}));
}

TEST(PortalValues, AHugeOneIsOutOfRangeAndNoNumberIsABadValue) {
    const Said said = say("time,kWh\n2024-01-01 00:00,1\n2024-01-01 01:00,99999999999999999\n2024-01-01 02:00,60\n2024-01-01 03:00,x1\n2024-01-01 04:00,2\n2024-01-01 05:00,2\n2024-01-01 06:00,2\n");
    EXPECT_EQ(said.readings.size(), 4U);
    EXPECT_EQ(said.refused, (Refused{{Reason::out_of_range, 2}, {Reason::bad_value, 1}}));
}

TEST(PortalValues, FactorsMultiplyAndNegativeOnesAreExport) {
    const Said said = say("time;value;factor\n2024-01-01 00:00;35;0.01\n2024-01-01 01:00;40;-0.01\n");
    EXPECT_EQ(said.readings, (Readings{"m + 0 350", "m - 1 400"}));
    Job job;
    job.source.factor = "40";
    EXPECT_EQ(say("time,kWh\n2024-01-01 00:00,0.1\n2024-01-01 01:00,0.2\n", job).readings, (Readings{"m + 0 4000", "m + 1 8000"}));
}

TEST(PortalValues, ExportIsAColumnADirectionOrARegister) {
    EXPECT_EQ(say("time,Import kWh,Export kWh\n2024-01-01 00:00,1,2\n2024-01-01 01:00,3,4\n").readings, (Readings{"m + 0 1000", "m + 1 3000", "m - 0 2000", "m - 1 4000"}));
    EXPECT_EQ(say("time,Import kWh,Export kWh\n2024-01-01 00:00,1,-2\n2024-01-01 01:00,3,0\n").readings, (Readings{"m + 0 1000", "m + 1 3000", "m - 0 2000", "m - 1 0"}));
    EXPECT_EQ(say("time,direction,kWh\n2024-01-01 00:00,import,1\n2024-01-01 00:00,export,2\n").readings, (Readings{"m + 0 1000", "m - 0 2000"}));
    const Said said = say("time,register,kWh\n2024-01-01 00:00,E1,1\n2024-01-01 00:00,B1,2\n2024-01-01 00:00,Q1,3\n");
    EXPECT_EQ(said.readings, (Readings{"m + 0 1000", "m - 0 2000"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::other_quantity, 1}}));
}

TEST(PortalValues, NegativeNetValuesAreExportAndTheOtherChannelIsNought) {
    EXPECT_EQ(say("time,kWh\n2024-01-01 00:00,1\n2024-01-01 01:00,-2\n").readings, (Readings{"m + 0 1000", "m + 1 0", "m - 0 0", "m - 1 2000"}));
    Job job;
    job.source.values = Values::interval;
    EXPECT_EQ(say("time,kWh\n2024-01-01 00:00,1\n2024-01-01 01:00,-2\n", job).refused, (Refused{{Reason::out_of_range, 1}}));
}

TEST(PortalValues, SectionsOfImportExportAndNetAreNotCountedTwice) {
    const std::string header = "time period,usage kWh\n";
    const auto section = [&](const char* a, const char* b) { return header + "2024-01-01 00:00 to 2024-01-01 01:00," + a + "\n2024-01-01 01:00 to 2024-01-01 02:00," + b + "\n"; };
    const Said said = say(section("0.0", "-2.0") + section("1.0", "0.5") + section("1.0", "-1.5"));
    EXPECT_EQ(said.readings, (Readings{"m + 0 1000", "m + 1 500", "m - 0 0", "m - 1 2000"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::other_quantity, 2}}));
    EXPECT_EQ(said.read, 6U);
}

TEST(PortalValues, TariffsAddUpAndATotalStandsForThem) {
    EXPECT_EQ(say("time,T1 kWh,T2 kWh\n2024-01-01 00:00,1,2\n2024-01-01 01:00,3,\n2024-01-01 02:00,3,1\n").readings, (Readings{"m + 0 3000", "m + 2 4000"}));
    EXPECT_EQ(say("time,peak kWh,offpeak kWh\n2024-01-01 00:00,1,\n2024-01-01 01:00,,2\n2024-01-01 02:00,3,\n").readings, (Readings{"m + 0 1000", "m + 1 2000", "m + 2 3000"}));
    EXPECT_EQ(say("time,phase a kWh,phase b kWh,total kWh\n2024-01-01 00:00,1,2,3\n2024-01-01 01:00,1,1,2\n").readings, (Readings{"m + 0 3000", "m + 1 2000"}));
    EXPECT_EQ(say("time,register,kWh\n2024-01-01 00:00,day,1\n2024-01-01 00:00,night,2\n2024-01-01 01:00,night,4\n").readings, (Readings{"m + 0 3000", "m + 1 4000"}));
    EXPECT_EQ(say("time,House kWh,Garage kWh\n2024-01-01 00:00,1,2\n").error.what, "several columns look like the energy");
}

TEST(PortalValues, RowsOfOtherSupplyAreOtherQuantities) {
    const Said said = say("date,meter id,type,kWh\n2024-01-01 00:00,m,Electricity,1\n2024-01-01 00:00,g,Gas,2\n");
    EXPECT_EQ(said.readings, (Readings{"m + 0 1000"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::other_quantity, 1}}));
}

// ---- counters ----------------------------------------------------------------------------------------------------------------------

TEST(PortalCounters, ConsumptionIsTheDifferenceOfReads) {
    const Said said = say("time,Import T1 kWh,Import T2 kWh,Export kWh\n2024-01-01 00:00,8350.274,4650.277,3.1\n2024-01-01 01:00,8350.385,4650.468,3.1\n2024-01-01 02:00,8350.705,4650.591,3.35\n",
                          {.source = registers()});
    EXPECT_EQ(said.readings, (Readings{"m + 0 302", "m + 1 443", "m - 0 0", "m - 1 250"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::register_base, 2}}));
    EXPECT_EQ(said.read, 6U);
}

TEST(PortalCounters, AnyOrderOfRowsGivesTheSame) {
    std::vector<std::string> rows;
    std::int64_t counter = 1000000;
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int hour = 0; hour < 48; ++hour, counter += static_cast<std::int64_t>(random() % 2000)) rows.push_back(fmt::format("2024-01-{:02} {:02}:00,{}\n", 1 + hour / 24, hour % 24, counter));
    const auto join = [&] { return "time,meter reading Wh\n" + fmt::format("{}", fmt::join(rows, "")); };
    const Said said = say(join());
    EXPECT_EQ(said.readings.size(), 47U);
    EXPECT_EQ(said.refused, (Refused{{Reason::register_base, 1}}));
    std::reverse(rows.begin(), rows.end());
    EXPECT_EQ(say(join()).readings, said.readings);
    std::shuffle(rows.begin(), rows.end(), random);
    EXPECT_EQ(say(join()).readings, said.readings);
    EXPECT_EQ(portal_layout_of(join(), registers()).value().layout.step_s, 3600);
}

TEST(PortalCounters, ARolloverNeedsTheNumberOfDigitsAndAnExchangeInventsNothing) {
    const std::string text = "time,register kWh\n2024-01-01 00:00,99998.5\n2024-01-01 01:00,99999.5\n2024-01-01 02:00,0.75\n2024-01-01 03:00,1.75\n";
    EXPECT_EQ(say(text, {.source = registers(5)}).readings, (Readings{"m + 0 1000", "m + 1 1250", "m + 2 1000"}));
    EXPECT_EQ(say(text, {.source = registers()}).readings, (Readings{"m + 0 1000", "m + 2 1000"}));
    EXPECT_EQ(say(text, {.source = registers()}).refused, (Refused{{Reason::register_base, 2}}));
    const std::string exchange = "time,register kWh\n2024-01-01 00:00,5000\n2024-01-01 01:00,5001\n2024-01-01 02:00,17\n2024-01-01 03:00,18\n";
    EXPECT_EQ(say(exchange, {.source = registers(5)}).readings, (Readings{"m + 0 1000", "m + 2 1000"}));
    EXPECT_EQ(say(exchange, {.source = registers(5)}).refused, (Refused{{Reason::register_base, 2}}));
    const std::string serial = "time,meter id,serial,register kWh\n2024-01-01 00:00,m,a,10\n2024-01-01 01:00,m,b,12\n2024-01-01 02:00,m,b,13\n";
    EXPECT_EQ(say(serial, {.source = registers()}).readings, (Readings{"m + 1 1000"}));
}

TEST(PortalCounters, AGapIsOneLongReading) {
    const Said said = say("time,register kWh\n2024-01-01 00:00,10\n2024-01-01 01:00,11\n2024-01-01 04:00,14.5\n2024-01-01 04:20,14.6\n2024-01-01 05:00,15\n", {.source = registers()});
    EXPECT_EQ(said.readings, (Readings{"m + 0 1000", "m + 1 1166", "m + 2 1167", "m + 3 1167", "m + 4 500"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::register_base, 2}}));  // the first, and the one off the grid
    EXPECT_EQ(said.read, 5U);
}

TEST(PortalCounters, DifferentReadsOfOneInstantAreAConflict) {
    const Said said = say("time,register kWh\n2024-01-01 00:00,10\n2024-01-01 01:00,11\n2024-01-01 01:00,12\n2024-01-01 02:00,13\n2024-01-01 02:00,13\n", {.source = registers()});
    EXPECT_EQ(said.readings, (Readings{"m + 0 1500", "m + 0 1500", "m + 1 1500", "m + 1 1500"}));  // the store drops the repeated one
    EXPECT_EQ(said.refused, (Refused{{Reason::conflict, 2}, {Reason::register_base, 1}}));
}

TEST(PortalCounters, AreKnownByReadsOfMoreThanADayThatNeverFall) {
    std::string counter = "time,meter_id,value\n", energy = counter;
    std::int64_t sum = 0;
    for (int hour = 0; hour < 30; ++hour) {
        const int wh = hour * 37 % 11;
        counter += fmt::format("2024-01-{:02} {:02}:00:00,m,{}\n", 1 + hour / 24, hour % 24, 500 + sum);
        energy += fmt::format("2024-01-{:02} {:02}:00:00,m,{}\n", 1 + hour / 24, hour % 24, wh);
        sum += wh;
    }
    EXPECT_TRUE(portal_layout_of(counter, {}).value().layout.values[0].is_register);
    EXPECT_FALSE(portal_layout_of(energy, {}).value().layout.values[0].is_register);
    EXPECT_GT(portal_layout_of(counter, {}).value().sniffed.confidence, 0.85);  // before long-csv, which does not difference
    EXPECT_LT(portal_layout_of(energy, {}).value().sniffed.confidence, 0.75);   // behind it
    std::string ramp = "time,meter_id,value\n";
    for (int hour = 0; hour < 30; ++hour) ramp += fmt::format("2024-01-{:02} {:02}:00:00,m,{}\n", 1 + hour / 24, hour % 24, hour);
    EXPECT_FALSE(portal_layout_of(ramp, {}).value().layout.values[0].is_register);
}

// ---- clocks ------------------------------------------------------------------------------------------------------------------------

TEST(PortalTables, APlainTableWithBadRowsStaysWithLongCsv) {
    const std::string text = "meter_id,timestamp,kwh\nm,2024-01-01 00:00,0.5\nm,garbage,0.1\nm,2024-01-01 01:00,x\nm,2024-01-01 02:00,0.25\nm,2024-01-01 03:00,0.5\nm,2024-01-01 04:00,0.5\nm,2024-01-01 05:00,0.5\nm,2024-01-01 06:00,0.5\nm\n";
    EXPECT_STREQ(choose_format(Source{}, text).value()->name, "long-csv");
    EXPECT_STREQ(choose_format(Source{}, text + "m,01.02.2024 00:00,0.5\n").value()->name, "portal-csv");  // a row that it would not read
}

TEST(LongCsv, ReadsFlagsOfQuality) {
    const std::string header = "meter_id,timestamp,kwh,quality\n";
    std::string text = header;
    for (int i = 0; i < 80; ++i) {  // the second meter's rows are read the quick way
        const int row = i % 40;
        text += fmt::format("{},2024-01-{:02}T{:02}:00:00Z,0.{:03},{}\n", i < 40 ? "m" : "n", 1 + row / 24, row % 24, row, std::array{"A", "E", "", "S", "missing"}[static_cast<std::size_t>(row % 5)]);
    }
    text += std::string(512, '\n');
    const DecodeOptions options = options_of({});
    EXPECT_STREQ(choose_format(Source{}, text).value()->name, "long-csv");
    const Source source;
    const auto decoder = choose_format(source, text).value()->open(text, {source, options.calendar, options.axis, 1, 50000}).value();
    EXPECT_EQ(decoder->columns().back(), "quality: quality");
    BatchSink sink(options);
    ASSERT_TRUE(decoder->decode(text, true, sink).ok());
    const auto& batch = sink.batch();
    EXPECT_EQ(batch.account.estimated, 16U);
    EXPECT_EQ(batch.account.substituted, 16U);
    EXPECT_EQ(batch.account.quarantined[static_cast<std::size_t>(Reason::missing)], 16U);
    ASSERT_EQ(batch.rows.size(), 64U);
    for (const auto& r : batch.rows) {
        const auto expected = std::array{model::Quality::measured, model::Quality::estimated, model::Quality::measured, model::Quality::substituted}[static_cast<std::size_t>(r.quanta % 5)];
        EXPECT_EQ(static_cast<model::Quality>(r.quality), expected) << r.quanta;
    }
}

TEST(PortalClocks, ReadManyWaysOfWriting) {
    for (const char* time : {"2024-01-02T05:00:00Z", "2024-01-02 06:00:00+01:00", "2024-01-02T05:00:00.0000000Z", "2024-01-02 06:00 CET", "2024-01-02 00:00 EST", "1704171600", "1704171600000",
                             "02.01.2024 05:00", "2024/01/02 05:00", "2-Jan-2024 5:00 AM", "Jan 2, 2024 05:00", "2 januari 2024 05:00"})
        EXPECT_EQ(say(fmt::format("time;kWh\n\"{}\";1\n", time)).readings, (Readings{"m + 29 1000"})) << time;
    EXPECT_EQ(say("date,time,kWh\n01/13/24,12:30 AM,1\n01/13/24,1:30 PM,2\n", {.from = "2024-01-13", .until = "2024-01-14", .minutes = 30}).readings, (Readings{"m + 1 1000", "m + 27 2000"}));
    EXPECT_EQ(say("date,hour,kWh\n1/13/2024,0,1\n1/13/2024,1,2\n1/13/2024,23,3\n", {.from = "2024-01-13", .until = "2024-01-14"}).readings, (Readings{"m + 0 1000", "m + 1 2000", "m + 23 3000"}));
    EXPECT_EQ(say("date,hour,kWh\n1/13/2024,1,1\n1/13/2024,24,3\n1/14/2024,1,3\n", {.from = "2024-01-13", .until = "2024-01-14"}).readings, (Readings{"m + 0 1000", "m + 23 3000"}));
}

TEST(PortalClocks, TheOrderOfADateIsDecidedFromTheWholeHeadOrAsked) {
    const std::string unclear = "time,kWh\n03/04/2024 00:00,1\n03/04/2024 01:00,2\n";
    EXPECT_EQ(say(unclear).error.what, "its dates could have the day or the month first");
    EXPECT_STREQ(choose_format(Source{}, "meter,time,kwh\nm,03/04/2024 00:00,1\nm,03/04/2024 01:00,2\n").value()->name, "portal-csv");  // long-csv would read none
    Job job{.from = "2024-03-04", .until = "2024-03-05"};
    job.source.date_order = DateOrder::month_first;
    EXPECT_EQ(say(unclear, job).readings, (Readings{"m + 0 1000", "m + 1 2000"}));
    EXPECT_EQ(say("time,kWh\n03/04/2024,1\n13/04/2024,2\n", {.from = "2024-04-03", .until = "2024-04-04", .minutes = 1440}).readings, (Readings{"m + 0 1000"}));
    // three days of April rather than the fourth of three months
    EXPECT_EQ(say("time,kWh\n03/04/2024,1\n04/04/2024,2\n05/04/2024,2\n", {.from = "2024-04-03", .until = "2024-04-05", .minutes = 1440}).readings, (Readings{"m + 0 1000", "m + 1 2000"}));
}

TEST(PortalClocks, MoreThanOneLayoutMayStandInOneFile) {
    const std::string text = "time,kWh\n2024-01-01 00:00,1\n2024-01-01T01:00:00Z,2\n13/01/2024 00:00,3\n01/02/2024 00:00,4\n2024-01-01 02:00,5\n1 Jan 2024 3:00 AM,6\n02/13/2024 00:00,7\n";
    Job job{.until = "2024-02-14"};
    job.source.date_order = DateOrder::day_first;
    const Said said = say(text, job);
    EXPECT_EQ(said.readings, (Readings{"m + 0 1000", "m + 1 2000", "m + 2 5000", "m + 288 3000", "m + 3 6000", "m + 744 4000"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::bad_time, 1}}));
    EXPECT_EQ(say(text).error.what, "its dates could have the day or the month first");  // both are there
}

TEST(PortalClocks, ADateOfTwoMeaningsBehindTheHeadIsRefused) {
    const std::string head = "time,kWh\n2024-01-01 00:00,1\n", text = head + "01/02/2024 00:00,4\n";
    const DecodeOptions options = options_of({});
    BatchSink sink(options);
    auto decoder = make_portal(portal_layout_of(head, options.source).value().layout, options);
    ASSERT_TRUE(decoder->decode(text, true, sink).ok() && decoder->finish(sink).ok());
    EXPECT_EQ(sink.batch().account.quarantined[static_cast<std::size_t>(Reason::bad_time)], 1U);
    EXPECT_EQ(sink.batch().account.read, 2U);
}

TEST(PortalClocks, ConsumptionOfMonthsIsAnotherQuantity) {
    const Said said = say("date,kWh\n2024-01-01,310\n2024-02-01,290\n2024-03-01,310\n2024-04-01,310\n2024-05-01,310\n2024-06-01,310\n");
    EXPECT_EQ(said.refused, (Refused{{Reason::other_quantity, 6}}));
}

TEST(PortalClocks, RangesGiveTheirLength) {
    const Readings two = {"m + 0 500", "m + 1 500"};
    EXPECT_EQ(say("period,kWh\n2024-01-01 00:00 to 2024-01-01 02:00,1\n").readings, two);
    EXPECT_EQ(say("period,kWh\n2024-01-01 00:00 - 02:00,1\n").readings, two);
    EXPECT_EQ(say("period,kWh\n2024-01-01T00:00/2024-01-01T02:00,1\n").readings, two);
    EXPECT_EQ(say("start,end,kWh\n2024-01-01 00:00,2024-01-01 01:59,1\n").readings, two);
    EXPECT_EQ(say("start,end,kWh\n2024-01-01 00:00,2024-01-01 01:59:59,1\n").readings, two);
    EXPECT_EQ(say("date,time,kWh\n2024-01-01,00:00-02:00,1\n").readings, two);
    EXPECT_EQ(say("date,start time,end time,kWh\n2024-01-01,00:00,02:00,1\n").readings, two);
    EXPECT_EQ(say("date,start time,end time,kWh\n2024-01-01,22:00,00:00,1\n").readings, (Readings{"m + 22 500", "m + 23 500"}));
    EXPECT_EQ(say("time,kWh,interval\n2024-01-01 00:00,1,120 min\n").readings, two);
    EXPECT_EQ(say("start,end,kWh\n2024-01-01 02:00,2024-01-01 01:00,1\n").refused, (Refused{{Reason::bad_time, 1}}));
}

TEST(PortalClocks, EndLabelsAreMovedBack) {
    Job job;
    job.source.label = Label::end;
    EXPECT_EQ(say("time,kWh\n2024-01-01 01:00,1\n2024-01-01 02:00,2\n2024-01-01 24:00,3\n", job).readings, (Readings{"m + 0 1000", "m + 1 2000", "m + 23 3000"}));
}

std::string autumn(const std::vector<const char*>& times, const char* columns = "time,kWh") {
    std::string text = std::string(columns) + '\n';
    int wh = 1;
    for (const char* time : times) text += fmt::format("2024-10-27 {},0.{:03}\n", time, wh++);
    return text;
}

TEST(PortalClocks, TheDoubledHourIsReadInTheOrderOfTheFile) {
    Job job{.zone = "Europe/Brussels", .from = "2024-10-27", .until = "2024-10-28", .source = local()};
    const Readings upwards = {"m + 1 1", "m + 2 2", "m + 3 3", "m + 4 4"};
    EXPECT_EQ(say(autumn({"01:00", "02:00", "02:00", "03:00"}), job).readings, upwards);
    EXPECT_EQ(say(autumn({"03:00", "02:00", "02:00", "01:00"}), job).readings, (Readings{"m + 1 4", "m + 2 3", "m + 3 2", "m + 4 1"}));
    job.minutes = 30;  // interleaved
    EXPECT_EQ(say(autumn({"01:30", "02:00", "02:00", "02:30", "02:30", "03:00"}), job).readings, (Readings{"m + 3 1", "m + 4 2", "m + 5 4", "m + 6 3", "m + 7 5", "m + 8 6"}));
}

TEST(PortalClocks, AMarkerTellsThePassOfTheDoubledHour) {
    Job job{.zone = "Europe/Brussels", .from = "2024-10-27", .until = "2024-10-28", .source = local()};
    const Readings both = {"m + 1 1", "m + 2 3", "m + 3 2"};  // the second pass stands first
    EXPECT_EQ(say("time,dst,kWh\n2024-10-27 01:00,true,0.001\n2024-10-27 02:00,false,0.002\n2024-10-27 02:00,true,0.003\n", job).readings, both);
    EXPECT_EQ(say("time,zone,kWh\n2024-10-27 01:00,CEST,0.001\n2024-10-27 02:00,CET,0.002\n2024-10-27 02:00,CEST,0.003\n", job).readings, both);
    EXPECT_EQ(say("time,kWh\n2024-10-27 01:00 CEST,0.001\n2024-10-27 02:00 CET,0.002\n2024-10-27 02:00 CEST,0.003\n", job).readings, both);
    EXPECT_EQ(say("time,kWh\n2024-10-27 01:00+02:00,0.001\n2024-10-27 02:00+01:00,0.002\n2024-10-27 02:00+02:00,0.003\n", job).readings, both);
    EXPECT_EQ(say("from,until,kWh\n2024-10-27 01:00,2024-10-27 02:00,0.001\n2024-10-27 02:00,2024-10-27 02:00,0.003\n2024-10-27 02:00,2024-10-27 03:00,0.002\n", job).readings, both);
}

TEST(PortalClocks, EndLabelsOfTheDoubledHourAreInstantsOrNumbersOfHours) {
    Job job{.zone = "Europe/Brussels", .from = "2024-10-27", .until = "2024-10-28", .source = local()};
    job.source.label = Label::end;
    const Readings five = {"m + 0 1", "m + 1 2", "m + 2 3", "m + 3 4", "m + 4 5"};
    EXPECT_EQ(say(autumn({"01:00", "02:00", "02:00", "03:00", "04:00"}), job).readings, five);  // instants: 02:00 is doubled
    EXPECT_EQ(say(autumn({"01:00", "02:00", "03:00", "03:00", "04:00"}), job).readings, five);  // the third hour comes twice
    Job spring{.zone = "Europe/Brussels", .from = "2024-03-31", .until = "2024-04-01", .source = job.source};
    const Readings three = {"m + 0 1", "m + 1 2", "m + 2 3"};
    EXPECT_EQ(say("time,kWh\n2024-03-31 01:00,0.001\n2024-03-31 03:00,0.002\n2024-03-31 04:00,0.003\n", spring).readings, three);
    EXPECT_EQ(say("time,kWh\n2024-03-31 01:00,0.001\n2024-03-31 02:00,0.002\n2024-03-31 04:00,0.003\n", spring).readings, three);
}

/// Wall-clock rows of a local day, one for each step of two meters; what they were made from says where each belongs.
TEST(PortalClocks, DaysOf46To50HalfHoursAnd92To100QuartersAreWhole) {
    const auto calendar = model::Calendar::make("Europe/Brussels").value();
    for (const auto& [from, until, hours] : {std::tuple("2024-03-31", "2024-04-01", 23), std::tuple("2024-06-01", "2024-06-02", 24), std::tuple("2024-10-27", "2024-10-28", 25)})
        for (const int minutes : {15, 30, 60})
            for (const bool is_descending : {false, true})
                for (const bool by_meter : {false, true}) {
                    const auto axis = model::make_axis(calendar, model::parse_date(from).value(), model::parse_date(until).value(), std::chrono::minutes(minutes)).value();
                    std::vector<std::string> rows;
                    Readings expected;
                    for (std::uint32_t i = 0; i < axis.count; ++i)
                        for (const char* meter : {"a", "b"}) {
                            const std::int64_t instant = axis.start.time_since_epoch().count() + i * axis.length.count();
                            const std::int64_t wall = instant + calendar.to_local(model::Instant(std::chrono::seconds(instant))).offset_s;
                            const std::string stamp = model::format_instant(model::Instant(std::chrono::seconds(wall))).substr(0, 16);
                            rows.push_back(fmt::format("{};{}/{}/{} {};0,{:03}\n", meter, stamp.substr(8, 2), stamp.substr(5, 2), stamp.substr(0, 4), stamp.substr(11), i + 1));
                            expected.push_back(fmt::format("{} + {} {}", meter, i, i + 1));
                        }
                    if (is_descending) std::reverse(rows.begin(), rows.end());
                    if (by_meter) std::stable_sort(rows.begin(), rows.end(), [](const auto& x, const auto& y) { return x[0] < y[0]; });
                    std::sort(expected.begin(), expected.end());
                    Job job{.zone = "Europe/Brussels", .from = from, .until = until, .minutes = minutes, .source = local()};
                    job.source.date_order = DateOrder::day_first;
                    const Said said = say("meter id;time;kWh\n" + fmt::format("{}", fmt::join(rows, "")), job);
                    EXPECT_EQ(said.readings.size(), 2U * static_cast<unsigned>(hours * 60 / minutes));
                    EXPECT_EQ(said.readings, expected) << from << ' ' << minutes << (is_descending ? " descending" : "") << (by_meter ? " by meter" : "");
                }
}

TEST(PortalClocks, TheSkippedHourDoesNotExist) {
    Job job{.zone = "Europe/Brussels", .from = "2024-03-31", .until = "2024-04-01", .source = local()};
    const Said said = say("time,kWh\n2024-03-31 01:00,1\n2024-03-31 02:00,2\n2024-03-31 03:00,3\n", job);
    EXPECT_EQ(said.readings, (Readings{"m + 1 1000", "m + 2 3000"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::nonexistent_time, 1}}));
}

TEST(PortalClocks, DaysAreAsLongAsTheLocalDay) {
    for (const auto& [from, until, hours] : {std::tuple("2024-10-27", "2024-10-28", 25), std::tuple("2024-03-31", "2024-04-01", 23)}) {
        const Said said = say(fmt::format("date,kWh\n{},25\n{},1\n", from, until), {.zone = "Europe/Brussels", .from = from, .until = until, .source = local()});
        EXPECT_EQ(said.readings.size(), static_cast<std::size_t>(hours));
    }
}

TEST(PortalClocks, ADayWithItsOwnOffsetIsALocalDay) {
    Job job{.zone = "Europe/Brussels", .from = "2024-10-27", .until = "2024-10-28", .source = local()};
    EXPECT_EQ(say("date,kWh\n2024-10-26T00:00:00+02:00,24\n2024-10-27T00:00:00+02:00,25\n2024-10-28T00:00:00+01:00,24\n", job).readings.size(), 25U);
}

TEST(PortalClocks, ALengthThatChangesInsideIsSeen) {
    std::string text = "time,Wh\n";
    for (int i = 0; i < 6; ++i) text += fmt::format("2024-01-01 {:02}:00,60\n", i);
    for (int i = 0; i < 8; ++i) text += fmt::format("2024-01-01 {:02}:{:02},15\n", 6 + i / 4, i % 4 * 15);
    for (int i = 0; i < 6; ++i) text += fmt::format("2024-01-01 {:02}:00,60\n", 8 + i);
    const Said said = say(text, {.minutes = 15});
    EXPECT_EQ(said.readings.size(), 14U * 4);  // every quarter of 14 hours
    EXPECT_TRUE(std::all_of(said.readings.begin(), said.readings.end(), [](const std::string& reading) { return reading.ends_with(" 15"); }));
    EXPECT_NE(std::find(said.remarks.begin(), said.remarks.end(), "the length of the readings changes within the file"), said.remarks.end());
}

// ---- tables ------------------------------------------------------------------------------------------------------------------------

TEST(PortalTables, AHeadBelowAPreambleAndTheMeterWithinIt) {
    const Said said = say("\xef\xbb\xbfName,Jane Sample\nMeter Number: X-77\n=====\n\ntime,kWh\n2024-01-01 00:00,1\n=====\ntime,kWh\n2024-01-01 01:00,2\nTotal,3\n", {.has_meter = false});
    EXPECT_EQ(said.readings, (Readings{"X-77 + 0 1000", "X-77 + 1 2000"}));
    EXPECT_EQ(said.refused, (Refused{{Reason::other_quantity, 1}}));
    EXPECT_EQ(say("time,kWh\n2024-01-01 00:00,1\n", {.has_meter = false}).error.what, "nothing in the file names the meter");
    EXPECT_NE(say("time,kWh\n2024-01-01 00:00,1\n", {.has_meter = false}).error.hint.find("meter = "), std::string::npos);
}

TEST(PortalTables, ALineOfWordsAloneIsNoHeader) {
    const std::string text = "Usage report,period of Jane Sample\nMade for,Jane\nnothing,else\n-\n-\nat,all\nor,here\ntime,kWh\n2024-01-01 00:00,1\n";
    EXPECT_EQ(portal_layout_of(text, {}).value().layout.names, (std::vector<std::string>{"time", "kWh"}));
}

TEST(PortalTables, TheMeteringPointIsChosenBeforeTheDeviceAndTheCustomer) {
    EXPECT_EQ(say("account number,EAN code,meter,time,kWh\n1,=\"0871\",s1,2024-01-01 00:00,1\n").readings, (Readings{"0871 + 0 1000"}));
    EXPECT_EQ(say("customer_id,meter_id,time,kWh\n1,2,2024-01-01 00:00,1\n").readings, (Readings{"2 + 0 1000"}));
}

TEST(PortalTables, WithoutAHeaderColumnsAreNumbered) {
    EXPECT_EQ(say("20240101,24\n20240102,12\n", {.minutes = 1440}).readings, (Readings{"m + 0 24000", "m + 1 12000"}));
    const std::string two = "2024-01-01 00:00,0.0,1\n2024-01-01 01:00,1.0,2\n";
    EXPECT_EQ(say(two).error.what, "no column looks like the energy");
    const std::string with_id_like_numbers = "2024-01-01 00:00:00,0.0,90.0\n2024-01-01 00:30:00,0.5,20.0\n2024-01-01 01:00:00,1.0,10.0\n";
    EXPECT_STREQ(choose_format(Source{}, with_id_like_numbers).value()->name, "portal-csv");  // its first line is no header of a wide table
    Job job;
    job.source.columns.energy = "3";
    EXPECT_EQ(say(two, job).readings, (Readings{"m + 0 1000", "m + 1 2000"}));
    job.source.columns.energy = "4";
    EXPECT_EQ(say(two, job).error.what, "no column '4'");
}

TEST(PortalTables, ColumnsThatTheJobNamesAreTaken) {
    Job job;
    job.source.columns.time = "b";
    job.source.columns.energy = "d";
    job.source.columns.export_energy = "c";
    EXPECT_EQ(say("a;b;c;d\n1;2024-01-01 00:00;2;3\n", job).readings, (Readings{"m + 0 3000", "m - 0 2000"}));
    job.source.columns.energy = "dd";
    EXPECT_EQ(say("a;b;c;d\n1;2024-01-01 00:00;2;3\n", job).error.code, Code::input);  // no line has all the names
}

TEST(PortalTables, AnotherHeaderWithinTheFileIsRefused) {
    EXPECT_EQ(say("time,import kWh,export kWh\n2024-01-01 00:00,1,2\ntime,export kWh,import kWh\n2024-01-01 01:00,1,2\n").error.what, "a second header, of other columns, is inside the file");
}

TEST(PortalTables, PersonalDataReachesNoStatementErrorOrRemark) {
    const std::string text = "Customer,Jane Sample\nAccount Number,555-1234\nService address,1 Made-up Street\n\nCustomer name,time,kWh\nJane Sample,2024-01-01 00:00,1\nJane Sample,03/04/2024,1\n";
    const Said said = say(text);
    ASSERT_FALSE(said.error.what.empty());  // its dates could be either
    Job job;
    job.source.date_order = DateOrder::day_first;
    const Said read = say(text, job);
    ASSERT_FALSE(read.readings.empty()) << read.error.what;
    EXPECT_EQ(read.readings[0], "m + 0 1000");
    std::string all = said.error.what + said.error.hint;
    for (const auto& line : read.remarks) all += line;
    for (const auto& line : read.readings) all += line;
    for (const char* secret : {"Jane", "555", "Made-up"}) EXPECT_EQ(all.find(secret), std::string::npos) << secret;
    for (const char* kind : {"names of people", "addresses of people", "account numbers of people"}) EXPECT_NE(all.find(kind), std::string::npos) << kind;
}

TEST(PortalTables, UnclearMarksAreAskedFor) {
    const std::string text = "time,kWh\n2024-01-01 00:00,\"1,234\"\n2024-01-01 01:00,\"2,345\"\n";
    EXPECT_EQ(say(text).error.what, "the mark in its numbers could be that of decimals or of thousands");
    Job job;
    job.source.decimal_mark = ',';
    EXPECT_EQ(say(text, job).readings, (Readings{"m + 0 1234", "m + 1 2345"}));
    job.source.decimal_mark = '.';
    job.max_wh = 5000000;
    EXPECT_EQ(say(text, job).readings, (Readings{"m + 0 1234000", "m + 1 2345000"}));
}

/// Heads as utilities of several countries write them, with made-up values: each says 1 kWh of the second hour, some of export as well.
TEST(PortalTables, HeadsOfManyCountriesAreUnderstood) {
    const struct {
        const char* text;
        Readings readings;
        bool has_meter;
    } tables[] = {
        {"Name,X\nService,1\n\nTYPE,DATE,START TIME,END TIME,IMPORT (kWh),EXPORT (kWh),COST,NOTES\nElectric usage,2024-01-01,01:00,01:59,1,0,$0.45,\n", {"m + 1 1000", "m - 1 0"}, true},
        {"Identifiant PRM;Type;Debut;Fin;Grandeur;Unite\n12345678901234;Courbe;01/01/2024;31/01/2024;Energie active;W\nHorodate;Valeur\n2024-01-01T01:00:00+00:00;1000\n", {"12345678901234 + 1 1000"}, false},
        {"cups;fecha;hora;consumo_kWh;metodoObtencion;energiaVertida_kWh\nES1;2024/01/01;02:00;1,0;Real;0,5\nES1;2024/01/01;24:00;1,0;Real;0,5\n",
         {"ES1 + 1 1000", "ES1 + 23 1000", "ES1 - 1 500", "ES1 - 23 500"}, false},
        {"CUPS;Fecha;Hora;AE_kWh;AS_kWh\nES1;13/01/2024;1;0,5;0,5\nES1;01/01/2024;2;1,0;0,5\nES1;13/01/2024;24;0,5;0,5\n", {"ES1 + 1 1000", "ES1 - 1 500"}, false},
        {" Consumption (kwh), Estimated Cost Inc. Tax (p), Start, End\n1,12.5, 2024-01-01T01:00:00Z, 2024-01-01T02:00:00Z\n", {"m + 1 1000"}, true},
        {"datetime_utc,datetime_local,watt_hours,cost_dollars\n2024-01-01 01:00:00,2024-01-01 12:00:00,1000,0.2\n", {"m + 1 1000"}, true},
        {"Time Bucket (America/New_York),Main_A (kWhs),Main_B (kWhs)\n01/01/2024 01:00:00,0.25,0.75\n", {"m + 1 1000"}, true},
        {"Fra;Til;KWH 60 Forbruk;Kvalitet\n01.01.2024 01:00;01.01.2024 02:00;1,0;M\xc3\xa5lt\n", {"m + 1 1000"}, true},
        {"M\xc3\xa5lepunktsID;Fra_dato;Til_dato;M\xc3\xa6ngde;M\xc3\xa5leenhed;Kvalitet;Type\n5713;13-01-2024 00:00:00;13-01-2024 01:00:00;2,5;KWH;M\xc3\xa5lt;Tidsserie\n"
         "5713;01-01-2024 01:00:00;01-01-2024 02:00:00;1,0;KWH;M\xc3\xa5lt;Tidsserie\n", {"5713 + 1 1000"}, false},
        {"Mittauspisteen tunnus;Resoluutio;Yksikk\xc3\xb6tyyppi;Alkuaika;M\xc3\xa4\xc3\xa4r\xc3\xa4;Laatu\n643;PT1H;kWh;2024-01-01T01:00:00Z;1,000000;OK\n", {"643 + 1 1000"}, false},
        {"Datum;Uhrzeit;Verbrauch [kWh];Status\n01.01.2024;01:00;1,0;W\n", {"m + 1 1000"}, true},
        {"Datum;Zeit von;Zeit bis;Verbrauch [kWh]\n01.01.2024;01:00:00;02:00:00;1,0\n", {"m + 1 1000"}, true},
        {"Data;\" Warto\xc5\x9b\xc4\x87 kWh\";Rodzaj\n2024-01-01 1:00;\"1,0\";\"pob\xc3\xb3r\"\n2024-01-01 1:00;\"0,5\";\"oddanie\"\n", {"m + 1 1000", "m - 1 500"}, true},
        {"MPRN,Meter Serial Number,Read Value,Read Type,Read Date and End Time\n10,9,1,Active Import Interval (kW),13-01-2024 02:00\n10,9,1,Active Import Interval (kW),01-01-2024 02:00\n"
         "10,9,0.5,Active Export Interval (kW),01-01-2024 02:00\n10,9,7788,24 Hr Active Import Register (kWh),01-01-2024 00:00\n", {"10 + 1 1000", "10 - 1 500"}, false},
        {"Meter Number,Date,Start Time,Duration,Consumption,Generation,Net\n0123,1/13/2024,12:00 AM,60,1,0,1\n0123,1/1/2024,1:00 AM,60,1.0,0.5,0.5\n", {"0123 + 1 1000", "0123 - 1 500"}, false},
    };
    for (const auto& table : tables) {
        const Said said = say(table.text, {.has_meter = table.has_meter});
        EXPECT_EQ(said.readings, table.readings) << table.text << said.error.what;
        EXPECT_STREQ(choose_format(Source{}, table.text).value()->name, "portal-csv") << table.text;
    }
}

TEST(PortalWords, DirectionsAndQualities) {
    for (const char* text : {"import", "A+", "Offtake Night", "1-0:1.8.1", "00004#E1", "Afname dal", "Levering"}) EXPECT_EQ(direction_of(text), model::Channel::import) << text;
    for (const char* text : {"export", "A-", "Injection Day", "1-0:2.8.2", "00004#B1", "TerugleveringDal", "feed-in"}) EXPECT_EQ(direction_of(text), model::Channel::export_) << text;
    for (const char* text : {"", "register 1", "T1", "Q1"}) EXPECT_FALSE(direction_of(text)) << text;
    EXPECT_EQ(quality_of("* This data was estimated"), model::Quality::estimated);
    EXPECT_EQ(quality_of("not estimated"), model::Quality::measured);
    EXPECT_EQ(quality_of("Read"), model::Quality::measured);
    EXPECT_EQ(quality_of("No data"), model::Quality::missing);
    EXPECT_EQ(words_of("StandNormaal (kWh)"), (Words{"stand", "normaal", "kwh"}));
}

}  // namespace
}  // namespace meterveil::ingest
