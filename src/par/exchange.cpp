#include "meterveil/par/exchange.hpp"

namespace meterveil::par {
namespace {

std::string to_text(const std::vector<std::byte>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

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
    return to_text(bytes);
}

std::vector<std::string> all_gather_text(Comm& comm, const std::string& mine) {
    std::vector<std::string> texts;
    for (const auto& bytes : comm.all_gather(std::as_bytes(std::span(mine)))) texts.push_back(to_text(bytes));
    return texts;
}

}  // namespace meterveil::par
