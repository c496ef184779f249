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

/// A meter, who holds it, of which class they are, and what crosses its leaf. The record on the wire.
struct Holding {
    Pseudonym meter, subject;
    std::uint32_t subject_class = 0;
    std::uint32_t crossing = 0;  ///< index into the values that cross
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

/// Collective. Distinct lines of all ranks.
std::set<std::string> all_lines(par::Comm& comm, const std::set<std::string>& mine) {
    std::string text;
    for (const std::string& line : mine) text += line + '\n';
    std::set<std::string> all;
    for (const std::string& of_rank : par::all_gather_text(comm, text))
        for (std::size_t begin = 0, end = 0; (end = of_rank.find('\n', begin)) != std::string::npos; begin = end + 1)
            all.insert(of_rank.substr(begin, end - begin));
    return all;
}

/// Distinct paths of all ranks: as many as leaves, not as meters.
std::set<std::string> all_paths(par::Comm& comm, const std::vector<model::RawTables::Place>& places) {
    std::set<std::string> mine;
    for (const auto& place : places) mine.insert(join(place.path));
    return all_lines(comm, mine);
}

constexpr const char* no_value = "unknown";  // of a meter without a holder, or whose field is empty
constexpr std::size_t max_values = 1000;      // of a column that crosses: more are no classes of meters

std::string value_of(const model::RawTables::Holder& holder) { return holder.crossing.empty() ? no_value : holder.crossing; }

/// Collective. The values that cross the leaves, ascending; none if the job has no crossing.
Result<std::vector<std::string>> all_values(par::Comm& comm, const model::RawTables& tables) {
    if (tables.crossing.empty()) return std::vector<std::string>();
    std::set<std::string> mine = {no_value};
    for (const auto& holder : tables.holders)
        if (mine.size() <= max_values) mine.insert(value_of(holder));
    const auto all = all_lines(comm, mine);
    if (all.size() > max_values + 1)
        return Error{Code::input, fmt::format("the column '{}' has more than {} different values: it is no class of meters", tables.crossing, max_values), "[customers] crossing",
                     "name a column such as the tariff"};
    return std::vector<std::string>(all.begin(), all.end());
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
/// @return [meter] what crosses its leaf
std::vector<std::uint32_t> join_holders(std::vector<MeterRecord>& meters, const std::vector<Holding>& holdings, bool has_subjects, const Holding& nobody) {
    std::vector<std::uint32_t> crossings;
    for (MeterRecord& record : meters) {
        const auto found = std::lower_bound(holdings.begin(), holdings.end(), record.meter,
                                            [](const Holding& h, const Pseudonym& meter) { return h.meter < meter; });
        const bool held = found != holdings.end() && found->meter == record.meter;
        record.subject = held && has_subjects ? found->subject : record.member;
        record.subject_class = held ? found->subject_class : nobody.subject_class;
        crossings.push_back(held ? found->crossing : nobody.crossing);
    }
    return crossings;
}

/// Collective. Puts every meter on the crossing of its leaf and its value. @param values [value] of which those that some meter has become classes
void cross_leaves(par::Comm& comm, model::Roster& roster, const std::string& level, const std::vector<std::string>& values, const std::vector<std::uint32_t>& crossings) {
    std::vector<std::int64_t> meters(values.size(), 0);
    for (const std::uint32_t value : crossings) ++meters[value];
    comm.sum(meters);
    std::vector<std::string> classes;
    std::vector<model::NodeId> class_of(values.size(), 0);
    for (std::size_t v = 0; v < values.size(); ++v) {
        class_of[v] = static_cast<model::NodeId>(classes.size());
        if (meters[v] > 0) classes.push_back(values[v]);
    }
    roster.hierarchy = model::cross(std::move(roster.hierarchy), level, std::move(classes));
    for (std::size_t m = 0; m < roster.meters.size(); ++m) roster.meters[m].leaf = roster.hierarchy.nodes[roster.meters[m].leaf].first_child + class_of[crossings[m]];
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
    TRY(const auto values, all_values(comm, tables));
    const std::string crossing = tables.crossing;
    const auto number_of = [&](const std::string& value) { return static_cast<std::uint32_t>(std::lower_bound(values.begin(), values.end(), value) - values.begin()); };
    Pseudonymiser meter_name(key, Domain::meter, epoch), member_name(key, Domain::member, ""), subject_name(key, Domain::customer, "");
    std::vector<MeterRecord> records;
    for (const auto& place : tables.places) records.push_back({meter_name(place.meter), member_name(place.meter), {}, leaves.at(join(place.path)), 0});
    std::vector<Holding> holdings;
    for (const auto& holder : tables.holders)
        holdings.push_back({meter_name(holder.meter), tables.has_subjects ? subject_name(holder.subject) : Pseudonym{}, holder.subject_class, number_of(value_of(holder))});
    const bool has_subjects = tables.has_subjects;
    const Holding nobody{{}, {}, tables.other_class, number_of(no_value)};
    tables = {};  // raw ids end here

    roster.meters = to_holders(comm, records);
    holdings = to_holders(comm, holdings);
    TRY_DO(par::agree_on(comm, [&]() -> Result<> {
        if (has_repeated_meter(roster.meters)) return twice("places");
        if (has_repeated_meter(holdings)) return twice("holders");
        return {};
    }));
    const auto crossings = join_holders(roster.meters, holdings, has_subjects, nobody);
    if (!crossing.empty()) cross_leaves(comm, roster, crossing, values, crossings);
    roster.erased = leave_out(comm, roster.meters, erased);
    roster.num_meters = static_cast<std::uint64_t>(par::sum(comm, static_cast<std::int64_t>(roster.meters.size())));
    if (roster.num_meters == 0) return Error{Code::input, "the topology names no meter", "[topology] path", "check the file"};
    return roster;
}

}  // namespace meterveil::pseudonym
