#include "meterveil/pipeline/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "meterveil/core/nearest.hpp"

namespace meterveil::pipeline {
namespace {

constexpr int bar_width = 30;

double seconds_since(std::chrono::steady_clock::time_point begun) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

std::string bar(double share) {
    const auto full = static_cast<std::size_t>(share * bar_width);
    return std::string(full, '#') + std::string(static_cast<std::size_t>(bar_width) - full, '.');
}

}  // namespace

Result<ProgressMode> parse_progress(const std::string& word) {
    if (word == "auto") return ProgressMode::automatic;
    if (word == "bar") return ProgressMode::bar;
    if (word == "plain") return ProgressMode::plain;
    if (word == "json") return ProgressMode::json;
    if (word == "off") return ProgressMode::off;
    return Error{Code::usage, fmt::format("unknown progress '{}'{}", word, did_you_mean(word, {"auto", "bar", "plain", "json", "off"})),
                 "--progress", "use auto, bar, plain, json or off"};
}

Progress::Progress(ProgressMode mode, bool speaks) : mode_(mode) {
    if (mode_ == ProgressMode::automatic) mode_ = isatty(STDERR_FILENO) != 0 ? ProgressMode::bar : ProgressMode::plain;
    if (!speaks) mode_ = ProgressMode::off;
}

Progress::~Progress() {
    if (mode_ == ProgressMode::bar && !stage_.empty()) std::fputs("\n", stderr);
}

void Progress::begin(const std::string& stage) {
    if (mode_ == ProgressMode::bar && !stage_.empty()) std::fputs("\n", stderr);
    stage_ = stage;
    begun_ = std::chrono::steady_clock::now();
    last_share_ = 0;
    say(0);
}

void Progress::update(double share) {
    share = share > 0 ? std::min(share, 1.0) : 0;  // none where it is no number
    const double quiet_s = mode_ == ProgressMode::bar ? 0.1 : 60;
    const bool is_end = share >= 1 && last_share_ < 1;
    if (!is_end && share < last_share_ + 0.05 && std::chrono::steady_clock::now() - last_said_ < std::chrono::duration<double>(quiet_s)) return;
    last_share_ = share;
    say(share);
}

void Progress::say(double share) {
    last_said_ = std::chrono::steady_clock::now();
    const double percent = 100 * share, elapsed_s = seconds_since(begun_);
    switch (mode_) {
        case ProgressMode::bar:
            fmt::print(stderr, "\r{:<10} [{}] {:3.0f} % {:6.1f} s", stage_, bar(share), percent, elapsed_s);
            break;
        case ProgressMode::plain:
            fmt::print(stderr, "{}: {:.0f} % after {:.1f} s\n", stage_, percent, elapsed_s);
            break;
        case ProgressMode::json:
            fmt::print(stderr, "{{\"stage\":\"{}\",\"percent\":{:.1f},\"seconds\":{:.1f}}}\n", stage_, percent, elapsed_s);
            break;
        case ProgressMode::automatic:
        case ProgressMode::off: return;
    }
    std::fflush(stderr);
}

}  // namespace meterveil::pipeline
