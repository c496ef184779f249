#include "meterveil/generate/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "generate/rows.hpp"
#include "generate/run_output.hpp"
#include "generate/run_tables.hpp"
#include "meterveil/exec/parallel.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/par/agree.hpp"

namespace meterveil::generate {
namespace {

namespace fs = std::filesystem;

Result<> prepare(const fs::path& folder, const fs::path& partial) {
    if (fs::exists(fs::symlink_status(folder)))
        return Error{Code::usage, "the output folder exists", folder.string(), "name a new folder: an older utility is never altered"};
    if (fs::exists(fs::symlink_status(partial)))
        return Error{Code::storage, "an unfinished utility is in the way", partial.string(), "remove that folder, unless another run is writing it"};
    return io::make_private_folder(partial / "readings");
}

/// One file: the rows of its premises, then the rows that are sent again.
Result<> write_readings(const World& world, std::uint32_t file, const fs::path& folder) {
    const Spec& spec = world.spec;
    const Premises premises(spec, world.axis.count);
    TRY(Output output, Output::create(folder / fmt::format("part-{:05}.csv{}", file, spec.compress ? ".gz" : ""), spec.compress));
    std::string text(readings_header), resent;
    const std::uint64_t first = std::uint64_t{file} * spec.meters_per_file, last = std::min<std::uint64_t>(first + spec.meters_per_file, spec.meters);
    for (std::uint64_t premise = first; premise < last; ++premise) {
        append_rows(world, premises, static_cast<std::uint32_t>(premise), text, resent);
        TRY_DO(output.append(text));
        text.clear();
    }
    TRY_DO(output.append(resent));
    return output.close();
}

/// This rank's share of the reading files, several at a time; the error of the first file that failed.
Result<> write_all_readings(par::Comm& comm, const World& world, const fs::path& folder) {
    const auto ranks = static_cast<std::uint32_t>(comm.size()), rank = static_cast<std::uint32_t>(comm.rank());
    const auto num_files = static_cast<std::uint32_t>((std::uint64_t{world.spec.meters} + world.spec.meters_per_file - 1) / world.spec.meters_per_file);
    const std::uint32_t mine = num_files > rank ? (num_files - rank - 1) / ranks + 1 : 0;
    std::vector<Result<>> outcomes(mine);
    exec::for_each_index(mine, [&](std::size_t i) { outcomes[i] = write_readings(world, rank + static_cast<std::uint32_t>(i) * ranks, folder); });
    for (Result<>& outcome : outcomes) TRY_DO(std::move(outcome));
    return {};
}

/// The small files are dealt to the ranks.
Result<> write_tables(par::Comm& comm, const World& world, const fs::path& folder) {
    const auto is_mine = [&](int table) { return table % comm.size() == comm.rank(); };
    if (is_mine(0)) TRY_DO(write_topology(world, folder / "topology.csv"));
    if (is_mine(1)) TRY_DO(write_customers(world, folder / "customers.csv"));
    if (is_mine(2)) TRY_DO(write_weather(world, folder / "weather.csv"));
    if (is_mine(3)) TRY_DO(io::write_whole(folder / "job.toml", job_text(world)));
    if (is_mine(3)) TRY_DO(io::write_whole(folder / "README.md", readme_text(world)));
    return {};
}

/// Rank 0: everything is on disk under the temporary name; give it its own.
Result<> finish(const fs::path& folder, const fs::path& partial) {
    TRY_DO(io::sync_folder(partial / "readings"));
    TRY_DO(io::sync_folder(partial));
    return io::rename_new(partial, folder);
}

}  // namespace

Result<> run(par::Comm& comm, const Spec& spec, const std::string& folder) {
    const fs::path whole = fs::absolute(folder).lexically_normal();
    const fs::path place = whole.has_filename() ? whole : whole.parent_path();
    const fs::path partial = place.string() + ".partial";
    std::optional<World> world;
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        TRY(world, make_world(spec));
        return comm.rank() == 0 ? prepare(place, partial) : Result<>();
    }));
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        TRY_DO(write_tables(comm, *world, partial));
        return write_all_readings(comm, *world, partial / "readings");
    }));
    return par::agree_on(comm, [&]() -> Result<> { return comm.rank() == 0 ? finish(place, partial) : Result<>(); });
}

}  // namespace meterveil::generate
