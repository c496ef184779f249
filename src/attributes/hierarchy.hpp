#pragma once
// Generalisation hierarchies: what a value becomes at each level. Level 0 is the value, the last level one label for all.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "meterveil/attributes/run.hpp"
#include "meterveil/core/result.hpp"

namespace meterveil::attributes {

/// The label of everything.
inline constexpr const char* everything = "*";

/// The values of one attribute and what each of them becomes.
struct Hierarchy {
    std::vector<std::vector<std::string>> labels;       ///< [level][label]
    std::vector<std::vector<std::uint32_t>> label_of;   ///< [level][value]
    std::vector<std::vector<std::uint32_t>> num_values; ///< [level][label] how many values of the domain it stands for
    std::uint32_t domain = 0;                           ///< values that the hierarchy knows, in the table or not
    bool is_numeric = false;                            ///< built from numbers: values are in rising order, and a range is a label
    [[nodiscard]] std::uint32_t num_levels() const { return static_cast<std::uint32_t>(labels.size()); }
};

/// What every value becomes, level 1 first; all of one length. Labels are nested: what is one label stays one label above.
using Paths = std::map<std::string, std::vector<std::string>>;

struct PathLimits {
    std::size_t max_bytes = std::size_t{64} << 20;
    std::size_t max_rows = 1000000;
    std::size_t max_levels = 32;
};

/// Pure. A hierarchy as ARX writes it: a row for each value, `value;level 1;level 2;...;*`, `;` or `,` between the fields, no header.
/// @errors input: line named; quotes that stay open, rows of different length, a value twice, a label under two others, over a limit
Result<Paths> parse_paths(std::string_view text, const PathLimits& limits = {});

/// Pure. The paths that a rule gives to values.
/// @errors input: a value that is no number, or no date (the value is not told); intervals that are not nested
Result<Paths> build_paths(const HierarchyRule& rule, std::span<const std::string> values);

/// Pure. @param values in the order of their codes; all of them have a path
/// @errors input: a value has no path
Result<Hierarchy> make_hierarchy(std::span<const std::string> values, const Paths& paths);

/// The number that a text is. @return false: it is none, or not finite
bool to_number(const std::string& text, double& number);

/// Pure. Sorted; as numbers where all but the empty value are numbers.
void sort_values(std::vector<std::string>& values);

}  // namespace meterveil::attributes
