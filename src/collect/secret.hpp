#pragma once
// Secrets of sources: tokens, passwords, private keys. In locked memory, zeroised at the end.

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "meterveil/collect/run.hpp"

namespace meterveil::collect {

/// Up to 16 KiB of text in pages of their own: locked, left out of core dumps, zeroised at the end.
class Secret {
public:
    static constexpr std::size_t max_bytes = 16384;
    Secret();
    ~Secret();
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;

    [[nodiscard]] const char* c_str() const { return bytes_; }
    [[nodiscard]] std::string_view text() const { return bytes_; }
    /// @return false if it does not fit
    bool assign(std::string_view text);
    char* data() { return bytes_; }

private:
    char* bytes_;  ///< max_bytes and a zero
};

/// Overwrites a string that held a secret, and empties it.
void wipe(std::string& text);

/// The secrets of a run. Each is read once, before anything is fetched.
class Secrets {
public:
    /// @errors usage: missing, empty, too long, readable by others, not the caller's; what a line must be and is not
    Result<> read(const SecretPlace& place, bool is_line);
    /// Of a place that was read.
    [[nodiscard]] const Secret& at(const SecretPlace& place) const { return *secrets_.at(place); }

private:
    std::map<SecretPlace, std::unique_ptr<Secret>> secrets_;
};

}  // namespace meterveil::collect
