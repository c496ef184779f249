#include "pipeline/custody.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "meterveil/io/posix.hpp"
#include "meterveil/par/agree.hpp"
#include "pipeline/closed.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
constexpr const char* marker = "CUSTODY";
constexpr const char* marker_text =
    "Custody folder of MeterVeil: shards, quarantine and accounts of single customers.\n"
    "It never leaves the controller. Mode 0700.\n";

Result<> check_private(const fs::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode))
        return Error{Code::usage, "the custody folder is not a folder", folder.string(), "choose another: [custody] path, or --custody"};
    if (status.st_uid != ::geteuid())
        return Error{Code::usage, "the custody folder belongs to another user", folder.string(), "run as its owner, or choose another: [custody] path, or --custody"};
    if ((status.st_mode & 077U) == 0) return {};
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
    for (const fs::path& kept : closed_folders(folder.string()))
        if (kept.extension() == ".partial") fs::remove_all(kept);
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
