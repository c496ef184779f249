// Every kernel of cleaning against a twin that is written for reading, on random series around a clock change.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <random>

#include "meterveil/core/integer.hpp"
#include "store/clean.hpp"
#include "store/join.hpp"
#include "store/quality.hpp"
#include "store/set_aside.hpp"

namespace meterveil::store {
namespace {

using model::missing_quanta;
using model::Quality;
using Series = std::vector<std::int32_t>;

/// Hours of some weeks of London that change clocks.
struct Weeks {
    model::Calendar calendar = model::Calendar::make("Europe/London").value();
    model::Axis axis;
    Days days;
    std::vector<model::LocalTime> local;  ///< [interval]

    Weeks(const char* from, const char* until)
        : axis(model::make_axis(calendar, model::parse_date(from).value(), model::parse_date(until).value(), std::chrono::hours(1)).value()), days(make_days(calendar, axis)) {
        for (std::uint32_t t = 0; t < axis.count; ++t) local.push_back(calendar.to_local(axis.at(t)));
    }
    [[nodiscard]] bool is_weekend(std::uint32_t t) const { return std::chrono::weekday(local[t].date).iso_encoding() >= 6; }
    /// The second of two hours of one local time.
    [[nodiscard]] bool is_again(std::uint32_t t) const { return t > 0 && local[t - 1].date == local[t].date && local[t - 1].second_of_day == local[t].second_of_day; }
    /// Values of other intervals at the same local time at most so many days away that are not missing.
    [[nodiscard]] Series others(const Series& series, std::uint32_t t, std::int64_t days_away, bool same_kind) const {
        Series values;
        for (std::uint32_t u = 0; u < series.size(); ++u) {
            const bool near = std::abs((local[u].date - local[t].date).count()) <= days_away && local[u].second_of_day == local[t].second_of_day;
            if (u != t && near && !is_again(u) && (!same_kind || is_weekend(u) == is_weekend(t)) && series[u] != missing_quanta) values.push_back(series[u]);
        }
        std::sort(values.begin(), values.end());
        return values;
    }
};

const Weeks& weeks(std::mt19937& random) {
    static const Weeks autumn("2013-09-30", "2013-11-20"), spring("2013-03-10", "2013-05-05");
    return random() % 2 == 0 ? autumn : spring;
}

/// Few different values, so that runs happen; gaps, zeros, repetitions and peaks.
Series random_series(std::mt19937& random, std::size_t size) {
    Series series(size);
    const std::uint32_t values = 2 + static_cast<std::uint32_t>(random() % 400);
    for (auto& quanta : series) quanta = static_cast<std::int32_t>(random() % values);
    for (auto runs = random() % 30; runs > 0; --runs) {
        const std::size_t first = random() % size, length = std::min<std::size_t>(size - first, 1 + random() % 80);
        const std::int32_t value = random() % 2 == 0 ? missing_quanta : static_cast<std::int32_t>(random() % 3);
        std::fill_n(series.begin() + static_cast<std::ptrdiff_t>(first), length, value);
    }
    for (auto peaks = random() % 10; peaks > 0; --peaks) series[random() % size] = static_cast<std::int32_t>(random() % 20000);
    return series;
}

/// Marks of one series of `size`.
struct Marked {
    Marks marks;
    std::vector<Quality> quality;
    std::vector<bool> is_part;
    Marked(std::mt19937& random, std::size_t size) : quality(size, Quality::measured), is_part(size, false) {
        if (random() % 4 == 0) return;
        for (std::size_t t = 0; t < size; ++t) {
            quality[t] = static_cast<Quality>(random() % 3);
            is_part[t] = t > 0 && random() % 8 == 0;
            marks.set(t, quality[t], is_part[t], size);
        }
    }
    [[nodiscard]] SeriesMarks of() const { return {marks, 0, quality.size()}; }
    [[nodiscard]] bool is_spread(std::size_t t) const { return is_part[t] || (t + 1 < is_part.size() && is_part[t + 1]); }
};

void on_random_series(const std::function<void(std::mt19937&, const Weeks&, Series)>& check) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    for (int round = 0; round < 40 && !::testing::Test::HasFatalFailure(); ++round) {
        const Weeks& some = weeks(random);
        check(random, some, random_series(random, some.axis.count));
    }
}

std::vector<Stretch> stuck_reference(const Series& series, std::uint32_t longest, const std::function<bool(std::size_t)>& is_own) {
    std::vector<Stretch> runs;
    for (std::uint32_t t = 0; t < series.size();) {
        std::uint32_t end = t;
        while (end < series.size() && series[end] == series[t] && is_own(end)) ++end;
        if (end - t > longest && series[t] != 0 && series[t] != missing_quanta) runs.push_back({t, end});
        t = std::max(end, t + 1);
    }
    return runs;
}

TEST(StuckRuns, AreThoseOfTheTwin) {
    std::size_t found = 0;
    on_random_series([&](std::mt19937& random, const Weeks&, const Series& series) {
        const auto longest = 1 + static_cast<std::uint32_t>(random() % 60);
        const auto runs = stuck_runs(series, longest);
        ASSERT_EQ(runs, stuck_reference(series, longest, [](std::size_t) { return true; }));
        found += runs.size();
        const Marked marked(random, series.size());
        ASSERT_EQ(stuck_runs(series, marked.of(), longest), stuck_reference(series, longest, [&](std::size_t t) { return !marked.is_spread(t); }));
    });
    EXPECT_GT(found, 0U);
}

std::int32_t nearest_rank(Series values, int percent) {
    std::sort(values.begin(), values.end());
    return values[(values.size() * static_cast<std::size_t>(percent) + 99) / 100 - 1];
}

std::vector<std::uint32_t> spikes_reference(const Series& series, const Weeks& some, std::int32_t factor) {
    Series uses;
    std::copy_if(series.begin(), series.end(), std::back_inserter(uses), [](std::int32_t quanta) { return quanta > 0; });
    std::vector<std::uint32_t> found;
    for (std::uint32_t t = 0; t < series.size(); ++t) {
        if (series[t] <= 0) continue;
        const Series others = some.others(series, t, neighbour_days, false);
        if (others.size() < least_neighbours) continue;
        const std::int64_t usual = std::max(nearest_rank(uses, 75), nearest_rank(others, 90));
        if (series[t] > factor * usual) found.push_back(t);
    }
    return found;
}

TEST(Spikes, AreThoseOfTheTwin) {
    std::size_t found = 0, clean_series = 0;
    on_random_series([&](std::mt19937& random, const Weeks& some, const Series& series) {
        const auto factor = 2 + static_cast<std::int32_t>(random() % 60);
        const auto fast = spikes(series, some.days, factor);
        ASSERT_EQ(fast, spikes_reference(series, some, factor));
        found += fast.size();
        clean_series += fast.empty() ? 1 : 0;
    });
    EXPECT_GT(found, 0U);
    EXPECT_GT(clean_series, 0U);
}

std::optional<std::int32_t> median(const Series& sorted) {
    if (sorted.empty()) return std::nullopt;
    const std::int64_t upper = sorted[sorted.size() / 2], lower = sorted[(sorted.size() - 1) / 2];
    return static_cast<std::int32_t>(divide_half_even(lower + upper, 2));
}

Series typical_reference(const Series& series, const Weeks& some) {
    Series closed = series;
    for (std::uint32_t t = 0; t < series.size(); ++t) {
        if (series[t] != missing_quanta) continue;
        std::optional<std::int32_t> value;
        for (const int reach : {3, 6, 12, 24, 48})
            if (!value) value = median(some.others(series, t, 7 * reach, true));
        if (!value) value = median(some.others(series, t, 100000, false));
        closed[t] = value.value_or(missing_quanta);
    }
    return closed;
}

TEST(TypicalFill, IsThatOfTheTwin) {
    std::size_t gaps = 0;
    on_random_series([&](std::mt19937&, const Weeks& some, Series series) {
        const Series expected = typical_reference(series, some);
        const Cleaned cleaned = clean(series, some.days, Fill::typical, 0);
        ASSERT_EQ(series, expected);
        gaps += cleaned.filled;
    });
    EXPECT_GT(gaps, 0U);
}

TEST(LinearFill, IsThatOfTheTwin) {
    on_random_series([&](std::mt19937&, const Weeks& some, Series series) {
        Series expected = series;
        for (std::size_t t = 0; t < series.size(); ++t) {
            if (series[t] != missing_quanta) continue;
            std::size_t left = t, right = t;
            while (left > 0 && series[left] == missing_quanta) --left;
            while (right + 1 < series.size() && series[right] == missing_quanta) ++right;
            if (series[left] == missing_quanta || series[right] == missing_quanta || right - left - 1 > 3) continue;  // three hours
            const auto steps = static_cast<std::int64_t>(right - left), step = static_cast<std::int64_t>(t - left);
            expected[t] = static_cast<std::int32_t>(series[left] + divide_half_even((std::int64_t{series[right]} - series[left]) * step, steps));
        }
        clean(series, some.days, Fill::linear, 0);
        ASSERT_EQ(series, expected);
    });
}

/// Sum of the parts, or nothing.
std::optional<std::int64_t> sum_of(const Series& fine, std::size_t first, std::size_t parts) {
    std::int64_t sum = 0;
    for (std::size_t t = first; t < first + parts; ++t) {
        if (fine[t] == missing_quanta) return std::nullopt;
        sum += fine[t];
    }
    return sum;
}

TEST(Join, IsTheSumOfTheParts) {
    on_random_series([&](std::mt19937& random, const Weeks&, Series fine) {
        const std::uint32_t parts = 1 + static_cast<std::uint32_t>(random() % 8);
        fine.resize(fine.size() / parts * parts);
        const Series before = fine;
        std::uint32_t whole = 0;
        for (std::size_t i = 0; i < fine.size() / parts; ++i) whole += sum_of(before, i * parts, parts) ? 1 : 0;
        ASSERT_EQ(num_whole(fine, parts), whole);
        join(fine, parts, std::span(fine).first(fine.size() / parts));
        for (std::size_t i = 0; i < before.size() / parts; ++i) ASSERT_EQ(fine[i], sum_of(before, i * parts, parts).value_or(missing_quanta));
    });
}

TEST(CountKinds, CountsEveryIntervalByItsLeastPart) {
    on_random_series([&](std::mt19937& random, const Weeks&, Series series) {
        const std::uint32_t parts = 1 + static_cast<std::uint32_t>(random() % 6);
        series.resize(series.size() / parts * parts);
        const Marked marked(random, series.size());
        const auto count = static_cast<std::uint32_t>(series.size() / parts);
        const std::vector<std::uint32_t> bins = {0, count / 3, count / 2, count};
        std::vector<Kinds> expected(3);
        for (std::uint32_t i = 0; i < count; ++i) {
            Kinds& kinds = expected[i < bins[1] ? 0 : i < bins[2] ? 1 : 2];
            if (!sum_of(series, i * parts, parts)) continue;
            const Quality least = *std::max_element(marked.quality.begin() + i * parts, marked.quality.begin() + (i + 1) * parts);
            ++(least == Quality::measured ? kinds.measured : least == Quality::estimated ? kinds.estimated : kinds.substituted);
        }
        ASSERT_EQ(count_kinds(series, marked.of(), parts, bins), expected);
    });
}

TEST(SetAside, MakesMissingWhatTheKernelsFindAndNothingElse) {
    on_random_series([&](std::mt19937& random, const Weeks& some, Series series) {
        const Series before = series;
        const Suspicion suspicion{static_cast<std::uint32_t>(random() % 40), static_cast<std::int32_t>(random() % 10)};
        const SetAside gone = set_aside(series, {}, some.days, suspicion);
        Series expected = before;
        for (const Stretch& run : gone.stuck) std::fill(expected.begin() + run.first, expected.begin() + run.last, missing_quanta);
        for (const std::uint32_t t : gone.spikes) {
            EXPECT_NE(expected[t], missing_quanta);  // not stuck as well
            expected[t] = missing_quanta;
        }
        ASSERT_EQ(series, expected);
        EXPECT_TRUE(suspicion.longest_run > 0 || gone.stuck.empty());
        EXPECT_TRUE(suspicion.spike_factor > 0 || gone.spikes.empty());
    });
}

}  // namespace
}  // namespace meterveil::store
