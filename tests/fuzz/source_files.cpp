// Files of sources: sources that make sense, or every problem told.
#include <cstdint>

#include "meterveil/config/sources.hpp"
#include "property.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace meterveil;
    const std::string text(fuzz::text_of(data, size));
    const auto sources = config::parse_sources(text, "/nowhere/sources.toml");
    if (!sources.ok()) {
        HOLDS(sources.error().code == Code::usage && !sources.error().what.empty());
        return 0;
    }
    HOLDS(!sources.value().empty());
    for (const auto& source : sources.value())
        HOLDS(!source.name.empty() && source.name.find('/') == std::string::npos && source.max_bytes > 0 && collect::faults_in(source).empty());
    return 0;
}
