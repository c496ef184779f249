#pragma once
// The only maker of a Release. This header is private to protect: tests/wall shows that nobody else can.

#include <utility>

#include "meterveil/model/release.hpp"

namespace meterveil::protect {

class Mint {
public:
    static model::Release strike(model::ReleaseTerms terms, std::vector<std::string> levels, model::Axis axis, std::vector<model::Resolution> resolutions,
                                 std::vector<model::ReleasedChannel> channels) {
        model::Release release;
        release.terms_ = std::move(terms);
        release.levels_ = std::move(levels);
        release.axis_ = axis;
        release.resolutions_ = std::move(resolutions);
        release.channels_ = std::move(channels);
        return release;
    }
    static void add(model::Release& release, model::ReleasedAttributes attributes) { release.attributes_ = std::move(attributes); }
};

}  // namespace meterveil::protect
