#include "meterveil/publish/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "meterveil/io/posix.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/publish/verify.hpp"
#include "publish/documents.hpp"
#include "publish/run_portraits.hpp"
#include "publish/run_tables.hpp"

namespace meterveil::publish {
namespace {

namespace fs = std::filesystem;

/// Runs on rank 0; all ranks agree.
template <class Work>
Result<> on_first(par::Comm& comm, Work&& work) {
    return par::agree_on(comm, [&]() -> Result<> {
        if (comm.rank() == 0) return work();
        return {};
    });
}

/// An empty staging folder, in place of what a killed run left.
Result<> make_partial(const io::Path& partial, const io::Path& final_folder) {
    if (fs::exists(fs::symlink_status(final_folder)))
        return Error{Code::locked, "a release of this name exists, and a release is never altered", final_folder.string(), "choose another name or folder, or move it away"};
    fs::remove_all(partial);
    std::vector<io::Path> touched;  // folders that get a new folder above the staging folder: their entry must last too
    for (io::Path up = fs::absolute(partial).parent_path(); !fs::exists(up) && up.has_relative_path(); up = up.parent_path()) touched.push_back(up.parent_path());
    TRY_DO(io::make_private_folder(partial / "tables"));
    TRY_DO(io::make_private_folder(partial / "evidence"));
    for (const io::Path& folder : touched) TRY_DO(io::sync_folder(folder));
    return {};
}

/// Relative paths of all files, sorted.
std::vector<std::string> files_in(const io::Path& folder) {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files.push_back(fs::relative(entry.path(), folder).string());
    std::sort(files.begin(), files.end());
    return files;
}

/// Collective. Every file with its digest; each rank hashes its share.
Result<std::vector<FileEntry>> digest_files(par::Comm& comm, const io::Path& folder) {
    TRY(const auto mine, par::agree_on(comm, [&]() -> Result<std::string> {
            const auto files = files_in(folder);
            std::string text;
            for (std::size_t i = static_cast<std::size_t>(comm.rank()); i < files.size(); i += static_cast<std::size_t>(comm.size())) {
                TRY(const std::string digest, io::of_storage(io::sha256_of_file(folder / files[i])));
                text += fmt::format("{} {} {}\n", digest, fs::file_size(folder / files[i]), files[i]);
            }
            return text;
        }));
    std::vector<FileEntry> entries;
    for (const std::string& text : par::all_gather_text(comm, mine))
        for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
            const std::size_t size = text.find(' ', begin) + 1, path = text.find(' ', size) + 1;
            entries.push_back({text.substr(path, end - path), text.substr(begin, 64), std::stoull(text.substr(size, path - size))});
        }
    std::sort(entries.begin(), entries.end(), [](const FileEntry& a, const FileEntry& b) { return a.path < b.path; });
    return entries;
}

Result<> write_manifest(const model::Release& release, const model::Forecast* forecast, const Dossier& dossier, std::vector<FileEntry> files, const io::Path& folder) {
    const std::string manifest = manifest_json(release, forecast, dossier, files);
    TRY_DO(io::write_whole(folder / "manifest.json", manifest, 0644));
    files.push_back({"manifest.json", io::sha256_hex(std::string_view(manifest)), manifest.size()});
    std::sort(files.begin(), files.end(), [](const FileEntry& a, const FileEntry& b) { return a.path < b.path; });
    return io::write_whole(folder / "SHA256SUMS", sums_text(files), 0644);
}

/// What is published may be read by all, and is on disk: files first, then folders.
Result<> seal(const io::Path& folder) {
    const auto file_mode = static_cast<fs::perms>(0644), folder_mode = static_cast<fs::perms>(0755);
    std::vector<io::Path> folders = {folder};
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        fs::permissions(entry.path(), entry.is_directory() ? folder_mode : file_mode);
        if (entry.is_directory()) {
            folders.push_back(entry.path());
            continue;
        }
        TRY(auto file, io::File::open(entry.path(), io::File::Mode::write_existing));
        TRY_DO(file.sync());
        TRY_DO(file.close());
    }
    fs::permissions(folder, folder_mode);
    for (auto made = folders.rbegin(); made != folders.rend(); ++made) TRY_DO(io::sync_folder(*made));
    return {};
}

Result<> prove(const io::Path& folder) {
    TRY(const auto checks, io::of_storage(verify(folder.string())));
    for (const Check& check : checks) {
        const std::string what = fmt::format("the finished release does not verify: {}: {}", check.name, check.detail);
        if (check.unreadable) return Error{Code::storage, what, folder.string(), "nothing was published; check the disk"};
        if (!check.passes) return Error{Code::internal, what, folder.string(), "nothing was published; please report this"};
    }
    return {};
}

/// Collective. Everything but the rename.
Result<> write_partial(par::Comm& comm, const model::Release& release, const model::Forecast* coming, const Dossier& dossier, const model::Calendar& calendar,
                       const io::Path& partial) {
    TRY_DO(write_aggregates(comm, release, calendar, partial));
    if (coming != nullptr) TRY_DO(write_forecast(comm, release, *coming, partial));
    TRY_DO(write_tables(comm, release, calendar, partial / "tables"));
    if (release.attributes()) TRY_DO(write_attributes(comm, *release.attributes(), partial));
    PageFacts page{release, coming, dossier, portraits(comm, release, calendar), {}, {}};
    TRY_DO(on_first(comm, [&]() -> Result<> {
        if (coming != nullptr) page.fans = fans(comm, release, *coming, calendar);
        TRY_DO(io::write_whole(partial / "evidence/quality.json", dossier.quality_json, 0644));
        TRY_DO(io::write_whole(partial / "evidence/disclosure.json", dossier.disclosure_json, 0644));
        if (release.attributes()) TRY_DO(io::write_whole(partial / "evidence/attributes.json", dossier.attributes_json, 0644));
        if (coming != nullptr) TRY_DO(io::write_whole(partial / "evidence/utility.json", utility_json(*coming), 0644));
        page.files = files_in(partial);
        page.files.insert(page.files.end(), {"SHA256SUMS", "manifest.json"});
        return io::write_whole(partial / "START-HERE.html", page_html(page), 0644);
    }));
    TRY(const auto files, digest_files(comm, partial));
    return on_first(comm, [&]() -> Result<> {
        TRY_DO(write_manifest(release, coming, dossier, files, partial));
        TRY_DO(prove(partial));
        return seal(partial);
    });
}

}  // namespace

Result<std::string> run(par::Comm& comm, const model::Release& release, const std::optional<model::Forecast>& forecast, const Dossier& dossier,
                        const Options& options) {
    const io::Path final_folder = io::Path(options.folder) / release.terms().name, partial = final_folder.string() + ".partial";
    Result<> outcome = on_first(comm, [&] { return make_partial(partial, final_folder); });
    if (!outcome.ok() && outcome.error().code == Code::locked) return std::move(outcome).error();  // nothing of this run is there
    if (outcome.ok()) outcome = write_partial(comm, release, forecast ? &*forecast : nullptr, dossier, options.calendar, partial);
    if (outcome.ok()) outcome = on_first(comm, [&] { return io::rename_new(partial, final_folder); });  // alone: after it nothing can fail
    if (outcome.ok()) return (final_folder / "START-HERE.html").string();
    std::error_code ignored;  // the first trouble is the one to tell
    if (comm.rank() == 0) fs::remove_all(partial, ignored);
    return std::move(outcome).error();
}

}  // namespace meterveil::publish
