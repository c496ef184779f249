// The recipient's program: nothing in it can read custody.

#include <CLI/CLI.hpp>

#include "meterveil/par/run_job.hpp"
#include "verify_command.hpp"

int main(int argc, char** argv) {
    using namespace meterveil;
    CLI::App app{"MeterVeil for recipients: checks a release from its files alone.", "meterveil-audit"};
    app.set_version_flag("--version", METERVEIL_VERSION);
    app.require_subcommand(1);
    std::string folder;
    bool as_json = false;
    auto* verify = app.add_subcommand("verify", "prove again what a release claims: checksums, sums, ranges");
    verify->add_option("release", folder, "folder of the release")->required();
    verify->add_flag("--json", as_json, "summary as JSON on stdout");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : exit_status(Code::usage);
    }
    const Result<> outcome = jobs::verify_command(folder, as_json);
    if (outcome.ok()) return 0;
    std::fputs(par::format_error(outcome.error(), 1).c_str(), stderr);
    return exit_status(outcome.error().code);
}
