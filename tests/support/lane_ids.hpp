#pragma once
// The ids of a lane by their numbers, as its batches tell them.

#include <string>
#include <vector>

#include "meterveil/model/readings.hpp"

namespace meterveil::testing {

class LaneIds {
public:
    void learn(const model::RawBatch& batch) {
        ids_.resize(batch.first_id);
        ids_.insert(ids_.end(), batch.ids.begin(), batch.ids.end());
    }
    [[nodiscard]] bool knows(std::uint32_t who) const { return who < ids_.size() && !ids_[who].empty(); }
    [[nodiscard]] const std::string& operator[](std::uint32_t who) const { return ids_.at(who); }

private:
    std::vector<std::string> ids_;
};

}  // namespace meterveil::testing
