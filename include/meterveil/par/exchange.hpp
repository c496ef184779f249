#pragma once
// Typed collectives over Comm: bulk columns of trivially copyable records, and structured values.

#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "meterveil/par/comm.hpp"

namespace meterveil::par {

template <class T>
concept Record = std::is_trivially_copyable_v<T>;

template <Record T>
std::vector<T> from_bytes(const std::vector<std::byte>& bytes) {
    std::vector<T> records(bytes.size() / sizeof(T));
    if (!records.empty()) std::memcpy(static_cast<void*>(records.data()), bytes.data(), records.size() * sizeof(T));
    return records;
}

/// Collective. to[r] goes to rank r. @return [r] the records that rank r sent here
template <Record T>
std::vector<std::vector<T>> exchange(Comm& comm, const std::vector<std::vector<T>>& to) {
    std::vector<std::span<const std::byte>> bytes;
    bytes.reserve(to.size());
    for (const auto& records : to) bytes.push_back(std::as_bytes(std::span(records)));
    std::vector<std::vector<T>> received;
    received.reserve(to.size());
    for (const auto& part : comm.exchange(bytes)) received.push_back(from_bytes<T>(part));
    return received;
}

/// Collective. @return [r] the records of rank r
template <Record T>
std::vector<std::vector<T>> all_gather(Comm& comm, const std::vector<T>& mine) {
    std::vector<std::vector<T>> all;
    for (const auto& part : comm.all_gather(std::as_bytes(std::span(mine)))) all.push_back(from_bytes<T>(part));
    return all;
}

/// Collective. @return the sum of `mine` over ranks
std::int64_t sum(Comm& comm, std::int64_t mine);
/// Collective. @return the maximum of `mine` over ranks
std::int64_t max(Comm& comm, std::int64_t mine);
/// Collective. @return root's text on every rank
std::string broadcast(Comm& comm, const std::string& mine, int root = 0);
/// Collective. @return [r] the text of rank r
std::vector<std::string> all_gather_text(Comm& comm, const std::string& mine);

}  // namespace meterveil::par
