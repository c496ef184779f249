#pragma once
// A synthetic utility of any size. Nothing in it comes from a real customer.

#include <cstdint>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/time.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::generate {

/// The keys of a generate SPEC.toml, all with defaults but seed, meters, from and until.
struct Spec {
    std::uint64_t seed = 0;
    std::uint32_t meters = 0;
    model::Date from{}, until{};
    std::string time_zone = "Europe/London";
    std::int32_t interval_s = 1800;
    std::vector<std::string> levels = {"region", "substation", "feeder"};
    std::uint32_t regions = 0;               ///< 0: one per 5,000 meters, at least 2
    double electric_vehicle_share = 0.08, solar_share = 0.06, vacant_share = 0.02;
    double join_share = 0.01, leave_share = 0.01, exchange_share = 0.005;  ///< of meters, within the span
    double gap_rate = 0.002;                 ///< share of readings missing, in runs
    double duplicate_rate = 0.0005;          ///< share of rows written twice
    double multi_site_share = 0.03;          ///< of customers, with meters at two or more premises
    std::uint32_t meters_per_file = 1024;
    bool compress = false;                   ///< .csv.gz
};

/// Collective. Writes readings/*.csv, topology.csv, customers.csv, weather.csv, job.toml, README.md into `folder`
/// (new). Each file is written by one rank; the bytes depend on the spec alone.
/// @errors usage, storage
Result<> run(par::Comm& comm, const Spec& spec, const std::string& folder);

}  // namespace meterveil::generate
