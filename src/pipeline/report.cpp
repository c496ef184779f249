// Reports as JSON and text.

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "meterveil/pipeline/run.hpp"

namespace meterveil::pipeline {
namespace {

using Json = nlohmann::ordered_json;

/// Text that is not UTF-8, such as a file's name, gets replacement characters.
std::string dumped(const Json& document) { return document.dump(2, ' ', false, Json::error_handler_t::replace); }

std::string size_text(std::uint64_t bytes) {
    const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    for (; value >= 1024 && unit < 4; ++unit) value /= 1024;
    return fmt::format("{:.{}f} {}", value, unit == 0 ? 0 : 1, units[unit]);
}

}  // namespace

std::string to_json(const RunReport& report) {
    Json stages = Json::array(), files = Json::array();
    for (const auto& s : report.stages) stages.push_back({{"stage", s.name}, {"seconds", s.seconds}, {"cpu_seconds", s.cpu_seconds}, {"peak_bytes", s.peak_bytes}});
    for (std::size_t i = 0; i < report.accounts.files.size(); ++i) {
        const auto& rows = report.accounts.rows[i];
        files.push_back({{"file", report.accounts.files[i]}, {"read", rows.read}, {"accepted", rows.accepted}, {"superseded", rows.superseded},
                         {"duplicate", rows.duplicate}, {"quarantined", rows.num_quarantined()}});
    }
    return dumped(Json{{"start_here", report.pages.empty() ? "" : report.pages.front()}, {"pages", report.pages}, {"ranks", report.ranks}, {"threads", report.threads}, {"spooled", report.spooled}, {"corrections_wait", report.corrections_wait}, {"stages", stages}, {"files", files}});
}

std::string to_json(const PlanReport& p) {
    return dumped(Json{{"rows", p.rows}, {"meters", p.meters}, {"intervals", p.intervals}, {"shards", p.shards}, {"ranks", p.ranks}, {"imbalance", p.imbalance},
                {"input_bytes", p.input_bytes}, {"memory_per_rank", p.memory_per_rank}, {"memory_limit", p.memory_limit}, {"spools", p.spools},
                {"custody_bytes", p.custody_bytes}, {"closed_bytes", p.closed_bytes}, {"scratch_bytes", p.scratch_bytes}, {"release_bytes", p.release_bytes}, {"wire_bytes", p.wire_bytes},
                {"custody_free", p.custody_free}, {"output_free", p.output_free}});
}

std::string to_text(const PlanReport& p) {
    std::string text = fmt::format("about {} rows in {} of input, {} meters x {} intervals\n", p.rows, size_text(p.input_bytes), p.meters, p.intervals);
    text += fmt::format("{} shards on {} ranks, the fullest has {:.2f} times the mean\n", p.shards, p.ranks, p.imbalance);
    text += fmt::format("memory    {} per rank, of {} allowed{}\n", size_text(p.memory_per_rank), size_text(p.memory_limit), p.spools ? "; readings are spooled to disk" : "");
    text += fmt::format("custody   {} and {} of scratch, {} free; it has {} of earlier releases\n", size_text(p.custody_bytes), size_text(p.scratch_bytes), size_text(p.custody_free), size_text(p.closed_bytes));
    text += fmt::format("release   {}, {} free\n", size_text(p.release_bytes), size_text(p.output_free));
    return text + fmt::format("network   {} between ranks\n", size_text(p.wire_bytes));
}

}  // namespace meterveil::pipeline
