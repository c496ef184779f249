#pragma once
// `erase`: a subject leaves custody.

#include <fmt/format.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "meterveil/par/agree.hpp"
#include "meterveil/pipeline/erase.hpp"

namespace meterveil::jobs {

/// Where the ids and the key come from.
struct ErasureSources {
    std::string custody, key_file;
    int id_descriptor = -1, key_descriptor = -1;
};

/// Reads an inherited descriptor to its end and closes it: ids are neither arguments nor in a file's name.
inline Result<std::vector<std::string>> read_ids(int descriptor) {
    std::string text;
    char block[4096];
    ssize_t count = 0;
    while ((count = ::read(descriptor, block, sizeof block)) > 0 && text.size() < (std::size_t{16} << 20)) text.append(block, static_cast<std::size_t>(count));
    ::close(descriptor);
    if (count < 0) return Error{Code::usage, "the descriptor of the ids cannot be read", "--id-fd", "e.g. --id-fd 3 3< ids.txt"};
    std::vector<std::string> ids;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string id = text.substr(begin, end - begin);
        while (!id.empty() && std::isspace(static_cast<unsigned char>(id.back())) != 0) id.pop_back();
        if (!id.empty()) ids.push_back(std::move(id));
        begin = end + 1;
    }
    return ids;
}

/// Collective. Rank 0 reads ids and key, and prints what was done.
inline Result<> erase_command(par::Comm& comm, const ErasureSources& from, bool as_json) {
    std::vector<std::string> ids;
    std::optional<pseudonym::RootKey> key;
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        if (from.key_descriptor < 0 && from.key_file.empty()) return Error{Code::usage, "no key", "--key", "name the key file of the job, or give --key-fd"};
        TRY(key, from.key_descriptor >= 0 ? pseudonym::RootKey::from_descriptor(from.key_descriptor) : pseudonym::RootKey::from_file(from.key_file));
        TRY(ids, read_ids(from.id_descriptor));
        return {};
    }));
    TRY(const auto report, pipeline::erase(comm, from.custody, ids, key ? &*key : nullptr));
    if (comm.rank() != 0) return {};
    if (as_json)
        fmt::print("{{\"series\": {}, \"shards_rewritten\": {}, \"quarantine_files_rewritten\": {}, \"files_searched\": {}, \"traces\": 0, \"releases_unchanged\": {}}}\n", report.meters,
                   report.shards_rewritten, report.quarantine_rewritten, report.files_searched, report.releases_unchanged);
    else
        fmt::print("erased: {} series out of {} shards, {} files of the quarantine written anew\nno trace in the {} files that are left; later runs leave them out\n"
                   "{} releases of the ledger are as they were\n", report.meters, report.shards_rewritten, report.quarantine_rewritten, report.files_searched, report.releases_unchanged);
    return {};
}

}  // namespace meterveil::jobs
