// The operator's program: every verb.

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string_view>

#include "erase_command.hpp"
#include "explain_command.hpp"
#include "fetch_command.hpp"
#include "ledger_command.hpp"
#include "meterveil/generate/run.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/par/run_job.hpp"
#include "meterveil/pipeline/run.hpp"
#include "meterveil/pipeline/verify.hpp"
#include "meterveil/pseudonym/keys.hpp"
#include "verify_command.hpp"

namespace {

using namespace meterveil;

struct CommandLine {
    std::string job, output, custody, progress = "auto", key_out, release, topic, zone = "UTC", clock = "utc";
    std::vector<std::string> paths;
    int key_descriptor = -1, threads = 0;
    bool dry_run = false, as_json = false;
    jobs::ErasureSources erasure;
};

/// Collective. The text of a configuration file: rank 0 reads it.
Result<std::string> load_text(par::Comm& comm, const std::string& path) {
    TRY(const std::string mine, par::agree_on(comm, [&]() -> Result<std::string> {
            if (comm.rank() != 0) return std::string();
            auto text = io::read_text(path, std::uint64_t{16} << 20);
            if (!text.ok()) text.error().code = Code::usage;
            return text;
        }));
    return par::broadcast(comm, mine);
}

Result<config::Job> load_job(par::Comm& comm, const CommandLine& line) {
    TRY(const std::string text, load_text(comm, line.job));
    return par::agree_on(comm, [&] { return config::parse_job(text, line.job, {line.output, line.custody}); });
}

Result<> show_plan(par::Comm& comm, const config::Job& job, bool as_json) {
    TRY(const auto plan, pipeline::dry_run(comm, job));
    if (comm.rank() == 0) fmt::print("{}\n", as_json ? pipeline::to_json(plan) : pipeline::to_text(plan));
    return {};
}

Result<> run_command(par::Comm& comm, const CommandLine& line) {
    TRY(const auto progress, pipeline::parse_progress(line.progress));
    TRY(const auto job, load_job(comm, line));
    if (line.dry_run) return show_plan(comm, job, line.as_json);
    pipeline::Settings settings{std::nullopt, line.threads, progress};
    if (line.key_descriptor >= 0) settings.key_descriptor = line.key_descriptor;
    TRY(const auto report, pipeline::run(comm, job, settings));
    if (comm.rank() == 0 && report.corrections_wait)
        fmt::print(stderr, "corrections of too few meters wait: their readings are released as they were before (docs/methods/releases-over-time.md)\n");
    if (comm.rank() == 0) fmt::print("{}\n", line.as_json ? pipeline::to_json(report) : fmt::format("{}", fmt::join(report.pages, "\n")));
    return {};
}

Result<> generate_command(par::Comm& comm, const CommandLine& line) {
    TRY(const std::string text, load_text(comm, line.job));
    TRY(const auto spec, par::agree_on(comm, [&] { return config::parse_generate_spec(text, line.job); }));
    TRY_DO(generate::run(comm, spec, line.output));
    if (comm.rank() == 0) fmt::print("{}/job.toml\n", line.output);
    return {};
}

/// Collective. @param lines what the release's own files proved, on rank 0
Result<> verify_with_custody(par::Comm& comm, const CommandLine& line, const std::vector<jobs::CheckLine>& lines) {
    TRY(const auto checks, pipeline::verify_with_custody(comm, line.release, line.custody));
    if (comm.rank() != 0) return {};
    jobs::CheckList list(line.as_json);
    for (const auto& own : lines) list.add(own);
    constexpr const char* outcomes[] = {"ok", "FAILED", "skipped"};
    for (const auto& check : checks) list.add({check.name, outcomes[static_cast<int>(check.outcome)], check.detail});
    return list.finish(line.release);
}

Result<> keygen_command(const CommandLine& line) {
    const auto key = pseudonym::RootKey::random();
    TRY_DO(key.write_new(line.key_out));
    fmt::print("{} (key check value {})\n", line.key_out, pseudonym::key_check_value(key));
    return {};
}

nlohmann::ordered_json to_json(const ingest::FileReport& r) {
    return {{"path", r.path}, {"format", r.format}, {"confidence", r.confidence}, {"why", r.why}, {"compression", r.compression}, {"columns", r.columns},
            {"first", r.first}, {"last", r.last}, {"interval_s", r.interval_s}, {"rows", r.rows}, {"meters", r.meters}, {"unusable", r.unusable},
            {"coverage", r.coverage}, {"problems", r.problems}};
}

void print(const ingest::FileReport& r) {
    fmt::print("{}\n  format    {} ({:.0f} %): {}\n  columns   {}\n", r.path, r.format, 100 * r.confidence, r.why, jobs::harmless(fmt::format("{}", fmt::join(r.columns, ", "))));
    fmt::print("  rows      {} of {} meters, {} unusable; compression {}\n", r.rows, r.meters, r.unusable, r.compression);
    if (r.first.empty()) fmt::print("  time      no readings\n");
    else fmt::print("  time      {} .. {}, every {} s, coverage {:.1f} %\n", r.first, r.last, r.interval_s, 100 * r.coverage);
    for (const auto& problem : r.problems) fmt::print("  problem   {}\n", problem);
}

/// Files as they are named, and of folders all that are in them, by name.
std::vector<std::string> files_at(const std::vector<std::string>& paths) {
    std::vector<std::string> files;
    for (const std::string& path : paths) {
        if (!std::filesystem::is_directory(path)) {
            files.push_back(path);
            continue;
        }
        const auto first = static_cast<std::ptrdiff_t>(files.size());
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path))
            if (entry.is_regular_file()) files.push_back(entry.path().string());
        std::sort(files.begin() + first, files.end());
    }
    return files;
}

/// A file that cannot be read is told in its place, and the others are still looked at.
Result<> inspect_command(const CommandLine& line) {
    TRY(const auto calendar, model::Calendar::make(line.zone));
    ingest::Source source;
    if (line.clock == "local") source.clock.kind = ingest::Clock::Kind::local;
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    const auto files = files_at(line.paths);
    if (files.empty()) return Error{Code::input, "there is no file", fmt::format("{}", fmt::join(line.paths, ", ")), "name files, or folders of files"};
    std::size_t num_rejected = 0;
    for (const std::string& path : files) {
        auto report = ingest::inspect(path, source, calendar);
        if (!report.ok() && line.paths.size() == 1 && files.size() == 1) return std::move(report).error();
        num_rejected += report.ok() ? 0 : 1;
        if (line.as_json && report.ok()) all.push_back(to_json(report.value()));
        else if (line.as_json) all.push_back({{"path", path}, {"error", report.error().what}, {"hint", report.error().hint}});
        else if (report.ok()) print(report.value());
        else fmt::print("{}\n  rejected  {}\n  hint      {}\n", path, report.error().what, report.error().hint);
    }
    if (line.as_json) fmt::print("{}\n", jobs::dumped(all));
    if (num_rejected > 0) return Error{Code::input, fmt::format("{} of {} files cannot be read", num_rejected, files.size()), "", "each says why, above"};
    return {};
}

struct Verbs {
    CLI::App *run, *inspect, *fetch, *generate, *keygen, *verify, *explain, *ledger_show, *ledger_check, *erase;
};

Verbs declare(CLI::App& app, CommandLine& line) {
    app.set_version_flag("--version", METERVEIL_VERSION);
    app.require_subcommand(1);
    Verbs verbs{};
    verbs.run = app.add_subcommand("run", "the main job: raw files to a release; under mpirun on any number of ranks");
    verbs.run->add_option("job", line.job, "job file, TOML")->required();
    verbs.run->add_option("--out", line.output, "folder of the releases, instead of [output] path");
    verbs.run->add_option("--custody", line.custody, "custody folder, instead of [custody] path");
    verbs.run->add_flag("--dry-run", line.dry_run, "print what the run would need, and stop");
    verbs.run->add_option("--key-fd", line.key_descriptor, "read the root key from this descriptor (of rank 0)")->check(CLI::NonNegativeNumber);
    verbs.run->add_option("--threads", line.threads, "threads of each rank; 0: its CPUs")->check(CLI::Range(0, 1024));
    verbs.run->add_option("--progress", line.progress, "auto, bar, plain, json or off");
    verbs.run->add_flag("--json", line.as_json, "summary as JSON on stdout");
    verbs.inspect = app.add_subcommand("inspect", "what is in these files: format, columns, time, coverage, problems");
    verbs.inspect->add_option("paths", line.paths, "files, and folders of files")->required();
    verbs.inspect->add_option("--time-zone", line.zone, "of stamps on a local clock");
    verbs.inspect->add_option("--clock", line.clock, "utc or local")->check(CLI::IsMember({"utc", "local"}));
    verbs.inspect->add_flag("--json", line.as_json, "as JSON on stdout");
    verbs.fetch = app.add_subcommand("fetch", "input files from folders, servers, buckets and databases, checked, into one folder");
    verbs.fetch->add_option("sources", line.job, "where files come from, TOML")->required();
    verbs.fetch->add_option("--out", line.output, "folder to fetch into")->required();
    verbs.fetch->add_flag("--json", line.as_json, "summary as JSON on stdout");
    verbs.generate = app.add_subcommand("generate", "a synthetic utility of any size; under mpirun on any number of ranks");
    verbs.generate->add_option("spec", line.job, "specification, TOML")->required();
    verbs.generate->add_option("--out", line.output, "folder to make")->required();
    verbs.keygen = app.add_subcommand("keygen", "a new root key, readable by its owner only");
    verbs.keygen->add_option("--out", line.key_out, "file to make")->required();
    verbs.verify = app.add_subcommand("verify", "prove again what a release claims: checksums, sums, ranges");
    verbs.verify->add_option("release", line.release, "folder of the release")->required();
    verbs.verify->add_option("--custody", line.custody, "prove also what takes the custody folder: the ledger, the sums of members, derivable sums");
    verbs.verify->add_flag("--json", line.as_json, "summary as JSON on stdout");
    verbs.explain = app.add_subcommand("explain", "what a key of the job file, an exit status, a rule or a preset means");
    verbs.explain->add_option("topic", line.topic, "e.g. clean.fill, p_percent, il-15-15, privacy, 4; none: what there is");
    verbs.explain->add_flag("--json", line.as_json, "as JSON on stdout");
    verbs.erase = app.add_subcommand("erase", "take a subject out of custody, and keep it out");
    verbs.erase->add_option("--custody", line.erasure.custody, "custody folder")->required();
    verbs.erase->add_option("--id-fd", line.erasure.id_descriptor, "read ids of customers or meters from this descriptor, one a line")->required()->check(CLI::NonNegativeNumber);
    verbs.erase->add_option("--key", line.erasure.key_file, "file of the root key");
    verbs.erase->add_option("--key-fd", line.erasure.key_descriptor, "read the root key from this descriptor")->check(CLI::NonNegativeNumber);
    verbs.erase->add_flag("--json", line.as_json, "summary as JSON on stdout");
    auto* ledger = app.add_subcommand("ledger", "what custody remembers of releases");
    ledger->require_subcommand(1);
    verbs.ledger_show = ledger->add_subcommand("show", "every release that was made");
    verbs.ledger_check = ledger->add_subcommand("check", "whether the chain and its files hold");
    for (auto* verb : {verbs.ledger_show, verbs.ledger_check}) {
        verb->add_option("--custody", line.custody, "custody folder")->required();
        verb->add_flag("--json", line.as_json, "as JSON on stdout");
    }
    return verbs;
}

/// True for one of the processes that a launcher started: it alone speaks, and runs what needs no other, before there is MPI.
bool is_first_process() {
    for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"})
        if (const char* rank = std::getenv(name)) return std::string_view(rank) == "0";
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    pseudonym::forbid_core_dumps();
    ::umask(077);
    CLI::App app{"MeterVeil: smart-meter data to releases that may be published.", "meterveil"};
    CommandLine line;
    const Verbs verbs = declare(app, line);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        if (!is_first_process()) return 0;  // a launcher ends all at the first status that is not 0: the one with the message comes first
        return jobs::answer(app, error, argc, argv);
    }
    const bool runs_alone = *verbs.keygen || *verbs.inspect || *verbs.fetch || *verbs.explain || (*verbs.verify && line.custody.empty());
    if (runs_alone && !is_first_process()) return 0;
    if (*verbs.keygen) return jobs::local([&] { return keygen_command(line); });
    if (*verbs.inspect) return jobs::local([&] { return inspect_command(line); });
    if (*verbs.fetch) return jobs::local([&] { return jobs::fetch_command(line.job, line.output, line.as_json); });
    if (*verbs.explain) return jobs::local([&] { return jobs::explain_command(line.topic, line.as_json); });
    std::vector<jobs::CheckLine> own_checks;
    if (*verbs.verify) {
        if (line.custody.empty()) return jobs::verify_command(line.release, line.as_json);
        if (is_first_process()) {  // before there is MPI: a child reads
            auto outcome = jobs::confined_checks(line.release);
            if (!outcome.ok()) return jobs::local([&]() -> Result<> { return std::move(outcome).error(); });
            own_checks = std::move(outcome).value();
        }
    }
    return par::run_job(argc, argv, [&](par::Comm& comm) {
        if (*verbs.verify) return verify_with_custody(comm, line, own_checks);
        if (*verbs.erase) return jobs::erase_command(comm, line.erasure, line.as_json);
        if (*verbs.ledger_show || *verbs.ledger_check) return jobs::ledger_command(comm, line.custody, verbs.ledger_check->parsed(), line.as_json);
        return *verbs.generate ? generate_command(comm, line) : run_command(comm, line);
    });
}
