#include "meterveil/par/exchange.hpp"

namespace meterveil::par {
void Inbox::make_room(std::span<const std::uint64_t> sizes) {
    constexpr std::size_t alignment = alignof(std::max_align_t);
    const auto room_of = [](std::uint64_t size) { return (size + alignment - 1) / alignment * alignment; };
    std::size_t all = 0;
    for (const std::uint64_t size : sizes) all += room_of(size);
    if (all > capacity_) {
        bytes_.reset();
        bytes_ = std::make_unique_for_overwrite<std::byte[]>(all);
        capacity_ = all;
    }
    parts_.clear();
    std::size_t first = 0;
    for (const std::uint64_t size : sizes) {
        parts_.emplace_back(bytes_.get() + first, size);
        first += room_of(size);
    }
}

std::int64_t sum(Comm& comm, std::int64_t mine) {
    comm.sum(std::span(&mine, 1));
    return mine;
}

std::int64_t max(Comm& comm, std::int64_t mine) {
    comm.max(std::span(&mine, 1));
    return mine;
}

std::string broadcast(Comm& comm, const std::string& mine, int root) {
    const auto view = std::as_bytes(std::span(mine));
    std::vector<std::byte> bytes(view.begin(), view.end());
    comm.broadcast(bytes, root);
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> all_gather_text(Comm& comm, const std::string& mine) {
    std::vector<std::string> texts;
    for (const auto& text : all_gather(comm, std::vector<char>(mine.begin(), mine.end()))) texts.emplace_back(text.begin(), text.end());
    return texts;
}

}  // namespace meterveil::par
