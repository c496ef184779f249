#include "meterveil/pipeline/erase.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <filesystem>
#include <set>

#include "meterveil/io/posix.hpp"
#include "meterveil/io/shard_file.hpp"
#include "meterveil/ledger/run.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "pipeline/closed.hpp"

namespace meterveil::pipeline {
namespace {

namespace fs = std::filesystem;
using model::Channel;
using model::Pseudonym;
using Names = std::set<Pseudonym>;

constexpr std::uint64_t max_text = std::uint64_t{1} << 32;

std::string to_hex(const Pseudonym& name) {
    std::string hex;
    for (const std::byte byte : name.value) hex += fmt::format("{:02x}", std::to_integer<unsigned>(byte));
    return hex;
}

bool from_hex(std::string_view hex, Pseudonym& name) {
    if (hex.size() != 32 || hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) return false;
    for (std::size_t i = 0; i < 16; ++i) name.value[i] = static_cast<std::byte>(std::stoi(std::string(hex.substr(2 * i, 2)), nullptr, 16));
    return true;
}

fs::path list_of(const std::string& custody) { return fs::path(custody) / "erased"; }

/// Plain files of a folder, by name.
std::vector<fs::path> files_in(const fs::path& folder) {
    std::vector<fs::path> files;
    if (!fs::is_directory(folder)) return files;
    for (const auto& entry : fs::directory_iterator(folder))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

/// Collective. What every rank found, on all of them.
Names shared(par::Comm& comm, const Names& mine) {
    Names all;
    for (const auto& part : par::all_gather(comm, std::vector<Pseudonym>(mine.begin(), mine.end()))) all.insert(part.begin(), part.end());
    return all;
}

/// A shard without some of its rows. @param keeps [row]
Result<> rewrite(const fs::path& path, const io::ShardHeader& header, const std::vector<bool>& keeps) {
    io::ShardHeader rest = header;
    rest.rows.clear();
    std::vector<std::uint32_t> from;
    for (std::uint32_t r = 0; r < keeps.size(); ++r)
        if (keeps[r]) {
            rest.rows.push_back(header.rows[r]);
            from.push_back(r);
        }
    const std::uint32_t width = header.axis.count;
    std::vector<std::int32_t> quanta[model::num_channels];
    for (const Channel channel : {Channel::import, Channel::export_}) {
        const auto c = static_cast<std::size_t>(channel);
        if (!header.has_channel[c]) continue;
        quanta[c].resize(keeps.size() * width);
        TRY_DO(io::read_rows(path, channel, 0, static_cast<std::uint32_t>(keeps.size()), width, quanta[c]));
    }
    return io::write_shard(path, rest, [&](Channel channel, std::uint32_t row) {
        return std::span<const std::int32_t>(quanta[static_cast<std::size_t>(channel)]).subspan(std::size_t{from[row]} * width, width);
    });
}

/// What the shards had of the erased.
struct Found {
    Names names;  ///< their meters in every form: of the epoch, as members, their subjects
    Names members;          ///< of them, each meter once
    std::uint64_t shards = 0;
};

/// Folders of shards: of the last run, and of releases.
std::vector<fs::path> shard_folders(const std::string& custody) {
    auto folders = closed_folders(custody);
    folders.insert(folders.begin(), fs::path(custody) / "shards");
    return folders;
}

/// Local. This rank's share of the shards. A file of several folders is one no more: each has its fresh one.
Result<Found> erase_in_shards(const par::Comm& comm, const std::string& custody, const Names& wanted) {
    Found found;
    std::vector<fs::path> paths;
    for (const fs::path& folder : shard_folders(custody))
        for (const fs::path& path : shard_files(folder)) paths.push_back(path);
    for (std::size_t i = static_cast<std::size_t>(comm.rank()); i < paths.size(); i += static_cast<std::size_t>(comm.size())) {
        TRY(const auto header, io::open_shard(paths[i]));
        std::vector<bool> keeps;
        for (const auto& row : header.rows) {
            keeps.push_back(!wanted.contains(row.record.member) && !wanted.contains(row.record.subject));
            if (keeps.back()) continue;
            found.names.insert({row.record.meter, row.record.member, row.record.subject});
            found.members.insert(row.record.member);
        }
        if (std::count(keeps.begin(), keeps.end(), false) == 0) continue;
        TRY_DO(rewrite(paths[i], header, keeps));
        ++found.shards;
    }
    return found;
}

/// True if a text has one of others as a whole word: not as a part of a longer number or name.
bool mentions(std::string_view text, const std::vector<std::string>& words) {
    const auto is_part = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    for (const std::string& word : words)
        for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
            const std::size_t end = at + word.size();
            if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
        }
    return false;
}

/// Lines without any of these texts. @return how many files were written anew
Result<std::uint64_t> erase_in_quarantine(const std::string& custody, const std::vector<std::string>& texts) {
    std::uint64_t rewritten = 0;
    for (const fs::path& path : files_in(fs::path(custody) / "quarantine")) {
        TRY(const std::string text, io::of_storage(io::read_text(path, max_text)));
        std::string rest;
        for (std::size_t begin = 0; begin < text.size();) {
            const std::size_t end = std::min(text.find('\n', begin), text.size() - 1);
            const std::string_view line = std::string_view(text).substr(begin, end + 1 - begin);
            if (!mentions(line, texts)) rest += line;
            begin = end + 1;
        }
        if (rest.size() == text.size()) continue;
        TRY_DO(io::write_whole(path, rest));
        ++rewritten;
    }
    return rewritten;
}

bool holds(const std::vector<std::byte>& bytes, const void* what, std::size_t size) { return size > 0 && ::memmem(bytes.data(), bytes.size(), what, size) != nullptr; }

/// Looks for traces in everything but the ledger and the list. @return files that were searched. @errors internal: a trace
Result<std::uint64_t> search(const std::string& custody, const Names& names, const std::vector<std::string>& texts) {
    std::uint64_t searched = 0;
    auto folders = shard_folders(custody);
    for (const char* folder : {".", "quarantine", "scratch"}) folders.push_back(fs::path(custody) / folder);
    for (const fs::path& folder : folders)
        for (const fs::path& path : files_in(folder)) {
            if (path.filename() == "erased") continue;
            TRY(const auto bytes, io::of_storage(io::read_whole(path)));
            const bool has_name = std::any_of(names.begin(), names.end(), [&](const Pseudonym& name) { return holds(bytes, name.value.data(), name.value.size()); });
            const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            const bool has_text = path.extension() == ".csv" && mentions(text, texts);
            if (has_name || has_text) return Error{Code::internal, "a trace of the erased was left", path.string(), "remove the folder, and run the job again"};
            ++searched;
        }
    return searched;
}

Result<> check_custody(const std::string& custody) {
    if (fs::is_regular_file(fs::path(custody) / "CUSTODY")) return {};
    return Error{Code::usage, "this is not a custody folder of MeterVeil", custody, "name the folder of [custody] path"};
}

/// Names that ids may have in custody: a customer's, or a meter's.
Names names_of(const std::vector<std::string>& ids, const pseudonym::RootKey& key) {
    pseudonym::Pseudonymiser member(key, pseudonym::Domain::member, ""), subject(key, pseudonym::Domain::customer, "");
    Names names;
    for (const std::string& id : ids) names.insert({member(id), subject(id)});
    return names;
}

}  // namespace

Result<std::vector<Pseudonym>> erased_names(par::Comm& comm, const std::string& custody) {
    TRY(const std::string mine, par::agree_on(comm, [&]() -> Result<std::string> {
            if (comm.rank() != 0 || !fs::exists(list_of(custody))) return std::string();
            return io::of_storage(io::read_text(list_of(custody), max_text));
        }));
    const std::string text = par::broadcast(comm, mine);
    std::vector<Pseudonym> names;
    for (std::size_t begin = 0; begin < text.size(); begin += 33) {
        Pseudonym name;
        if (!from_hex(std::string_view(text).substr(begin, 32), name)) return Error{Code::storage, "the list of erased names is damaged", list_of(custody).string(), "restore it from a backup"};
        names.push_back(name);
    }
    return names;
}

Result<ErasureReport> erase(par::Comm& comm, const std::string& custody, const std::vector<std::string>& ids, const pseudonym::RootKey* key) {
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        TRY_DO(check_custody(custody));
        if (comm.rank() == 0 && (ids.empty() || key == nullptr)) return Error{Code::usage, "there is no id to erase", "--id-fd", "one id a line"};
        return {};
    }));
    const Names wanted = shared(comm, comm.rank() == 0 ? names_of(ids, *key) : Names{});
    TRY(const auto before, erased_names(comm, custody));
    TRY(const Found mine, par::agree_on(comm, [&] { return erase_in_shards(comm, custody, wanted); }));
    const Names found = shared(comm, mine.names);
    Names listed(before.begin(), before.end());
    listed.insert(wanted.begin(), wanted.end());
    listed.insert(found.begin(), found.end());

    ErasureReport report;
    report.meters = shared(comm, mine.members).size();
    report.shards_rewritten = static_cast<std::uint64_t>(par::sum(comm, static_cast<std::int64_t>(mine.shards)));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() != 0) return {};
        std::vector<std::string> texts = ids;  // as they came, and as conflicts name them
        for (const Pseudonym& name : found) texts.push_back(to_hex(name));
        TRY(report.quarantine_rewritten, erase_in_quarantine(custody, texts));
        fs::remove_all(fs::path(custody) / "scratch");
        std::string list;
        for (const Pseudonym& name : listed) list += to_hex(name) + "\n";
        TRY_DO(io::write_whole(list_of(custody), list));
        Names traces = found;
        traces.insert(wanted.begin(), wanted.end());
        TRY(report.files_searched, search(custody, traces, texts));
        return {};
    }));
    TRY_DO(ledger::append_erasure(comm, custody));
    TRY(const auto entries, ledger::open(comm, custody));
    for (const auto& entry : ledger::releases_of(entries)) {
        TRY(const auto record, ledger::read(comm, custody, entry));
        ++report.releases_unchanged;
    }
    return report;
}

}  // namespace meterveil::pipeline
