// What the messages of markets and meters say, case by case: NEM12, NEM13, MSCONS, DSMR P1.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include <map>

#include "ingest/compact_time.hpp"
#include "ingest/format.hpp"

namespace meterveil::ingest {
namespace {

using model::Channel;
using model::Quality;
using model::Reason;

/// One statement, with what it views kept.
struct Said {
    std::string id;
    std::int64_t start_s, length_s, wh;
    Channel channel;
    Quality quality;
    std::uint32_t version;
};

class Listener final : public Sink {
public:
    void take(const Statement& s) override {
        said.push_back({std::string(s.id), s.start_s, s.length_s, s.energy_nwh / 1'000'000'000, s.channel, s.quality, s.version});
    }
    void refuse(Reason reason, std::uint64_t, std::string_view) override { ++refused[reason]; }
    std::vector<Said> said;
    std::map<Reason, int> refused;
};

struct Outcome {
    std::vector<Said> said;
    std::map<Reason, int> refused;
    std::string error;
    std::vector<std::string> remarks;
    std::int64_t interval_s = 0;
};

Outcome read(const std::string& format_name, const std::string& text, Source source = {}, const std::string& zone = "UTC") {
    source.format = format_name;
    const auto calendar = model::Calendar::make(zone).value();
    const DecodeOptions options{source, calendar, {model::Instant{}, std::chrono::minutes(30), 1000000}, 1, 50000};
    const auto decoder = choose_format(source, text).value()->open(text, options).value();
    Listener listener;
    auto outcome = decoder->decode(text, true, listener);
    if (outcome.ok()) outcome = decoder->finish(listener);
    return {listener.said, listener.refused, outcome.ok() ? "" : outcome.error().what, decoder->remarks(), decoder->interval_s()};
}

bool remarks_on(const Outcome& outcome, const std::string& words) {
    return std::any_of(outcome.remarks.begin(), outcome.remarks.end(),
                       [&](const std::string& remark) { return remark.find(words) != std::string::npos; });
}

std::int64_t at(const std::string& digits) { return parse_compact(digits).value(); }

TEST(CompactTime, TakesDaysMinutesAndSecondsAndNothingElse) {
    EXPECT_EQ(parse_compact("20040201"), 1075593600);
    EXPECT_EQ(parse_compact("200402290130"), 1075593600 + 28 * 86400 + 5400);
    EXPECT_EQ(parse_compact("20040201235959"), 1075593600 + 86399);
    for (const char* bad : {"", "2004020", "20040230", "20040001", "200402012400", "20040201006000", "2004020100:00", "2004-02-01", "200402010"})
        EXPECT_FALSE(parse_compact(bad)) << bad;
    EXPECT_EQ(version_of("19700101000001"), 1U);
    EXPECT_EQ(version_of("22000101"), 0U);
    EXPECT_EQ(version_of("soon"), 0U);
}

// NEM12

std::string values(std::size_t count, const std::string& value) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += ',' + value;
    return text;
}
std::string stream(const std::string& suffix, const std::string& nmi = "N1", const std::string& unit = "kWh", int minutes = 30) {
    return fmt::format("200,{},E1E2,1,{},N1,SERIAL,{},{},\n", nmi, suffix, unit, minutes);
}
std::string day(const std::string& date, const std::string& value, const std::string& quality = "A",
                const std::string& updated = "20240102030405", std::size_t count = 48) {
    return "300," + date + values(count, value) + ',' + quality + ",,," + updated + ",\n";
}

TEST(Nem12, ADayIsOnTheMarketsClockUnlessTheSourceNamesAnother) {
    const std::string text = stream("E1") + day("20240101", "0.5");
    const Outcome market = read("nem12", text);
    ASSERT_EQ(market.said.size(), 48U) << market.error;
    EXPECT_EQ(market.said[0].start_s, at("20231231140000"));
    EXPECT_EQ(market.said[47].start_s, at("20231231140000") + 47 * 1800);
    EXPECT_EQ(market.said[0].length_s, 1800);
    EXPECT_EQ(market.said[0].wh, 500);
    EXPECT_EQ(market.said[0].version, at("20240102030405"));
    EXPECT_EQ(market.interval_s, 1800);
    Source source;
    source.clock = {Clock::Kind::fixed_offset, 8 * 3600};
    EXPECT_EQ(read("nem12", text, source).said[0].start_s, at("20231231160000"));
}

TEST(Nem12, TheRegistersOfAnNmiAreAddedUp) {
    const Outcome outcome =
        read("nem12", stream("E1") + day("20240101", "0.5") + day("20240102", "0.1") + stream("E2") +
                          day("20240101", "0.25", "S14", "20240103000000") + stream("B1") + day("20240101", "2") +
                          stream("E1", "N2") + day("20240101", "1"));
    ASSERT_EQ(outcome.said.size(), 4U * 48) << outcome.error;
    EXPECT_EQ(outcome.said[0].wh, 750);
    EXPECT_EQ(outcome.said[0].quality, Quality::substituted);
    EXPECT_EQ(outcome.said[0].version, at("20240103000000"));
    EXPECT_EQ(outcome.said[48].wh, 100);  // E2 is not there on the second day
    EXPECT_EQ(outcome.said[96].wh, 2000);
    EXPECT_EQ(outcome.said[96].channel, Channel::export_);
    EXPECT_EQ(outcome.said[144].id, "N2");
    EXPECT_TRUE(remarks_on(outcome, "added up"));
    EXPECT_TRUE(remarks_on(outcome, "not all of its registers"));
}

TEST(Nem12, ASumIsAsNewAsItsNewestPartAndAsGoodAsItsWorst) {
    const std::string plain = "0.5", old = "20240101000000", young = "20240105000000";
    for (const bool is_first : {true, false}) {
        const std::string odd = day("20240101", plain, "E52", young), usual = day("20240101", plain, "A", old);
        const Outcome outcome = read("nem12", stream("E1") + (is_first ? odd : usual) + stream("E2") + (is_first ? usual : odd));
        EXPECT_EQ(outcome.said.at(0).quality, Quality::estimated);
        EXPECT_EQ(outcome.said.at(0).version, at(young));
    }
    const Outcome lacking = read("nem12", stream("E1") + day("20240101", "", "N") + stream("E2") + day("20240101", "1"));
    EXPECT_EQ(lacking.said.at(0).quality, Quality::missing);
    EXPECT_EQ(read("nem12", stream("E1") + day("20240101", "x") + stream("E2") + day("20240101", "1")).refused.at(Reason::bad_value), 48);
}

TEST(Nem12, ARegisterThatComesTooLateForTheSumIsAConflict) {
    const std::string once = stream("E1") + day("20240101", "0.5") + stream("E1", "N2") + day("20240101", "1");
    const Outcome late = read("nem12", once + stream("E2") + day("20240101", "0.25"));
    EXPECT_EQ(late.refused.at(Reason::conflict), 48);
    EXPECT_EQ(late.said.size(), 96U);
    EXPECT_TRUE(read("nem12", once + stream("E2") + day("20240102", "0.25")).refused.empty());  // another day: a new meter
    EXPECT_TRUE(read("nem12", once + stream("E1") + day("20240101", "0.25")).refused.empty());  // the same register again: the store settles it
}

TEST(Nem12, OfARegisterStatedTwiceTheNewerGoesIntoTheSum) {
    const std::string other = stream("E2") + day("20240101", "1");
    const Outcome newer = read("nem12", stream("E1") + day("20240101", "0.5", "A", "20240105000000") +
                                            day("20240101", "0.7", "A", "20240104000000") + other);
    ASSERT_EQ(newer.said.size(), 48U);
    EXPECT_EQ(newer.said[0].wh, 1500);
    EXPECT_EQ(newer.refused.at(Reason::conflict), 48);
    const Outcome tied = read("nem12", stream("E1") + day("20240101", "0.5") + day("20240101", "0.7") + other);
    EXPECT_TRUE(tied.said.empty());
    EXPECT_EQ(tied.refused.at(Reason::conflict), 144);
    const Outcome alone = read("nem12", stream("E1") + day("20240101", "0.5") + day("20240101", "0.7", "A", "20240105000000"));
    EXPECT_EQ(alone.said.size(), 96U);  // both are stated: the store takes the newer
}

TEST(Nem12, QualityComesFromTheFlagOrFromThe400Records) {
    const std::map<std::string, Quality> flags = {{"A", Quality::measured},
                                                  {"E52", Quality::estimated},
                                                  {"F14", Quality::substituted},
                                                  {"S14", Quality::substituted},
                                                  {"N", Quality::missing}};
    for (const auto& [flag, quality] : flags) EXPECT_EQ(read("nem12", stream("E1") + day("20240101", "1", flag)).said.at(0).quality, quality) << flag;
    const Outcome several =
        read("nem12", stream("E1") + day("20240101", "1", "V") +
                          "400,1,20,F14,76,\n400,21,24,A,,\n400,25,48,N,,\n500,O,S1,20240101000000,1\n");
    ASSERT_EQ(several.said.size(), 48U) << several.error;
    EXPECT_EQ(several.said[19].quality, Quality::substituted);
    EXPECT_EQ(several.said[20].quality, Quality::measured);
    EXPECT_EQ(several.said[24].quality, Quality::missing);
    EXPECT_EQ(read("nem12", stream("E1") + day("20240101", "", "N")).said.size(), 48U);  // a missing value need not be written
    for (const char* bad : {"", "X", "A1234", "14"})
        EXPECT_EQ(read("nem12", stream("E1") + day("20240101", "1", bad)).refused[Reason::malformed], 1) << bad;
}

TEST(Nem12, A400RecordThatDoesNotFitRefusesTheFile) {
    for (const char* ranges :
         {"400,1,24,A,,\n", "400,1,24,A,,\n400,26,48,A,,\n", "400,1,49,A,,\n", "400,1,24,A,,\n400,20,48,A,,\n",
          "400,2,48,A,,\n", "400,1,48,V,,\n", "400,1,x,A,,\n", ""}) {
        const Outcome outcome = read("nem12", stream("E1") + day("20240101", "1", "V") + ranges + "900\n");
        EXPECT_NE(outcome.error.find("400 records"), std::string::npos) << ranges;
        EXPECT_TRUE(outcome.said.empty()) << ranges;
    }
}

TEST(Nem12, AnotherIntervalLengthsValuesRefuseTheFileAndAnyOtherNumberTheRecord) {
    EXPECT_NE(read("nem12", stream("E1") + day("20240101", "1", "A", "", 96)).error.find("96 values"), std::string::npos);
    EXPECT_NE(read("nem12", stream("E1", "N1", "kWh", 5) + day("20240101", "1", "A", "", 48)).error.find("48 values"), std::string::npos);
    for (const std::size_t count : {0, 1, 47, 49, 95}) {
        const Outcome outcome = read("nem12", stream("E1") + day("20240101", "1", "A", "", count));
        EXPECT_EQ(outcome.refused.at(Reason::malformed), 1) << count << outcome.error;
        EXPECT_TRUE(outcome.said.empty());
    }
}

TEST(Nem12, OnlyActiveEnergyIsTakenAndTheRestIsCounted) {
    for (const auto& [suffix, unit] : std::map<std::string, std::string>{
             {"Q1", "KVARH"}, {"K1", "kWh"}, {"E1", "kvarh"}, {"F1", "kWh"}, {"E", "kWh"}, {"E11", "kWh"}}) {
        const Outcome outcome = read("nem12", stream(suffix, "N1", unit) + day("20240101", "1"));
        EXPECT_EQ(outcome.refused.at(Reason::other_quantity), 48) << suffix << unit;
        EXPECT_TRUE(outcome.said.empty());
    }
    EXPECT_EQ(read("nem12", stream("E1", "N1", "WH") + day("20240101", "7")).said.at(0).wh, 7);
    EXPECT_EQ(read("nem12", stream("B2", "N1", "MWh") + day("20240101", "0.000001")).said.at(0).wh, 1);
}

TEST(Nem12, AFileWithAHeaderNeedsAnEndAndOneWithoutDoesNot) {
    const std::string header = "100,NEM12,202401030000,A,B\n", data = stream("E1") + day("20240101", "1", "A", "");
    EXPECT_NE(read("nem12", header + data).error.find("cut off"), std::string::npos);
    const Outcome whole = read("nem12", header + data + "900\n");
    EXPECT_EQ(whole.error, "");
    EXPECT_EQ(whole.said.at(0).version, at("20240103"));  // no update time: that of the file
    EXPECT_EQ(read("nem12", "\n" + data).said.size(), 48U);
    EXPECT_EQ(read("nem12", "\xef\xbb\xbf" + data + "900,,,\r\n\r\n" + data + "900").said.size(), 96U);
    EXPECT_TRUE(read("nem12", header + "900\n").said.empty());
    EXPECT_TRUE(remarks_on(read("nem12", header + "900\n"), "no interval data"));
}

// MSCONS

std::string interchange(const std::string& body, const std::string& messages = "1") {
    return "UNB+UNOC:3+A:500+B:500+240102:0600+I1'UNH+1+MSCONS:D:04B:UN:2.4c'BGM+7+M+9'DTM+137:202401020600:203'NAD+DP'"
           "LOC+172+CH1'LIN+1'" +
           body + "UNT+9+1'UNZ+" + messages + "+I1'";
}
std::string quantity(const std::string& qty) { return "QTY+" + qty + "'DTM+163:202401010000?+01:303'DTM+164:202401010015?+01:303'"; }
const std::string import_obis = "PIA+5+1-1?:1.29.0*255:SRW'";

TEST(Mscons, AQuantityHasItsTimesChannelQualityAndTheMessagesDate) {
    const Outcome outcome = read("mscons", interchange(import_obis + quantity("220:1.5") + quantity("67:2:KWH") +
                                                       "LIN+2'PIA+5+1-1?:2.29.0'" + quantity("220:0.003:MWH")));
    ASSERT_EQ(outcome.said.size(), 3U) << outcome.error;
    EXPECT_EQ(outcome.said[0].id, "CH1");
    EXPECT_EQ(outcome.said[0].start_s, at("20231231230000"));
    EXPECT_EQ(outcome.said[0].length_s, 900);
    EXPECT_EQ(outcome.said[0].wh, 1500);
    EXPECT_EQ(outcome.said[0].version, at("20240102060000"));
    EXPECT_EQ(outcome.said[1].quality, Quality::substituted);
    EXPECT_EQ(outcome.said[2].channel, Channel::export_);
    EXPECT_EQ(outcome.said[2].wh, 3000);
    EXPECT_EQ(outcome.interval_s, 900);
}

TEST(Mscons, WithoutTimesOfItsOwnAQuantityHasItsPlaceInTheSeries) {
    const std::string series = "DTM+163:202401010000?+01:303'DTM+672:15:806'";
    const Outcome outcome = read("mscons", interchange(series + import_obis + "QTY+46:1:KWH'QTY+79:2:KWH'LIN+2'" + import_obis + "QTY+46:3:KWH'"));
    ASSERT_EQ(outcome.said.size(), 3U) << outcome.error;
    EXPECT_EQ(outcome.said[1].start_s, at("20231231230000") + 900);
    EXPECT_EQ(outcome.said[2].start_s, at("20231231230000"));
    EXPECT_EQ(read("mscons", interchange(import_obis + "QTY+46:1:KWH'")).refused.at(Reason::bad_time), 1);
}

TEST(Mscons, WhatIsNoEnergyOfIntervalsIsCountedAndNotUsed) {
    for (const char* obis : {"1-1?:1.8.0", "1-1?:1.29.1", "1-1?:5.29.0*255", "7-20?:99.33.17", "AUA", ""})
        EXPECT_EQ(read("mscons", interchange(fmt::format("PIA+5+{}:SRW'", obis) + quantity("220:1"))).refused[Reason::other_quantity], 1) << obis;
    for (const char* qty : {"220:1:D54", "220:1:KWT", "187:1:KWH", "201:1:KWH"})
        EXPECT_EQ(read("mscons", interchange(import_obis + quantity(qty))).refused[Reason::other_quantity], 1) << qty;
    EXPECT_EQ(read("mscons", interchange(import_obis + quantity("Z30:0"))).said.at(0).quality, Quality::missing);
    EXPECT_EQ(read("mscons", interchange(import_obis + quantity("220:one"))).refused[Reason::bad_value], 1);
}

TEST(Mscons, AMessageThatTakesBackAnotherStatesNothing) {
    std::string text = interchange(import_obis + quantity("220:1.5"));
    text.replace(text.find("BGM+7+M+9"), 9, "BGM+7+M+1");
    EXPECT_EQ(read("mscons", text).said.at(0).quality, Quality::missing);
}

TEST(Mscons, UnaSetsTheSyntaxAndTheReleaseCharacterTakesItAway) {
    const Outcome outcome = read("mscons", "UNA/*,! ~UNB*UNOC/3*A*B*240102/0600*I1~UNH*1*MSCONS/D/04B/UN/2.4c~LOC*172*CH1~LIN*1~PIA*5*1-1:1.29.0~"
                                           "QTY*220/1,5~DTM*163/202401010000+01/303~DTM*164/202401010015+01/303~UNT*8*1~UNZ*1*I1~");
    ASSERT_EQ(outcome.said.size(), 1U) << outcome.error;
    EXPECT_EQ(outcome.said[0].wh, 1500);
    EXPECT_NE(read("mscons", "UNA++,? '" + interchange("")).error, "");
    std::string released = interchange(import_obis + quantity("220:1"));
    released.replace(released.find("CH1"), 3, "C?'H?+?:??1");
    EXPECT_EQ(read("mscons", released).said.at(0).id, "C'H+:?1");
}

TEST(Mscons, AnEnvelopeThatDoesNotCloseRefusesTheFile) {
    const std::string good = interchange(import_obis + quantity("220:1.5"));
    EXPECT_EQ(read("mscons", good).error, "");
    EXPECT_NE(read("mscons", good.substr(0, good.find("UNZ"))).error.find("UNZ"), std::string::npos);
    EXPECT_NE(read("mscons", good.substr(0, good.find("UNT"))).error.find("UNT"), std::string::npos);
    EXPECT_NE(read("mscons", good.substr(0, good.find("UNT")) + "UNZ+1+I1'").error.find("UNT"), std::string::npos);
    EXPECT_NE(read("mscons", interchange("", "2")).error.find("number of messages"), std::string::npos);
    EXPECT_NE(read("mscons", good + "UNH+1+MSCONS'").error.find("outside"), std::string::npos);
    EXPECT_NE(read("mscons", good.substr(0, good.find("QTY")) + "FTX+" + std::string(9000, 'x')).error.find("longer"), std::string::npos);
    std::string invoice = good;
    invoice.replace(invoice.find("1+MSCONS"), 8, "1+INVOIC");
    EXPECT_NE(read("mscons", invoice).error.find("not MSCONS"), std::string::npos);
}

TEST(Mscons, PeopleAreRemarkedAndNowhereElse) {
    const Outcome outcome = read("mscons", interchange("CTA+IC+:A NAME'COM+someone@example.org:EM'" + import_obis + quantity("220:1")));
    EXPECT_TRUE(remarks_on(outcome, "names of people"));
    EXPECT_TRUE(remarks_on(outcome, "e-mail"));
    for (const std::string& remark : outcome.remarks) EXPECT_EQ(remark.find("example.org"), std::string::npos);
}

// DSMR P1

unsigned crc_of(const std::string& text) {  // of the standard's text, bit by bit
    unsigned crc = 0;
    for (const char c : text)
        for (unsigned bit = 0; bit < 8; ++bit) {
            const bool is_set = ((crc ^ (static_cast<unsigned char>(c) >> bit)) & 1U) != 0;
            crc = (crc >> 1) ^ (is_set ? 0xa001U : 0U);
        }
    return crc;
}

std::string telegram(const std::string& time, const std::string& registers, const std::string& id = "45313233", bool has_crc = true) {
    const std::string text = "/MADE5 METER\r\n\r\n0-0:1.0.0(" + time + ")\r\n0-0:96.1.1(" + id + ")\r\n" + registers + "!";
    return text + (has_crc ? fmt::format("{:04X}", crc_of(text)) : "") + "\r\n";
}
std::string both(const char* low, const char* high) { return fmt::format("1-0:1.8.1({}*kWh)\r\n1-0:1.8.2({}*kWh)\r\n", low, high); }

TEST(DsmrP1, EnergyIsWhatTheTariffsTogetherGainedBetweenBoundaries) {
    const Outcome outcome = read("dsmr-p1", telegram("240101000000W", both("001000.000", "002000.000")) +
                                                telegram("240101001500W", both("001000.100", "002000.000")) +
                                                telegram("240101003000W", both("001000.250", "002000.125")));
    ASSERT_EQ(outcome.said.size(), 1U);
    EXPECT_EQ(outcome.said[0].id, "E123");
    EXPECT_EQ(outcome.said[0].start_s, at("20231231230000"));
    EXPECT_EQ(outcome.said[0].length_s, 1800);
    EXPECT_EQ(outcome.said[0].wh, 375);
    EXPECT_EQ(outcome.refused.at(Reason::register_base), 2);  // the first, and the one between boundaries
}

TEST(DsmrP1, SummerAndWinterAreTheTelegramsOwn) {
    const Outcome outcome =
        read("dsmr-p1", telegram("231029023000S", both("1", "2")) + telegram("231029020000W", both("1.1", "2")) +
                            telegram("231029023000W", both("1.3", "2")));
    ASSERT_EQ(outcome.said.size(), 2U);
    EXPECT_EQ(outcome.said[0].start_s, at("20231029003000"));
    EXPECT_EQ(outcome.said[1].start_s, at("20231029010000"));
    EXPECT_EQ(outcome.said[1].wh, 200);
}

TEST(DsmrP1, ALongGapStartsTheSeriesAgainAndAShortOneIsAnEstimate) {
    const Outcome outcome =
        read("dsmr-p1", telegram("240101000000W", both("1", "2")) + telegram("240101020007W", both("2", "2")) +
                            telegram("240103000000W", both("9", "2")));
    ASSERT_EQ(outcome.said.size(), 1U);
    EXPECT_EQ(outcome.said[0].length_s, 7200);
    EXPECT_EQ(outcome.said[0].quality, Quality::estimated);
    EXPECT_EQ(outcome.refused.at(Reason::register_base), 2);
}

TEST(DsmrP1, OtherTariffsThanBeforeAreABaseAndMetersDoNotMix) {
    const Outcome outcome =
        read("dsmr-p1", telegram("240101000000W", "1-0:1.8.1(1*kWh)\r\n") +
                            telegram("240101000000W", both("7", "8"), "45313234") +
                            telegram("240101003000W", both("1", "2")) + telegram("240101010000W", both("1.5", "2.5")) +
                            telegram("240101003000W", both("8", "8"), "45313234"));
    ASSERT_EQ(outcome.said.size(), 2U);
    EXPECT_EQ(outcome.said[0].wh, 1000);
    EXPECT_EQ(outcome.said[1].id, "E124");
    EXPECT_EQ(outcome.said[1].wh, 1000);
    EXPECT_EQ(outcome.refused.at(Reason::register_base), 3);
}

TEST(DsmrP1, ATelegramThatIsDamagedIsRefused) {
    std::string damaged = telegram("240101000000W", both("1", "2"));
    damaged[damaged.find("1.8.1(1") + 6] = '3';
    EXPECT_EQ(read("dsmr-p1", damaged).refused.at(Reason::malformed), 1);
    EXPECT_EQ(read("dsmr-p1", telegram("240101000000W", both("1", "2"), "45313233", false)).refused.at(Reason::register_base), 1);
    EXPECT_EQ(read("dsmr-p1", telegram("241301000000W", both("1", "2"))).refused.at(Reason::bad_time), 1);
    EXPECT_EQ(read("dsmr-p1", telegram("240101000000", both("1", "2"))).refused.at(Reason::bad_time), 1);
    EXPECT_EQ(read("dsmr-p1", telegram("240101000000W", "1-0:1.8.1123.45*kWh)\r\n")).refused.at(Reason::malformed), 1);
    EXPECT_EQ(read("dsmr-p1", telegram("240101000000W", "1-0:1.8.1(1*kvarh)\r\n")).refused.at(Reason::malformed), 1);
    EXPECT_EQ(read("dsmr-p1", telegram("240101000000W", "")).refused.at(Reason::malformed), 1);
    const std::string whole = telegram("240101000000W", both("1", "2"));
    EXPECT_EQ(read("dsmr-p1", whole.substr(0, whole.size() - 40)).refused.at(Reason::malformed), 1);
    std::string unix_ends;
    for (const char c : whole) if (c != '\r') unix_ends += c;
    EXPECT_EQ(read("dsmr-p1", unix_ends).refused.at(Reason::register_base), 1);  // the check sum is that of the meter's line ends
}

}  // namespace
}  // namespace meterveil::ingest
