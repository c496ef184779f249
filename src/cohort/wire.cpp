#include "cohort/wire.hpp"

#include <cstring>

namespace meterveil::cohort {

void pack(std::uint32_t leaf, const model::SetFacts& facts, std::vector<std::int64_t>& numbers) {
    numbers.push_back(leaf);
    numbers.push_back(static_cast<std::int64_t>(facts.spanning.size()));
    numbers.insert(numbers.end(), facts.contributors.begin(), facts.contributors.end());
    numbers.insert(numbers.end(), facts.total.begin(), facts.total.end());
    numbers.insert(numbers.end(), facts.top.begin(), facts.top.end());
    numbers.insert(numbers.end(), facts.least.begin(), facts.least.end());
    for (const auto& [subject, quanta] : facts.spanning) {
        std::int64_t halves[2];
        std::memcpy(halves, subject.value.data(), sizeof halves);
        numbers.insert(numbers.end(), {halves[0], halves[1]});
        numbers.insert(numbers.end(), quanta.begin(), quanta.end());
    }
}

void unpack(std::span<const std::int64_t> numbers, std::uint32_t slots, std::uint32_t num_top, LeafFacts& facts) {
    const auto take = [&](std::size_t count) {
        const auto part = numbers.first(count);
        numbers = numbers.subspan(count);
        return part;
    };
    while (!numbers.empty()) {
        const auto leaf = static_cast<std::size_t>(take(1)[0]);
        const std::int64_t num_spanning = take(1)[0];
        model::SetFacts part(slots, num_top);
        const auto contributors = take(slots), total = take(slots), top = take(std::size_t{slots} * num_top), least = take(slots);
        for (std::size_t i = 0; i < slots; ++i) part.contributors[i] = static_cast<std::uint32_t>(contributors[i]);
        part.total.assign(total.begin(), total.end());
        part.top.assign(top.begin(), top.end());
        part.least.assign(least.begin(), least.end());
        for (std::int64_t i = 0; i < num_spanning; ++i) {
            const auto halves = take(2), quanta = take(slots);
            model::Pseudonym subject;
            std::memcpy(subject.value.data(), halves.data(), subject.value.size());
            part.span(subject, {quanta.begin(), quanta.end()});
        }
        if (facts[leaf].slots == 0) facts[leaf] = model::SetFacts(slots, num_top);
        facts[leaf].merge(part);
    }
}

}  // namespace meterveil::cohort
