#pragma once
// Expected trouble as a value. Every fallible function of MeterVeil returns Result<T>.

#include <string>
#include <utility>
#include <variant>

namespace meterveil {

/// What kind of trouble; each kind has one exit status (see exit_status).
enum class Code {
    usage,        ///< command line or job file is wrong
    input,        ///< input rejected: missing, truncated, not what it says
    privacy,      ///< a privacy gate refused; nothing is published
    utility,      ///< a utility gate refused
    budget,       ///< privacy budget spent
    storage,      ///< disk or file system failed
    locked,       ///< another run holds the custody or release folder
    internal,     ///< a defect of MeterVeil
    interrupted,  ///< stopped on request, can be resumed
};

/// @return the process exit status that scripts rely on.
constexpr int exit_status(Code code) {
    switch (code) {
        case Code::usage: return 2;
        case Code::input: return 3;
        case Code::privacy: return 4;
        case Code::utility: return 5;
        case Code::budget: return 6;
        case Code::storage: return 7;
        case Code::locked: return 8;
        case Code::internal: return 70;
        case Code::interrupted: return 75;
    }
    return 70;
}

/// @return the name of a code as `meterveil explain` and `--json` print it.
constexpr const char* name_of(Code code) {
    switch (code) {
        case Code::usage: return "usage";
        case Code::input: return "input";
        case Code::privacy: return "privacy";
        case Code::utility: return "utility";
        case Code::budget: return "budget";
        case Code::storage: return "storage";
        case Code::locked: return "locked";
        case Code::internal: return "internal";
        case Code::interrupted: return "interrupted";
    }
    return "internal";
}

/// One trouble, in the words a person reads. Never holds a reading, an id, or the size of a
/// small group: it names file, line, column, key.
struct Error {
    Code code = Code::internal;
    std::string what;   ///< what was wrong, with the offending value if it is not personal
    std::string where;  ///< file, line, key
    std::string hint;   ///< what to do next
    int rank = 0;       ///< lowest rank that failed; set by par::agree

    bool operator==(const Error&) const = default;
};

/// A value or an Error. Result<> carries no value.
template <class T = void>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }

    Error& error() & { return std::get<1>(state_); }
    const Error& error() const& { return std::get<1>(state_); }
    Error&& error() && { return std::get<1>(std::move(state_)); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : failed_(true), error_(std::move(error)) {}

    [[nodiscard]] bool ok() const { return !failed_; }
    explicit operator bool() const { return ok(); }

    Error& error() & { return error_; }
    const Error& error() const& { return error_; }
    Error&& error() && { return std::move(error_); }

private:
    bool failed_ = false;
    Error error_;
};

}  // namespace meterveil

#define METERVEIL_CONCAT_(a, b) a##b
#define METERVEIL_CONCAT(a, b) METERVEIL_CONCAT_(a, b)
#define METERVEIL_TRY_(tmp, declaration, ...)            \
    auto tmp = (__VA_ARGS__);                            \
    if (!tmp.ok()) return std::move(tmp).error();        \
    declaration = std::move(tmp).value()

/// TRY(auto const x, f()); declares x from f()'s value, or returns its error.
#define TRY(declaration, ...) METERVEIL_TRY_(METERVEIL_CONCAT(try_, __COUNTER__), declaration, __VA_ARGS__)

/// TRY_DO(f()); returns f()'s error, if any.
#define METERVEIL_TRY_DO_(tmp, ...) \
    do { if (auto tmp = (__VA_ARGS__); !tmp.ok()) return std::move(tmp).error(); } while (false)
#define TRY_DO(...) METERVEIL_TRY_DO_(METERVEIL_CONCAT(outcome_, __COUNTER__), __VA_ARGS__)
