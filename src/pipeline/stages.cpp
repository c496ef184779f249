#include "pipeline/stages.hpp"

#include <sys/resource.h>

#include <chrono>
#include <fstream>

#include "meterveil/io/posix.hpp"
#include "meterveil/par/exchange.hpp"

namespace meterveil::pipeline {
namespace {

double wall_seconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec); };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Linux: the high-water mark starts again, so that each stage shows its own. Without it the mark
/// only ever rises, which is an upper bound.
void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5"; }

}  // namespace

Stages::Mark Stages::begin(const std::string& name) {
    progress_.begin(name);
    reset_peak_memory();
    return {wall_seconds(), cpu_seconds()};
}

void Stages::end(const std::string& name, const Mark& begun) {
    const double wall_s = wall_seconds() - begun.wall_s;
    const auto cpu_us = static_cast<std::int64_t>((cpu_seconds() - begun.cpu_s) * 1e6);
    StageCost cost{name, wall_s, 1e-6 * static_cast<double>(par::sum(comm_, cpu_us)),
                   static_cast<std::uint64_t>(par::max(comm_, static_cast<std::int64_t>(io::peak_memory_bytes())))};
    costs_.push_back(cost);
    progress_.update(1);
}

}  // namespace meterveil::pipeline
