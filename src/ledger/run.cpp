#include "meterveil/ledger/run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "ledger/chain.hpp"
#include "ledger/members.hpp"
#include "meterveil/io/block_file.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::ledger {
namespace {

namespace fs = std::filesystem;
using model::LedgerEntry;
using model::Memberships;

constexpr std::uint64_t max_text = std::uint64_t{1} << 34;

std::string digest_of(std::string_view text) { return io::sha256_hex(text); }

fs::path folder_of(const std::string& custody) { return fs::path(custody) / "ledger"; }
fs::path chain_of(const std::string& custody) { return folder_of(custody) / "ledger.jsonl"; }
fs::path units_file(const std::string& custody, std::uint64_t number) { return folder_of(custody) / fmt::format("{:06}.units", number); }
fs::path members_file(const std::string& custody, std::uint64_t number) { return folder_of(custody) / fmt::format("{:06}.members", number); }

Error not_the_one(const fs::path& path) {
    return {Code::storage, "a file of the ledger is not the one that was recorded", path.string(), "restore custody from a backup; nothing is released until it holds"};
}

/// Collective. What rank 0 reads of a file, on every rank. A missing file is empty if its folder is.
Result<std::string> text_of(par::Comm& comm, const fs::path& path) {
    TRY(const std::string mine, par::agree_on(comm, [&]() -> Result<std::string> {
            if (comm.rank() != 0 || !fs::exists(path.parent_path()) || fs::is_empty(path.parent_path())) return std::string();
            return io::of_storage(io::read_text(path, max_text));
        }));
    return par::broadcast(comm, mine);
}

IndexRange my_blocks(const par::Comm& comm) { return block_of(model::member_blocks, static_cast<std::uint64_t>(comm.size()), static_cast<std::uint64_t>(comm.rank())); }

/// Members stand in order, and in atoms and leaves that there are.
bool fits(const Memberships& members, const model::LedgerUnits& units, std::size_t num_classes) {
    model::AtomId num_atoms[model::num_channels] = {0, 0};
    for (std::size_t c = 0; c < model::num_channels; ++c)
        for (const auto& unit : units.channels[c]) num_atoms[c] = std::max(num_atoms[c], unit.first_atom + unit.num_atoms);
    for (std::size_t i = 0; i < members.members.size(); ++i) {
        const auto& member = members.members[i];
        if (i > 0 && !(members.members[i - 1].member < member.member)) return false;
        if (member.leaf >= units.leaves.size() || member.subject_class >= num_classes) return false;
        for (std::size_t c = 0; c < model::num_channels; ++c)
            if (member.atom[c] != model::no_id && member.atom[c] >= num_atoms[c]) return false;
    }
    return true;
}

/// Collective. SHA-256 of the digests of all blocks.
std::string digest_of_blocks(par::Comm& comm, const std::string& mine) {
    std::string all;
    for (const std::string& part : par::all_gather_text(comm, mine)) all += part;
    return digest_of(all);
}

Result<Memberships> read_members(par::Comm& comm, const std::string& custody, const LedgerEntry& entry) {
    const fs::path path = members_file(custody, entry.number);
    std::string digests;
    TRY(Memberships mine, par::agree_on(comm, [&]() -> Result<Memberships> {
            Memberships all;
            all.num_months = static_cast<std::uint32_t>(entry.months_s.size() - 1);
            TRY(const auto file, io::BlockFile::open(path));
            if (file.num_blocks() != model::member_blocks) return not_the_one(path);
            const IndexRange blocks = my_blocks(comm);
            for (std::uint64_t b = blocks.first; b < blocks.last; ++b) {
                TRY(const std::string digest, file.block_digest(b));
                digests += digest;
                TRY(const auto bytes, file.read(b));
                if (!unpack_members(bytes, all)) return not_the_one(path);
            }
            return all;
        }));
    const bool is_the_one = digest_of_blocks(comm, digests) == entry.members_sha256;
    if (!is_the_one) return not_the_one(path);
    return mine;
}

/// Collective. Writes the members of all ranks. @return their digest
Result<std::string> write_members(par::Comm& comm, const fs::path& path, const Memberships& mine) {
    std::vector<std::vector<std::byte>> blocks;
    std::size_t first = 0;
    for (std::uint64_t b = my_blocks(comm).first; b < my_blocks(comm).last; ++b) {
        std::size_t last = first;
        while (last < mine.members.size() && model::block_of_member(mine.members[last].member) == b) ++last;
        blocks.push_back(pack_members(mine, first, last));
        first = last;
    }
    return io::write_blocks(comm, path, model::member_blocks, blocks);
}

Result<> append_text(const std::string& custody, const std::string& text) {
    TRY_DO(io::make_private_folder(folder_of(custody)));
    TRY(io::File file, io::File::open(chain_of(custody), io::File::Mode::append));
    TRY_DO(file.write(text));
    TRY_DO(file.sync());
    TRY_DO(file.close());
    return io::sync_folder(folder_of(custody));
}

/// Collective. Writes the next line: its number, time and chain are set.
Result<> append_line(par::Comm& comm, const std::string& custody, const std::vector<LedgerEntry>& before, LedgerEntry& entry) {
    entry.number = before.size() + 1;
    entry.previous = before.empty() ? no_previous : before.back().digest;
    entry.recorded_at = par::broadcast(comm, fmt::format("{:%FT%TZ}", fmt::gmtime(std::chrono::system_clock::now())));
    return par::agree_on(comm, [&]() -> Result<> {
        const std::string line = to_line(entry, digest_of);
        if (comm.rank() != 0) return {};
        return append_text(custody, line + '\n');
    });
}

}  // namespace

Result<std::vector<LedgerEntry>> open(par::Comm& comm, const std::string& custody) {
    TRY(const std::string text, text_of(comm, chain_of(custody)));
    return par::agree_on(comm, [&] { return parse_chain(text, digest_of); });
}

Result<model::LedgerRecord> read(par::Comm& comm, const std::string& custody, const LedgerEntry& entry) {
    const fs::path path = units_file(custody, entry.number);
    TRY(const std::string text, text_of(comm, path));
    TRY(auto units, par::agree_on(comm, [&]() -> Result<model::LedgerUnits> {
            auto parsed = parse_units(text);
            if (digest_of(text) != entry.units_sha256 || !parsed) return not_the_one(path);
            return std::move(*parsed);
        }));
    TRY(auto members, read_members(comm, custody, entry));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (!fits(members, units, entry.subject_classes.size())) return not_the_one(members_file(custody, entry.number));
        return {};
    }));
    return model::LedgerRecord{entry, std::move(units), std::move(members)};
}

std::string record_digest(const LedgerEntry& entry) { return digest_of(record_text(entry)); }

model::LedgerUnits units_of(const model::Hierarchy& hierarchy, const std::vector<model::Partition>& partitions) {
    model::LedgerUnits units;
    for (model::NodeId node = 0; node < hierarchy.nodes.size(); ++node)
        if (hierarchy.is_leaf(node)) units.leaves.push_back(model::path_of(hierarchy, node));
    const model::Partition* own = nullptr;
    for (const auto& partition : partitions) {
        const auto c = static_cast<std::size_t>(partition.channel);
        auto& rows = partition.is_by_class() ? units.by_class[c] : units.channels[c];
        for (const auto& unit : partition.units) rows.push_back({unit.name, unit.level, unit.parent, unit.is_cohort, unit.first_atom, unit.num_atoms});
        if (partition.is_by_class()) units.atom_by_class[c] = model::numbers_by_class(*own, partition);
        else own = &partition;
    }
    return units;
}

Result<> append(par::Comm& comm, const std::string& custody, model::LedgerRecord& record) {
    TRY(const auto entries, open(comm, custody));
    LedgerEntry& entry = record.entry;
    const std::uint64_t number = entries.size() + 1;
    const std::string units = to_text(record.units);
    entry.units_sha256 = digest_of(units);
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        TRY_DO(append_text(custody, ""));  // the chain is there before anything beside it: if it is missing, it was taken away
        return io::write_whole(units_file(custody, number), units);
    }));
    TRY(entry.members_sha256, write_members(comm, members_file(custody, number), record.members));
    const auto equal = std::find_if(entries.begin(), entries.end(), [&](const LedgerEntry& e) { return record_text(e) == record_text(entry); });
    if (equal == entries.end()) return append_line(comm, custody, entries, entry);
    entry = *equal;
    return par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        fs::remove(units_file(custody, number));
        fs::remove(members_file(custody, number));
        return {};
    });
}

std::vector<LedgerEntry> releases_of(std::vector<LedgerEntry> entries) {
    std::erase_if(entries, [](const LedgerEntry& entry) { return entry.kind != "release"; });
    return entries;
}

Result<> append_erasure(par::Comm& comm, const std::string& custody) {
    TRY(const auto entries, open(comm, custody));
    LedgerEntry entry;
    entry.kind = "erasure";
    return append_line(comm, custody, entries, entry);
}

}  // namespace meterveil::ledger
