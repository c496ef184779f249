#include "meterveil/model/readings.hpp"

#include <numeric>

namespace meterveil::model {

const char* name_of(Reason reason) {
    switch (reason) {
        case Reason::malformed: return "malformed";
        case Reason::bad_time: return "bad_time";
        case Reason::nonexistent_time: return "nonexistent_time";
        case Reason::outside_period: return "outside_period";
        case Reason::bad_value: return "bad_value";
        case Reason::out_of_range: return "out_of_range";
        case Reason::missing: return "missing";
        case Reason::register_base: return "register_base";
        case Reason::other_quantity: return "other_quantity";
        case Reason::unknown_meter: return "unknown_meter";
        case Reason::erased: return "erased";
        case Reason::conflict: return "conflict";
    }
    return "malformed";
}

std::uint64_t RowAccount::num_quarantined() const {
    return std::accumulate(quarantined.begin(), quarantined.end(), std::uint64_t{0});
}

RowAccount& RowAccount::operator+=(const RowAccount& other) {
    read += other.read;
    accepted += other.accepted;
    superseded += other.superseded;
    duplicate += other.duplicate;
    for (std::size_t i = 0; i < quarantined.size(); ++i) quarantined[i] += other.quarantined[i];
    estimated += other.estimated;
    substituted += other.substituted;
    residue_nwh += other.residue_nwh;
    return *this;
}

}  // namespace meterveil::model
