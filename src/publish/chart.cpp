#include "publish/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace meterveil::publish {
namespace {

constexpr int left = 64, right = 12, top = 34, bottom = 26;

/// A round step that gives three to six grid lines.
double round_step(double most) {
    const double power = std::pow(10, std::floor(std::log10(most / 3)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (most / (factor * power) <= 6) return factor * power;
    return 10 * power;
}

class Canvas {
public:
    explicit Canvas(const Chart& chart) : chart_(chart) {
        double most = 0;
        for (const Line& line : chart.lines)
            for (const double v : line.values) most = std::max(most, v);
        for (const Band& band : chart.bands)
            for (const double v : band.high) most = std::max(most, v);
        step_ = most > 0 ? round_step(most) : 1;
        most_ = step_ * std::max(1.0, std::ceil(most / step_));
    }

    [[nodiscard]] std::string draw() const {
        std::string svg = fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\"><title>{}</title>\n", chart_.width, chart_.height,
                                      escape(chart_.title), escape(chart_.title));
        svg += fmt::format("<text class=\"head\" x=\"0\" y=\"13\">{}</text>\n", escape(chart_.title)) + legend() + grid() + ticks();
        for (std::size_t i = 0; i < chart_.bands.size(); ++i) svg += band(chart_.bands[i], i);
        for (std::size_t i = 0; i < chart_.lines.size(); ++i) svg += fmt::format("<path class=\"line l{}\" d=\"{}\"/>\n", i, path(chart_.lines[i].values, "M"));
        return svg + "</svg>\n";
    }

private:
    [[nodiscard]] double x(std::size_t i, std::size_t count) const {
        const double inner = chart_.width - left - right;
        return left + (count > 1 ? inner * static_cast<double>(i) / static_cast<double>(count - 1) : inner / 2);
    }
    [[nodiscard]] double y(double value) const { return top + (chart_.height - top - bottom) * (1 - value / most_); }

    [[nodiscard]] std::string path(const std::vector<double>& values, const char* start) const {
        std::string d;
        for (std::size_t i = 0; i < values.size(); ++i) d += fmt::format("{}{:.1f} {:.1f}", i == 0 ? start : "L", x(i, values.size()), y(values[i]));
        return d;
    }

    [[nodiscard]] std::string band(const Band& band, std::size_t index) const {
        std::string d = path(band.high, "M");
        for (std::size_t i = band.low.size(); i-- > 0;) d += fmt::format("L{:.1f} {:.1f}", x(i, band.low.size()), y(band.low[i]));
        return fmt::format("<path class=\"band b{}\" d=\"{}Z\"/>\n", index, d);
    }

    [[nodiscard]] std::string grid() const {
        std::string svg;
        for (double value = 0; value <= most_ * 1.0001; value += step_) {
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
    double step_ = 1, most_ = 1;
};

}  // namespace

std::string escape(const std::string& text) {
    std::string result;
    for (const char c : text) {
        switch (c) {
            case '&': result += "&amp;"; break;
            case '<': result += "&lt;"; break;
            case '>': result += "&gt;"; break;
            case '"': result += "&quot;"; break;
            case '\'': result += "&#39;"; break;
            default: result += c;
        }
    }
    return result;
}

std::string to_svg(const Chart& chart) { return Canvas(chart).draw(); }

}  // namespace meterveil::publish
