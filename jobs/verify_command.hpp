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

/// What became of one check.
struct CheckLine {
    std::string name, outcome, detail;  ///< outcome: ok, FAILED or skipped
};

/// Prints checks as they come; --json: all at the end.
class CheckList {
public:
    explicit CheckList(bool as_json) : as_json_(as_json) {}
    void add(const CheckLine& line) {
        all_pass_ = all_pass_ && line.outcome != "FAILED";
        list_.push_back({{"check", line.name}, {"passes", line.outcome == "ok" ? nlohmann::ordered_json(true) : line.outcome == "FAILED" ? nlohmann::ordered_json(false) : nlohmann::ordered_json(nullptr)},
                         {"detail", harmless(line.detail)}});
        if (!as_json_) fmt::print("{:7} {}: {}\n", line.outcome, line.name, harmless(line.detail));
    }
    /// @errors privacy: a check failed (status 4: judged, and refused)
    Result<> finish(const std::string& folder) const {
        if (as_json_) fmt::print("{}\n", dumped({{"passes", all_pass_}, {"checks", list_}}));
        if (!all_pass_) return Error{Code::privacy, "the release does not verify", folder, "do not use it; fetch it again"};
        return {};
    }

private:
    bool as_json_, all_pass_ = true;
    nlohmann::ordered_json list_ = nlohmann::ordered_json::array();
};

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

/// What the child tells: the checks, or why there are none.
inline std::string told_by(const Result<std::vector<publish::Check>>& outcome) {
    nlohmann::ordered_json told;
    if (!outcome.ok()) {
        const Error& e = outcome.error();
        return dumped({{"code", static_cast<int>(e.code)}, {"what", e.what}, {"where", e.where}, {"hint", e.hint}});
    }
    for (const auto& check : outcome.value()) told["checks"].push_back({{"name", check.name}, {"passes", check.passes}, {"detail", check.detail}});
    return dumped(told);
}

inline Result<std::vector<CheckLine>> heard_from_child(const std::string& text, const std::string& folder) {
    const auto told = nlohmann::json::parse(text, nullptr, false);
    if (!told.is_object()) return Error{Code::input, "reading the release brought the reader down", folder, "do not use it; fetch it again"};
    if (told.contains("code")) return Error{static_cast<Code>(told["code"].get<int>()), told["what"], told["where"], told["hint"]};
    std::vector<CheckLine> lines;
    for (const auto& check : told["checks"]) lines.push_back({check["name"], check["passes"].get<bool>() ? "ok" : "FAILED", check["detail"]});
    return lines;
}

/// The release comes from a stranger. HDF5 1.10 crashes on some damaged files and never ends on others: a child reads, so that this is told too.
/// @errors input: not a release, or the reader did not come back
inline Result<std::vector<CheckLine>> confined_checks(const std::string& folder) {
    int ends[2];
    if (::pipe(ends) != 0) return Error{Code::internal, "cannot make a pipe", "", "too many open files?"};
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        confine(folder);
        const std::string text = told_by(par::outcome_of([&] { return publish::verify(folder); }));
        for (std::size_t done = 0; done < text.size();) {
            const ssize_t count = ::write(ends[1], text.data() + done, text.size() - done);
            if (count <= 0) ::_exit(1);
            done += static_cast<std::size_t>(count);
        }
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string text;
    char block[4096];
    for (ssize_t count = 0; child > 0 && (count = ::read(ends[0], block, sizeof block)) > 0;) text.append(block, static_cast<std::size_t>(count));
    ::close(ends[0]);
    int status = 0;
    if (child < 0) return Error{Code::internal, "cannot start the process that reads the release", folder, "too many processes?"};
    if (::waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) text.clear();
    return heard_from_child(text, folder);
}

/// @return the exit status
inline int verify_command(const std::string& folder, bool as_json) {
    return local([&]() -> Result<> {
        TRY(const auto lines, confined_checks(folder));
        CheckList list(as_json);
        for (const auto& line : lines) list.add(line);
        return list.finish(folder);
    });
}

}  // namespace meterveil::jobs
