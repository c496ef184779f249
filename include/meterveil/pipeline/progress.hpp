#pragma once
// How far a run is, told by rank 0 on stderr.

#include <chrono>
#include <string>

#include "meterveil/core/result.hpp"

namespace meterveil::pipeline {

enum class ProgressMode { automatic, bar, plain, json, off };

/// Parses "auto", "bar", "plain", "json", "off". @errors usage
Result<ProgressMode> parse_progress(const std::string& word);

/// A bar on a terminal; else one line per 5 % or minute; or one JSON object per line.
class Progress {
public:
    /// @param speaks true on rank 0 only
    Progress(ProgressMode mode, bool speaks);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// A new stage begins; the one before is done.
    void begin(const std::string& stage);
    /// @param share of the stage that is done, 0 .. 1
    void update(double share);

private:
    void say(double share);
    ProgressMode mode_;
    std::string stage_;
    double last_share_ = 0;
    std::chrono::steady_clock::time_point begun_, last_said_;
};

}  // namespace meterveil::pipeline
