// What is in a file, without a job.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "ingest/format.hpp"
#include "ingest/run_text.hpp"
#include "meterveil/io/text_source.hpp"

namespace meterveil::ingest {
namespace {

using model::Reason;

/// Counts of one pass over a file.
class Survey final : public Sink {
public:
    void take(const Statement& s) override {
        ++rows;
        first = std::min(first, s.start_s);
        last = std::max(last, s.start_s);
        if (s.quality == model::Quality::missing) ++missing;
        if (s.quality == model::Quality::estimated || s.quality == model::Quality::substituted) ++estimated;
        if (s.channel == model::Channel::export_) has_export = true;
        if (s.energy_nwh < 0) ++negative;
        meters.insert(std::string(s.id));
        note_step(s);
    }
    void refuse(Reason reason, std::uint64_t, std::string_view) override {
        ++rows;
        ++refused[static_cast<std::size_t>(reason)];
    }

    std::uint64_t rows = 0, missing = 0, estimated = 0, negative = 0, backwards = 0, repeated = 0;
    std::array<std::uint64_t, model::num_reasons> refused{};
    std::int64_t first = INT64_MAX, last = INT64_MIN;
    bool has_export = false;
    std::unordered_set<std::string> meters;
    std::unordered_map<std::int64_t, std::uint64_t> step_counts;  ///< seconds between rows of a meter and channel, or their stated length

    [[nodiscard]] std::size_t num_series() const { return latest_.size(); }  ///< a meter's channels

private:
    void note_step(const Statement& s) {
        std::string series(s.id);
        series += s.channel == model::Channel::export_ ? "-" : "+";
        const auto [known, is_new] = latest_.try_emplace(std::move(series), s.start_s);
        const std::int64_t step = s.start_s - known->second;
        const std::int64_t length = s.length_s > 0 ? s.length_s : step;
        if (length > 0 && step_counts.size() < 10000) ++step_counts[length];
        if (is_new) return;
        repeated += step == 0 ? 1 : 0;
        backwards += step < 0 ? 1 : 0;
        known->second = s.start_s;
    }
    std::unordered_map<std::string, std::int64_t> latest_;  ///< of every series, its latest start in file order
};

std::int64_t commonest_step(const Survey& survey) {
    std::int64_t step = 0;
    std::uint64_t most = 0;
    for (const auto& [seconds, count] : survey.step_counts)
        if (count > most || (count == most && seconds < step)) {
            most = count;
            step = seconds;
        }
    return step;
}

void describe(const Survey& survey, FileReport& report) {
    report.rows = survey.rows;
    report.meters = survey.meters.size();
    report.unusable = survey.missing + std::accumulate(survey.refused.begin(), survey.refused.end(), std::uint64_t{0});
    report.interval_s = commonest_step(survey);
    const auto problem = [&](std::uint64_t count, const std::string& what) {
        if (count > 0) report.problems.push_back(fmt::format("{} rows {}", count, what));
    };
    for (std::size_t i = 0; i < survey.refused.size(); ++i)
        problem(survey.refused[i], fmt::format("cannot be used: {}", model::name_of(static_cast<Reason>(i))));
    problem(survey.missing, "are flagged as missing");
    problem(survey.estimated, "are flagged as estimated or substituted");
    problem(survey.negative, "are negative");
    problem(survey.repeated, "repeat the time of the row before");
    problem(survey.backwards, "go back in time");
    if (survey.has_export) report.problems.emplace_back("it has export");
    if (survey.first > survey.last) return;
    report.first = model::format_instant(model::Instant(std::chrono::seconds(survey.first)));
    report.last = model::format_instant(model::Instant(std::chrono::seconds(survey.last)));
    if (report.interval_s == 0) return;
    const auto expected = static_cast<double>((survey.last - survey.first) / report.interval_s + 1) * static_cast<double>(survey.num_series());
    report.coverage = static_cast<double>(survey.rows - report.unusable - survey.repeated) / expected;
}

const char* name_of(io::Compression compression) {
    return compression == io::Compression::gzip ? "gzip" : compression == io::Compression::zstd ? "zstd" : "none";
}

}  // namespace

Result<FileReport> inspect(const std::string& path, const Source& source, const model::Calendar& calendar) {
    FileReport report;
    report.path = path;
    TRY(const io::Compression compression, io::compression_of(path));
    report.compression = name_of(compression);
    TRY(const std::string head, head_of_text(path));
    const auto at_path = [&](Error error) {
        if (error.where.empty()) error.where = path;
        return error;
    };
    auto format = choose_format(source, head);
    if (!format.ok()) return at_path(std::move(format).error());
    const Sniffed sniffed = format.value()->sniff(head);
    report.format = format.value()->name;
    report.why = sniffed.why;
    report.confidence = sniffed.confidence;
    const model::Axis any{model::Instant{}, std::chrono::seconds(60), UINT32_MAX};  // no row is outside
    Source asked = source;
    if (asked.meter.empty()) asked.meter = "-";  // readings are surveyed, whosever they are
    auto opened = format.value()->open(head, {asked, calendar, any, 1, INT32_MAX});
    if (!opened.ok()) return at_path(std::move(opened).error());
    Decoder& decoder = *opened.value();
    report.columns = decoder.columns();

    Survey survey;
    TRY(const auto text, open_text(path, whole_file, *format.value()));
    for (io::TextBlock block;;) {
        TRY(const bool more, text->next(block));
        auto outcome = more ? decoder.decode(block.text, block.is_first, survey) : decoder.finish(survey);
        if (!outcome.ok()) return at_path(std::move(outcome).error());
        if (!more) break;
    }
    describe(survey, report);
    for (std::string& remark : decoder.remarks()) report.problems.push_back(std::move(remark));
    return report;
}

}  // namespace meterveil::ingest
