#include "meterveil/ingest/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "ingest/format.hpp"
#include "ingest/run_text.hpp"
#include "meterveil/io/text_source.hpp"
#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::ingest {
namespace {

/// Compressed text unpacks to about this many times its size: a weight for the plan only.
constexpr std::uint64_t typical_ratio = 8;

/// A piece of a file for one rank.
struct Task {
    std::uint32_t file = 0, source = 0;
    IndexRange range = whole_file;
    std::uint64_t weight = 0;
};

Error named(Error error, const std::string& path) {
    if (error.where.empty()) error.where = path;
    return error;
}

DecodeOptions decode_options(const Options& options, std::size_t source) {
    return {options.sources[source], options.calendar, options.axis, options.energy_quantum_wh, options.max_wh};
}

/// A file whose format is known.
struct OpenFile {
    const Format* format = nullptr;
    std::unique_ptr<Decoder> decoder;
};

Result<OpenFile> open_file(const std::string& path, const DecodeOptions& options) {
    TRY(const std::string head, head_of_text(path));
    auto format = choose_format(options.source, head);
    if (!format.ok()) return named(std::move(format).error(), path);
    auto decoder = format.value()->open(head, options);
    if (!decoder.ok()) return named(std::move(decoder).error(), path);
    return OpenFile{format.value(), std::move(decoder).value()};
}

/// Pieces of one file. A clock with doubled hours needs the rows in file order: one piece.
Result<std::vector<Task>> pieces_of(const std::string& path, std::uint32_t file, std::uint32_t source, const Format& format, const Options& options) {
    TRY(const io::Compression compression, io::compression_of(path));
    TRY(const io::File opened, io::File::open(path, io::File::Mode::read));
    TRY(const std::uint64_t size, opened.size());
    const bool is_plain = compression == io::Compression::none;
    if (!is_plain || format.blocks != Blocks::lines || options.sources[source].clock.kind == Clock::Kind::local)
        return std::vector<Task>{{file, source, whole_file, is_plain ? size : size * typical_ratio}};
    std::vector<Task> tasks;
    for (std::uint64_t first = 0; first < size || first == 0; first += options.range_bytes) {
        const std::uint64_t last = std::min(size, first + options.range_bytes);
        tasks.push_back({file, source, {first, last}, last - first});
    }
    return tasks;
}

/// What the files that this rank checked are like.
struct Checked {
    std::vector<Task> tasks;
    bool is_versioned = false;
};

/// Local. Checks the files f with f % ranks == rank.
Result<Checked> check_files(const par::Comm& comm, const Options& options) {
    Checked checked;
    std::uint32_t file = 0;
    for (std::uint32_t s = 0; s < options.sources.size(); ++s)
        for (const std::string& path : options.sources[s].files) {
            if (file % static_cast<std::uint32_t>(comm.size()) == static_cast<std::uint32_t>(comm.rank())) {
                TRY(const OpenFile opened, open_file(path, decode_options(options, s)));
                TRY(const auto pieces, pieces_of(path, file, s, *opened.format, options));
                checked.tasks.insert(checked.tasks.end(), pieces.begin(), pieces.end());
                checked.is_versioned = checked.is_versioned || opened.format->has_versions;
            }
            ++file;
        }
    return checked;
}

/// Heaviest first to the one with the least, the same whoever asks. @return those of one of `sharers`, in file order
std::vector<Task> share_out(std::vector<Task> tasks, std::size_t sharers, std::size_t sharer) {
    const auto in_order = [](const Task& a, const Task& b) { return std::pair(a.file, a.range.first) < std::pair(b.file, b.range.first); };
    std::sort(tasks.begin(), tasks.end(), in_order);
    std::stable_sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.weight > b.weight; });
    std::vector<std::uint64_t> load(sharers, 0);
    std::vector<Task> mine;
    for (const Task& task : tasks) {
        const auto least = std::min_element(load.begin(), load.end());
        *least += task.weight;
        if (static_cast<std::size_t>(least - load.begin()) == sharer) mine.push_back(task);
    }
    std::sort(mine.begin(), mine.end(), in_order);
    return mine;
}

/// Rows that cannot be used, in custody: one file for each piece that has any.
class Quarantine {
public:
    explicit Quarantine(io::Path folder) : folder_(std::move(folder)) {}

    Result<> keep(const Task& task, std::uint64_t block_offset, const std::vector<SetAside>& rows) {
        std::string text;
        for (const SetAside& row : rows)
            if (is_kept(row.reason))
                text += fmt::format("{},{},{}\n", model::name_of(row.reason), block_offset + row.offset, quoted(row.line));
        if (text.empty()) return {};
        TRY_DO(io::make_private_folder(folder_));
        TRY(auto file, io::File::open(folder_ / fmt::format("rows-{:05}-{:012}.csv", task.file, task.range.first), io::File::Mode::append));
        TRY(const std::uint64_t size, file.size());
        TRY_DO(file.write((size == 0 ? "reason,byte_offset,row\n" : "") + text));
        return file.close();
    }

private:
    /// Rows that are right, and of no use here, are counted only: there may be as many of them as readings.
    static bool is_kept(model::Reason reason) {
        return reason != model::Reason::outside_period && reason != model::Reason::other_quantity && reason != model::Reason::register_base;
    }
    static std::string quoted(std::string_view line) {
        std::string text = "\"";
        for (const char c : line) {
            if (c == '"') text += '"';
            text += c;
        }
        return text + '"';
    }
    io::Path folder_;
};

/// Reads its tasks one after another.
class Lane {
public:
    Lane(const Options& options, const std::vector<std::string>& files, std::vector<Task> tasks) : options_(options), files_(files), tasks_(std::move(tasks)), quarantine_(options.quarantine_folder) {}

    Result<bool> next(model::RawBatch& batch) {
        for (; task_ < tasks_.size(); ++task_, text_.reset()) {
            if (!text_) TRY_DO(open());
            sink_->clear();
            io::TextBlock block;
            TRY(const bool more, text_->next(block));
            auto outcome = more ? file_.decoder->decode(block.text, block.is_first, *sink_) : file_.decoder->finish(*sink_);
            if (!outcome.ok()) return named(std::move(outcome).error(), files_[tasks_[task_].file]);
            if (!more && sink_->batch().account.read == 0) continue;
            TRY_DO(quarantine_.keep(tasks_[task_], block.offset, sink_->set_aside()));
            sink_->release(batch);
            batch.file = tasks_[task_].file;
            batch.offset = block.offset;
            return true;
        }
        return false;
    }

private:
    Result<> open() {
        const Task& task = tasks_[task_];
        const DecodeOptions options = decode_options(options_, task.source);
        TRY(file_, open_file(files_[task.file], options));
        TRY(text_, open_text(files_[task.file], task.range, *file_.format));
        if (!sink_) sink_ = std::make_unique<BatchSink>(options);  // of a source it needs what all have in common
        return {};
    }

    const Options& options_;
    const std::vector<std::string>& files_;
    std::vector<Task> tasks_;
    std::size_t task_ = 0;
    Quarantine quarantine_;
    OpenFile file_;
    std::unique_ptr<BatchSink> sink_;
    std::unique_ptr<io::TextSource> text_;
};

class Stream final : public model::RawStream {
public:
    Stream(Options options, const std::vector<Task>& tasks, bool is_versioned) : options_(std::move(options)), files_(files_of(options_)), is_versioned_(is_versioned) {
        for (std::size_t lane = 0; lane < options_.lanes; ++lane) lanes_.emplace_back(options_, files_, share_out(tasks, options_.lanes, lane));
    }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    [[nodiscard]] std::size_t num_lanes() const override { return lanes_.size(); }
    Result<bool> next(std::size_t lane, model::RawBatch& batch) override { return lanes_[lane].next(batch); }
    [[nodiscard]] bool is_versioned() const override { return is_versioned_; }

private:
    Options options_;
    std::vector<std::string> files_;
    bool is_versioned_;
    std::vector<Lane> lanes_;
};

}  // namespace

std::vector<std::string> files_of(const Options& options) {
    std::vector<std::string> files;
    for (const Source& source : options.sources) files.insert(files.end(), source.files.begin(), source.files.end());
    return files;
}

Result<std::int64_t> finest_interval_s(par::Comm& comm, const Options& options) {
    TRY(const auto mine, par::agree_on(comm, [&]() -> Result<std::int64_t> {
            std::int64_t finest = options.axis.length.count();
            std::uint32_t file = 0;
            for (std::uint32_t s = 0; s < options.sources.size(); ++s) {
                if (options.sources[s].interval_s > 0) finest = std::gcd(finest, options.sources[s].interval_s);
                for (const std::string& path : options.sources[s].files) {
                    if (file++ % static_cast<std::uint32_t>(comm.size()) != static_cast<std::uint32_t>(comm.rank())) continue;
                    TRY(const OpenFile opened, open_file(path, decode_options(options, s)));
                    if (const std::int64_t said = opened.decoder->interval_s(); said > 0) finest = std::gcd(finest, said);
                }
            }
            return finest;
        }));
    std::int64_t finest = 0;
    for (const auto& part : par::all_gather(comm, std::vector<std::int64_t>{mine})) finest = std::gcd(finest, part[0]);
    return finest;
}

Result<std::unique_ptr<model::RawStream>> run(par::Comm& comm, const Options& options) {
    TRY(const auto checked, par::agree_on(comm, [&] { return check_files(comm, options); }));
    std::vector<Task> tasks;
    for (const auto& part : par::all_gather(comm, checked.tasks)) tasks.insert(tasks.end(), part.begin(), part.end());
    const bool is_versioned = par::max(comm, checked.is_versioned ? 1 : 0) != 0;
    const auto mine = share_out(std::move(tasks), static_cast<std::size_t>(comm.size()), static_cast<std::size_t>(comm.rank()));
    return std::unique_ptr<model::RawStream>(new Stream(options, mine, is_versioned));
}

}  // namespace meterveil::ingest
