#include "pipeline/custody.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "meterveil/io/posix.hpp"
#include "meterveil/par/agree.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
constexpr const char* marker = "CUSTODY";
constexpr const char* marker_text =
    "Custody folder of MeterVeil: shards, quarantine and accounts of single customers.\n"
    "It never leaves the controller. Mode 0700.\n";

Result<> check_private(const fs::path& folder) {
    const auto open_to_others = fs::perms::group_all | fs::perms::others_all;
    if ((fs::status(folder).permissions() & open_to_others) == fs::perms::none) return {};
    return Error{Code::usage, "the custody folder can be read by others", folder.string(),
                 fmt::format("chmod 700 '{}'", folder.string())};
}

Result<> check_ours(const fs::path& folder) {
    if (fs::is_empty(folder) || fs::is_regular_file(folder / marker)) return {};
    return Error{Code::usage, "the custody folder holds files that are not MeterVeil's", folder.string(),
                 "choose an empty folder: [custody] path, or --custody"};
}

Result<> prepare(const fs::path& folder) {
    if (!fs::exists(folder)) TRY_DO(io::make_private_folder(folder));
    TRY_DO(check_private(folder));
    TRY_DO(check_ours(folder));
    TRY_DO(io::write_whole(folder / marker, marker_text));
    for (const char* part : {"shards", "scratch", "quarantine"}) fs::remove_all(folder / part);
    return {};
}

}  // namespace

Result<> prepare_custody(par::Comm& comm, const std::string& folder) {
    return par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        return prepare(folder);
    });
}

}  // namespace meterveil::pipeline
