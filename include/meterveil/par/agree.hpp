#pragma once
// All ranks fail together, with one message.

#include <exception>
#include <filesystem>
#include <new>
#include <utility>

#include "meterveil/core/result.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::par {

/// Collective. Every door, and every block of collective file calls, ends in this.
/// @return `outcome` if no rank failed, else the error of the lowest failing rank
template <class T>
Result<T> agree(Comm& comm, Result<T> outcome) {
    const Error* mine = outcome.ok() ? nullptr : &outcome.error();
    if (auto error = comm.first_error(mine)) return std::move(*error);
    return outcome;
}

/// Local. What `work` returns; an exception becomes an error: of memory and of the file system storage, else internal.
/// @param work () -> Result<T>
template <class Work>
auto outcome_of(Work&& work) -> decltype(work()) {
    try {
        return work();
    } catch (const std::bad_alloc&) {
        return Error{Code::storage, "out of memory", "", "raise memory_per_rank or use more ranks"};
    } catch (const std::filesystem::filesystem_error& e) {
        return Error{Code::storage, e.code().message(), e.path1().string(), "check the path, its permissions and the disk"};
    } catch (const std::exception& e) {
        return Error{Code::internal, e.what(), "", "please report this"};
    }
}

/// Collective. Runs rank-local work, however it ends, and agrees: nothing that it throws passes the agreement.
/// @param work () -> Result<T>
template <class Work>
auto agree_on(Comm& comm, Work&& work) -> decltype(work()) {
    return agree(comm, outcome_of(std::forward<Work>(work)));
}

}  // namespace meterveil::par
