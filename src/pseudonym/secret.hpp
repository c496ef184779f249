#pragma once
// 32 secret bytes in a page of their own: locked, left out of core dumps, zeroised at the end.

#include <cstddef>
#include <span>

namespace meterveil::pseudonym {

class Secret {
public:
    static constexpr std::size_t size = 32;
    Secret();
    ~Secret();
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    unsigned char* data() { return bytes_; }
    [[nodiscard]] std::span<const unsigned char> view() const { return {bytes_, size}; }

private:
    unsigned char* bytes_;
};

}  // namespace meterveil::pseudonym
