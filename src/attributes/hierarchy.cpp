#include "attributes/hierarchy.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_map>

#include "attributes/csv.hpp"
#include "meterveil/model/time.hpp"

namespace meterveil::attributes {
namespace {

Error wrong(std::size_t line, const std::string& what) { return {Code::input, what, fmt::format("line {}", line), "a row for each value: value;level 1;...;*"}; }

/// A label stands under the same label in every row.
class Nesting {
public:
    bool takes(const std::vector<std::string>& path) {
        above_.resize(std::max(above_.size(), path.size()));
        for (std::size_t level = 0; level + 1 < path.size(); ++level)
            if (above_[level].try_emplace(path[level], path[level + 1]).first->second != path[level + 1]) return false;
        return true;
    }

private:
    std::vector<std::unordered_map<std::string, std::string>> above_;  // [level] label -> the one above
};

std::string number_text(double number) { return fmt::format("{}", number + 0.0); }  // no -0

Result<std::vector<std::string>> intervals_of(const std::string& value, const std::vector<double>& widths) {
    std::vector<std::string> path;
    double number = 0;
    if (!value.empty() && !to_number(value, number))
        return Error{Code::input, "a value is not a number, and cannot lie in an interval", "", "correct it, leave it empty, or give a hierarchy as a file"};
    for (const double width : widths) {
        const double low = std::floor(number / width) * width;
        path.push_back(value.empty() ? "" : fmt::format("[{}, {})", number_text(low), number_text(low + width)));
    }
    return path;
}

/// Characters of UTF-8, not bytes.
std::string masked(const std::string& value, std::uint32_t keep) {
    std::string text;
    std::uint32_t seen = 0;
    for (const char c : value) {
        const bool starts = (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
        if (starts && ++seen > keep) text += '*';
        else if (seen <= keep) text += c;
    }
    return text;
}

Result<std::vector<std::string>> dates_of(const std::string& value) {
    if (value.empty()) return std::vector<std::string>(3);
    if (!model::parse_date(value).ok()) return Error{Code::input, "a value is not a date", "", "dates look like 2013-05-17; correct it, or leave it empty"};
    const int month = (value[5] - '0') * 10 + (value[6] - '0');
    return std::vector<std::string>{value.substr(0, 7), fmt::format("{}-Q{}", value.substr(0, 4), (month - 1) / 3 + 1), value.substr(0, 4)};
}

Result<std::vector<std::string>> path_by(const HierarchyRule& rule, const std::string& value) {
    if (!rule.intervals.empty()) return intervals_of(value, rule.intervals);
    if (rule.dates) return dates_of(value);
    std::vector<std::string> path;
    for (const std::uint32_t keep : rule.prefixes) path.push_back(masked(value, keep));
    return path;
}

}  // namespace

bool to_number(const std::string& text, double& number) {
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
    return trouble == std::errc{} && end == text.data() + text.size() && std::isfinite(number);
}

void sort_values(std::vector<std::string>& values) {
    double number = 0;
    const bool all_numbers = std::all_of(values.begin(), values.end(), [&](const auto& v) { return v.empty() || to_number(v, number); });
    std::sort(values.begin(), values.end(), [&](const std::string& a, const std::string& b) {
        double x = -HUGE_VAL, y = -HUGE_VAL;
        if (all_numbers && !a.empty()) to_number(a, x);
        if (all_numbers && !b.empty()) to_number(b, y);
        return x != y ? x < y : a < b;
    });
}

Result<Paths> parse_paths(std::string_view text, const PathLimits& limits) {
    if (text.size() > limits.max_bytes) return wrong(1, fmt::format("the hierarchy has more than {} bytes", limits.max_bytes));
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const char delimiter = delimiter_of(text);
    Paths paths;
    Nesting nesting;
    std::vector<std::string> fields;
    for (std::size_t begin = 0, number = 1, width = 0; begin < text.size(); ++number) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        std::string_view line = text.substr(begin, end - begin);
        begin = end + 1;
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty()) continue;
        if (!split(line, delimiter, fields)) return wrong(number, "a quote stays open");
        if (!std::all_of(fields.begin(), fields.end(), is_plain)) return wrong(number, "a field has a control character");
        if (width == 0) width = fields.size();
        if (fields.size() != width || width < 2) return wrong(number, "every row has one value and the same number of levels, one at least");
        if (width - 1 > limits.max_levels) return wrong(number, fmt::format("more than {} levels", limits.max_levels));
        std::string value = std::move(fields[0]);
        fields.erase(fields.begin());
        if (!nesting.takes(fields)) return wrong(number, "a label stands under two different labels");
        if (!paths.try_emplace(std::move(value), fields).second) return wrong(number, "a value is there twice");
        if (paths.size() > limits.max_rows) return wrong(number, fmt::format("more than {} values", limits.max_rows));
    }
    if (paths.empty()) return wrong(1, "the hierarchy is empty");
    return paths;
}

Result<Paths> build_paths(const HierarchyRule& rule, std::span<const std::string> values) {
    Paths paths;
    Nesting nesting;
    for (const std::string& value : values) {
        TRY(auto path, path_by(rule, value));
        if (!nesting.takes(path)) return Error{Code::input, "an interval lies in two of the next level", "", "give widths that are multiples of each other"};
        paths.emplace(value, std::move(path));
    }
    return paths;
}

Result<Hierarchy> make_hierarchy(std::span<const std::string> values, const Paths& paths) {
    Hierarchy made;
    made.domain = static_cast<std::uint32_t>(paths.size());
    std::vector<std::vector<std::string>> upwards;  // [value] its path, with itself in front
    for (const std::string& value : values) {
        const auto path = paths.find(value);
        if (path == paths.end()) return Error{Code::input, "a value is not in the hierarchy of its attribute", "", "add it to the hierarchy, or correct the table"};
        upwards.push_back(path->second);
        upwards.back().insert(upwards.back().begin(), value);
    }
    const std::size_t height = paths.empty() ? 0 : paths.begin()->second.size();
    std::vector<std::unordered_map<std::string, std::uint32_t>> spread(height + 1);  // [level] label -> values of the domain
    for (const auto& [value, path] : paths) {
        ++spread[0][value];
        for (std::size_t level = 1; level <= height; ++level) ++spread[level][path[level - 1]];
    }
    for (std::size_t level = 0; level <= height; ++level) {
        std::unordered_map<std::string, std::uint32_t> codes;
        auto& labels = made.labels.emplace_back();
        auto& label_of = made.label_of.emplace_back();
        auto& num_values = made.num_values.emplace_back();
        for (const auto& path : upwards) {
            const auto [code, is_new] = codes.try_emplace(path[level], static_cast<std::uint32_t>(labels.size()));
            if (is_new) {
                labels.push_back(path[level]);
                num_values.push_back(spread[level][path[level]]);
            }
            label_of.push_back(code->second);
        }
    }
    if (made.num_values.back().empty() || made.num_values.back()[0] < made.domain || height == 0) {
        made.labels.push_back({everything});
        made.label_of.emplace_back(values.size(), 0);
        made.num_values.push_back({made.domain});
    }
    return made;
}

}  // namespace meterveil::attributes
