#include "ledger/members.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <string_view>

namespace meterveil::ledger {
namespace {

using model::Membership;
using model::Memberships;
using model::num_channels;

template <class T>
void put(std::vector<std::byte>& bytes, const T& value) {
    const std::size_t at = bytes.size();
    bytes.resize(at + sizeof value);
    std::memcpy(bytes.data() + at, &value, sizeof value);
}

/// Takes values off the front of bytes.
class Reader {
public:
    explicit Reader(std::span<const std::byte> bytes) : rest_(bytes) {}
    template <class T>
    bool take(T& value) {
        if (rest_.size() < sizeof value) return false;
        std::memcpy(&value, rest_.data(), sizeof value);
        rest_ = rest_.subspan(sizeof value);
        return true;
    }
    [[nodiscard]] std::size_t left() const { return rest_.size(); }

private:
    std::span<const std::byte> rest_;
};

/// Calls visit(value) for every value of a list of members, column after column.
template <class Members, class Visit>
bool for_each_value(Members& members, Visit&& visit) {
    const auto column = [&](auto&& value_of) {
        for (auto& member : members)
            if (!visit(value_of(member))) return false;
        return true;
    };
    bool fits = column([](auto& m) -> auto& { return m.member.value; }) && column([](auto& m) -> auto& { return m.subject.value; }) &&
                column([](auto& m) -> auto& { return m.leaf; }) && column([](auto& m) -> auto& { return m.subject_class; });
    for (std::size_t c = 0; fits && c < num_channels; ++c)
        fits = column([c](auto& m) -> auto& { return m.atom[c]; }) && column([c](auto& m) -> auto& { return m.energy_wh[c]; });
    return fits;
}

constexpr std::size_t member_bytes = 16 + 16 + 4 + 4 + num_channels * (4 + 8);

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    for (std::size_t begin = 0;;) {
        const std::size_t end = line.find('\t', begin);
        fields.push_back(line.substr(begin, end - begin));
        if (end == std::string_view::npos) return fields;
        begin = end + 1;
    }
}

bool to_number(std::string_view text, std::uint32_t& number) {
    const auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
    return trouble == std::errc() && end == text.data() + text.size();
}

bool parse_line(std::string_view line, model::LedgerUnits& units) {
    const auto fields = fields_of(line);
    if (fields[0] == "leaf" && fields.size() == 2) {
        units.leaves.emplace_back(fields[1]);
        return true;
    }
    std::uint32_t channel = 0, cohort = 0;
    model::LedgerUnit unit;
    if (fields.size() < 2 || !to_number(fields[1], channel) || channel >= num_channels) return false;
    if (fields[0] == "atom") return fields.size() == 3 && to_number(fields[2], units.atom_by_class[channel].emplace_back());
    if ((fields[0] != "unit" && fields[0] != "by-class") || fields.size() != 8) return false;
    unit.name = fields[2];
    const bool fits = to_number(fields[3], unit.level) && to_number(fields[4], unit.parent) && to_number(fields[5], cohort) &&
                      to_number(fields[6], unit.first_atom) && to_number(fields[7], unit.num_atoms);
    unit.is_cohort = cohort != 0;
    (fields[0] == "unit" ? units.channels : units.by_class)[channel].push_back(std::move(unit));
    return fits;
}

}  // namespace

std::vector<std::byte> pack_members(const Memberships& all, std::size_t first, std::size_t last) {
    const std::size_t per_member = std::size_t{num_channels} * all.num_months;
    std::vector<std::byte> bytes;
    put(bytes, static_cast<std::uint64_t>(last - first));
    put(bytes, static_cast<std::uint64_t>(all.num_months));
    const std::span members = std::span(all.members).subspan(first, last - first);
    for_each_value(members, [&](const auto& value) {
        put(bytes, value);
        return true;
    });
    for (std::size_t i = first * per_member; i < last * per_member; ++i) put(bytes, all.contents[i]);
    return bytes;
}

bool unpack_members(std::span<const std::byte> bytes, Memberships& all) {
    Reader reader(bytes);
    std::uint64_t count = 0, months = 0;
    if (!reader.take(count) || !reader.take(months) || months > 1200 || (!all.members.empty() && months != all.num_months)) return false;
    const std::uint64_t per_member = num_channels * months;
    if (count > bytes.size() || reader.left() != count * (member_bytes + 8 * per_member)) return false;
    all.num_months = static_cast<std::uint32_t>(months);
    std::vector<Membership> members(count);
    if (!for_each_value(members, [&](auto& value) { return reader.take(value); })) return false;
    all.members.insert(all.members.end(), members.begin(), members.end());
    for (std::uint64_t i = 0; i < count * per_member; ++i) {
        std::uint64_t content = 0;
        if (!reader.take(content)) return false;
        all.contents.push_back(content);
    }
    return true;
}

std::string to_text(const model::LedgerUnits& units) {
    std::string text;
    for (const std::string& leaf : units.leaves) text += fmt::format("leaf\t{}\n", leaf);
    const auto add = [&](const char* kind, std::size_t c, const model::LedgerUnit& unit) {
        text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", kind, c, unit.name, unit.level, unit.parent, unit.is_cohort ? 1 : 0, unit.first_atom, unit.num_atoms);
    };
    for (std::size_t c = 0; c < num_channels; ++c) {
        for (const model::LedgerUnit& unit : units.channels[c]) add("unit", c, unit);
        for (const model::LedgerUnit& unit : units.by_class[c]) add("by-class", c, unit);
        for (const model::AtomId number : units.atom_by_class[c]) text += fmt::format("atom\t{}\t{}\n", c, number);
    }
    return text;
}

std::optional<model::LedgerUnits> parse_units(const std::string& text) {
    model::LedgerUnits units;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = text.find('\n', begin);
        if (end == std::string::npos || !parse_line(std::string_view(text).substr(begin, end - begin), units)) return std::nullopt;
        begin = end + 1;
    }
    return units;
}

}  // namespace meterveil::ledger
