#include <fmt/format.h>

#include "meterveil/config/job.hpp"
#include "section.hpp"

namespace meterveil::config {
namespace {

struct Share {
    const char* key;
    double generate::Spec::*value;
    double most;
};
constexpr Share shares[] = {
    {"electric_vehicle_share", &generate::Spec::electric_vehicle_share, 1},
    {"solar_share", &generate::Spec::solar_share, 1},
    {"vacant_share", &generate::Spec::vacant_share, 1},
    {"join_share", &generate::Spec::join_share, 1},
    {"leave_share", &generate::Spec::leave_share, 1},
    {"exchange_share", &generate::Spec::exchange_share, 1},
    {"gap_rate", &generate::Spec::gap_rate, 0.9},
    {"duplicate_rate", &generate::Spec::duplicate_rate, 1},
    {"multi_site_share", &generate::Spec::multi_site_share, 1},
};

void read_shares(Section& section, generate::Spec& spec) {
    for (const Share& share : shares) {
        const auto value = section.number(share.key);
        if (!value) continue;
        spec.*share.value = *value;
        if (!(*value >= 0 && *value <= share.most)) section.wrong(share.key, fmt::format("from 0 to {} is wanted", share.most));
    }
    if (spec.join_share + spec.leave_share + spec.exchange_share > 1)
        section.wrong("join_share", "join, leave and exchange add up to more than 1");
}

void read_count(Section& section, const char* key, std::int64_t least, std::uint32_t& into) {
    const auto value = section.integer(key);
    if (!value) return;
    if (*value < least || *value > 100'000'000) return section.wrong(key, fmt::format("from {} to 100,000,000 is wanted", least));
    into = static_cast<std::uint32_t>(*value);
}

void read_seed(Section& section, generate::Spec& spec) {
    if (section.node("seed") == nullptr) section.missing("seed", "any whole number: the same seed gives the same utility");
    const auto seed = section.integer("seed");
    if (seed && *seed < 0) section.wrong("seed", "a whole number from 0 on is wanted");
    else if (seed) spec.seed = static_cast<std::uint64_t>(*seed);
}

void read_span(Section& section, generate::Spec& spec) {
    if (section.node("from") == nullptr) section.missing("from", "the first local day: from = 2023-01-01");
    if (section.node("until") == nullptr) section.missing("until", "the local day after the last one: until = 2024-01-01");
    const auto from = section.date("from"), until = section.date("until");
    spec.time_zone = section.text("time_zone").value_or(spec.time_zone);
    const auto calendar = model::Calendar::make(spec.time_zone);
    if (!calendar.ok()) section.wrong("time_zone", calendar.error().what);
    const auto interval = model::parse_duration(section.text("interval").value_or("30min"));
    if (!interval.ok()) return section.wrong("interval", interval.error().what);
    const auto seconds = interval.value().count();
    if (seconds < 60 || 86400 % seconds != 0) return section.wrong("interval", "a part of a day, of a minute at least, is wanted");
    spec.interval_s = static_cast<std::int32_t>(seconds);
    if (!from || !until || !calendar.ok()) return;
    spec.from = *from;
    spec.until = *until;
    const auto axis = model::make_axis(calendar.value(), *from, *until, interval.value());
    if (!axis.ok()) section.wrong("until", axis.error().what);
}

void read_network(Section& section, generate::Spec& spec) {
    if (section.node("meters") == nullptr) section.missing("meters", "how many metered premises: meters = 1000");
    read_count(section, "meters", 1, spec.meters);
    read_count(section, "regions", 0, spec.regions);
    read_count(section, "meters_per_file", 1, spec.meters_per_file);
    spec.compress = section.flag("compress").value_or(spec.compress);
    if (const auto levels = section.texts("levels")) spec.levels = *levels;
    if (spec.levels.empty()) section.wrong("levels", "one level at least is wanted");
    for (const std::string& level : spec.levels)
        if (!is_name(level) || level == "total") section.wrong("levels", fmt::format("'{}' cannot be the name of a level", level));
}

}  // namespace

Result<generate::Spec> parse_generate_spec(const std::string& text, const std::string& path) {
    generate::Spec spec;
    Problems problems;
    try {
        const toml::table root = toml::parse(text, path);
        Section section(&root, "", problems);
        read_seed(section, spec);
        read_span(section, spec);
        read_network(section, spec);
        read_shares(section, spec);
        section.finish();
    } catch (const toml::parse_error& error) {
        problems.add(fmt::format("line {}: not TOML: {}", static_cast<unsigned>(error.source().begin.line), error.description()));
    }
    if (!problems.none()) return problems.error(path, "docs/formats/synthetic-utility.md");
    return spec;
}

}  // namespace meterveil::config
