#include "store/join.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "meterveil/model/shards.hpp"

namespace meterveil::store {
namespace {

bool is_whole(std::span<const std::int32_t> part) {
    for (const std::int32_t quanta : part)
        if (quanta == model::missing_quanta) return false;
    return true;
}

}  // namespace

void join(std::span<const std::int32_t> fine, std::uint32_t parts, std::span<std::int32_t> coarse) {
    if (parts == 1 && coarse.data() == fine.data()) return;
    for (std::size_t i = 0; i < coarse.size(); ++i) {
        const auto part = fine.subspan(i * parts, parts);
        coarse[i] = is_whole(part) ? std::accumulate(part.begin(), part.end(), std::int32_t{0}) : model::missing_quanta;
    }
}

std::uint32_t num_whole(std::span<const std::int32_t> fine, std::uint32_t parts) {
    if (parts == 1) return static_cast<std::uint32_t>(fine.size()) - static_cast<std::uint32_t>(std::count(fine.begin(), fine.end(), model::missing_quanta));
    std::uint32_t count = 0;
    for (std::size_t i = 0; i + parts <= fine.size(); i += parts) count += is_whole(fine.subspan(i, parts)) ? 1 : 0;
    return count;
}

}  // namespace meterveil::store
