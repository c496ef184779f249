// Messages that are sent again: the newest of each interval is what is published, wherever its file stands and whoever reads it.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "meterveil/io/posix.hpp"
#include "meterveil/pipeline/run.hpp"
#include "meterveil/pseudonym/keys.hpp"
#include "ranks.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
using testing::on_ranks;

constexpr int num_meters = 6, num_days = 3, hours = 24;

/// @param readings the glob of the input, and the name of the run
std::string job_text(const std::string& readings) {
    return fmt::format(R"(
[job]
name = "versions"
from = 2021-01-01
until = 2021-01-04
time_zone = "UTC"
interval = "1h"
[[readings]]
path = "{0}-*.xml"
[topology]
path = "topology.csv"
levels = ["feeder"]
[keys]
file = "root.key"
epoch = "1"
[custody]
path = "custody-{0}"
[[release]]
name = "versions"
audience = "regulator"
products = ["aggregates"]
period = "year"
resolutions = ["1h"]
rules = {{ min_contributors = 5, scope = "period" }}
[output]
path = "releases-{0}"
)",
                       readings);
}

/// Of the deliveries of a day the newest: the first day is sent once, the second twice, the third three times.
bool is_newest(int day, int delivery) { return delivery == day; }

/// A day of a meter. Every delivery has a value of its own in the even hours.
std::string message(int meter, int day, int delivery) {
    std::string text = fmt::format(
        "<r:ValidatedMeteredData_14 "
        "xmlns:r=\"http://www.strom.ch\"><r:ValidatedMeteredData_HeaderInformation><r:InstanceDocument><r:DocumentType><r:ebIXCode>E66</r:ebIXCode></"
        "r:DocumentType>"
        "<r:Creation>2021-01-{:02}T09:00:0{}Z</r:Creation></r:InstanceDocument></"
        "r:ValidatedMeteredData_HeaderInformation><r:MeteringData><r:Interval>"
        "<r:StartDateTime>2021-01-0{}T00:00:00Z</r:StartDateTime><r:EndDateTime>2021-01-0{}T00:00:00Z</r:EndDateTime></"
        "r:Interval><r:Resolution><r:Resolution>60</r:Resolution><r:Unit>MIN</r:Unit>"
        "</r:Resolution><r:ConsumptionMeteringPoint><r:VSENationalID>m{}</r:VSENationalID></"
        "r:ConsumptionMeteringPoint><r:Product><r:ID>8716867000030</r:ID><r:MeasureUnit>KWH</r:MeasureUnit></r:Product>",
        day + 2, delivery, day + 1, day + 2, meter);
    for (int hour = 0; hour < hours; ++hour)
        text += fmt::format("<r:Observation><r:Position><r:Sequence>{}</r:Sequence></r:Position><r:Volume>0.{:03}</r:Volume></r:Observation>",
                            hour + 1, 100 + (meter * 17 + hour * 5) % 300 + (hour % 2 == 0 ? delivery * 11 : 0));
    return text + "</r:MeteringData></r:ValidatedMeteredData_14>";
}

/// What rank 0 makes once: all deliveries, the newer ones in files that come first by name, and the newest alone.
void write_input(const fs::path& folder) {
    std::string topology = "meter_id,feeder\n";
    for (int meter = 0; meter < num_meters; ++meter) {
        topology += fmt::format("m{},f\n", meter);
        for (int day = 0; day < num_days; ++day)
            for (int delivery = 0; delivery <= day; ++delivery) {
                const std::string text = message(meter, day, delivery);
                ASSERT_TRUE(io::write_whole(folder / fmt::format("all-{}-{}-{}.xml", 9 - delivery, meter, day), text).ok());
                if (is_newest(day, delivery)) ASSERT_TRUE(io::write_whole(folder / fmt::format("newest-{}-{}.xml", meter, day), text).ok());
            }
    }
    ASSERT_TRUE(io::write_whole(folder / "topology.csv", topology).ok());
    ASSERT_TRUE(pseudonym::RootKey::random().write_new((folder / "root.key").string()).ok());
}

model::RowAccount total_of(const RunReport& report) {
    model::RowAccount total;
    for (const model::RowAccount& account : report.accounts.rows) total += account;
    return total;
}

TEST(Run, OfMessagesSentAgainTheNewestIsPublishedAndTheOthersAreCounted) {
    on_ranks([](par::Comm& comm) {
        const fs::path folder = testing::shared_folder(comm);
        if (comm.rank() == 0) write_input(folder);
        comm.barrier();
        Settings settings;
        settings.threads = 1;
        settings.progress = ProgressMode::off;
        const auto run_on = [&](const std::string& readings) {
            const auto job = config::parse_job(job_text(readings), (folder / "job.toml").string(), {}).value();
            auto outcome = pipeline::run(comm, job, settings);
            EXPECT_TRUE(outcome.ok()) << outcome.error().what;
            comm.barrier();
            return total_of(outcome.value());
        };
        const model::RowAccount all = run_on("all"), newest = run_on("newest");
        EXPECT_EQ(newest.accepted, std::uint64_t{num_meters * num_days * hours});
        EXPECT_EQ(newest.superseded, 0U);
        EXPECT_EQ(all.read, std::uint64_t{num_meters * 6 * hours});
        EXPECT_EQ(all.accepted, newest.accepted);
        EXPECT_EQ(all.superseded, all.read - all.accepted);
        EXPECT_EQ(all.duplicate + all.num_quarantined(), 0U);
        EXPECT_EQ(io::sha256_of_file(folder / "releases-all/versions/aggregates.h5").value(),
                  io::sha256_of_file(folder / "releases-newest/versions/aggregates.h5").value());
    });
}

}  // namespace
}  // namespace meterveil::pipeline
