#pragma once
// Typed collectives over Comm: bulk columns of trivially copyable records, and structured values.

#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "meterveil/par/comm.hpp"

namespace meterveil::par {

template <class T>
concept Record = std::is_trivially_copyable_v<T>;

/// The records that rank r sent. A view into the inbox.
template <Record T>
std::span<const T> records(const Inbox& inbox, std::size_t r) {
    const auto bytes = inbox.from(r);
    return {reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T)};
}

/// Collective. to[r] goes to rank r; `inbox` is filled with what every rank sent here: see `records`.
template <Record T>
void exchange(Comm& comm, const std::vector<std::vector<T>>& to, Inbox& inbox) {
    std::vector<std::span<const std::byte>> bytes;
    bytes.reserve(to.size());
    for (const auto& part : to) bytes.push_back(std::as_bytes(std::span(part)));
    comm.exchange(bytes, inbox);
}

template <Record T>
std::vector<std::vector<T>> all_records(const Inbox& inbox) {
    std::vector<std::vector<T>> all;
    for (std::size_t r = 0; r < inbox.num_ranks(); ++r) {
        const auto part = records<T>(inbox, r);
        all.emplace_back(part.begin(), part.end());
    }
    return all;
}

/// Collective. to[r] goes to rank r. @return [r] the records that rank r sent here
template <Record T>
std::vector<std::vector<T>> exchange(Comm& comm, const std::vector<std::vector<T>>& to) {
    Inbox inbox;
    exchange(comm, to, inbox);
    return all_records<T>(inbox);
}

/// Collective. @return [r] the records of rank r
template <Record T>
std::vector<std::vector<T>> all_gather(Comm& comm, const std::vector<T>& mine) {
    Inbox inbox;
    comm.exchange(std::vector(static_cast<std::size_t>(comm.size()), std::as_bytes(std::span(mine))), inbox);
    return all_records<T>(inbox);
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
