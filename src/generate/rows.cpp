#include "generate/rows.hpp"

#include <algorithm>
#include <cstring>

#include "generate/random.hpp"
#include "generate/series.hpp"

namespace meterveil::generate {
namespace {

constexpr std::int64_t longest_gap = 23;
constexpr double mean_gap = 12;  // of 1 .. 23
constexpr std::size_t longest_row = 64;

/// Two digits of 0 .. 99.
char* put_two(char* at, std::int64_t value) {
    at[0] = static_cast<char>('0' + value / 10);
    at[1] = static_cast<char>('0' + value % 10);
    return at + 2;
}

/// "2013-01-31T23:30:00Z"; the date is kept while it lasts.
class Stamp {
public:
    char* put(char* at, model::Instant instant) {
        const std::int64_t utc = instant.time_since_epoch().count();
        if (const std::int64_t day = utc / 86400 - (utc % 86400 < 0 ? 1 : 0); day != day_ || date_.empty()) {
            day_ = day;
            date_ = model::format_date(model::Date(std::chrono::days(day))) + "T";
        }
        const std::int64_t second = utc - day_ * 86400;
        at = std::copy(date_.begin(), date_.end(), at);
        *(at = put_two(at, second / 3600)) = ':';
        *(at = put_two(at + 1, second / 60 % 60)) = ':';
        *(at = put_two(at + 1, second % 60)) = 'Z';
        return at + 1;
    }

private:
    std::int64_t day_ = 0;
    std::string date_;
};

/// "1.234": Wh as kWh.
char* put_kwh(char* at, std::int32_t wh) {
    char digits[12];
    int count = 0;
    for (std::int32_t whole = wh / 1000; whole > 0 || count == 0; whole /= 10) digits[count++] = static_cast<char>('0' + whole % 10);
    while (count > 0) *at++ = digits[--count];
    *at++ = '.';
    *at++ = static_cast<char>('0' + wh / 100 % 10);
    return put_two(at, wh % 100);
}

char* put_row(char* at, const std::string& meter, Stamp& stamp, model::Instant instant, std::string_view channel, std::int32_t wh) {
    at = std::copy(meter.begin(), meter.end(), at);
    *at++ = ',';
    at = stamp.put(at, instant);
    at = std::copy(channel.begin(), channel.end(), at);
    at = put_kwh(at, wh);
    *at++ = '\n';
    return at;
}

/// Which intervals have no reading: runs, so that their share of all is the rate.
class Gaps {
public:
    Gaps(double rate, std::uint64_t seed, std::uint32_t premise)
        : start_(rate >= 1 ? ~std::uint64_t{0} : threshold_of(rate / (mean_gap * (1 - rate)))), lots_(stream(seed, Purpose::gap, premise)),
          lengths_(stream(seed, Purpose::gap_length, premise)) {}
    bool is_missing(std::uint32_t interval) {
        if (left_ == 0 && draw(lots_, interval) < start_) left_ = between(draw(lengths_, interval), 1, longest_gap);
        return left_ > 0 && left_-- > 0;
    }

private:
    std::uint64_t start_, lots_, lengths_;
    std::int64_t left_ = 0;
};

bool is_share(double value) { return value >= 0 && value <= 1; }

}  // namespace

Result<World> make_world(const Spec& spec) {
    const auto usage = [](const char* what, const char* hint) { return Error{Code::usage, what, "", hint}; };
    if (spec.meters == 0 || spec.meters_per_file == 0) return usage("meters and meters_per_file are 1 at least", "e.g. meters = 1000");
    if (spec.levels.empty()) return usage("levels names no level", "e.g. levels = [\"region\", \"feeder\"]");
    if (spec.interval_s < 60 || 86400 % spec.interval_s != 0) return usage("the interval is not a part of a day", "e.g. interval = \"30min\"");
    const double churn[] = {spec.join_share, spec.leave_share, spec.exchange_share, spec.join_share + spec.leave_share + spec.exchange_share};
    const double other[] = {spec.electric_vehicle_share, spec.solar_share, spec.vacant_share, spec.duplicate_rate, spec.multi_site_share};
    if (!std::all_of(std::begin(churn), std::end(churn), is_share)) return usage("join, leave and exchange are shares that add up to 1 at most", "lower them");
    if (!std::all_of(std::begin(other), std::end(other), is_share)) return usage("a share is not within 0 and 1", "shares are parts of 1");
    if (!(spec.gap_rate >= 0 && spec.gap_rate <= 0.9)) return usage("gap_rate is not within 0 and 0.9", "e.g. gap_rate = 0.002");
    World world;
    world.spec = spec;
    TRY(world.calendar, model::Calendar::make(spec.time_zone));
    TRY(world.axis, model::make_axis(world.calendar, spec.from, spec.until, std::chrono::seconds(spec.interval_s)));
    world.holidays = holidays_between(spec.from, spec.until + std::chrono::days(7));
    world.moments = make_moments(world.calendar, world.axis, world.holidays, spec.seed);
    const std::uint32_t regions = spec.regions > 0 ? spec.regions : std::max(2U, spec.meters / 5000);
    world.grid = make_grid(spec.levels, spec.meters, regions, spec.seed);
    return world;
}

void append_rows(const World& world, const Premises& premises, std::uint32_t number, std::string& text, std::string& resent) {
    const std::uint64_t seed = world.spec.seed, twice = threshold_of(world.spec.duplicate_rate);
    const Premise premise = premises(number);
    const Series series(premise, seed, world.spec.interval_s);
    const std::uint64_t duplicates = stream(seed, Purpose::duplicate, number);
    Gaps gaps(world.spec.gap_rate, seed, number);
    Stamp stamp;
    std::string meter = meter_id(seed, number, false);
    char row[longest_row * 2];
    const auto add = [&](const char* first, const char* last, std::uint64_t counter) {
        text.append(first, last);
        if (draw(duplicates, counter) < twice) resent.append(first, last);
    };
    for (auto i = static_cast<std::uint32_t>(premise.present.first); i < premise.present.last; ++i) {
        if (premise.exchanged_at > 0 && i == premise.exchanged_at) meter = meter_id(seed, number, true);
        if (gaps.is_missing(i)) continue;
        const Energy energy = series.at(world.moments[i], i);
        const char* end = put_row(row, meter, stamp, world.axis.at(i), ",import,", energy.import_wh);
        add(row, end, std::uint64_t{i} * 2);
        if (premise.solar_peak_w == 0) continue;
        end = put_row(row, meter, stamp, world.axis.at(i), ",export,", energy.export_wh);
        add(row, end, std::uint64_t{i} * 2 + 1);
    }
}

}  // namespace meterveil::generate
