#pragma once
// `fetch`: input files from where they are kept, before the job.

#include <fmt/format.h>

#include <atomic>
#include <csignal>
#include <nlohmann/json.hpp>
#include <string>

#include "meterveil/collect/run.hpp"
#include "meterveil/config/sources.hpp"
#include "meterveil/io/posix.hpp"
#include "verify_command.hpp"

namespace meterveil::jobs {

inline std::atomic<bool> asked_to_end{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler sets it");

/// The first SIGTERM or SIGINT asks to end; the second ends the process, which leaves nothing half done behind.
inline void end_on_signal() {
    struct sigaction action {};
    action.sa_handler = [](int) { asked_to_end = true; };
    action.sa_flags = SA_RESETHAND;
    for (const int signal : {SIGTERM, SIGINT}) ::sigaction(signal, &action, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

inline nlohmann::ordered_json to_json(const collect::SourceReport& source) {
    nlohmann::ordered_json document = {{"name", source.name}, {"kind", source.kind}, {"fetched", source.fetched}, {"unchanged", source.unchanged},
                                       {"withdrawn", source.withdrawn}, {"bytes", source.bytes}};
    if (source.error)
        document["error"] = {
            {"code", name_of(source.error->code)}, {"what", source.error->what}, {"where", source.error->where}, {"hint", source.error->hint}};
    return document;
}

inline void print(const collect::SourceReport& source) {
    fmt::print(stderr, "{}: {} fetched ({} bytes), {} unchanged, {} withdrawn{}\n", source.name, source.fetched, source.bytes, source.unchanged,
               source.withdrawn, source.error ? "; not all of it" : "");
}

/// The error of the command: that of the first source that has one, and how many have.
inline Result<> outcome_of(const collect::Report& report) {
    std::optional<Error> first;
    std::size_t failed = 0;
    for (const auto& source : report.sources) {
        if (!source.error) continue;
        if (!first || source.error->code == Code::interrupted) {
            first = source.error;
            first->what = fmt::format("{}: {}", source.name, harmless(first->what));
        }
        ++failed;
    }
    if (!first) return {};
    if (failed > 1) first->what += fmt::format(" (and {} more of the sources)", failed - 1);
    return *first;
}

inline Result<> fetch_command(const std::string& path, const std::string& folder, bool as_json) {
    auto text = io::read_text(path, std::uint64_t{16} << 20);
    if (!text.ok()) text.error().code = Code::usage;
    TRY(const std::string sources_text, std::move(text));
    TRY(const auto sources, config::parse_sources(sources_text, path));
    end_on_signal();
    TRY(const auto report, collect::run(sources, folder, asked_to_end));
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const auto& source : report.sources) {
        list.push_back(to_json(source));
        print(source);
    }
    if (as_json) fmt::print("{}\n", dumped({{"manifest", report.manifest}, {"sources", std::move(list)}}));
    else fmt::print("{}\n", report.manifest);
    return outcome_of(report);
}

}  // namespace meterveil::jobs
