#pragma once
// All ranks fail together, with one message.

#include <exception>
#include <new>
#include <optional>
#include <utility>

#include "meterveil/core/result.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::par {

/// Collective. The error of the lowest rank that has one (with its rank noted), on every rank.
std::optional<Error> first_error(Comm& comm, const Error* mine);

/// Collective. Every door, and every block of collective file calls, ends in this.
/// @return `outcome` if no rank failed, else the error of the lowest failing rank
template <class T>
Result<T> agree(Comm& comm, Result<T> outcome) {
    const Error* mine = outcome.ok() ? nullptr : &outcome.error();
    if (auto error = first_error(comm, mine)) return std::move(*error);
    return outcome;
}

/// Runs rank-local work, turns a thrown exception into an internal error, and agrees. Collective.
/// @param work () -> Result<T>
template <class Work>
auto agree_on(Comm& comm, Work&& work) -> decltype(work()) {
    using Outcome = decltype(work());
    try {
        return agree(comm, work());
    } catch (const std::bad_alloc&) {
        return agree(comm, Outcome(Error{Code::storage, "out of memory", "", "raise memory_per_rank or use more ranks"}));
    } catch (const std::exception& e) {
        return agree(comm, Outcome(Error{Code::internal, e.what(), "", "please report this"}));
    }
}

}  // namespace meterveil::par
