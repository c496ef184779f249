// What a run would need, before it runs.

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "meterveil/io/posix.hpp"
#include "meterveil/io/text_source.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/pipeline/run.hpp"
#include "meterveil/pseudonym/run.hpp"
#include "pipeline/closed.hpp"

namespace meterveil::pipeline {
namespace {

/// Compressed bytes of a cleaned reading in a shard; measured on London readings.
constexpr double shard_bytes_a_reading = 1.2;
/// Batches, buffers and libraries beside the matrix.
constexpr std::uint64_t base_bytes = std::uint64_t{160} << 20;

struct Estimate {
    std::uint64_t rows = 0, bytes = 0;
};

/// Rows of a file from the length of its first lines and, where compressed, from how its start unpacks.
Result<Estimate> estimate(const std::string& path) {
    constexpr std::uint64_t sample = 1 << 18;
    TRY(const io::Compression compression, io::compression_of(path));
    TRY(const std::string head, io::head_of(path, sample));
    TRY(const io::File file, io::File::open(path, io::File::Mode::read));
    TRY(const std::uint64_t size, file.size());
    const auto lines = static_cast<double>(std::max<std::ptrdiff_t>(1, std::count(head.begin(), head.end(), '\n')));
    const double line_bytes = std::max(1.0, static_cast<double>(head.size()) / lines);
    const double ratio = compression == io::Compression::none ? 1 : 7;  // of half-hourly text, measured
    return Estimate{static_cast<std::uint64_t>(static_cast<double>(size) * ratio / line_bytes), size};
}

Result<Estimate> estimate_all(par::Comm& comm, const config::Job& job) {
    TRY(const auto mine, par::agree_on(comm, [&]() -> Result<Estimate> {
            Estimate sum;
            const auto files = ingest::files_of(job.ingest);
            for (std::size_t i = static_cast<std::size_t>(comm.rank()); i < files.size(); i += static_cast<std::size_t>(comm.size())) {
                TRY(const Estimate one, estimate(files[i]));
                sum.rows += one.rows;
                sum.bytes += one.bytes;
            }
            return sum;
        }));
    return Estimate{static_cast<std::uint64_t>(par::sum(comm, static_cast<std::int64_t>(mine.rows))),
                    static_cast<std::uint64_t>(par::sum(comm, static_cast<std::int64_t>(mine.bytes)))};
}

std::uint64_t release_bytes(const config::Job& job, const model::Hierarchy& hierarchy) {
    std::uint64_t values = 0;
    for (const auto& release : job.releases)
        for (const auto& name : release.resolutions)
            if (const auto resolution = model::make_resolution(job.calendar, job.axis, name); resolution.ok()) values += resolution.value().num_bins() * hierarchy.nodes.size();
    return values * (8 + 60);  // HDF5, and a line of text
}

/// Each file once, whatever names it has.
std::uint64_t closed_bytes(const std::string& custody) {
    std::set<ino_t> seen;
    std::uint64_t bytes = 0;
    for (const auto& folder : closed_folders(custody))
        for (const auto& file : shard_files(folder)) {
            struct stat status {};
            if (::stat(file.c_str(), &status) == 0 && seen.insert(status.st_ino).second) bytes += static_cast<std::uint64_t>(status.st_size);
        }
    return bytes;
}

}  // namespace

Result<PlanReport> dry_run(par::Comm& comm, const config::Job& job) {
    std::optional<Result<pseudonym::RootKey>> any;
    if (comm.rank() == 0) any = Result<pseudonym::RootKey>(pseudonym::RootKey::random());  // spreads meters as any key does
    TRY(const auto key, pseudonym::share_key(comm, std::move(any)));
    TRY(auto tables, ingest::read_tables(comm, job.tables));
    TRY(const auto roster, pseudonym::enrol(comm, std::move(tables), key, job.epoch));
    TRY(const auto plan, store::plan(comm, roster));
    TRY(const Estimate input, estimate_all(comm, job));

    PlanReport report;
    report.rows = input.rows;
    report.input_bytes = input.bytes;
    report.meters = roster.num_meters;
    report.intervals = job.axis.count;
    report.shards = plan.shards.size();
    report.imbalance = plan.imbalance;
    report.ranks = comm.size();
    report.memory_limit = job.memory_per_rank;
    std::vector<std::uint64_t> meters(static_cast<std::size_t>(comm.size()), 0);
    for (const auto& shard : plan.shards) meters[shard.owner] += shard.num_meters;
    TRY(const std::int64_t finest_s, ingest::finest_interval_s(comm, job.ingest));
    const std::uint64_t intervals = report.intervals * static_cast<std::uint64_t>(job.axis.length.count() / finest_s);
    const std::size_t num_files = ingest::files_of(job.ingest).size();
    const std::uint64_t dense = store::dense_bytes(*std::max_element(meters.begin(), meters.end()), intervals, num_files);
    report.spools = static_cast<double>(dense) > store::dense_share * static_cast<double>(job.memory_per_rank);
    report.memory_per_rank = base_bytes + (report.spools ? store::spooled_bytes(intervals, num_files) : dense);
    report.custody_bytes = static_cast<std::uint64_t>(shard_bytes_a_reading * static_cast<double>(report.meters * report.intervals));
    TRY(report.closed_bytes, par::agree_on(comm, [&]() -> Result<std::uint64_t> { return closed_bytes(job.custody); }));
    report.scratch_bytes = report.spools ? report.rows * store::spooled_row_bytes : 0;
    report.release_bytes = release_bytes(job, roster.hierarchy);
    report.wire_bytes = report.rows * 12 * static_cast<std::uint64_t>(comm.size() - 1) / static_cast<std::uint64_t>(comm.size());
    TRY(report.custody_free, par::agree_on(comm, [&] { return io::free_bytes(job.custody); }));
    TRY(report.output_free, par::agree_on(comm, [&] { return io::free_bytes(job.output); }));
    return report;
}

}  // namespace meterveil::pipeline
