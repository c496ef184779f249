#pragma once
// Ranks of which one fails where the test says.

#include <cstdlib>

#include "meterveil/par/comm.hpp"

namespace meterveil::testing {

/// Where to fail: `rank` at its `agreement`-th agreement, counted from 1; 0: nowhere.
struct Fault {
    int rank = 0, agreement = 0;
};

/// A Comm that hands everything on, counts agreements and plants an error in one of them.
class FaultyComm final : public par::Comm {
public:
    FaultyComm(par::Comm& comm, Fault fault) : comm_(comm), fault_(fault) {}

    static Error planted() { return {Code::storage, "planted", "here", "take it out"}; }
    [[nodiscard]] int num_agreements() const { return num_agreements_; }

    [[nodiscard]] int rank() const override { return comm_.rank(); }
    [[nodiscard]] int size() const override { return comm_.size(); }
    void exchange(std::span<const std::span<const std::byte>> to, par::Inbox& inbox) override { comm_.exchange(to, inbox); }
    void sum(std::span<std::int64_t> values) override { comm_.sum(values); }
    void max(std::span<std::int64_t> values) override { comm_.max(values); }
    void broadcast(std::vector<std::byte>& bytes, int root) override { comm_.broadcast(bytes, root); }
    void barrier() override { comm_.barrier(); }
    std::optional<Error> first_error(const Error* mine) override {
        const Error error = planted();
        const bool fails = ++num_agreements_ == fault_.agreement && rank() == fault_.rank;
        return comm_.first_error(fails ? &error : mine);
    }
    [[noreturn]] void abort(const std::string& line) override {
        comm_.abort(line);
        std::abort();  // the compiler does not see that a virtual call never returns
    }

private:
    par::Comm& comm_;
    Fault fault_;
    int num_agreements_ = 0;
};

}  // namespace meterveil::testing
