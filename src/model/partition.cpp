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

}  // namespace meterveil::model
