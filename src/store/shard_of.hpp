#pragma once
// Which shard a meter belongs to.

#include <vector>

#include "meterveil/model/shards.hpp"

namespace meterveil::store {

class ShardIndex {
public:
    /// Both must outlive the index.
    ShardIndex(const model::Hierarchy& hierarchy, const std::vector<model::ShardSpec>& shards);
    [[nodiscard]] model::ShardId of(const model::MeterRecord& record) const;

private:
    const model::Hierarchy& hierarchy_;
    const std::vector<model::ShardSpec>& shards_;
    std::vector<model::ShardId> first_;  ///< [region] its first shard
};

}  // namespace meterveil::store
