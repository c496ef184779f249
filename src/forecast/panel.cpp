#include "forecast/panel.hpp"

#include <algorithm>
#include <cmath>

namespace meterveil::forecast {

double week_deviation(const History& history) {
    const auto week = history.values.last(std::min(history.values.size(), std::size_t{7} * history.slots));
    double mean = 0, squares = 0;
    for (const double v : week) mean += v;
    mean /= static_cast<double>(week.size());
    for (const double v : week) squares += (v - mean) * (v - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(week.size()));
    return deviation > 0 ? deviation : 1;
}

}  // namespace meterveil::forecast
