#pragma once
// The parts of verify. Local; every byte they read may come from a stranger.

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "meterveil/io/posix.hpp"
#include "meterveil/io/table_file.hpp"
#include "meterveil/model/release.hpp"
#include "meterveil/publish/verify.hpp"
#include "publish/documents.hpp"

namespace meterveil::publish {

/// A check under way: the first failure is kept.
class Probe {
public:
    explicit Probe(std::string name) { check_.name = std::move(name); }
    void require(bool holds, const std::string& failure) {
        ++tried_;
        if (!holds) fail(failure);
    }
    template <class T>
    bool require(const Result<T>& result) {
        if (!result.ok() && holds()) check_.unreadable = true;
        if (!result.ok()) fail(result.error().where.empty() ? result.error().what : result.error().what + " (" + result.error().where + ")");
        return result.ok();
    }
    void fail(const std::string& failure) {
        if (check_.detail.empty()) check_.detail = failure;
    }
    [[nodiscard]] bool holds() const { return check_.detail.empty(); }
    /// What `done` counts, where it is not the requirements.
    void covered(std::size_t count) { covered_ = count; }
    /// Nothing tried is not a pass.
    [[nodiscard]] Check done(const char* what) {
        check_.passes = holds() && tried_ > 0;
        if (holds()) check_.detail = fmt::format("{} {}", covered_ > 0 ? covered_ : tried_, what);
        return check_;
    }

private:
    Check check_;
    std::uint64_t tried_ = 0, covered_ = 0;
};

/// A published unit and its row.
struct Place {
    std::string name, level;
    std::uint64_t row = 0;
    std::int64_t parent = -1;   ///< index into Tree::places; -1: none
    bool is_cohort = false;
    std::string contributors;
};

/// The units of a channel, depth-first, as aggregates.h5 gives them.
struct Tree {
    std::string root;           ///< as root_of
    model::Channel channel = model::Channel::import;
    std::string by_class;       ///< as of ReleasedChannel
    std::vector<Place> places;
    std::vector<std::vector<std::size_t>> children;  ///< [place]
    [[nodiscard]] std::vector<std::string> names_of(const std::string& level) const;
    [[nodiscard]] std::string channel_name() const { return model::name_of(channel, by_class); }
    /// Levels that have a row.
    [[nodiscard]] std::set<std::string> levels() const;
};

/// Shape of aggregates.h5, proven to be that of a release: later checks may rely on it.
struct Outline {
    std::vector<Tree> trees;
    std::map<std::string, std::vector<std::int64_t>> times_s;  ///< resolution -> [bin], rising
};

/// Reads everything but the sums. @errors input: a dataset is missing, is one too many, or does not fit the others
Result<Outline> read_outline(io::TableReader& tables, const Claims& claims);
/// @return of a time axis. @errors input: not rising, or beyond any calendar
Result<std::vector<std::int64_t>> read_times(io::TableReader& file, const std::string& dataset);
/// @errors input: the file holds other datasets than these
Result<> expect_datasets(const io::TableReader& file, const std::set<std::string>& expected);

Check check_contributors(const Outline& outline, const Claims& claims);
Check check_levels(io::TableReader& tables, const Outline& outline, const Claims& claims);
Check check_resolutions(io::TableReader& tables, const Outline& outline, const Claims& claims);
/// The units by class are of the same atoms as those of the channel. Of a release that has them.
Check check_crossing(io::TableReader& tables, const Outline& outline, const Claims& claims);
Check check_forecast(io::TableReader& forecast, const Outline& outline, const Claims& claims);
/// @param files of the release that are plain files
Check check_tables(const io::Path& folder, const std::set<std::string>& files, io::TableReader& tables, const Outline& outline, const Claims& claims);
/// @param folder with attributes.csv
Check check_attributes(const io::Path& folder, const AttributeTerms& terms);
/// Of a CSV line.
std::vector<std::string> fields_of(std::string_view line);
Check check_nodes(const io::Path& folder, const Outline& outline, const Claims& claims);

}  // namespace meterveil::publish
