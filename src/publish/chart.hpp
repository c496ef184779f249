#pragma once
// Small charts as inline SVG. Pure; no script, no font, no colour that a theme cannot change.

#include <string>
#include <vector>

namespace meterveil::publish {

/// One line of a chart.
struct Line {
    std::string label;
    std::vector<double> values;
};

/// A band between two lines of equal length.
struct Band {
    std::string label;
    std::vector<double> low, high;
};

struct Chart {
    std::string title, unit;           ///< the unit of the vertical axis, e.g. "kWh"
    std::vector<std::string> ticks;    ///< labels spread evenly along the horizontal axis
    bool ticks_at_start = true;        ///< a tick stands where its stretch begins; else at even points from end to end
    std::vector<Line> lines;           ///< at most four
    std::vector<Band> bands;           ///< widest first, at most three
    int width = 720, height = 260;
};

/// Text with &, <, >, ", ' made harmless, and a replacement character for what is not UTF-8 or a control.
std::string escape(const std::string& text);

std::string to_svg(const Chart& chart);

}  // namespace meterveil::publish
