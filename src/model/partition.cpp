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

std::vector<AtomId> numbers_by_class(const Partition& own, const Partition& by_class) {
    std::vector<AtomId> numbers(own.num_atoms(), no_id);
    const auto nodes = static_cast<BatchId>(own.atom_of_batch.size() / 2);
    for (BatchId batch = 0; batch < own.atom_of_batch.size(); ++batch)
        if (own.atom_of_batch[batch] != no_id) numbers[own.atom_of_batch[batch]] = by_class.atom_of(batch % nodes, batch >= nodes);
    return numbers;
}

}  // namespace meterveil::model
