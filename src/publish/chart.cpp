#include "publish/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace meterveil::publish {
namespace {

/// Beyond any energy: what is larger is cut, what differs by less is flat.
constexpr double largest = 1e30, smallest = 1e-30;
constexpr int left = 64, right = 12, top = 34, bottom = 26;

/// Bytes of the character that starts at `at`, 0 if it is none that XML may hold: broken UTF-8, a control character.
std::size_t utf8_length(const std::string& text, std::size_t at) {
    const auto byte = [&](std::size_t i) -> unsigned { return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0; };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80; };
    const unsigned lead = byte(0), next = byte(1);
    if (lead < 0x80) return lead >= 0x20 || lead == '\t' || lead == '\n' ? (lead == 0x7f ? 0 : 1) : 0;
    if (lead >= 0xc2 && lead < 0xe0) return follows(1) && !(lead == 0xc2 && next < 0xa0) ? 2 : 0;
    if (lead >= 0xe0 && lead < 0xf0) {
        const bool overlong = lead == 0xe0 && next < 0xa0, surrogate = lead == 0xed && next >= 0xa0, none = lead == 0xef && next == 0xbf && byte(2) >= 0xbe;
        return follows(1) && follows(2) && !overlong && !surrogate && !none ? 3 : 0;
    }
    const bool in_range = (lead == 0xf0 && next >= 0x90) || (lead > 0xf0 && lead < 0xf4) || (lead == 0xf4 && next < 0x90);
    return in_range && follows(1) && follows(2) && follows(3) ? 4 : 0;
}

/// A round step that gives three to six grid lines. @param most > 0
double round_step(double most) {
    const double power = std::pow(10, std::floor(std::log10(most / 3)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (most / (factor * power) <= 6) return factor * power;
    return 10 * power;
}

class Canvas {
public:
    explicit Canvas(const Chart& chart) : chart_(chart) {
        double least = 0, most = 0;
        const auto take_in = [&](const std::vector<double>& values) {
            for (const double v : values) {
                if (!std::isfinite(v)) continue;
                least = std::min(least, std::max(v, -largest));
                most = std::max(most, std::min(v, largest));
            }
        };
        for (const Line& line : chart.lines) take_in(line.values);
        for (const Band& band : chart.bands) {
            take_in(band.low);
            take_in(band.high);
        }
        step_ = most - least > smallest ? round_step(most - least) : 1;
        least_ = step_ * std::floor(least / step_);
        most_ = std::max(step_ * std::ceil(most / step_), least_ + step_);
    }

    [[nodiscard]] std::string draw() const {
        std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\"><title>{}</title>\n", chart_.width, chart_.height,
                                      escape(chart_.title), escape(chart_.title));
        svg += fmt::format("<text class=\"head\" x=\"0\" y=\"13\">{}</text>\n", escape(chart_.title)) + legend() + grid() + ticks();
        for (std::size_t i = 0; i < chart_.bands.size(); ++i) svg += band(chart_.bands[i], i);
        for (std::size_t i = 0; i < chart_.lines.size(); ++i) svg += line(chart_.lines[i], i);
        return svg + "</svg>\n";
    }

private:
    [[nodiscard]] double x(std::size_t i, std::size_t count) const {
        const double inner = chart_.width - left - right;
        return left + (count > 1 ? inner * static_cast<double>(i) / static_cast<double>(count - 1) : inner / 2);
    }
    [[nodiscard]] double y(double value) const { return top + (chart_.height - top - bottom) * (1 - std::clamp((value - least_) / (most_ - least_), 0.0, 1.0)); }

    /// A stretch of the line ends where a value is none; one value alone is drawn over the whole width.
    [[nodiscard]] std::string path(const std::vector<double>& values) const {
        std::string d;
        bool drawn = false;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const bool is_value = std::isfinite(values[i]);
            if (is_value) d += fmt::format("{}{:.1f} {:.1f}", drawn ? "L" : "M", x(i, values.size()), y(values[i]));
            drawn = is_value;
        }
        return values.size() == 1 && drawn ? fmt::format("M{} {:.1f}H{}", left, y(values[0]), chart_.width - right) : d;
    }

    [[nodiscard]] std::string line(const Line& line, std::size_t index) const {
        const std::string d = path(line.values);
        return d.empty() ? "" : fmt::format("<path class=\"line l{}\" d=\"{}\"/>\n", index, d);
    }

    [[nodiscard]] std::string band(const Band& band, std::size_t index) const {
        const auto is_value = [](double v) { return std::isfinite(v); };
        const bool whole = band.low.size() == band.high.size() && std::all_of(band.low.begin(), band.low.end(), is_value) && std::all_of(band.high.begin(), band.high.end(), is_value);
        if (!whole || band.low.size() < 2) return "";
        std::string d = path(band.high);
        for (std::size_t i = band.low.size(); i-- > 0;) d += fmt::format("L{:.1f} {:.1f}", x(i, band.low.size()), y(band.low[i]));
        return fmt::format("<path class=\"band b{}\" d=\"{}Z\"/>\n", index, d);
    }

    [[nodiscard]] std::string grid() const {
        std::string svg;
        for (int i = 0; i <= std::lround((most_ - least_) / step_); ++i) {
            const double value = least_ + i * step_;
            svg += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", left, y(value), chart_.width - right);
            svg += fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{}\" y=\"{:.1f}\">{:.6g}</text>\n", left - 6, y(value) + 4, value);
        }
        return svg + fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{}\" y=\"{}\">{}</text>\n", left - 6, top - 8, escape(chart_.unit));
    }

    [[nodiscard]] std::string ticks() const {
        std::string svg;
        const std::size_t count = chart_.ticks.size();
        for (std::size_t i = 0; i < count; ++i) {
            const double at = chart_.ticks_at_start ? left + (chart_.width - left - right) * static_cast<double>(i) / static_cast<double>(count) : x(i, count);
            const char* anchor = chart_.ticks_at_start ? "start" : i + 1 == count ? "end" : i == 0 ? "start" : "middle";
            svg += fmt::format("<text class=\"tick\" text-anchor=\"{}\" x=\"{:.1f}\" y=\"{}\">{}</text>\n", anchor, at, chart_.height - 8, escape(chart_.ticks[i]));
        }
        return svg;
    }

    [[nodiscard]] std::string legend() const {
        std::string svg;
        double at = chart_.width - right;
        const auto entry = [&](const std::string& label, const std::string& mark) {
            at -= 7.0 * static_cast<double>(label.size()) + 26;
            svg += fmt::format(fmt::runtime(mark), fmt::arg("x", at), fmt::arg("y", 9.0));
            svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"13\">{}</text>\n", at + 18, escape(label));
        };
        for (std::size_t i = chart_.bands.size(); i-- > 0;)
            entry(chart_.bands[i].label, fmt::format("<rect class=\"band b{}\" x=\"{{x:.1f}}\" y=\"4\" width=\"14\" height=\"10\"/>", i));
        if (chart_.lines.size() + chart_.bands.size() > 1)
            for (std::size_t i = chart_.lines.size(); i-- > 0;)
                entry(chart_.lines[i].label, fmt::format("<path class=\"line l{}\" d=\"M{{x:.1f}} {{y:.1f}}h14\"/>", i));
        return svg;
    }

    const Chart& chart_;
    double step_ = 1, least_ = 0, most_ = 1;
};

}  // namespace

std::string escape(const std::string& text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = utf8_length(text, i);
        switch (text[i]) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            default: result += length == 0 ? "\xef\xbf\xbd" : text.substr(i, length);
        }
        i += std::max<std::size_t>(length, 1);
    }
    return result;
}

std::string to_svg(const Chart& chart) { return Canvas(chart).draw(); }

}  // namespace meterveil::publish
