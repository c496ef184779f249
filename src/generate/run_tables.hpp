#pragma once
// The files beside the readings; part of the door. Each is written by one rank.

#include <string>

#include "generate/rows.hpp"
#include "meterveil/core/result.hpp"

namespace meterveil::generate {

/// meter_id and a column per level; both meters of an exchange. Local. @errors storage
Result<> write_topology(const World& world, const std::string& path);
/// meter_id, customer_id, name, address, town, postcode, phone, email, tariff. Local. @errors storage
Result<> write_customers(const World& world, const std::string& path);
/// timestamp, temperature_c, cloud_share. Local. @errors storage
Result<> write_weather(const World& world, const std::string& path);

/// A job file that runs on the utility as it stands. Pure.
std::string job_text(const World& world);
/// What was made and from what. Pure.
std::string readme_text(const World& world);

}  // namespace meterveil::generate
