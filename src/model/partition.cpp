#include "meterveil/model/partition.hpp"

namespace meterveil::model {

const char* name_of(NodeStatus status) {
    switch (status) {
        case NodeStatus::published: return "published";
        case NodeStatus::merged: return "merged";
        case NodeStatus::withheld: return "withheld";
        case NodeStatus::no_data: return "no_data";
    }
    return "no_data";
}

std::string name_of(const Hierarchy& hierarchy, BatchId batch) {
    return hierarchy.nodes[leaf_of(hierarchy, batch)].name + (batch < hierarchy.nodes.size() ? "" : " (new)");
}

}  // namespace meterveil::model
