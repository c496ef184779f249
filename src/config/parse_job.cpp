#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "meterveil/config/job.hpp"
#include "meterveil/core/nearest.hpp"
#include "meterveil/io/posix.hpp"
#include "parse_attributes.hpp"
#include "rule_terms.hpp"
#include "section.hpp"

namespace meterveil::config {
namespace {

namespace fs = std::filesystem;

/// Files of a glob, sorted; none if nothing matches. A path without a wildcard is itself, there or not.
std::vector<std::string> expand(const std::string& pattern) {
    if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
    std::vector<std::string> files;
    glob_t found{};
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    std::sort(files.begin(), files.end());
    return files;
}

/// "+02:00", "-03:30"
std::optional<std::int32_t> parse_offset(const std::string& text) {
    int hours = 0, minutes = 0;
    char sign = 0, rest = 0;
    if (text.size() != 6 || text[1] == ' ') return std::nullopt;
    if (std::sscanf(text.c_str(), "%c%2d:%2d%c", &sign, &hours, &minutes, &rest) != 3 || (sign != '+' && sign != '-') || hours > 14 || minutes > 59) return std::nullopt;
    return (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

/// Empty, or a sign, up to nine digits and a point; not 0.
bool is_factor(std::string_view text) {
    if (text.empty()) return true;
    if (text[0] == '-') text.remove_prefix(1);
    const auto num_digits = std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    const auto num_points = std::count(text.begin(), text.end(), '.');
    return num_digits >= 1 && num_digits <= 9 && num_points <= 1 && num_digits + num_points == static_cast<std::ptrdiff_t>(text.size()) && text.find_first_of("123456789") != std::string_view::npos;
}

class Parser {
public:
    Parser(const std::string& path, const Overrides& overrides, Problems& problems)
        : folder_(fs::absolute(path).parent_path()), overrides_(overrides), problems_(problems) {}

    void parse(const toml::table& root, Job& job) {
        Section file(&root, "", problems_);
        parse_times(file.section("job"), job);
        for (Section& readings : file.sections("readings")) parse_readings(readings, job);
        if (job.ingest.sources.empty()) file.missing("readings", "name the input: [[readings]] with path = \"*.csv\"");
        parse_topology(file.section("topology"), job);
        parse_customers(file.section("customers"), job);
        file.not_yet("texts");
        parse_clean(file.section("clean"), job);
        parse_keys(file.section("keys"), job);
        parse_custody(file.section("custody"), job);
        for (Section& release : file.sections("release")) parse_release(release, job);
        if (job.releases.empty()) file.missing("release", "say what to publish: [[release]]");
        else agree_on_subjects(file, job);
        parse_forecast(file.section("forecast"), job);
        parse_output(file.section("output"), job);
        file.finish();
    }

private:
    [[nodiscard]] std::string resolved(const std::string& path) const { return fs::absolute(folder_ / path).lexically_normal().string(); }

    template <class T>
    void take(Result<T> result, Section& section, const char* key, T& into) {
        if (result.ok()) into = std::move(result).value();
        else section.wrong(key, result.error().what);
    }

    void parse_times(Section section, Job& job) {
        job.name = section.text("name").value_or("");
        if (!is_name(job.name)) section.wrong("name", "a name of 1 to 64 letters, digits, '-', '_' and '.' is wanted");
        const auto from = section.date("from"), until = section.date("until");
        if (!from) section.missing("from", "the first local day: from = 2013-01-01");
        if (!until) section.missing("until", "the local day after the last one: until = 2014-01-01");
        const auto zone = section.text("time_zone");
        if (!zone) section.missing("time_zone", "e.g. time_zone = \"Europe/London\"");
        std::chrono::seconds interval(1800);
        take(model::parse_duration(section.text("interval").value_or("30min")), section, "interval", interval);
        if (std::chrono::days(1) % interval != std::chrono::seconds(0)) section.wrong("interval", "a length that divides a day: 15min, 30min, 1h, 1d");
        const std::int64_t quantum = section.integer("energy_quantum_wh").value_or(1);
        if (quantum < 1 || quantum > 1000000) section.wrong("energy_quantum_wh", "from 1 to 1,000,000 Wh");
        else job.ingest.energy_quantum_wh = static_cast<std::int32_t>(quantum);
        if (const auto note = section.text("note")) job.notes.push_back(*note);
        if (zone) take(model::Calendar::make(*zone), section, "time_zone", job.calendar);
        if (from && until) {
            job.from = *from;
            job.until = *until;
            take(model::make_axis(job.calendar, *from, *until, interval), section, "until", job.axis);
        }
        section.finish();
    }

    void parse_readings(Section& section, Job& job) {
        ingest::Source source;
        if (const auto path = section.text("path")) {
            source.files = expand(resolved(*path));
            if (source.files.empty()) section.wrong("path", fmt::format("no file matches '{}'", *path));
        } else {
            section.missing("path", "a file or a glob");
        }
        source.format = section.text("format").value_or("auto");
        parse_clock(section, source);
        source.label = section.one_of("label", {"start", "end"}, "start") == "end" ? ingest::Label::end : ingest::Label::start;
        const std::string unit = section.one_of("unit", {"Wh", "kWh", "MWh", "W", "kW", "MW"}, "kWh");
        source.unit = unit.starts_with('W') ? ingest::EnergyUnit::wh : unit.starts_with('M') ? ingest::EnergyUnit::mwh : ingest::EnergyUnit::kwh;
        source.is_power = unit.ends_with('W');
        source.meter = section.text("meter").value_or("");
        source.channel = section.one_of("channel", {"import", "export"}, "import") == "export" ? model::Channel::export_ : model::Channel::import;
        if (const auto interval = section.text("interval")) {
            std::chrono::seconds length(0);
            take(model::parse_duration(*interval), section, "interval", length);
            source.interval_s = length.count();
        }
        const bool has_more_columns = parse_columns(section.section("columns"), source), has_more_keys = parse_table_keys(section, source);
        if (has_more_columns || has_more_keys) {
            if (source.format == "auto") source.format = "portal-csv";
            if (source.format != "portal-csv") section.wrong("format", "date_order, values, factor, decimal, register_digits and further columns are read by \"portal-csv\" alone");
        }
        if (source.format == "auto" && source.columns != ingest::Columns{}) source.format = "long-csv";
        section.finish();
        job.ingest.sources.push_back(std::move(source));
    }

    /// @return true if a column is named that portal-csv alone reads
    static bool parse_columns(Section section, ingest::Source& source) {
        ingest::Columns& c = source.columns;
        const auto read = [&](const char* key, std::string& column) { column = section.text(key).value_or(""); };
        for (const auto& [key, column] : {std::pair("meter", &c.meter), std::pair("time", &c.time), std::pair("energy", &c.energy), std::pair("channel", &c.channel),
                                          std::pair("quality", &c.quality)}) read(key, *column);
        const ingest::Columns of_long = c;
        for (const auto& [key, column] : {std::pair("date", &c.date), std::pair("end", &c.end), std::pair("export", &c.export_energy), std::pair("register", &c.register_name),
                                          std::pair("unit", &c.unit), std::pair("factor", &c.factor)})
            read(key, *column);
        section.finish();
        return c != of_long;
    }

    /// What portal-csv alone asks for. @return true if any is there
    bool parse_table_keys(Section& section, ingest::Source& source) {
        const std::string order = section.one_of("date_order", {"day-month", "month-day"}, "");
        if (!order.empty()) source.date_order = order == "month-day" ? ingest::DateOrder::month_first : ingest::DateOrder::day_first;
        const std::string values = section.one_of("values", {"interval", "net", "register"}, "");
        if (!values.empty()) source.values = values == "register" ? ingest::Values::registers : values == "net" ? ingest::Values::net : ingest::Values::interval;
        source.factor = section.text("factor").value_or("");
        if (!is_factor(source.factor)) section.wrong("factor", "a decimal number that is not 0, as a text: \"0.001\", \"-40\"");
        const std::string mark = section.one_of("decimal", {".", ","}, "");
        if (!mark.empty()) source.decimal_mark = mark[0];
        const std::int64_t digits = section.integer("register_digits").value_or(0);
        if (digits < 0 || digits > 12 || (digits == 0 && section.node("register_digits") != nullptr)) section.wrong("register_digits", "from 1 to 12");
        else source.register_digits = static_cast<int>(digits);
        return source.date_order || source.values || !source.factor.empty() || source.decimal_mark != 0 || source.register_digits > 0;
    }

    void parse_clock(Section& section, ingest::Source& source) {
        const std::string clock = section.text("clock").value_or("utc");
        if (clock == "local") source.clock.kind = ingest::Clock::Kind::local;
        else if (clock != "utc") {
            source.clock.kind = ingest::Clock::Kind::fixed_offset;
            if (const auto offset = parse_offset(clock)) source.clock.offset_s = *offset;
            else section.wrong("clock", fmt::format("'{}' is none of utc, local, +hh:mm{}", clock, did_you_mean(clock, {"utc", "local"})));
        }
    }

    void parse_topology(Section section, Job& job) {
        if (const auto path = section.text("path")) job.tables.topology_path = resolved(*path);
        else section.missing("path", "a table of meter_id and one column per level");
        job.tables.levels = section.texts("levels").value_or(std::vector<std::string>{});
        if (job.tables.levels.empty()) section.missing("levels", "the columns, top first: levels = [\"region\", \"feeder\"]");
        for (const std::string& level : job.tables.levels)
            if (!is_name(level) || level == "total" || std::count(job.tables.levels.begin(), job.tables.levels.end(), level) > 1)
                section.wrong("levels", fmt::format("'{}' cannot be the name of a level, or is there twice", level));
        section.finish();
    }

    void parse_customers(Section section, Job& job) {
        if (!section.is_there()) return;
        if (const auto path = section.text("path")) job.tables.customers_path = resolved(*path);
        else section.missing("path", "a table with a row for each meter");
        job.tables.subject_column = section.text("subject").value_or("");
        job.tables.customers_meter_column = section.text("meter").value_or("meter_id");
        job.tables.class_column = section.text("class").value_or("");
        parse_crossing(section, job);
        parse_classes(section, job);
        section.finish();
    }

    /// A column that is one more level, and stands across those of the topology.
    static void parse_crossing(Section& section, Job& job) {
        job.tables.crossing_column = section.text("crossing").value_or("");
        const std::string& name = job.tables.crossing_column;
        const auto& levels = job.tables.levels;
        if (!name.empty() && (!is_name(name) || name == "total" || std::find(levels.begin(), levels.end(), name) != levels.end()))
            section.wrong("crossing", fmt::format("'{}' cannot be the name of a level, or is one of the topology's", name));
    }

    /// What each column of the customers is to privacy: the names are the table's own, the classes are checked.
    void parse_classes(Section& section, Job& job) {
        job.customers = {job.tables.customers_path, job.tables.customers_meter_column, job.tables.subject_column, {}};
        const std::vector<std::string> classes = {"identifier", "quasi", "sensitive", "other"};
        const auto columns = section.text_table("columns");
        for (const auto& [column, kind] : columns)
            if (std::find(classes.begin(), classes.end(), kind) == classes.end())
                section.wrong("columns", fmt::format("'{}' of column '{}' is none of {}{}", kind, column, fmt::join(classes, ", "), did_you_mean(kind, classes)));
        for (const auto& [word, kind] : {std::pair("quasi", model::AttributeKind::quasi), std::pair("sensitive", model::AttributeKind::sensitive)})
            for (const auto& [column, of_column] : columns)
                if (of_column == word) job.customers.attributes.push_back({column, kind});
    }

    void parse_clean(Section section, Job& job) {
        job.store.min_coverage = section.number("min_coverage").value_or(0.9);
        if (!(job.store.min_coverage > 0 && job.store.min_coverage <= 1)) section.wrong("min_coverage", "a share above 0, at most 1");
        job.ingest.max_wh = section.integer("max_wh").value_or(50000);
        if (job.ingest.max_wh < 1 || job.ingest.max_wh > 2000000000) section.wrong("max_wh", "from 1 to 2,000,000,000 Wh");
        const std::string fill = section.one_of("fill", {"typical", "linear", "none"}, "typical");
        parse_suspicion(section, job);
        job.store.fill = fill == "none" ? store::Fill::none : fill == "linear" ? store::Fill::linear : store::Fill::typical;
        section.finish();
    }

    /// Both are off unless they are there.
    void parse_suspicion(Section& section, Job& job) {
        if (const auto text = section.text("max_stuck")) {
            std::chrono::seconds length(0);
            take(model::parse_duration(*text), section, "max_stuck", length);
            if (length != std::chrono::seconds(0) && length < job.axis.length) section.wrong("max_stuck", "an interval of the job at least, e.g. \"24h\"");
            job.store.max_stuck_s = length.count();
        }
        if (const auto factor = section.integer("spike_factor")) {
            if (*factor < 2 || *factor > 1000) section.wrong("spike_factor", "from 2 to 1,000, e.g. 20");
            else job.store.spike_factor = static_cast<std::int32_t>(*factor);
        }
    }

    void parse_keys(Section section, Job& job) {
        if (const auto file = section.text("file")) job.key_file = resolved(*file);
        const auto epoch = section.text("epoch");
        if (!epoch) section.missing("epoch", "a name for the years in which pseudonyms stay the same: epoch = \"2013\"");
        job.epoch = epoch.value_or("");
        section.not_yet("command");
        section.finish();
    }

    void parse_custody(Section section, Job& job) {
        const auto path = section.text("path");
        if (!overrides_.custody.empty()) job.custody = fs::absolute(overrides_.custody).lexically_normal().string();
        else if (path) job.custody = resolved(*path);
        else section.missing("path", "the folder that never leaves the controller, or --custody");
        section.not_yet("escrow_public_key");
        section.finish();
    }

    void parse_release(Section& section, Job& job) {
        ReleaseSpec release;
        release.name = section.text("name").value_or("");
        if (!is_name(release.name)) section.wrong("name", "a name of 1 to 64 letters, digits, '-', '_' and '.' is wanted");
        if (section.node("audience") == nullptr) section.missing("audience", "public, regulator, research or internal");
        release.audience = section.one_of("audience", {"public", "regulator", "research", "internal"}, "");
        parse_products(section, release);
        if (section.node("period") == nullptr) section.missing("period", "how long membership is frozen: period = \"year\"");
        release.period = section.one_of("period", {"year"}, "");
        parse_resolutions(section, job, release);
        parse_rules(section.section("rules"), section, job, release);
        parse_attributes_of(section, job, release);
        for (const char* later : {"group_size", "private"}) section.not_yet(later);
        section.finish();
        job.releases.push_back(std::move(release));
    }

    /// Whom the rules count, and the classes that they tell apart, are of the meters: the same for all releases.
    static void agree_on_subjects(Section& file, Job& job) {
        const auto classes_of = [](const ReleaseSpec& release) {
            std::vector<std::string> names;
            for (const auto& of_class : release.rules.classes) names.push_back(of_class.subject_class);
            return names;
        };
        const ReleaseSpec& first = job.releases.front();
        for (const ReleaseSpec& release : job.releases)
            if (release.count_unit != first.count_unit || classes_of(release) != classes_of(first)) file.wrong("release", "all releases of a job count the same unit and tell the same classes apart");
        job.count_unit = first.count_unit;
        if (job.count_unit == "meter") job.tables.subject_column.clear();
        job.tables.classes = classes_of(first);
        job.tables.classes.pop_back();  // everybody else
        if (job.tables.classes.empty()) job.tables.class_column.clear();
    }

    void parse_attributes_of(Section& section, const Job& job, ReleaseSpec& release) {
        auto options = parse_attributes(section.section("attributes"), [this](const std::string& path) { return resolved(path); });
        const bool is_there = section.node("attributes") != nullptr;
        if (!release.attributes && is_there) section.wrong("attributes", "these keys are of the product \"attributes\", which the release does not list");
        if (!release.attributes) return;
        if (!is_there) section.missing("attributes", "privacy has no default: attributes = { k = 10, l = 2, t = 0.3 }");
        if (job.customers.attributes.empty()) section.wrong("products", "\"attributes\" needs [customers] columns: which of them are \"quasi\" and which \"sensitive\"");
        for (const ReleaseSpec& other : job.releases)
            if (other.attributes) section.wrong("products", "\"attributes\" are in another release too: two tables of the same customers could be held against each other");
        release.attributes = std::move(options);
    }

    /// All values are sums of those at the first resolution: each of the others is made of whole bins of it.
    void parse_resolutions(Section& section, const Job& job, ReleaseSpec& release) {
        release.resolutions = section.texts("resolutions").value_or(std::vector<std::string>{});
        if (release.resolutions.empty()) section.missing("resolutions", "e.g. resolutions = [\"30min\", \"1d\", \"month\"]");
        std::vector<std::uint32_t> finest;
        for (const std::string& name : release.resolutions) {
            if (job.axis.count == 0) break;
            const auto made = model::make_resolution(job.calendar, job.axis, name);
            if (!made.ok()) {
                section.wrong("resolutions", made.error().what);
                continue;
            }
            const auto& bounds = made.value().bounds;
            if (finest.empty()) finest = bounds;
            if (!std::includes(finest.begin(), finest.end(), bounds.begin(), bounds.end()))
                section.wrong("resolutions", fmt::format("'{}' is not made of whole bins of '{}': put the finest first", name, release.resolutions[0]));
            if (std::count(release.resolutions.begin(), release.resolutions.end(), name) > 1) section.wrong("resolutions", fmt::format("'{}' is there twice", name));
        }
    }

    void parse_products(Section& section, ReleaseSpec& release) {
        const auto products = section.texts("products");
        if (!products) section.missing("products", "e.g. products = [\"aggregates\", \"forecast\"]");
        const std::vector<std::string> known = {"aggregates", "forecast", "profiles", "attributes", "private", "texts"};
        for (const std::string& product : products.value_or(std::vector<std::string>{})) {
            if (product == "aggregates") release.aggregates = true;
            else if (product == "forecast") release.forecast = true;
            else if (product == "attributes") release.attributes.emplace();
            else if (std::find(known.begin(), known.end(), product) != known.end()) section.wrong("products", fmt::format("'{}' is not in this version", product));
            else section.wrong("products", fmt::format("unknown product '{}'{}", product, did_you_mean(product, known)));
        }
        if (products && release.forecast && !release.aggregates) section.wrong("products", "a forecast needs \"aggregates\"");
        if (products && release.attributes && !release.aggregates) section.wrong("products", "\"attributes\" come with \"aggregates\"");
    }

    void parse_forecast(Section section, Job& job) {
        job.forecast.calendar = job.calendar;
        if (const auto horizons = section.texts("horizons")) job.forecast.horizons = *horizons;
        for (const std::string& horizon : job.forecast.horizons)
            if (horizon != "1d" && horizon != "7d") section.wrong("horizons", fmt::format("'{}' is not in this version: 1d, 7d", horizon));
        if (const auto quantiles = section.numbers("quantiles")) job.forecast.quantiles = *quantiles;
        const auto& q = job.forecast.quantiles;
        const bool rising = std::is_sorted(q.begin(), q.end(), std::less_equal<>()) && !q.empty() && q.front() > 0 && q.back() < 1;
        if (!rising) section.wrong("quantiles", "rising numbers between 0 and 1 are wanted");
        job.forecast.holidays = section.dates("holidays").value_or(std::vector<model::Date>{});
        section.finish();
    }

    void parse_output(Section section, Job& job) {
        const auto path = section.text("path");
        if (!overrides_.output.empty()) job.output = fs::absolute(overrides_.output).lexically_normal().string();
        else if (path) job.output = resolved(*path);
        else section.missing("path", "the folder of all releases, or --out");
        const auto memory = section.text("memory_per_rank");
        if (const auto size = parse_size(memory.value_or("2GiB")); size && *size >= (std::uint64_t{64} << 20)) job.memory_per_rank = *size;
        else section.wrong("memory_per_rank", "a size of 64MiB at least is wanted, e.g. \"2GiB\"");
        section.not_yet("max_rejected_files");
        section.finish();
    }

    fs::path folder_;
    const Overrides& overrides_;
    Problems& problems_;
};

/// What one room needs of another section.
void connect(Job& job) {
    job.ingest.calendar = job.calendar;
    job.ingest.axis = job.axis;
    job.ingest.quarantine_folder = job.custody + "/quarantine";
    job.store.custody = job.custody;
    job.store.calendar = job.calendar;
    job.store.energy_quantum_wh = job.ingest.energy_quantum_wh;
    job.store.memory_bytes = job.memory_per_rank;
    if (auto months = model::make_resolution(job.calendar, job.axis, "month"); months.ok()) job.store.months = std::move(months).value().bounds;
}

}  // namespace

std::set<std::string> job_keys() {
    Problems problems;
    Job job;
    const toml::table root = toml::parse("[[readings]]\n[customers]\n[[release]]\nrules = {}\n");
    Parser(".", {}, problems).parse(root, job);
    return problems.keys_asked_for();
}

Result<Job> parse_job(const std::string& text, const std::string& path, const Overrides& overrides) {
    TRY(const auto utc, model::Calendar::make("UTC"));
    Job job;
    job.text = text;
    job.digest = io::sha256_hex(std::string_view(text));
    job.calendar = utc;
    Problems problems;
    try {
        const toml::table root = toml::parse(text, path);
        Parser(path, overrides, problems).parse(root, job);
    } catch (const toml::parse_error& error) {
        problems.add(fmt::format("line {}: not TOML: {}", static_cast<unsigned>(error.source().begin.line), error.description()));
    }
    if (!problems.none()) return problems.error(path, "docs/formats/job-file.md");
    connect(job);
    return job;
}

}  // namespace meterveil::config
