// The tables for people against aggregates.h5.

#include <algorithm>
#include <tuple>

#include "publish/rows.hpp"
#include "publish/verify_parts.hpp"

namespace meterveil::publish {
namespace {

/// A file against the text that it should hold, from its start on.
class Comparison {
public:
    static Result<Comparison> open(const io::Path& path) {
        TRY(auto file, io::File::open(path, io::File::Mode::read));
        return Comparison(std::move(file));
    }
    Result<bool> holds_next(std::string_view text) {
        buffer_.resize(text.size());
        TRY(const std::size_t count, file_.read_at(offset_, std::as_writable_bytes(std::span(buffer_))));
        offset_ += count;
        return count == text.size() && text == buffer_;
    }
    Result<bool> at_end() {
        TRY(const std::uint64_t size, file_.size());
        return offset_ == size;
    }

private:
    explicit Comparison(io::File file) : file_(std::move(file)) {}
    io::File file_;
    std::string buffer_;
    std::uint64_t offset_ = 0;
};

/// Every byte of one table follows from aggregates.h5.
Result<bool> is_equal(const io::Path& path, io::TableReader& tables, const Tree& tree, const std::string& level, const std::string& resolution,
                      const std::vector<std::string>& times) {
    TRY(auto file, Comparison::open(path));
    TRY(bool equal, file.holds_next(table_header));
    for (const Place& place : tree.places) {
        if (!equal) return false;
        if (place.level != level) continue;
        TRY(const auto row, tables.read_int_rows(fmt::format("{}/{}/{}/energy_wh", tree.root, level, resolution), place.row, place.row + 1));
        TRY(equal, file.holds_next(table_lines(place.name, place.is_cohort, place.contributors, times, row)));
    }
    TRY(const bool whole, file.at_end());
    return equal && whole;
}

using Named = std::tuple<std::string, std::string, std::string>;  // channel, level, name

/// Nodes and cohorts that have a row.
struct Published {
    std::set<Named> nodes, cohorts;
};

Published published(const Outline& outline) {
    Published all;
    for (const Tree& tree : outline.trees)
        for (const Place& place : tree.places) (place.is_cohort ? all.cohorts : all.nodes).insert({tree.channel_name(), place.level, place.name});
    return all;
}

bool is_cohort_somewhere(const Published& all, const Claims& claims, const std::string& channel, const std::string& name) {
    return std::any_of(claims.levels.begin(), claims.levels.end(), [&](const std::string& level) { return all.cohorts.contains({channel, level, name}); });
}

/// "" if the line of nodes.csv fits what has a row.
std::string misfit(const std::vector<std::string>& fields, const Published& all, const Claims& claims, std::set<Named>& seen) {
    if (fields.size() != 6) return "a line has not six fields";
    const auto &channel = fields[0], &level = fields[1], &node = fields[2], &status = fields[3], &merged_with = fields[4];
    const Named named{channel, level, node};
    if (!seen.insert(named).second) return "a node is there twice";
    if ((status == "published") != all.nodes.contains(named)) return "a node is said to be published and has no row, or has one and is not";
    if (status == "merged" ? !is_cohort_somewhere(all, claims, channel, merged_with) : !merged_with.empty()) return "a node is merged with a cohort that has no row";
    if (status != "published" && status != "merged" && status != "withheld" && status != "no_data") return "a status is unknown";
    return "";
}

}  // namespace

std::vector<std::string> fields_of(std::string_view line) {
    std::vector<std::string> fields(1);
    bool in_quotes = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '"' && in_quotes && i + 1 < line.size() && line[i + 1] == '"') fields.back() += line[i++];
        else if (line[i] == '"') in_quotes = !in_quotes;
        else if (line[i] == ',' && !in_quotes) fields.emplace_back();
        else fields.back() += line[i];
    }
    return fields;
}

Check check_tables(const io::Path& folder, const std::set<std::string>& files, io::TableReader& tables, const Outline& outline, const Claims& claims) {
    Probe probe("tables equal HDF5");
    std::set<std::string> expected = {"tables/nodes.csv"};
    const auto calendar = model::Calendar::make(claims.time_zone);
    if (!probe.require(calendar)) return probe.done("");
    for (const Tree& tree : outline.trees)
        for (const std::string& resolution : claims.resolutions) {
            const auto& times_s = outline.times_s.at(resolution);
            const auto times = table_times(times_s, calendar.value());
            for (const std::string& level : tree.levels()) {
                if (tree.names_of(level).size() * times_s.size() > max_table_rows) continue;
                const std::string name = table_name(tree.channel, tree.by_class, level, resolution), path = "tables/" + name;
                expected.insert(path);
                probe.require(files.contains(path), name + " is missing");
                if (!files.contains(path)) continue;
                const auto equal = is_equal(folder / path, tables, tree, level, resolution, times);
                if (probe.require(equal)) probe.require(equal.value(), name + " is not what aggregates.h5 says");
            }
        }
    for (const std::string& path : files) probe.require(!path.starts_with("tables/") || expected.contains(path), path + " shows nothing of aggregates.h5");
    probe.covered(expected.size() - 1);
    return probe.done("tables hold the same rows, no other");
}

Check check_nodes(const io::Path& folder, const Outline& outline, const Claims& claims) {
    constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30;
    Probe probe("nodes");
    const auto text = io::read_text(folder / "tables/nodes.csv", most_bytes);
    if (!probe.require(text)) return probe.done("");
    const std::string& lines = text.value();
    const Published all = published(outline);
    std::set<Named> seen;
    probe.require(lines.starts_with(nodes_header) && lines.ends_with('\n'), "nodes.csv is not whole");
    for (std::size_t begin = lines.find('\n') + 1, end = 0; probe.holds() && (end = lines.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const std::string failure = misfit(fields_of(std::string_view(lines).substr(begin, end - begin)), all, claims, seen);
        probe.require(failure.empty(), "nodes.csv: " + failure);
    }
    probe.require(std::includes(seen.begin(), seen.end(), all.nodes.begin(), all.nodes.end()), "nodes.csv: a node that has a row is not there");
    probe.covered(seen.size());
    return probe.done("nodes have the row or the cohort that is said");
}

}  // namespace meterveil::publish
