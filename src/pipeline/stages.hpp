#pragma once
// Runs the stages of a job one after another and keeps what each of them cost.

#include <vector>

#include "meterveil/par/comm.hpp"
#include "meterveil/pipeline/run.hpp"

namespace meterveil::pipeline {

class Stages {
public:
    Stages(par::Comm& comm, Progress& progress) : comm_(comm), progress_(progress) {}

    /// Collective. @param work () -> Result<T>, a door: ends in agreement
    template <class Work>
    auto run(const std::string& name, Work&& work) {
        const Mark begun = begin(name);
        auto outcome = work();
        if (outcome.ok()) end(name, begun);
        return outcome;
    }
    [[nodiscard]] const std::vector<StageCost>& costs() const { return costs_; }

private:
    struct Mark {
        double wall_s = 0, cpu_s = 0;
    };
    Mark begin(const std::string& name);
    /// Collective: sums CPU time and takes the largest memory over ranks.
    void end(const std::string& name, const Mark& begun);

    par::Comm& comm_;
    Progress& progress_;
    std::vector<StageCost> costs_;
};

}  // namespace meterveil::pipeline
