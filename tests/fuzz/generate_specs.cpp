// Specifications of a synthetic utility: one that makes sense, or every problem told.
#include <cstdint>

#include "meterveil/config/job.hpp"
#include "property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meterveil;
    const std::string text(fuzz::text_of(data, size));
    const auto spec = config::parse_generate_spec(text, "/nowhere/spec.toml");
    if (!spec.ok()) {
        HOLDS(spec.error().code == Code::usage && !spec.error().what.empty());
        return 0;
    }
    HOLDS(spec.value().meters > 0 && spec.value().meters_per_file > 0 && spec.value().from < spec.value().until);
    HOLDS(spec.value().interval_s >= 60 && !spec.value().levels.empty());
    HOLDS(spec.value().gap_rate >= 0 && spec.value().gap_rate < 1);
    return 0;
}
