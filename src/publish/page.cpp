#include "publish/page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "publish/attribute_terms.hpp"

namespace meterveil::publish {
namespace {

constexpr const char* style = R"(<style>
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#5b6570;--line:#d5dae0;--paper:#fff;--a:#0b6bcb;--b:#c2410c;--c:#15803d;--d:#7c3aed}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--soft:#a5adb8;--line:#3a424c;--paper:#15181c;--a:#6db3ff;--b:#ff9d66;--c:#63d88f;--d:#c4a5ff}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;margin:0}h2{font-size:1.2rem;margin:2.2rem 0 .5rem;border-bottom:1px solid var(--line)}
.verdict{border-left:4px solid var(--c);padding:.4rem .9rem;margin:1rem 0;font-size:1.05rem}
table{border-collapse:collapse;margin:.7rem 0;font-variant-numeric:tabular-nums}th,td{text-align:left;padding:.25rem .9rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}
td.n,th.n{text-align:right}code{font-size:.92em}svg{width:100%;height:auto;margin:.6rem 0}.small{color:var(--soft);font-size:.92rem}
svg text{fill:var(--ink);font:12px system-ui,sans-serif}svg .tick{fill:var(--soft);font-size:11px}svg .head{font-weight:600;font-size:13px}
.grid{stroke:var(--line);stroke-width:1}.line{fill:none;stroke-width:1.6}.l0{stroke:var(--a)}.l1{stroke:var(--b)}.l2{stroke:var(--c)}.l3{stroke:var(--d)}
.band{fill:var(--a);stroke:none}.b0{opacity:.18}.b1{opacity:.3}.b2{opacity:.4}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,1fr));gap:0 1.5rem}dt{font-weight:600}dd{margin:0 0 .5rem}
@media print{body{max-width:none;margin:0}h2{break-after:avoid}svg,table{break-inside:avoid}}
</style>)";

std::string cell(const std::string& text, bool is_number = false) { return fmt::format("<td{}>{}</td>", is_number ? " class=\"n\"" : "", escape(text)); }

std::string grouped(std::uint64_t n) {
    std::string digits = std::to_string(n);
    for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
    return digits;
}

std::string joined(const std::vector<std::string>& words, const char* between) { return fmt::format("{}", fmt::join(words, between)); }

std::string preset_text(const model::PresetTerms& preset) {
    if (preset.name.empty()) return "";
    std::string html = fmt::format("<p>The rules are those of the preset <strong>{}</strong>, or stricter: {}. Note: {}.", escape(preset.name), escape(preset.citation), escape(preset.warning));
    if (!preset.verify_with_counsel.empty()) html += fmt::format(" Not checked against the source, to verify with counsel: {}.", escape(joined(preset.verify_with_counsel, ", ")));
    return html + "</p>\n";
}

std::string head(const PageFacts& f) {
    const auto& terms = f.release.terms();
    std::string html = fmt::format("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
                                   "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
                                   "<title>{0}</title>{1}</head><body><main>\n<h1>{0}</h1>\n", escape(terms.name), style);
    html += fmt::format("<p class=\"small\">Load of groups of customers, {} (local dates, {}), for: {}.</p>\n", escape(terms.period), escape(terms.time_zone), escape(terms.audience));
    html += fmt::format("<p class=\"verdict\">Every published sum is over a group that passes <strong>{}</strong> (scope: {}; counted: {}s), and no sum or "
                        "difference of published sums leads below such a group.</p>\n", escape(joined(terms.rules, " and ")), escape(terms.scope), escape(terms.count_unit));
    html += preset_text(terms.preset);
    for (const std::string& note : f.dossier.notes) html += fmt::format("<p><strong>Note:</strong> {}</p>\n", escape(note));
    return html;
}

/// At most `most` characters; the page stays small however long the names are.
std::string shortened(const std::string& text, std::size_t most = 64) {
    std::size_t end = 0, characters = 0;
    for (; end < text.size(); ++end)
        if ((static_cast<unsigned char>(text[end]) & 0xc0U) != 0x80 && ++characters > most) return text.substr(0, end) + "...";
    return text;
}

/// The first nodes of a cohort, and how many more there are.
std::string members_text(const std::vector<std::string>& members) {
    constexpr std::size_t most = 24;
    std::vector<std::string> shown;
    for (std::size_t i = 0; i < std::min(most, members.size()); ++i) shown.push_back(shortened(members[i]));
    const std::string text = joined(shown, ", ");
    return members.size() <= most ? text : fmt::format("{} and {} more", text, grouped(members.size() - most));
}

std::string fate_table(const model::Release& release) {
    std::string html = "<table><thead><tr><th scope=\"col\">channel</th><th scope=\"col\">level</th><th scope=\"col\" class=\"n\">published</th>"
                       "<th scope=\"col\" class=\"n\">merged</th><th scope=\"col\" class=\"n\">withheld</th><th scope=\"col\" class=\"n\">no data</th></tr></thead><tbody>\n";
    for (const auto& channel : release.channels())
        for (const std::string& level : release.levels_of(channel)) {
            std::map<std::string, std::uint64_t> counts;
            for (const auto& fate : channel.fates)
                if (fate.level == level) ++counts[fate.status];
            html += "<tr>" + cell(channel.name()) + cell(level);
            for (const char* status : {"published", "merged", "withheld", "no_data"}) html += cell(grouped(counts[status]), true);
            html += "</tr>\n";
        }
    return html + "</tbody></table>\n";
}

std::string cohort_table(const model::Release& release) {
    constexpr std::size_t most = 40;
    std::string rows;
    std::size_t shown = 0, all = 0;
    for (const auto& channel : release.channels())
        for (const auto& unit : channel.units) {
            if (!unit.is_cohort || ++all > most) continue;
            ++shown;
            rows += "<tr>" + cell(channel.name()) + cell(shortened(unit.name)) + cell(members_text(unit.members)) + cell(unit.contributors) + "</tr>\n";
        }
    if (shown == 0) return "<p>No group had to be merged.</p>\n";
    std::string html = "<p>These nodes are published together, because one of them alone would not pass:</p>\n<table><thead><tr><th scope=\"col\">channel</th>"
                       "<th scope=\"col\">cohort</th><th scope=\"col\">nodes</th><th scope=\"col\">contributors</th></tr></thead><tbody>\n" + rows + "</tbody></table>\n";
    if (all > shown) html += fmt::format("<p class=\"small\">{} more are in tables/nodes.csv.</p>\n", grouped(all - shown));
    return html;
}

/// What an adversary who holds raw curves can make of exact series as long as these.
std::string length_text(const model::LengthGuard& guard) {
    const std::string limit = guard.longest == 0 ? "a single value may say enough for that" : fmt::format("up to {} {} too little for that", grouped(guard.longest), guard.longest == 1 ? "value says" : "values say");
    return fmt::format("<p class=\"small\"><strong>Length</strong>: each series has {} values at its finest. Somebody who holds the raw load of every candidate can tell from a "
                       "long exact series whose loads are in it; {}. These series are {}.</p>\n",
                       grouped(guard.values), limit, guard.is_longer() ? "longer, and not for the public" : "not longer");
}

std::string privacy(const PageFacts& f) {
    return "<h2>Privacy</h2>\n" + fate_table(f.release) + cohort_table(f.release) +
           "<p class=\"small\"><strong>Published</strong>: the node has its own row. <strong>Merged</strong>: it lies in a cohort, which has one row for all its nodes. "
           "<strong>Withheld</strong>: no group that hides it could be found. Numbers of contributors are given as ranges.</p>\n"
           "<p class=\"small\">These rules protect against reading off one customer's load from the sums. They are not differential privacy: somebody who "
           "already knows the load of most of a group learns the rest.</p>\n" +
           length_text(f.release.terms().length_guard);
}

const std::vector<std::string>& months() {
    static const std::vector<std::string> names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    return names;
}

std::string load(const PageFacts& f) {
    if (f.portraits.empty() || f.portraits[0].by_day.empty()) return "";
    std::string html = "<h2>Load</h2>\n";
    const Portrait& total = f.portraits[0];
    const std::vector<std::string> hours = {"00:00", "06:00", "12:00", "18:00", "24:00"};
    const bool is_year = total.by_day.size() >= 365 && total.by_day.size() <= 366;
    const std::string from = f.release.terms().period.substr(0, 10), until = f.release.terms().period.substr(f.release.terms().period.find('/') + 1);
    const auto mean_day = [&](const Portrait& p, int width, int height) {
        return to_svg({shortened(p.name) + ": mean day", "kWh", hours, false, {{"weekday", p.weekday}, {"weekend", p.weekend}}, {}, width, height});
    };
    html += to_svg({shortened(total.name) + ": energy of each day", "kWh", is_year ? months() : std::vector<std::string>{from, until}, is_year, {{"", total.by_day}}, {}});
    if (total.weekday.empty()) return html;
    html += mean_day(total, 720, 260) + "<div class=\"pair\">\n";
    for (std::size_t i = 1; i < f.portraits.size(); ++i) html += mean_day(f.portraits[i], 440, 220);
    return html + "</div>\n";
}

std::string forecasts(const PageFacts& f) {
    if (f.forecast == nullptr) return "";
    std::string html = "<h2>Forecast</h2>\n<p>Made from this release alone. The bands hold the coming value in 50 % and 90 % of cases, judged on past forecasts.</p>\n";
    for (const Chart& fan : f.fans) html += to_svg(fan);
    html += "<table><thead><tr><th scope=\"col\">horizon</th><th scope=\"col\">level</th><th scope=\"col\">model</th><th scope=\"col\" class=\"n\">origins</th>"
            "<th scope=\"col\" class=\"n\">nMAE</th><th scope=\"col\" class=\"n\">MASE</th><th scope=\"col\" class=\"n\">in 90 % band</th></tr></thead><tbody>\n";
    for (const auto& s : f.forecast->scores)
        html += "<tr>" + cell(s.horizon) + cell(s.level) + cell(s.model) + cell(std::to_string(s.num_origins), true) + cell(fmt::format("{:.1f} %", 100 * s.nmae), true) +
                cell(fmt::format("{:.2f}", s.mase), true) + cell(s.coverage_90 < 0 ? "" : fmt::format("{:.0f} %", 100 * s.coverage_90), true) + "</tr>\n";
    return html + "</tbody></table>\n<p class=\"small\">nMAE: absolute error over energy. MASE: absolute error over that of last week's value in the days before; below 1 is better. <em>published</em> is what this release carries, as it would have come out at each origin.</p>\n";
}

std::string households(const PageFacts& f) {
    if (!f.release.attributes()) return "";
    const auto& table = *f.release.attributes();
    std::string html = "<h2>Attributes of households</h2>\n<p>A row for each customer in attributes.csv, without a name or a number of a meter. Customers who share all "
                       "quasi-identifiers are a class; of every class holds: <strong>" + escape(joined(criteria_texts(table.claims), " and ")) + "</strong>.</p>\n"
                       "<table><thead><tr><th scope=\"col\">column</th><th scope=\"col\">kind</th></tr></thead><tbody>\n";
    for (const auto& attribute : table.attributes)
        html += "<tr>" + cell(attribute.name) + cell(attribute.kind == model::AttributeKind::quasi ? "quasi-identifier, generalised" : "sensitive, as it is") + "</tr>\n";
    return html + "</tbody></table>\n<p class=\"small\">How much was generalised and what risk is left: evidence/attributes.json. Some customers may be left out, so that the others can "
                  "be told less coarsely.</p>\n";
}

std::string quality(const PageFacts& f) {
    const Dossier& d = f.dossier;
    std::string html = "<h2>Quality</h2>\n<table><tbody>\n";
    const auto row = [&](const char* what, const std::string& value) { html += fmt::format("<tr><th scope=\"row\">{}</th>", what) + cell(value, true) + "</tr>\n"; };
    row("rows read", grouped(d.rows_read));
    row("accepted", grouped(d.rows_accepted));
    row("superseded", grouped(d.rows_superseded));
    row("duplicate", grouped(d.rows_duplicate));
    row("quarantined", grouped(d.rows_quarantined));
    row("meters in the sums", d.meters_band);
    row("readings filled", d.filled_share == 0 ? "0" : fmt::format("{:.2f} %", 100 * d.filled_share));
    return html + "</tbody></table>\n<p class=\"small\">Rows read are accepted, superseded, duplicate or quarantined: none is lost. A meter takes part if enough of its "
                  "intervals have a reading; its gaps are then filled. See evidence/quality.json.</p>\n";
}

std::string rest(const PageFacts& f) {
    std::string html = "<h2>Files</h2>\n<ul>\n";
    for (const std::string& file : f.files) html += fmt::format("<li><a href=\"{0}\">{0}</a></li>\n", escape(file));
    html += "</ul>\n<p>Energy is in Wh, times are UTC, days and months are local. The HDF5 files open in h5py, xarray and netCDF.</p>\n"
            "<h2>Check it</h2>\n<p><code>sha256sum -c SHA256SUMS</code> finds a changed byte; <code>meterveil-audit verify .</code> proves again that the sums add up over "
            "levels and times and that every range starts at the threshold.</p>\n"
            "<h2>Words</h2>\n<dl><dt>node</dt><dd>an element of the hierarchy, such as a feeder</dd><dt>cohort</dt><dd>nodes that are published as one</dd>"
            "<dt>contributor</dt><dd>a customer, premise or meter whose energy is in a sum</dd><dt>scope</dt><dd>the stretch of time over which a rule looks</dd></dl>\n";
    return html + fmt::format("<p class=\"small\">MeterVeil {}; job {}; key check value {}.</p>\n</main></body></html>\n", escape(f.dossier.software_version),
                              escape(f.dossier.job_digest.substr(0, 16)), escape(f.release.terms().key_check_value));
}

}  // namespace

std::string page_html(const PageFacts& facts) { return head(facts) + privacy(facts) + load(facts) + forecasts(facts) + households(facts) + quality(facts) + rest(facts); }

}  // namespace meterveil::publish
