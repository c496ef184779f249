#pragma once
// START-HERE.html: what a person needs to know of a release, on one page. Pure.

#include "meterveil/publish/run.hpp"
#include "publish/chart.hpp"

namespace meterveil::publish {

/// The curves of one top unit, as the page draws them. kWh.
struct Portrait {
    std::string name;
    std::vector<double> by_day;                   ///< energy of every local day; empty if the bins are longer
    std::vector<double> weekday, weekend;         ///< mean energy of a local slot of the day; empty if the bins are days
};

struct PageFacts {
    const model::Release& release;
    const model::Forecast* forecast = nullptr;    ///< null: no forecast
    const Dossier& dossier;
    std::vector<Portrait> portraits;              ///< the total first, then the top level
    std::vector<Chart> fans;                      ///< a forecast of the total per horizon
    std::vector<std::string> files;               ///< relative paths
};

std::string page_html(const PageFacts& facts);

}  // namespace meterveil::publish
