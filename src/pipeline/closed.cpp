#include "pipeline/closed.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "meterveil/core/integer.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/prove/run.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
using model::LedgerEntry;
using model::LedgerRecord;
using model::no_id;

fs::path closed_of(const std::string& custody) { return fs::path(custody) / "closed"; }
fs::path digest_of(const fs::path& shard) { return shard.string() + ".sha256"; }

std::vector<fs::path> sorted_paths(const fs::path& folder) {
    std::vector<fs::path> paths;
    if (fs::is_directory(folder))
        for (const auto& entry : fs::directory_iterator(folder)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    return paths;
}

/// Collective. As rank 0 sees it.
bool exists(par::Comm& comm, const fs::path& path) {
    std::error_code none;
    return par::max(comm, comm.rank() == 0 && fs::exists(path, none) ? 1 : 0) != 0;
}

/// Two names of one file, from now on.
void link(const fs::path& from, const fs::path& to) {
    if (fs::exists(to) && fs::equivalent(from, to)) return;
    const fs::path temporary = to.string() + ".partial";
    fs::remove(temporary);
    fs::create_hard_link(from, temporary);
    fs::rename(temporary, to);
}

/// Whether both shards have the same bytes, as far as their digests tell.
Result<bool> are_equal(const fs::path& a, const fs::path& b) {
    if (!fs::exists(digest_of(a)) || !fs::exists(digest_of(b))) return false;
    TRY(const std::string of_a, io::of_storage(io::read_text(digest_of(a), 1024)));
    TRY(const std::string of_b, io::of_storage(io::read_text(digest_of(b), 1024)));
    return of_a == of_b;
}

/// Local. An equal shard that is kept becomes the same file: it is on the disk once.
Result<> share(const fs::path& shard, const std::vector<fs::path>& folders) {
    for (const fs::path& folder : folders) {
        const fs::path there = folder / shard.filename();
        TRY(const bool is_equal, are_equal(shard, there));
        if (is_equal) link(shard, there);
    }
    return {};
}

/// Collective. Further links to the shards of all ranks in a folder: all of them, or no folder.
Result<> link_all(par::Comm& comm, const model::ShardSet& shards, const fs::path& folder) {
    const fs::path partial = folder.string() + ".partial";
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        fs::remove_all(partial);
        return io::make_private_folder(partial);
    }));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        for (const auto& shard : shards.owned)
            for (const fs::path& file : {fs::path(shard.path), digest_of(shard.path)}) fs::create_hard_link(file, partial / file.filename());
        return {};
    }));
    return par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        TRY_DO(io::sync_folder(partial));
        return io::rename_new(partial, folder);
    });
}

/// Marks what a later release has of an earlier one. @param had [member x channel x month]
void mark(const LedgerRecord& earlier, const LedgerRecord& later, std::vector<bool>& had) {
    const std::uint32_t months = earlier.members.num_months;
    for (std::size_t i = 0, j = 0; i < earlier.members.members.size(); ++i) {
        const auto &member = earlier.members.members[i], *others = later.members.members.data();
        while (j < later.members.members.size() && others[j].member < member.member) ++j;
        if (j == later.members.members.size()) return;
        if (others[j].member != member.member) continue;
        for (std::uint32_t c = 0; c < model::num_channels; ++c)
            for (std::uint32_t m = 0; others[j].atom[c] != no_id && m < months; ++m) {
                const bool is_shared = std::ranges::binary_search(later.entry.months_s, earlier.entry.months_s[m]) && earlier.entry.months_s[m + 1] <= later.entry.months_s.back();
                if (is_shared) had[(i * model::num_channels + c) * months + m] = true;
            }
    }
}

/// Collective. Whether later releases have every meter and month of a release. @param newest that is read already
Result<bool> is_superseded(par::Comm& comm, const std::string& custody, const std::vector<LedgerEntry>& entries, const LedgerEntry& entry, const LedgerRecord& newest) {
    TRY(const auto earlier, ledger::read(comm, custody, entry));
    const auto& members = earlier.members.members;
    std::vector<bool> had(earlier.members.contents.size(), false);
    for (const LedgerEntry& other : entries) {
        if (other.number <= entry.number || !prove::overlap(other, entry)) continue;
        if (other.number == newest.entry.number) {
            mark(earlier, newest, had);
            continue;
        }
        TRY(const auto later, ledger::read(comm, custody, other));
        mark(earlier, later, had);
    }
    bool all = true;
    const std::uint32_t months = earlier.members.num_months;
    for (std::size_t i = 0; i < had.size(); ++i) all = all && (had[i] || members[i / months / model::num_channels].atom[i / months % model::num_channels] == no_id);
    return par::max(comm, all ? 0 : 1) == 0;
}

/// Collective. @param newest the last release that was recorded
Result<> drop_superseded(par::Comm& comm, const std::string& custody, const LedgerRecord& newest) {
    TRY(const auto all, ledger::open(comm, custody));
    const auto entries = ledger::releases_of(all);
    for (const LedgerEntry& entry : entries) {
        if (entry.number == newest.entry.number || !exists(comm, closed_folder(custody, entry.number))) continue;
        TRY(const bool goes, is_superseded(comm, custody, entries, entry, newest));
        TRY_DO(par::agree_on(comm, [&]() -> Result<> {
            if (goes && comm.rank() == 0) fs::remove_all(closed_folder(custody, entry.number));
            return {};
        }));
    }
    return {};
}

bool fits(const io::ShardHeader& header, const LedgerEntry& entry, const model::ShardSet& shards) {
    return header.axis.length == shards.axis.length && header.energy_quantum_wh == shards.energy_quantum_wh && header.axis.length.count() == entry.interval_s &&
           header.axis.start.time_since_epoch().count() == entry.months_s.front() && header.axis.end().time_since_epoch().count() == entry.months_s.back();
}

}  // namespace

std::vector<fs::path> closed_folders(const std::string& custody) {
    auto folders = sorted_paths(closed_of(custody));
    std::erase_if(folders, [](const fs::path& path) { return !fs::is_directory(fs::symlink_status(path)); });  // also what was not finished: erasure must see it
    return folders;
}

fs::path closed_folder(const std::string& custody, std::uint64_t number) { return closed_of(custody) / fmt::format("{:06}", number); }

std::vector<fs::path> shard_files(const fs::path& folder) {
    auto files = sorted_paths(folder);
    std::erase_if(files, [](const fs::path& path) { return path.extension() != ".h5"; });
    return files;
}

Result<> close_shards(par::Comm& comm, const std::string& custody, const model::ShardSet& shards, const LedgerRecord& record) {
    const fs::path folder = closed_folder(custody, record.entry.number);
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        for (const auto& shard : shards.owned) TRY_DO(share(shard.path, closed_folders(custody)));
        return {};
    }));
    // A folder that is there already is of an equal release: it is not touched.
    if (!exists(comm, folder)) TRY_DO(link_all(comm, shards, folder));
    return drop_superseded(comm, custody, record);
}

Result<std::vector<ClosedRow>> closed_rows(par::Comm& comm, const std::string& custody, const LedgerEntry& entry, const model::ShardSet& shards) {
    const auto ranks = static_cast<std::uint64_t>(comm.size());
    std::vector<std::vector<ClosedRow>> to(ranks);
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        const auto files = shard_files(closed_folder(custody, entry.number));
        for (std::size_t f = static_cast<std::size_t>(comm.rank()); f < files.size(); f += ranks) {
            const auto header = io::open_shard(files[f]);
            if (!header.ok() || !fits(header.value(), entry, shards)) continue;
            for (std::uint32_t r = 0; r < header.value().rows.size(); ++r) {
                const model::ShardRow& row = header.value().rows[r];
                ClosedRow closed{row.record.member, static_cast<std::uint32_t>(f), r};
                for (std::size_t c = 0; c < model::num_channels; ++c) closed.measured[c] = row.measured[c], closed.filled[c] = row.filled[c];
                to[part_of(model::member_blocks, ranks, model::block_of_member(closed.member))].push_back(closed);
            }
        }
        return {};
    }));
    std::vector<ClosedRow> mine;
    for (const auto& part : par::exchange(comm, to)) mine.insert(mine.end(), part.begin(), part.end());
    std::sort(mine.begin(), mine.end(), [](const ClosedRow& a, const ClosedRow& b) { return a.member < b.member; });
    return mine;
}

}  // namespace meterveil::pipeline
