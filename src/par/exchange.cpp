#include "meterveil/par/exchange.hpp"

namespace meterveil::par {
std::vector<std::span<std::byte>> Inbox::make_room(std::span<const std::uint64_t> sizes, std::size_t this_rank, std::span<const std::byte> own) {
    constexpr std::size_t alignment = alignof(std::max_align_t);
    std::vector<std::size_t> first(sizes.size() + 1, 0);
    for (std::size_t r = 0; r < sizes.size(); ++r) first[r + 1] = first[r] + (r == this_rank ? 0 : (sizes[r] + alignment - 1) / alignment * alignment);
    if (first.back() > capacity_) {
        bytes_.reset();
        bytes_ = std::make_unique_for_overwrite<std::byte[]>(first.back());
        capacity_ = first.back();
    }
    std::vector<std::span<std::byte>> rooms;
    for (std::size_t r = 0; r < sizes.size(); ++r) rooms.emplace_back(bytes_.get() + first[r], r == this_rank ? 0 : sizes[r]);
    parts_.assign(rooms.begin(), rooms.end());
    parts_[this_rank] = own;
    return rooms;
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
