#include "pipeline_world.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace meterveil::sequences {

model::Pseudonym pseudonym(std::uint32_t number) {
    std::mt19937_64 random(number + 1);
    model::Pseudonym name;
    for (auto& byte : name.value) byte = static_cast<std::byte>(random());
    return name;
}

World::World(std::mt19937& random, std::uint32_t corrected_months) : random_(random), corrected_months_(corrected_months) {
    const bool has_regions = below(2) == 0;
    for (std::uint32_t r = 0, regions = 1 + below(2); r < regions; ++r)
        for (std::uint32_t f = 0, feeders = 1 + below(has_regions ? 3 : 4); f < feeders; ++f) {
            const std::string feeder = fmt::format("f{}{}", r, f);
            paths_.push_back(has_regions ? std::vector{fmt::format("r{}", r), feeder} : std::vector{feeder});
        }
    build_feeders();
    hierarchies_[1] = model::build_hierarchy({"street"}, {{"s0"}, {"s1"}});
    for (std::uint32_t leaf = 0; leaf < paths_.size(); ++leaf) join(leaf, below(5) == 0 ? below(3) : 3 + below(7));
}

void World::change(bool nobody_moves) {
    for (std::uint32_t events = below(4); events > 0; --events) {
        const auto num_leaves = static_cast<std::uint32_t>(paths_.size());
        const std::uint32_t leaf = below(num_leaves), count = below(3) == 0 ? 1 + below(2) : 3 + below(3);
        switch (nobody_moves ? 7 : below(8)) {
            case 0: join(leaf, count); break;
            case 1:
                for (const std::uint32_t m : some_of(leaf, count)) meters.erase(m);
                break;
            case 2:
                for (const std::uint32_t m : some_of(leaf, count)) meters.at(m).leaf = (leaf + 1) % num_leaves;
                break;
            case 3:
                for (const std::uint32_t m : some_of(leaf, count)) exchange(m);
                break;
            case 4:
                if (num_leaves == 1 || below(2) == 0) rename(leaf);
                else take_down(leaf);
                break;
            case 5:
                for (const std::uint32_t m : some_of(leaf, count)) meters.at(m).tariff ^= 1U;
                break;
            default:
                const std::uint32_t month = 1 + below(corrected_months_);
                for (const std::uint32_t m : some_of(leaf, count)) meters.at(m).corrected[month] += 2 + static_cast<std::int32_t>(below(3));
        }
    }
}

void World::join(std::uint32_t leaf, std::uint32_t count) {
    for (; count > 0; --count) {
        const std::uint32_t number = ++last_number_;
        const bool is_of_another = !meters.empty() && below(8) == 0;
        meters[number] = {leaf, below(2), below(3) / 2, is_of_another ? std::next(meters.begin(), below(static_cast<std::uint32_t>(meters.size())))->second.subject : number,
                          static_cast<std::int32_t>(below(12) == 0 ? 80 : 5 + below(10)), {}};
    }
}

void World::exchange(std::uint32_t number) {
    meters[++last_number_] = meters.at(number);
    meters.erase(number);
}

void World::rename(std::uint32_t leaf) {
    paths_[leaf].back() += "a";  // keeps its place in the order
    build_feeders();
}

/// Its meters are on one of the others now, or each on some other.
void World::take_down(std::uint32_t leaf) {
    const bool is_split = below(2) == 0;
    const auto others = static_cast<std::uint32_t>(paths_.size() - 1);
    std::uint32_t to = below(others);
    paths_.erase(paths_.begin() + leaf);
    build_feeders();
    for (auto& [number, meter] : meters) {
        if (meter.leaf == leaf) meter.leaf = is_split ? (to = below(others)) : to;
        else if (meter.leaf > leaf) --meter.leaf;
    }
}

model::NodeId World::leaf_of(const Meter& meter, Kind kind) const {
    const std::uint32_t leaf = kind == Kind::streets ? meter.street : kind == Kind::feeders ? meter.leaf : 2 * meter.leaf + meter.tariff;
    return model::first_leaf(hierarchy(kind)) + leaf;
}

void World::build_feeders() {
    hierarchies_[0] = model::build_hierarchy(paths_[0].size() == 2 ? std::vector<std::string>{"region", "feeder"} : std::vector<std::string>{"feeder"}, paths_);
    hierarchies_[2] = model::cross(hierarchies_[0], "tariff", {"std", "tou"});
}

std::vector<std::uint32_t> World::some_of(std::uint32_t leaf, std::uint32_t count) {
    std::vector<std::uint32_t> numbers;
    for (const auto& [number, meter] : meters)
        if (meter.leaf == leaf) numbers.push_back(number);
    std::shuffle(numbers.begin(), numbers.end(), random_);
    numbers.resize(std::min<std::size_t>(numbers.size(), count));
    return numbers;
}

}  // namespace meterveil::sequences
