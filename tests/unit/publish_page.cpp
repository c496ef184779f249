#include "publish/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "markup.hpp"
#include "small_release.hpp"

namespace meterveil::publish {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::SmallRelease;

/// Every stretch of `text` between `begin` and the next `end`.
std::vector<std::string> between(const std::string& text, const std::string& begin, const std::string& end) {
    std::vector<std::string> found;
    for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
        at += begin.size();
        found.push_back(text.substr(at, text.find(end, at) - at));
    }
    return found;
}

/// `text` without what stands from `begin` to the next `end`, both included.
std::string without(std::string text, const std::string& begin, const std::string& end) {
    for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) text.erase(at, text.find(end, at) + end.size() - at);
    return text;
}

/// Points of the first line of a chart: x, y, x, y, ...
std::vector<double> points_of(const std::string& svg) {
    std::vector<double> points;
    std::string path = between(svg, "class=\"line l0\" d=\"", "\"").at(0);
    std::replace_if(path.begin(), path.end(), [](char c) { return c == 'M' || c == 'L'; }, ' ');
    std::istringstream numbers(path);
    for (double number = 0; numbers >> number;) points.push_back(number);
    return points;
}

TEST(Escape, MakesMarkupHarmless) {
    EXPECT_EQ(escape("<b>&\"x'"), "&lt;b&gt;&amp;&quot;x&#39;");
    EXPECT_EQ(escape("Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x94\x8c"), "Z\xc3\xbcrich \xe2\x82\xac \xf0\x9f\x94\x8c");
}

TEST(Escape, ReplacesWhatNoReaderCanShow) {
    const std::string replaced = "\xef\xbf\xbd";
    EXPECT_EQ(escape(std::string("a\0b", 3)), "a" + replaced + "b");
    EXPECT_EQ(escape("\x1b[31m"), replaced + "[31m");
    EXPECT_EQ(escape("Z\xfcrich"), "Z" + replaced + "rich");           // Latin-1
    EXPECT_EQ(escape("\xc0\xbc"), replaced + replaced);                // an overlong <
    EXPECT_EQ(escape("\xed\xa0\x80"), replaced + replaced + replaced); // a surrogate
    EXPECT_EQ(escape("cut \xe2\x82"), "cut " + replaced + replaced);
}

void expect_well_formed(const Chart& chart, const std::string& what) {
    const std::string svg = to_svg(chart);
    EXPECT_EQ(testing::WellFormed(svg).trouble(), "") << what << ": " << svg;
    for (const char* number : {"nan", "inf"}) EXPECT_THAT(svg, Not(HasSubstr(number))) << what;
    EXPECT_LT(svg.size(), 200000U) << what;
}

TEST(Chart, IsWellFormedHoweverOddItsValues) {
    const double most = std::numeric_limits<double>::max(), tiny = std::numeric_limits<double>::denorm_min(), inf = std::numeric_limits<double>::infinity();
    const std::vector<std::vector<double>> series = {{}, {5}, {0, 0, 0}, {1, 2, 3}, {most, most / 2}, {most, -most}, {tiny, 0}, {-5, -7}, {-1, 1},
                                                     {std::nan(""), 1}, {std::nan("")}, {inf, 1, -inf}, {0.001, 1e12}};
    for (const auto& values : series) {
        const std::string what = ::testing::PrintToString(values);
        expect_well_formed({"t", "kWh", {"a", "b"}, true, {{"one", values}}, {}}, what);
        expect_well_formed({"t", "kWh", {"a"}, false, {{"one", values}, {"two", values}}, {{"band", values, values}}}, what);
        expect_well_formed({"t", "kWh", {}, false, {}, {{"band", values, {1, 2}}}}, what);
    }
    expect_well_formed({}, "nothing at all");
    expect_well_formed({SmallRelease::awkward, "<kWh>", {"\"", "\x01"}, false, {{"&", {1, 2}}}, {{"<", {1, 2}, {3, 4}}}}, "awkward words");
}

TEST(Chart, DrawsOneValueAsALine) {
    const std::string svg = to_svg({"t", "kWh", {}, false, {{"one", {5}}}, {}});
    const auto paths = between(svg, "class=\"line l0\" d=\"", "\"");
    ASSERT_EQ(paths.size(), 1U);
    EXPECT_THAT(paths[0], HasSubstr("H708"));
}

TEST(Chart, KeepsValuesInsideItsFrame) {
    const Chart chart{"t", "kWh", {}, false, {{"one", {-30, 0, 12, 70}}}, {}};
    const auto points = points_of(to_svg(chart));
    ASSERT_EQ(points.size(), 8U);
    for (std::size_t i = 1; i < points.size(); i += 2) {
        EXPECT_GE(points[i], 0);
        EXPECT_LE(points[i], chart.height);
    }
    EXPECT_GT(points[1], points[3]);  // down is less
    EXPECT_GT(points[3], points[5]);
}

/// A page with all its parts.
std::string whole_page(const model::Release& release, const model::Forecast* forecast, const Dossier& dossier) {
    PageFacts facts{release, forecast, dossier, {}, {}, {"aggregates.h5", "tables/feeder-1d.csv"}};
    facts.portraits = {{"total", std::vector<double>(365, 3), {1, 2}, {2, 1}}, {SmallRelease::awkward, {1}, {1, 2}, {2, 1}}};
    facts.fans = {{SmallRelease::awkward, "kWh", {"a"}, false, {{"forecast", {1, 2}}}, {}}};
    return page_html(facts);
}

std::string small_page() {
    std::string html;
    par::run_on_threads(1, [&](par::Comm& comm) {
        const SmallRelease small;
        const auto release = small.release(comm);
        const auto forecast = small.forecast(comm);
        html = whole_page(release, &forecast, small.dossier());
    });
    return html;
}

TEST(Page, ShowsEveryNameAsTextOnly) {
    const std::string html = small_page();
    EXPECT_THAT(html, HasSubstr(escape(SmallRelease::awkward)));
    EXPECT_THAT(html, Not(HasSubstr("<b>&")));
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, HasSubstr("&lt;script&gt;alert(1)"));
}

TEST(Page, IsOfOnePieceAndRefersToNothingOutside) {
    std::string html = small_page();
    for (const char* outside : {"http:", "https:", "//", "src=", "@import", "url(", "javascript:"}) EXPECT_THAT(html, Not(HasSubstr(outside)));
    EXPECT_THAT(html, HasSubstr("default-src 'none'"));
    for (const std::string& link : between(html, "href=\"", "\"")) EXPECT_TRUE(link == "aggregates.h5" || link == "tables/feeder-1d.csv") << link;
    // HTML's void elements and its style sheet apart, the page is XML.
    html = without(without(without(html, "<!doctype", ">"), "<meta", ">"), "<style>", "</style>");
    EXPECT_EQ(testing::WellFormed(html).trouble(), "");
}

TEST(Page, CanBeReadAloudAndInTheDark) {
    const std::string html = small_page();
    for (const char* part : {"<html lang=\"en\">", "<title>small</title>", "<meta charset=\"utf-8\">", "<main>", "prefers-color-scheme:dark", "<th scope=\"row\">"})
        EXPECT_THAT(html, HasSubstr(part));
    for (const std::string& heading : between(html, "<th", ">"))
        if (heading != "ead") EXPECT_THAT(heading, HasSubstr("scope=")) << "a heading of a table without scope";
    for (const std::string& chart : between(html, "<svg", ">")) EXPECT_THAT(chart, HasSubstr("aria-label=")) << "a chart without a name";
}

TEST(Page, StaysSmallWithThousandsOfNodes) {
    par::run_on_threads(1, [&](par::Comm&) {
        const SmallRelease small;
        model::ReleasedChannel channel;
        channel.units.push_back({"total", 0, false, model::no_id, "10000-19999", "0", {}});
        for (int u = 0; u < 4000; ++u) {
            model::PublishedUnit unit{"cohort " + std::to_string(u) + std::string(500, 'x'), 1, u % 2 == 0, 0, "10-19", "0", {}};
            for (int m = 0; unit.is_cohort && m < 50; ++m) unit.members.push_back(std::string(300, 'm'));
            channel.units.push_back(unit);
            channel.fates.push_back({unit.name, "feeder", "published", "", ""});
        }
        const auto release = protect::Mint::strike({"large", "regulator", "2013-01-01/2014-01-01", "UTC", "period", "meter", {"min_contributors = 10"}, "", 10},
                                                   {"total", "feeder"}, {}, {}, {channel});
        const std::string html = whole_page(release, nullptr, small.dossier());
        EXPECT_LT(html.size(), 2000000U);
        EXPECT_THAT(html, HasSubstr("1,960 more are in tables/nodes.csv"));
        EXPECT_THAT(html, HasSubstr("and 26 more"));
        EXPECT_THAT(html, Not(HasSubstr(std::string(65, 'm'))));
    });
}

TEST(Page, NamesThePresetItsDoubtsAndTheLength) {
    const auto page_of = [](const model::PresetTerms& preset, const model::LengthGuard& guard) {
        model::ReleaseTerms terms{"one", "research", "2013-01-01/2013-01-02", "UTC", "period", "meter", {"min_contributors = 10"}, "", 10, preset, guard};
        const auto release = protect::Mint::strike(terms, {"total"}, {}, {}, {});
        const Dossier dossier = SmallRelease().dossier();
        return page_html({release, nullptr, dossier, {}, {}, {}});
    };
    const std::string named = page_of({"il-<15>", "Some Commission", "a threshold alone", {"scope", "date"}}, {24, 8});
    EXPECT_THAT(named, HasSubstr("preset <strong>il-&lt;15&gt;</strong>, or stricter: Some Commission. Note: a threshold alone."));
    EXPECT_THAT(named, HasSubstr("to verify with counsel: scope, date."));
    EXPECT_THAT(named, HasSubstr("has 24 values"));
    EXPECT_THAT(named, HasSubstr("up to 8 values say too little"));
    EXPECT_THAT(named, HasSubstr("are longer, and not for the public"));
    const std::string own = page_of({}, {24, 32});
    EXPECT_THAT(own, Not(HasSubstr("preset")));
    EXPECT_THAT(own, HasSubstr("are not longer"));
    EXPECT_THAT(page_of({}, {24, 0}), HasSubstr("a single value may say enough"));
}

TEST(Page, IsSensibleWithOneNode) {
    par::run_on_threads(1, [&](par::Comm&) {
        const SmallRelease small;
        model::ReleasedChannel channel;
        channel.units = {{"total", 0, false, model::no_id, "10-19", "0", {}}};
        channel.fates = {{"total", "total", "published", "", ""}};
        const auto release = protect::Mint::strike({"one", "research", "2013-01-01/2013-01-02", "UTC", "period", "meter", {"min_contributors = 10"}, "", 10}, {"total"}, {},
                                                   {}, {channel});
        const Dossier dossier = small.dossier();
        const PageFacts facts{release, nullptr, dossier, {{"total", {24}, {}, {}}}, {}, {}};
        const std::string html = page_html(facts);
        EXPECT_THAT(html, HasSubstr("No group had to be merged"));
        EXPECT_THAT(html, HasSubstr("energy of each day"));
        EXPECT_THAT(html, Not(HasSubstr("mean day")));
        EXPECT_THAT(html, Not(HasSubstr("<h2>Forecast")));
    });
}

}  // namespace
}  // namespace meterveil::publish
