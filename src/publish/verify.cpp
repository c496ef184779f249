#include "meterveil/publish/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "meterveil/io/posix.hpp"
#include "meterveil/io/table_file.hpp"
#include "meterveil/io/text_source.hpp"

namespace meterveil::publish {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
constexpr std::uint64_t max_document = std::uint64_t{16} << 20;

/// A check under way: the first failure is kept.
class Probe {
public:
    explicit Probe(std::string name) { check_.name = std::move(name); }
    void require(bool holds, const std::string& failure) {
        ++tried_;
        if (!holds && check_.detail.empty()) check_.detail = failure;
    }
    template <class T>
    bool require(const Result<T>& result) {
        if (!result.ok()) require(false, result.error().what + " (" + result.error().where + ")");
        return result.ok();
    }
    [[nodiscard]] Check done(const char* what) {
        check_.passes = check_.detail.empty() && tried_ > 0;
        if (check_.detail.empty()) check_.detail = fmt::format("{} {}", tried_, what);
        return check_;
    }

private:
    Check check_;
    std::uint64_t tried_ = 0;
};

Check check_files(const fs::path& folder, const Json& manifest) {
    Probe probe("files");
    std::set<std::string> listed = {"manifest.json", "SHA256SUMS"};
    for (const auto& file : manifest.at("files")) listed.insert(file.at("path").get<std::string>());
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.is_directory() && !entry.is_symlink()) continue;
        const std::string path = fs::relative(entry.path(), folder).string();
        probe.require(entry.is_regular_file() && !entry.is_symlink(), path + " is not a plain file");
        probe.require(listed.erase(path) == 1, path + " is not listed in the manifest");
    }
    for (const std::string& path : listed) probe.require(false, path + " is missing");
    return probe.done("files, none more or less than listed");
}

Check check_digests(const fs::path& folder, const Json& manifest) {
    Probe probe("checksums");
    std::map<std::string, std::string> sums;
    const auto text = io::read_text(folder / "SHA256SUMS", max_document);
    if (!probe.require(text)) return probe.done("");
    for (std::size_t begin = 0, end = 0; (end = text.value().find('\n', begin)) != std::string::npos; begin = end + 1)
        if (end - begin > 66) sums[text.value().substr(begin + 66, end - begin - 66)] = text.value().substr(begin, 64);
    for (const auto& file : manifest.at("files")) {
        const auto path = file.at("path").get<std::string>();
        probe.require(sums[path] == file.at("sha256").get<std::string>(), path + ": SHA256SUMS and the manifest differ");
    }
    for (const auto& [path, sum] : sums) {
        const bool inside = path.find("..") == std::string::npos && path[0] != '/';
        probe.require(inside, path + " leads out of the release");
        const auto found = inside ? io::sha256_of_file(folder / path) : Result<std::string>(std::string());
        if (probe.require(found)) probe.require(found.value() == sum, path + " was changed");
    }
    return probe.done("checksums hold");
}

/// Threshold k: a band that starts below it, or says "<", tells of a group that is too small.
Check check_bands(io::TableReader& tables, std::uint64_t k) {
    Probe probe("contributors");
    for (const std::string& name : tables.datasets()) {
        if (!name.ends_with("/contributors")) continue;
        const auto bands = tables.read_text(name);
        if (!probe.require(bands)) continue;
        for (const std::string& band : bands.value()) {
            const bool is_number = !band.empty() && band[0] >= '0' && band[0] <= '9' && band.size() < 40;
            probe.require(is_number && std::stoull(band) >= k, fmt::format("{}: a range starts below the threshold of the manifest", name));
        }
    }
    return probe.done("ranges start at the threshold or above");
}

/// A row of a level.
struct Place {
    std::string level;
    std::uint64_t row = 0;
    std::int64_t parent = -1;
    std::string name;
};

/// The tree of a channel, from /units. @param root "" or "/export"
Result<std::vector<Place>> tree(io::TableReader& tables, const std::string& root) {
    TRY(const auto names, tables.read_text(root + "/units/name"));
    TRY(const auto levels, tables.read_text(root + "/units/level"));
    TRY(const auto parents, tables.read_int(root + "/units/parent"));
    std::map<std::string, std::uint64_t> next;
    std::vector<Place> places;
    for (std::size_t u = 0; u < names.size() && u < levels.size() && u < parents.size(); ++u) {
        if (parents[u] >= static_cast<std::int64_t>(u)) return Error{Code::input, "a unit stands before the one that contains it", root + "/units/parent", ""};
        places.push_back({levels[u], next[levels[u]]++, parents[u], names[u]});
    }
    return places;
}

std::vector<std::string> roots_of(const io::TableReader& tables) {
    std::vector<std::string> roots;
    const auto all = tables.datasets();
    for (const char* root : {"", "/export"})
        if (std::find(all.begin(), all.end(), std::string(root) + "/units/name") != all.end()) roots.emplace_back(root);
    return roots;
}

using RowOf = std::function<Result<std::vector<std::int64_t>>(const Place&)>;

/// Every unit with children is their sum, in every bin.
void require_levels_add_up(Probe& probe, const std::vector<Place>& places, const std::string& what, const RowOf& row_of) {
    for (std::size_t u = 0; u < places.size(); ++u) {
        std::vector<std::int64_t> sum;
        for (const Place& child : places) {
            if (child.parent != static_cast<std::int64_t>(u)) continue;
            const auto row = row_of(child);
            if (!probe.require(row)) return;
            sum.resize(std::max(sum.size(), row.value().size()), 0);
            for (std::size_t t = 0; t < row.value().size(); ++t) sum[t] += row.value()[t];
        }
        if (sum.empty()) continue;
        const auto own = row_of(places[u]);
        if (!probe.require(own)) return;
        probe.require(own.value() == sum, fmt::format("{}: {} is not the sum of what it contains", what, places[u].name));
    }
    probe.require(true, "");
}

Check check_levels(io::TableReader& tables, const Json& manifest) {
    Probe probe("levels add up");
    for (const std::string& root : roots_of(tables)) {
        const auto places = tree(tables, root);
        if (!probe.require(places)) continue;
        for (const auto& resolution : manifest.at("resolutions")) {
            const auto name = resolution.get<std::string>();
            require_levels_add_up(probe, places.value(), root + "/" + name, [&](const Place& place) {
                return tables.read_int_rows(root + "/" + place.level + "/" + name + "/energy_wh", place.row, place.row + 1);
            });
        }
    }
    return probe.done("sums over the levels hold");
}

/// A coarse bin is the sum of the fine bins that start in it.
std::vector<std::int64_t> coarser(const std::vector<std::int64_t>& row, const std::vector<std::int64_t>& fine_times, const std::vector<std::int64_t>& coarse_times) {
    std::vector<std::int64_t> sums(coarse_times.size(), 0);
    std::size_t bin = 0;
    for (std::size_t t = 0; t < row.size() && t < fine_times.size() && !sums.empty(); ++t) {
        while (bin + 1 < coarse_times.size() && coarse_times[bin + 1] <= fine_times[t]) ++bin;
        sums[bin] += row[t];
    }
    return sums;
}

Check check_resolutions(io::TableReader& tables, const Json& manifest) {
    Probe probe("resolutions add up");
    std::vector<std::string> names;
    for (const auto& resolution : manifest.at("resolutions")) names.push_back(resolution.get<std::string>());
    for (const std::string& root : roots_of(tables)) {
        const auto places = tree(tables, root);
        if (!probe.require(places)) continue;
        for (const Place& place : places.value()) {
            const std::string group = root + "/" + place.level + "/";
            const auto fine = tables.read_int_rows(group + names.at(0) + "/energy_wh", place.row, place.row + 1);
            const auto fine_times = tables.read_int(group + names[0] + "/time");
            if (!probe.require(fine) || !probe.require(fine_times)) break;
            for (const std::string& name : names) {
                const auto coarse = tables.read_int_rows(group + name + "/energy_wh", place.row, place.row + 1);
                const auto times = tables.read_int(group + name + "/time");
                if (!probe.require(coarse) || !probe.require(times)) break;
                probe.require(coarser(fine.value(), fine_times.value(), times.value()) == coarse.value(), fmt::format("{}{}: {} is not the sum of its intervals", group, name, place.name));
            }
        }
    }
    return probe.done("sums over time hold");
}

Check check_forecast(io::TableReader& tables, io::TableReader& forecast) {
    Probe probe("forecasts add up");
    const auto all = forecast.datasets();
    for (const std::string& root : roots_of(tables)) {
        const auto places = tree(tables, root);
        if (!probe.require(places)) continue;
        for (const char* horizon : {"1d", "7d"}) {
            const std::string group = root + "/" + horizon + "/";
            if (std::none_of(all.begin(), all.end(), [&](const std::string& name) { return name.starts_with(group); })) continue;
            require_levels_add_up(probe, places.value(), group, [&](const Place& place) {
                return forecast.read_int_rows(group + place.level + "/mean_wh", place.row, place.row + 1);
            });
        }
    }
    return probe.done("sums of forecasts hold");
}

/// Energies of a table, in its order, against the dataset it shows.
void require_table_equal(Probe& probe, io::TableReader& tables, const fs::path& path, const std::string& dataset) {
    const auto shape = tables.shape(dataset);
    const auto source = io::TextSource::open(path);
    if (!probe.require(shape) || !probe.require(source)) return;
    std::vector<std::int64_t> row;
    std::uint64_t line_number = 0, bins = shape.value().at(1);
    bool equal = true;
    for (io::TextBlock block;;) {
        const auto more = source.value()->next(block);
        if (!probe.require(more) || !more.value()) break;
        for (std::size_t begin = 0, end = 0; (end = block.text.find('\n', begin)) != std::string_view::npos; begin = end + 1) {
            const std::string_view line = block.text.substr(begin, end - begin);
            if (line_number++ == 0) continue;
            const std::uint64_t value = line_number - 2;
            if (value % bins == 0) {
                const auto next = tables.read_int_rows(dataset, value / bins, value / bins + 1);
                if (!probe.require(next)) return;
                row = next.value();
            }
            const std::size_t last = line.rfind(','), before = line.rfind(',', last - 1);
            equal = equal && last != std::string_view::npos && line.substr(before + 1, last - before - 1) == std::to_string(row[value % bins]);
        }
    }
    probe.require(equal && line_number == 1 + shape.value()[0] * bins, path.filename().string() + " is not what aggregates.h5 says");
}

Check check_tables(const fs::path& folder, io::TableReader& tables) {
    Probe probe("tables equal HDF5");
    for (const std::string& dataset : tables.datasets()) {
        if (!dataset.ends_with("/energy_wh")) continue;
        std::string name = dataset.substr(1, dataset.size() - 1 - std::string("/energy_wh").size());
        std::replace(name.begin(), name.end(), '/', '-');
        const fs::path path = folder / "tables" / (name + ".csv");
        if (fs::exists(path)) require_table_equal(probe, tables, path, dataset);
    }
    return probe.done("tables hold the same sums");
}

Result<Json> read_manifest(const fs::path& folder) {
    TRY(const std::string text, io::read_text(folder / "manifest.json", max_document));
    const Json manifest = Json::parse(text, nullptr, false);
    if (manifest.is_discarded() || manifest.value("format", "") != "meterveil-release/1")
        return Error{Code::input, "this is not a release of MeterVeil", folder.string(), "name the folder that holds manifest.json"};
    return manifest;
}

Result<std::vector<Check>> all_checks(const fs::path& folder, const Json& manifest) {
    std::vector<Check> checks = {check_files(folder, manifest), check_digests(folder, manifest)};
    TRY(const auto tables, io::TableReader::open(folder / "aggregates.h5"));
    checks.push_back(check_bands(*tables, manifest.at("min_contributors").get<std::uint64_t>()));
    checks.push_back(check_levels(*tables, manifest));
    checks.push_back(check_resolutions(*tables, manifest));
    checks.push_back(check_tables(folder, *tables));
    if (fs::exists(folder / "forecast.h5")) {
        TRY(const auto forecast, io::TableReader::open(folder / "forecast.h5"));
        checks.push_back(check_forecast(*tables, *forecast));
    }
    return checks;
}

}  // namespace

Result<std::vector<Check>> verify(const std::string& release_folder) {
    const fs::path folder = release_folder;
    TRY(const Json manifest, read_manifest(folder));
    try {
        return all_checks(folder, manifest);
    } catch (const Json::exception&) {
        return Error{Code::input, "the manifest lacks an entry, or has one of another type", (folder / "manifest.json").string(), "fetch the release again"};
    } catch (const fs::filesystem_error& error) {
        return Error{Code::input, error.code().message(), error.path1().string(), "check the path"};
    }
}

}  // namespace meterveil::publish
