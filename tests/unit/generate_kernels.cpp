// The kernels of the synthetic utility: pure, seeded, at the stated rates.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <sstream>
#include <unordered_set>

#include "generate/people.hpp"
#include "generate/premise.hpp"
#include "generate/random.hpp"
#include "generate/rows.hpp"
#include "generate/run_tables.hpp"
#include "generate/series.hpp"

namespace meterveil::generate {
namespace {

Spec small_spec() {
    Spec spec;
    spec.seed = 7;
    spec.meters = 60;
    spec.from = model::parse_date("2023-03-20").value();
    spec.until = model::parse_date("2023-04-03").value();  // over the start of summer time
    return spec;
}

World world_of(const Spec& spec) {
    auto world = make_world(spec);
    EXPECT_TRUE(world.ok()) << (world.ok() ? "" : world.error().what);
    return std::move(world).value();
}

struct Rows {
    std::string text, resent;
};
Rows rows_of(const World& world) {
    const Premises premises(world.spec, world.axis.count);
    Rows rows;
    for (std::uint32_t p = 0; p < world.spec.meters; ++p) append_rows(world, premises, p, rows.text, rows.resent);
    return rows;
}

Premise house(std::int32_t base_w) {
    Premise premise;
    premise.kind = Kind::house;
    premise.base_w = base_w;
    return premise;
}

std::int64_t lines_in(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

TEST(Random, BelowStaysBelowAndBetweenIncludesBothEnds) {
    std::set<std::int64_t> seen;
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const auto value = between(draw(stream(1, Purpose::noise, 0), i), -2, 2);
        EXPECT_TRUE(-2 <= value && value <= 2);
        seen.insert(value);
    }
    EXPECT_EQ(seen.size(), 5U);
}

TEST(Random, AThresholdHoldsItsShare) {
    EXPECT_EQ(threshold_of(0), 0U);
    std::uint64_t hits = 0;
    for (std::uint64_t i = 0; i < 100000; ++i) hits += draw(stream(3, Purpose::gap, 5), i) < threshold_of(0.2) ? 1U : 0U;
    EXPECT_NEAR(static_cast<double>(hits) / 100000, 0.2, 0.01);
    EXPECT_GT(threshold_of(1), threshold_of(0.999));
}

TEST(Random, PurposesAndSubjectsAreApart) {
    EXPECT_NE(stream(1, Purpose::gap, 0), stream(1, Purpose::noise, 0));
    EXPECT_NE(stream(1, Purpose::gap, 0), stream(1, Purpose::gap, 1));
    EXPECT_NE(stream(1, Purpose::gap, 0), stream(2, Purpose::gap, 0));
}

TEST(Cycles, TheDayOfAHomeAveragesToOne) {
    for (const DayType day : {DayType::working, DayType::sunday}) {
        std::int64_t sum = 0;
        for (std::int32_t slot = 0; slot < 48; ++slot) sum += home_shape(day, slot);
        EXPECT_NEAR(static_cast<double>(sum) / 48, 1000, 1);
    }
    EXPECT_GT(home_shape(DayType::working, 36), 2 * home_shape(DayType::working, 8));
    EXPECT_GT(business_shape(DayType::working, 22), 3 * business_shape(DayType::sunday, 22));
}

TEST(Cycles, SineIsWithinTwoPerMille) {
    for (int degrees = -400; degrees <= 400; ++degrees)
        EXPECT_NEAR(static_cast<double>(sine_mille(degrees)), 1000 * std::sin(degrees * 3.14159265358979 / 180), 2.5) << degrees;
}

TEST(Cycles, KnowsTheHolidaysOf2013) {
    std::vector<std::string> days;
    for (const auto date : holidays_between(model::parse_date("2013-01-01").value(), model::parse_date("2014-01-02").value())) days.push_back(model::format_date(date));
    const std::vector<std::string> expected = {"2013-01-01", "2013-03-29", "2013-04-01", "2013-05-06", "2013-05-27",
                                               "2013-08-26", "2013-12-25", "2013-12-26", "2014-01-01"};
    EXPECT_EQ(days, expected);
}

TEST(Weather, SummerIsWarmerAndTheSunIsDownAtNight) {
    Spec spec = small_spec();
    spec.from = model::parse_date("2023-01-01").value();
    spec.until = model::parse_date("2024-01-01").value();
    const World world = world_of(spec);
    std::int64_t january = 0, july = 0;
    for (std::uint32_t i = 0; i < 31 * 48; ++i) {
        january += world.moments[i].temperature_centi;
        july += world.moments[181 * 48 + i].temperature_centi;
        EXPECT_TRUE(world.moments[i].half_hour >= 10 || world.moments[i].sun_mille == 0);
    }
    EXPECT_GT((july - january) / (31 * 48), 700);
    EXPECT_TRUE(std::any_of(world.moments.begin(), world.moments.end(), [](const Moment& m) { return m.sun_mille > 400; }));
}

TEST(Weather, TheClockChangeSkipsAnHourOfTheLocalDay) {
    const World world = world_of(small_spec());
    std::set<int> on_26th;
    for (const Moment& moment : world.moments)
        if (moment.day == 6) on_26th.insert(moment.half_hour);
    EXPECT_EQ(on_26th.size(), 46U);
    EXPECT_FALSE(on_26th.contains(2) || on_26th.contains(3));
}

TEST(Grid, TilesThePremisesAndIsUneven) {
    const Grid grid = make_grid({"region", "substation", "feeder"}, 20000, 4, 11);
    std::uint32_t next = 0, small = 0, large = 0;
    std::set<std::string> names, regions, substations;
    for (const Leaf& leaf : grid.leaves) {
        EXPECT_EQ(leaf.first, next);
        EXPECT_GT(leaf.count, 0U);
        next += leaf.count;
        small += leaf.count < 10 ? 1 : 0;
        large += leaf.count > 80 ? 1 : 0;
        names.insert(grid.name(leaf, 2));
        substations.insert(grid.name(leaf, 1));
        regions.insert(grid.name(leaf, 0));
    }
    EXPECT_EQ(next, 20000U);
    EXPECT_EQ(names.size(), grid.leaves.size());
    EXPECT_EQ(regions.size(), 4U);
    EXPECT_GT(substations.size(), 40U);
    EXPECT_GT(small, 15U);
    EXPECT_GT(large, 15U);
}

TEST(Grid, FindsTheLeafOfAPremiseAtAnyDepth) {
    for (std::size_t depth = 1; depth <= 5; ++depth) {
        const Grid grid = make_grid({depth, "level"}, 700, 3, depth);
        for (std::uint32_t premise = 0; premise < 700; premise += 13) {
            const Leaf& leaf = grid.leaf_of(premise);
            EXPECT_TRUE(leaf.first <= premise && premise < leaf.first + leaf.count);
            EXPECT_EQ(leaf.path.size(), depth);
        }
    }
}

TEST(Premises, KeepTheSharesOfTheSpec) {
    Spec spec = small_spec();
    spec.join_share = 0.05, spec.leave_share = 0.03, spec.exchange_share = 0.02;
    const Premises premises(spec, 17520);
    const std::uint32_t count = 40000;
    std::map<std::string, double> share;
    for (std::uint32_t p = 0; p < count; ++p) {
        const Premise one = premises(p);
        const double each = 1.0 / count;
        share["vacant"] += one.is_vacant ? each : 0;
        share["vehicle"] += one.has_vehicle ? each : 0;
        share["solar"] += one.solar_peak_w > 0 ? each : 0;
        share["join"] += one.present.first > 0 ? each : 0;
        share["leave"] += one.present.last < 17520 ? each : 0;
        share["exchange"] += one.exchanged_at > 0 ? each : 0;
    }
    EXPECT_NEAR(share["vacant"], 0.02, 0.004);
    EXPECT_NEAR(share["vehicle"], 0.08, 0.006);
    EXPECT_NEAR(share["solar"], 0.06, 0.006);
    EXPECT_NEAR(share["join"], 0.05, 0.005);
    EXPECT_NEAR(share["leave"], 0.03, 0.005);
    EXPECT_NEAR(share["exchange"], 0.02, 0.004);
}

TEST(Series, AVacantHomeReadsZeroAndAPanelExportsOnlyByDay) {
    const World world = world_of(small_spec());
    Premise home = house(200);
    home.solar_peak_w = 4000;
    const Series series(home, 7, 1800);
    std::int64_t exported = 0;
    for (std::uint32_t i = 0; i < world.axis.count; ++i) {
        const Energy energy = series.at(world.moments[i], i);
        exported += energy.export_wh;
        EXPECT_TRUE(energy.import_wh == 0 || energy.export_wh == 0);
        EXPECT_TRUE(world.moments[i].sun_mille > 0 || energy.export_wh == 0);
    }
    EXPECT_GT(exported, 10000);
    home.is_vacant = true;
    EXPECT_EQ(Series(home, 7, 1800).at(world.moments[500], 500), Energy{});
}

TEST(Series, AHomeUsesWhatItsBaseLoadSays) {
    Spec spec = small_spec();
    spec.until = model::parse_date("2024-03-20").value();
    const World world = world_of(spec);
    const Series series(house(350), 7, 1800);
    std::int64_t wh = 0;
    for (std::uint32_t i = 0; i < world.axis.count; ++i) wh += series.at(world.moments[i], i).import_wh;
    EXPECT_NEAR(static_cast<double>(wh) / 366 / 24, 350, 110);  // kettles included
}

TEST(People, MeterAndCustomerIdsAreUnique) {
    std::set<std::string> ids;
    for (std::uint32_t p = 0; p < 5000; ++p) {
        ids.insert(meter_id(9, p, false));
        ids.insert(meter_id(9, p, true));
    }
    EXPECT_EQ(ids.size(), 10000U);
    EXPECT_EQ(ids.begin()->size(), 13U);
    EXPECT_NE(person(9, 1).id, person(9, 2).id);
}

TEST(People, SomeCustomersHoldSeveralSites) {
    Spec spec = small_spec();
    spec.meters = 20000;
    spec.multi_site_share = 0.1;
    const Customers customers(spec);
    std::map<std::uint32_t, int> sites;
    for (std::uint32_t p = 0; p < spec.meters; ++p) ++sites[customers.of(p)];
    const auto several = std::count_if(sites.begin(), sites.end(), [](const auto& s) { return s.second > 1; });
    EXPECT_NEAR(static_cast<double>(several) / static_cast<double>(sites.size()), 0.1, 0.02);
}

TEST(People, AddressesHaveThreeFields) {
    for (std::uint32_t p = 0; p < 200; ++p) {
        const std::string address = address_fields(5, p);
        EXPECT_EQ(std::count(address.begin(), address.end(), ','), 2) << address;
    }
}

TEST(Rows, AreWrittenAsDocumented) {
    Spec spec = small_spec();
    spec.gap_rate = spec.duplicate_rate = 0;
    spec.join_share = spec.leave_share = spec.exchange_share = spec.solar_share = 0;
    const World world = world_of(spec);
    const Rows rows = rows_of(world);
    EXPECT_EQ(lines_in(rows.text), std::int64_t{60} * world.axis.count);
    EXPECT_TRUE(rows.resent.empty());
    std::istringstream lines(rows.text);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line.substr(0, 43), meter_id(7, 0, false) + ",2023-03-20T00:00:00Z,import,0");
    const std::string kwh = line.substr(42);
    EXPECT_EQ(kwh.size() - kwh.find('.'), 4U) << line;
}

TEST(Rows, EnergyIsTheSeriesInKilowattHours) {
    Spec spec = small_spec();
    spec.gap_rate = spec.duplicate_rate = 0;
    const World world = world_of(spec);
    const Premises premises(spec, world.axis.count);
    for (std::uint32_t p = 0; p < 60; ++p) {
        std::string text, resent;
        append_rows(world, premises, p, text, resent);
        std::int64_t written = 0, expected = 0;
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            std::string value = line.substr(line.rfind(',') + 1);
            value.erase(value.find('.'), 1);
            written += std::stoll(value);
        }
        const Premise premise = premises(p);
        const Series series(premise, spec.seed, spec.interval_s);
        for (auto i = static_cast<std::uint32_t>(premise.present.first); i < premise.present.last; ++i) {
            const Energy energy = series.at(world.moments[i], i);
            expected += energy.import_wh + energy.export_wh;
        }
        EXPECT_EQ(written, expected);
    }
}

TEST(Rows, GapsAndDuplicatesComeAtTheirRates) {
    Spec spec = small_spec();
    spec.meters = 400;
    spec.gap_rate = 0.05;
    spec.duplicate_rate = 0.01;
    spec.join_share = spec.leave_share = spec.solar_share = 0;
    const World world = world_of(spec);
    const Rows rows = rows_of(world);
    const double wanted = 400.0 * world.axis.count, written = static_cast<double>(lines_in(rows.text));
    EXPECT_NEAR(1 - written / wanted, 0.05, 0.005);
    EXPECT_NEAR(static_cast<double>(lines_in(rows.resent)) / written, 0.01, 0.001);
    std::unordered_set<std::string> sent;
    std::string line;
    for (std::istringstream lines(rows.text); std::getline(lines, line);) EXPECT_TRUE(sent.insert(line).second);
    for (std::istringstream lines(rows.resent); std::getline(lines, line);) EXPECT_TRUE(sent.contains(line));
}

TEST(Rows, AnExchangedMeterHandsOverToANewOne) {
    Spec spec = small_spec();
    spec.join_share = spec.leave_share = spec.gap_rate = spec.duplicate_rate = spec.solar_share = 0;
    spec.exchange_share = 1;
    const World world = world_of(spec);
    const Premises premises(spec, world.axis.count);
    std::string text, resent;
    append_rows(world, premises, 4, text, resent);
    const auto at = premises(4).exchanged_at;
    ASSERT_GT(at, 0U);
    EXPECT_EQ(lines_in(text), world.axis.count);
    EXPECT_EQ(text.rfind(meter_id(7, 4, false)), text.find(meter_id(7, 4, true)) - (text.size() / world.axis.count));
}

TEST(World, RefusesWhatCannotBe) {
    for (const auto& spoil : std::vector<void (*)(Spec&)>{[](Spec& s) { s.meters = 0; }, [](Spec& s) { s.solar_share = 1.1; },
                                                          [](Spec& s) { s.join_share = 0.6, s.leave_share = 0.6; }, [](Spec& s) { s.until = s.from; },
                                                          [](Spec& s) { s.time_zone = "Europe/Londn"; }, [](Spec& s) { s.interval_s = 1700; },
                                                          [](Spec& s) { s.gap_rate = -0.1; }, [](Spec& s) { s.levels.clear(); }}) {
        Spec spec = small_spec();
        spoil(spec);
        const auto world = make_world(spec);
        ASSERT_FALSE(world.ok());
        EXPECT_EQ(world.error().code, Code::usage);
        EXPECT_FALSE(world.error().hint.empty());
    }
}

}  // namespace
}  // namespace meterveil::generate
