// Job files: a job that makes sense, or every problem told.
#include <cstdint>

#include "meterveil/config/job.hpp"
#include "property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meterveil;
    const std::string text(fuzz::text_of(data, size));
    const auto job = config::parse_job(text, "/nowhere/job.toml", {});
    if (!job.ok()) {
        HOLDS(job.error().code == Code::usage && !job.error().what.empty());
        return 0;
    }
    HOLDS(job.value().axis.count > 0 && job.value().from < job.value().until);
    HOLDS(!job.value().ingest.sources.empty() && !job.value().tables.levels.empty() && !job.value().custody.empty() && !job.value().output.empty());
    HOLDS(!job.value().releases.empty());
    for (const auto& release : job.value().releases) {
        HOLDS(!release.resolutions.empty() && release.rules.min_contributors >= 2);
        HOLDS(release.rules.classes.size() == job.value().tables.classes.size() + 1 && release.count_unit == job.value().count_unit);
        for (const auto& of_class : release.rules.classes) HOLDS(!of_class.rules.empty() && of_class.rules[0]->name() == "min_contributors");
        for (const auto& name : release.resolutions) HOLDS(model::make_resolution(job.value().calendar, job.value().axis, name).ok());
    }
    return 0;
}
