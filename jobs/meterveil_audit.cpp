// The recipient's program: nothing in it can read custody.

#include <CLI/CLI.hpp>

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
        return jobs::answer(app, error, argc, argv);
    }
    return jobs::verify_command(folder, as_json);
}
