#pragma once
// A small release with everything in it: two channels, a cohort, awkward names, a day of 23 hours, a forecast.

#include <optional>
#include <string>
#include <vector>

#include "meterveil/core/integer.hpp"
#include "meterveil/model/forecast.hpp"
#include "meterveil/par/comm.hpp"
#include "meterveil/publish/run.hpp"
#include "protect/mint.hpp"

namespace meterveil::testing {

/// total -> a (f1, a cohort of f2 and f3), b (f4); export: total -> a -> f1. f5 is withheld.
class SmallRelease {
public:
    static constexpr const char* awkward = "<b>&\"x, y'";
    static constexpr const char* cohort = "f2+f3";

    SmallRelease() {
        axis_ = model::make_axis(calendar, model::parse_date("2013-03-30").value(), model::parse_date("2013-04-02").value(), std::chrono::hours(1)).value();
        for (const char* name : {"1h", "1d", "month", "year"}) resolutions_.push_back(model::make_resolution(calendar, axis_, name).value());
    }

    [[nodiscard]] model::Release release(const par::Comm& comm) const {
        model::ReleaseTerms terms{"small", "regulator", "2013-03-30/2013-04-02", calendar.zone(), "period", "customer",
                                  {"min_contributors = 10", "dominance = [1, 0.5]"}, "0123456789abcdef", 10, {}, {axis_.count, 8}};
        return protect::Mint::strike(terms, {"total", "region", "feeder"}, axis_, resolutions_, {import_(comm), export_(comm)});
    }
    [[nodiscard]] model::Forecast forecast(const par::Comm& comm) const {
        model::Forecast forecast;
        for (const auto& channel : {import_(comm), export_(comm)}) {
            model::HorizonForecast day{channel.channel, "1d", {{"total", "seasonal_naive"}}, {axis_.end(), axis_.length, 24}, {0.05, 0.25, 0.5, 0.75, 0.95}, channel.owned, {}, {}};
            for (std::uint64_t u = channel.owned.first; u < channel.owned.last; ++u)
                for (std::uint32_t t = 0; t < day.steps.count; ++t) {
                    day.mean_wh.push_back(channel.row(u, axis_.count)[t]);
                    for (const std::int64_t q : {-200, -100, 0, 100, 200}) day.quantile_wh.push_back(day.mean_wh.back() + q);
                }
            forecast.horizons.push_back(day);
        }
        forecast.scores = {{"1d", "total", "seasonal_naive", 7, 0.0312, 0.91, 24, -1}, {"1d", "feeder", "direct_ridge", 7, 0.12, 0.85, 24, 0.893}};
        return forecast;
    }
    [[nodiscard]] publish::Dossier dossier() const {
        publish::Dossier dossier;
        dossier.quality_json = "{\"rows\": 1}\n";
        dossier.disclosure_json = "{\"checks\": []}\n";
        dossier.software_version = "0.1.0";
        dossier.job_digest = std::string(64, 'a');
        dossier.record_digest = std::string(64, 'b');
        dossier.rows_read = 12345;
        dossier.rows_accepted = 12345;
        dossier.meters_band = "50-99";
        dossier.notes = {"made up, <script>alert(1)</script>"};
        return dossier;
    }
    /// Wh of a leaf unit in an hour.
    static std::int64_t leaf_wh(std::uint64_t unit, std::uint32_t t) { return 1000000 + 7919 * static_cast<std::int64_t>(unit) + t * t % 89; }

    model::Calendar calendar = model::Calendar::make("Europe/London").value();

private:
    /// Fills the rows of this rank from the leaves.
    void fill(model::ReleasedChannel& channel, const par::Comm& comm) const {
        channel.owned = block_of(channel.units.size(), static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank()));
        std::vector<std::vector<std::int64_t>> rows(channel.units.size(), std::vector<std::int64_t>(axis_.count, 0));
        std::vector<bool> is_inner(channel.units.size(), false);
        for (std::size_t u = channel.units.size(); u-- > 0;)
            for (std::uint32_t t = 0; t < axis_.count; ++t) {
                if (!is_inner[u]) rows[u][t] = leaf_wh(u, t) / (channel.channel == model::Channel::export_ ? 3 : 1);
                if (const auto parent = channel.units[u].parent; parent != model::no_id) {
                    is_inner[parent] = true;
                    rows[parent][t] += rows[u][t];
                }
            }
        for (std::uint64_t u = channel.owned.first; u < channel.owned.last; ++u) channel.energy_wh.insert(channel.energy_wh.end(), rows[u].begin(), rows[u].end());
    }
    [[nodiscard]] model::ReleasedChannel import_(const par::Comm& comm) const {
        model::ReleasedChannel channel;
        channel.units = {{"total", 0, false, model::no_id, "50-99", "< 1 %", {}}, {"a", 1, false, 0, "20-49", "< 1 %", {}}, {awkward, 2, false, 1, "10-19", "0", {}},
                         {cohort, 2, true, 1, "10-19", "< 1 %", {"f2", "f3"}}, {"b", 1, false, 0, "10-19", "0", {}}, {"f4", 2, false, 4, "10-19", "0", {}}};
        channel.fates = {{"total", "total", "published", "", ""}, {"a", "region", "published", "", ""}, {"b", "region", "published", "", ""},
                         {awkward, "feeder", "published", "", ""}, {"f2", "feeder", "merged", cohort, "min_contributors"}, {"f3", "feeder", "merged", cohort, ""},
                         {"f4", "feeder", "published", "", ""}, {"f5", "feeder", "withheld", "", "min_contributors"}};
        fill(channel, comm);
        return channel;
    }
    [[nodiscard]] model::ReleasedChannel export_(const par::Comm& comm) const {
        model::ReleasedChannel channel;
        channel.channel = model::Channel::export_;
        channel.units = {{"total", 0, false, model::no_id, "10-19", "0", {}}, {"a", 1, false, 0, "10-19", "0", {}}, {awkward, 2, false, 1, "10-19", "0", {}}};
        channel.fates = {{"total", "total", "published", "", ""}, {"a", "region", "published", "", ""}, {awkward, "feeder", "published", "", ""}, {"f4", "feeder", "no_data", "", ""}};
        fill(channel, comm);
        return channel;
    }

    model::Axis axis_;
    std::vector<model::Resolution> resolutions_;
};

}  // namespace meterveil::testing
