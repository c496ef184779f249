#pragma once
// `verify`, and what is said of a wrong command line: the same in both programs.

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "meterveil/core/nearest.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/run_job.hpp"
#include "meterveil/publish/verify.hpp"

namespace meterveil::jobs {

/// JSON of anything, names of files that are not UTF-8 included.
inline std::string dumped(const nlohmann::ordered_json& document) {
    return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Text of a stranger's file without what a terminal would obey.
inline std::string harmless(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
    return text;
}

/// Prints the outcome of a command that runs alone. @return the exit status
template <class Work>
int local(Work&& work) {
    const Result<> outcome = par::outcome_of(std::forward<Work>(work));
    if (outcome.ok()) return 0;
    std::fputs(par::format_error(outcome.error(), 1).c_str(), stderr);
    return exit_status(outcome.error().code);
}

/// What was asked for (--help), or what is wrong with the command line. @return the exit status
inline int answer(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
    const std::string verb = argc > 1 ? argv[1] : "";
    std::vector<std::string> verbs;
    for (const auto* known : app.get_subcommands([](const CLI::App*) { return true; })) verbs.push_back(known->get_name());
    const bool is_known = std::find(verbs.begin(), verbs.end(), verb) != verbs.end();
    if (error.get_exit_code() == 0 || verb.empty() || verb[0] == '-' || is_known) return app.exit(error) == 0 ? 0 : exit_status(Code::usage);
    return local([&]() -> Result<> {
        return Error{Code::usage, fmt::format("unknown verb '{}'{}", verb, did_you_mean(verb, verbs)), "", fmt::format("{} --help lists the verbs", app.get_name())};
    });
}

/// Prints every check. @errors privacy: a check failed (status 4: judged, and refused); input: could not be judged
inline Result<> check_release(const std::string& folder, bool as_json) {
    TRY(const auto checks, publish::verify(folder));
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    bool all = true;
    for (const auto& check : checks) {
        all = all && check.passes;
        list.push_back({{"check", check.name}, {"passes", check.passes}, {"detail", harmless(check.detail)}});
        if (!as_json) fmt::print("{}  {}: {}\n", check.passes ? "ok    " : "FAILED", check.name, harmless(check.detail));
    }
    if (as_json) fmt::print("{}\n", dumped({{"passes", all}, {"checks", list}}));
    if (!all) return Error{Code::privacy, "the release does not verify", folder, "do not use it; fetch it again"};
    return {};
}

/// Bytes of all files below a folder.
inline std::uint64_t size_of(const std::string& folder) {
    std::uint64_t bytes = 0;
    std::error_code trouble;
    for (std::filesystem::recursive_directory_iterator entry(folder, trouble), end; !trouble && entry != end; entry.increment(trouble))
        if (std::error_code unknown; entry->symlink_status(unknown).type() == std::filesystem::file_type::regular) bytes += entry->file_size(unknown);
    return bytes;
}

/// For the child that reads: no core, bounded memory and time, an end with its parent. A release of S bytes is verified
/// at tens of MB a second; it may take 20 s and a second per MB.
inline void confine(const std::string& folder) {
    const auto limit = [](__rlimit_resource_t what, std::uint64_t value) {
        const rlimit both{value, value};
        ::setrlimit(what, &both);
    };
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, 20 + size_of(folder) / 1000000);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which reserve terabytes of addresses
    limit(RLIMIT_AS, std::uint64_t{16} << 30);
#endif
}

/// The release comes from a stranger. HDF5 1.10 crashes on some damaged files and never ends on others: a child reads,
/// so that this is told too. @return the exit status
inline int verify_command(const std::string& folder, bool as_json) {
    const pid_t child = ::fork();
    if (child == 0) {
        confine(folder);
        const int status = local([&] { return check_release(folder, as_json); });
        std::fflush(nullptr);
        ::_exit(status);
    }
    int status = 0;
    if (child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status)) return WEXITSTATUS(status);
    return local([&]() -> Result<> {
        return Error{Code::input, child < 0 ? "cannot start the process that reads the release" : "reading the release brought the reader down", folder, "do not use it; fetch it again"};
    });
}

}  // namespace meterveil::jobs
