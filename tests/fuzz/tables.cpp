// Topology and customers: read by any number of ranks they are the same rows, and enrol as they are.
#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "input_file.hpp"
#include "meterveil/ingest/run.hpp"
#include "meterveil/par/comm.hpp"
#include "meterveil/pseudonym/run.hpp"

namespace {

using namespace meterveil;

struct Outcome {
    std::optional<Code> trouble;
    std::vector<std::vector<std::string>> places, holders;  ///< sorted
    bool operator==(const Outcome&) const = default;
};

void note(const model::RawTables& tables, Outcome& outcome) {
    for (const auto& place : tables.places) {
        HOLDS(!place.meter.empty() && place.path.size() == tables.levels.size());
        outcome.places.push_back(place.path);
        outcome.places.back().push_back(place.meter);
    }
    for (const auto& holder : tables.holders) outcome.holders.push_back({holder.meter, holder.subject});
}

/// Meters stand on leaves, as many as there are places in the table.
void check_roster(const model::Roster& roster, const std::set<std::vector<std::string>>& places) {
    std::set<model::NodeId> leaves;
    for (const auto& record : roster.meters) {
        HOLDS(record.leaf < roster.hierarchy.nodes.size());
        HOLDS(roster.hierarchy.nodes[record.leaf].level + 1 == roster.hierarchy.levels.size());
        leaves.insert(record.leaf);
    }
    HOLDS(leaves.size() == places.size());
}

Outcome read(const std::string& path, int ranks) {
    Outcome outcome;
    std::mutex guard;
    par::run_on_threads(ranks, [&](par::Comm& comm) {
        auto tables = ingest::read_tables(comm, {path, {"region", "feeder"}, path, "customer_id", "meter_id"});
        {
            const std::lock_guard lock(guard);
            if (tables.ok()) note(tables.value(), outcome);
            else outcome.trouble = tables.error().code;
        }
        if (!tables.ok()) return;
        std::set<std::vector<std::string>> places;
        for (const auto& place : tables.value().places) places.insert(place.path);
        const auto key = pseudonym::share_key(comm, comm.rank() == 0 ? std::optional(Result<pseudonym::RootKey>(pseudonym::RootKey::random())) : std::nullopt);
        const auto roster = pseudonym::enrol(comm, std::move(tables).value(), key.value(), "1");
        if (roster.ok() && comm.size() == 1) check_roster(roster.value(), places);
    });
    std::sort(outcome.places.begin(), outcome.places.end());
    std::sort(outcome.holders.begin(), outcome.holders.end());
    return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string path = fuzz::file_of(fuzz::text_of(data, size));
    HOLDS(read(path, 1) == read(path, 3));
    return 0;
}
