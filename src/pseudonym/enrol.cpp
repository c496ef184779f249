// The join of topology and customers under pseudonyms.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "meterveil/par/agree.hpp"
#include "meterveil/par/exchange.hpp"
#include "meterveil/pseudonym/run.hpp"

namespace meterveil::pseudonym {
namespace {

using model::MeterRecord;
using model::Pseudonym;

/// A meter, who holds it and of which class they are. The record on the wire.
struct Holding {
    Pseudonym meter, subject;
    std::uint32_t subject_class = 0;
    auto operator<=>(const Holding&) const = default;
};

constexpr char separator = '\x1f';  // between the names of a path; no name of a table has it

std::string join(const std::vector<std::string>& path) {
    std::string text;
    for (const std::string& name : path) text += name + separator;
    return text;
}

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator) parts.emplace_back();
        else parts.back() += c;
    }
    parts.pop_back();
    return parts;
}

/// Distinct paths of all ranks: as many as leaves, not as meters.
std::set<std::string> all_paths(par::Comm& comm, const std::vector<model::RawTables::Place>& places) {
    std::set<std::string> mine;
    for (const auto& place : places) mine.insert(join(place.path));
    std::string text;
    for (const std::string& path : mine) text += path + '\n';
    std::set<std::string> all;
    for (const std::string& of_rank : par::all_gather_text(comm, text))
        for (std::size_t begin = 0, end = 0; (end = of_rank.find('\n', begin)) != std::string::npos; begin = end + 1)
            all.insert(of_rank.substr(begin, end - begin));
    return all;
}

/// Leaf of every path: build_hierarchy numbers the leaves last, in the order of their paths. Names are not looked up: one
/// may contain another.
std::map<std::string, model::NodeId> leaf_of_path(const model::Hierarchy& hierarchy, const std::set<std::string>& paths) {
    std::map<std::vector<std::string>, std::string> in_order;
    for (const std::string& text : paths) in_order.emplace(split(text), text);
    std::map<std::string, model::NodeId> leaves;
    auto leaf = static_cast<model::NodeId>(hierarchy.nodes.size() - in_order.size());
    for (const auto& [path, text] : in_order) leaves[text] = leaf++;
    return leaves;
}

template <class Record>
std::vector<Record> to_holders(par::Comm& comm, const std::vector<Record>& records) {
    const auto ranks = static_cast<std::uint32_t>(comm.size());
    std::vector<std::vector<Record>> to(ranks);
    for (const Record& record : records) to[model::slice_of(record.meter, ranks)].push_back(record);
    std::vector<Record> mine;
    for (auto& part : par::exchange(comm, to)) mine.insert(mine.end(), part.begin(), part.end());
    std::sort(mine.begin(), mine.end());
    mine.erase(std::unique(mine.begin(), mine.end()), mine.end());
    return mine;
}

template <class Record>
bool has_repeated_meter(const std::vector<Record>& sorted) {
    return std::adjacent_find(sorted.begin(), sorted.end(), [](const Record& a, const Record& b) { return a.meter == b.meter; }) != sorted.end();
}

Error twice(const char* what) {
    return {Code::input, fmt::format("a meter has two different {}", what), "topology and customers tables", "keep one row for each meter"};
}

/// A meter without a holder is its own subject, of the last class; without subjects every meter is its own.
void join_holders(std::vector<MeterRecord>& meters, const std::vector<Holding>& holdings, bool has_subjects, std::uint32_t other_class) {
    for (MeterRecord& record : meters) {
        const auto found = std::lower_bound(holdings.begin(), holdings.end(), record.meter,
                                            [](const Holding& h, const Pseudonym& meter) { return h.meter < meter; });
        const bool held = found != holdings.end() && found->meter == record.meter;
        record.subject = held && has_subjects ? found->subject : record.member;
        record.subject_class = held ? found->subject_class : other_class;
    }
}

/// Collective. Takes out the meters of those who were erased. @return all erased names and members, ascending
std::vector<Pseudonym> leave_out(par::Comm& comm, std::vector<MeterRecord>& meters, const std::vector<Pseudonym>& erased) {
    const std::set<Pseudonym> names(erased.begin(), erased.end());
    std::vector<Pseudonym> members;
    std::erase_if(meters, [&](const MeterRecord& record) {
        const bool is_erased = names.contains(record.member) || names.contains(record.subject);
        if (is_erased) members.push_back(record.member);
        return is_erased;
    });
    std::set<Pseudonym> all = names;
    for (const auto& part : par::all_gather(comm, members)) all.insert(part.begin(), part.end());
    return {all.begin(), all.end()};
}

}  // namespace

Result<model::Roster> enrol(par::Comm& comm, model::RawTables tables, const RootKey& key, const std::string& epoch, const std::vector<Pseudonym>& erased) {
    const std::set<std::string> paths = all_paths(comm, tables.places);
    std::vector<std::vector<std::string>> split_paths;
    for (const std::string& path : paths) split_paths.push_back(split(path));
    model::Roster roster;
    roster.hierarchy = model::build_hierarchy(tables.levels, split_paths);
    const auto leaves = leaf_of_path(roster.hierarchy, paths);

    // The ledger compares the sets of different epochs: names that stay in custody have none.
    Pseudonymiser meter_name(key, Domain::meter, epoch), member_name(key, Domain::member, ""), subject_name(key, Domain::customer, "");
    std::vector<MeterRecord> records;
    for (const auto& place : tables.places) records.push_back({meter_name(place.meter), member_name(place.meter), {}, leaves.at(join(place.path)), 0});
    std::vector<Holding> holdings;
    for (const auto& holder : tables.holders)
        holdings.push_back({meter_name(holder.meter), tables.has_subjects ? subject_name(holder.subject) : Pseudonym{}, holder.subject_class});
    const bool has_subjects = tables.has_subjects;
    const std::uint32_t other_class = tables.other_class;
    tables = {};  // raw ids end here

    roster.meters = to_holders(comm, records);
    holdings = to_holders(comm, holdings);
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (has_repeated_meter(roster.meters)) return twice("places");
        if (has_repeated_meter(holdings)) return twice("holders");
        return {};
    }));
    join_holders(roster.meters, holdings, has_subjects, other_class);
    roster.erased = leave_out(comm, roster.meters, erased);
    roster.num_meters = static_cast<std::uint64_t>(par::sum(comm, static_cast<std::int64_t>(roster.meters.size())));
    if (roster.num_meters == 0) return Error{Code::input, "the topology names no meter", "[topology] path", "check the file"};
    return roster;
}

}  // namespace meterveil::pseudonym
