// job.toml and README.md of a synthetic utility.

#include <fmt/format.h>

#include "generate/run_tables.hpp"

namespace meterveil::generate {
namespace {

std::string interval_word(std::int32_t seconds) {
    if (seconds % 3600 == 0) return fmt::format("{}h", seconds / 3600);
    return seconds % 60 == 0 ? fmt::format("{}min", seconds / 60) : fmt::format("{}s", seconds);
}

/// The interval itself, then what is coarser and fits.
std::string resolutions(std::int32_t interval_s) {
    std::string list = interval_s == 86400 ? "" : fmt::format("\"{}\", ", interval_word(interval_s));
    if (interval_s < 3600 && 3600 % interval_s == 0) list += "\"1h\", ";
    return list + "\"1d\", \"month\", \"year\"";
}

std::string quoted_levels(const std::vector<std::string>& levels) {
    std::string list;
    for (const std::string& level : levels) list += (list.empty() ? "\"" : ", \"") + level + "\"";
    return list;
}

std::string dates(const std::vector<model::Date>& days) {
    std::string list;
    for (const model::Date day : days) list += (list.empty() ? "" : ", ") + model::format_date(day);
    return list;
}

}  // namespace

std::string job_text(const World& world) {
    const Spec& spec = world.spec;
    return fmt::format(R"(# The annual job on this synthetic utility.

[job]
name      = "synthetic"
from      = {from}
until     = {until}
time_zone = "{zone}"
interval  = "{interval}"
energy_quantum_wh = 1
note      = "A synthetic utility (seed {seed}): nothing in it comes from a real customer."

[[readings]]
path    = "readings/*.csv{suffix}"
format  = "long-csv"
clock   = "utc"
label   = "start"
unit    = "kWh"
columns = {{ meter = "meter_id", time = "timestamp", energy = "kwh", channel = "channel" }}

[topology]
path   = "topology.csv"
levels = [{levels}]

[customers]
path    = "customers.csv"
subject = "customer_id"

[clean]
min_coverage = 0.9
max_wh       = {max_wh}
fill         = "typical"

[keys]
file  = "root.key"
epoch = "synthetic"

[custody]
path = "custody"

[[release]]
name     = "synthetic"
audience = "regulator"
products = ["aggregates", "forecast"]
period   = "year"
resolutions = [{resolutions}]
rules    = {{ min_contributors = 10, dominance = [1, 0.25], scope = "period" }}

[forecast]
horizons  = ["1d", "7d"]
quantiles = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
holidays  = [{holidays}]

[output]
path = "releases"
memory_per_rank = "2GiB"
)",
                       fmt::arg("from", model::format_date(spec.from)), fmt::arg("until", model::format_date(spec.until)), fmt::arg("zone", spec.time_zone),
                       fmt::arg("interval", interval_word(spec.interval_s)), fmt::arg("seed", spec.seed), fmt::arg("suffix", spec.compress ? ".gz" : ""),
                       fmt::arg("levels", quoted_levels(spec.levels)), fmt::arg("max_wh", std::int64_t{250000} * spec.interval_s / 3600),
                       fmt::arg("resolutions", resolutions(spec.interval_s)), fmt::arg("holidays", dates(world.holidays)));
}

std::string readme_text(const World& world) {
    const Spec& spec = world.spec;
    return fmt::format(R"(# A synthetic utility

Made by `meterveil generate`. Nothing in it comes from a real customer: names, addresses, numbers and
places are put together from invented lists. The same spec gives the same bytes on any number of ranks.

| file | what |
|---|---|
| `readings/part-NNNNN.csv{suffix}` | `meter_id,timestamp,channel,kwh`: UTC, start of the interval |
| `topology.csv` | `meter_id` and a column per level: {levels} |
| `customers.csv` | who holds which meter; a customer may hold several |
| `weather.csv` | temperature and cloud of every interval |
| `job.toml` | a job that runs on it: `meterveil keygen --out root.key`, then `meterveil run job.toml` |

| spec | value |
|---|---|
| seed | {seed} |
| meters | {meters} premises, on {leaves} leaves of the network |
| span | {from} to {until}, {zone}, {intervals} intervals of {interval} |
| electric vehicles, solar, vacant | {ev}, {solar}, {vacant} of the premises |
| join, leave, exchange | {join}, {leave}, {exchange} of the premises |
| gaps, duplicates | {gaps} of the readings missing, {duplicates} of the rows written twice |
| several sites | {sites} of the customers |
)",
                       fmt::arg("suffix", spec.compress ? ".gz" : ""), fmt::arg("levels", fmt::format("{}", fmt::join(spec.levels, ", "))),
                       fmt::arg("seed", spec.seed), fmt::arg("meters", spec.meters), fmt::arg("leaves", world.grid.leaves.size()),
                       fmt::arg("from", model::format_date(spec.from)), fmt::arg("until", model::format_date(spec.until)), fmt::arg("zone", spec.time_zone),
                       fmt::arg("intervals", world.axis.count), fmt::arg("interval", interval_word(spec.interval_s)),
                       fmt::arg("ev", spec.electric_vehicle_share), fmt::arg("solar", spec.solar_share), fmt::arg("vacant", spec.vacant_share),
                       fmt::arg("join", spec.join_share), fmt::arg("leave", spec.leave_share), fmt::arg("exchange", spec.exchange_share),
                       fmt::arg("gaps", spec.gap_rate), fmt::arg("duplicates", spec.duplicate_rate), fmt::arg("sites", spec.multi_site_share));
}

}  // namespace meterveil::generate
