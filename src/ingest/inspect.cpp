// What is in a file, without a job.

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "ingest/decimal.hpp"
#include "ingest/format.hpp"
#include "meterveil/io/text_source.hpp"

namespace meterveil::ingest {
namespace {

/// Counts of one pass over a file.
struct Survey {
    std::uint64_t rows = 0, unusable_time = 0, unusable_value = 0, malformed = 0, backwards = 0, repeated = 0;
    std::int64_t first = INT64_MAX, last = INT64_MIN;
    std::unordered_map<std::string, std::int64_t> last_of;       ///< meter -> its latest stamp in file order
    std::unordered_map<std::int64_t, std::uint64_t> step_counts; ///< seconds between rows of a meter
};

void note_step(Survey& survey, std::string_view id, std::int64_t instant) {
    const auto [known, is_new] = survey.last_of.try_emplace(std::string(id), instant);
    if (is_new) return;
    const std::int64_t step = instant - known->second;
    if (step > 0 && survey.step_counts.size() < 10000) ++survey.step_counts[step];
    survey.repeated += step == 0 ? 1 : 0;
    survey.backwards += step < 0 ? 1 : 0;
    known->second = instant;
}

void note_row(Survey& survey, const Timeline& timeline, const Source& source, std::string_view id, std::string_view time, std::string_view value) {
    ++survey.rows;
    const auto stamp = parse_stamp(time);
    const auto instant = stamp ? timeline.instant_s(*stamp) : std::nullopt;
    if (id.empty()) ++survey.malformed;
    else if (!instant) ++survey.unusable_time;
    else if (!to_energy(value, source.unit, 1)) ++survey.unusable_value;
    if (id.empty() || !instant) return;
    survey.first = std::min(survey.first, *instant);
    survey.last = std::max(survey.last, *instant);
    note_step(survey, id, *instant);
}

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
    report.meters = survey.last_of.size();
    report.unusable = survey.malformed + survey.unusable_time + survey.unusable_value;
    report.interval_s = commonest_step(survey);
    const auto problem = [&](std::uint64_t count, const char* what) {
        if (count > 0) report.problems.push_back(fmt::format("{} rows {}", count, what));
    };
    problem(survey.malformed, "are not rows of this format");
    problem(survey.unusable_time, "have no readable time");
    problem(survey.unusable_value, "have no number");
    problem(survey.repeated, "repeat the time of the row before");
    problem(survey.backwards, "go back in time");
    if (survey.first > survey.last) return;
    report.first = model::format_instant(model::Instant(std::chrono::seconds(survey.first)));
    report.last = model::format_instant(model::Instant(std::chrono::seconds(survey.last)));
    if (report.interval_s == 0) return;
    const auto expected = static_cast<double>((survey.last - survey.first) / report.interval_s + 1) * static_cast<double>(report.meters);
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
    TRY(const std::string head, io::head_of(path));
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
    const model::Axis any{model::Instant{}, std::chrono::seconds(60), 1};
    auto decoder = format.value()->open(head, {source, calendar, any, 1, INT32_MAX});
    if (!decoder.ok()) return at_path(std::move(decoder).error());
    report.columns = decoder.value()->columns();

    const Timeline timeline(source, calendar, any);
    Survey survey;
    TRY(const auto text, io::TextSource::open(path));
    for (io::TextBlock block;;) {
        TRY(const bool more, text->next(block));
        if (!more) break;
        decoder.value()->scan(block.text, block.is_first, [&](std::string_view id, std::string_view time, std::string_view value) {
            note_row(survey, timeline, source, id, time, value);
        });
    }
    describe(survey, report);
    return report;
}

}  // namespace meterveil::ingest
