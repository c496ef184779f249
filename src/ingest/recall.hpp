#pragma once
// Texts that come again and again, mostly in the order in which they came before.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meterveil::ingest {

/// True if a field of delimited text that starts and ends like this one is this one: no delimiter, quote or line end is in it, no
/// blank at its edges.
inline bool is_plain(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    return !text.empty() && !is_blank(text.front()) && !is_blank(text.back()) && text.find_first_of(",;\t|\"\r\n") == std::string_view::npos;
}

/// A dictionary of short texts with two guesses of the next one: the same again, and what followed this text last time. A guess
/// that holds costs a comparison of words; if both fail, a look-up. Forgets everything when it is full.
template <class Value>
class Recall {
public:
    static constexpr std::size_t longest = 48;       ///< of a text that is remembered
    static constexpr std::size_t readable = longest; ///< bytes behind `at` that `match` may read

    struct Entry {
        std::array<char, longest> text{};
        std::uint32_t length = 0;
        std::uint32_t next = 0;  ///< index of what followed last
        Value value{};
        [[nodiscard]] std::string_view view() const { return {text.data(), length}; }
    };

    /// The entry whose text stands at `at`, ended by `stop` or by a line end or quote; null: not known.
    /// @param at with `readable` bytes behind it
    const Entry* match(const char* at, char stop) {
        if (entries_.empty()) return nullptr;
        const std::uint32_t first = expects_same_ ? last_ : entries_[last_].next;
        if (stands_at(entries_[first], at, stop)) [[likely]] {
            last_ = first;
            return &entries_[first];
        }
        return match_other(at, stop);
    }

    /// The entry of a text; null: not known.
    const Entry* find(std::string_view text) {
        const auto known = index_.find(text);
        if (known == index_.end()) return nullptr;
        follow(known->second);
        return &entries_[last_];
    }

    /// Adds a text that is not known. @return null if it is not plain, or too long to be remembered
    const Entry* add(std::string_view text, Value value) {
        if (!is_plain(text) || text.size() > longest) return nullptr;
        if (entries_.size() == capacity) *this = {};
        if (entries_.capacity() < capacity) entries_.reserve(capacity);  // the index points into it
        Entry& entry = entries_.emplace_back();
        std::memcpy(entry.text.data(), text.data(), text.size());
        entry.length = static_cast<std::uint32_t>(text.size());
        entry.value = value;
        const auto number = static_cast<std::uint32_t>(entries_.size() - 1);
        index_.emplace(entry.view(), number);
        follow(number);
        return &entry;
    }

private:
    static constexpr std::size_t capacity = std::size_t{1} << 17;  ///< 8 MiB of entries

    /// The other guess, else a look-up.
    [[gnu::noinline]] const Entry* match_other(const char* at, char stop) {
        const std::uint32_t second = expects_same_ ? entries_[last_].next : last_;
        if (stands_at(entries_[second], at, stop)) {
            expects_same_ = !expects_same_;
            last_ = second;
            return &entries_[second];
        }
        std::size_t length = 0;
        while (length < longest && !ends(at[length], stop)) ++length;
        return length == longest ? nullptr : find({at, length});
    }

    static bool stands_at(const Entry& entry, const char* at, char stop) { return equal(entry, at) && ends(at[entry.length], stop); }
    static bool ends(char c, char stop) { return c == stop || c == '\n' || c == '\r' || c == '"'; }

    static constexpr std::size_t num_words = longest / 8;
    using Words = std::array<std::uint64_t, num_words>;
    static_assert(std::endian::native == std::endian::little && longest % 16 == 0);

    /// masks()[n] has all bits of the first n bytes.
    static constexpr std::array<Words, longest + 1> masks() {
        std::array<Words, longest + 1> all{};
        for (std::size_t length = 0; length <= longest; ++length)
            for (std::size_t byte = 0; byte < length; ++byte) all[length][byte / 8] |= std::uint64_t{0xff} << (byte % 8 * 8);
        return all;
    }
    static constexpr auto mask_of_length = masks();

    /// Without a branch, for what stands there is nearly always right.
    static bool equal(const Entry& entry, const char* at) {
        using Pair [[gnu::vector_size(16)]] = std::uint64_t;
        const auto pair_at = [](const void* from) {
            Pair pair;
            std::memcpy(&pair, from, sizeof pair);
            return pair;
        };
        const Words& mask = mask_of_length[entry.length];
        Pair differs{};
        for (std::size_t i = 0; i < num_words; i += 2) differs |= (pair_at(entry.text.data() + 8 * i) ^ pair_at(at + 8 * i)) & pair_at(&mask[i]);
        return (differs[0] | differs[1]) == 0;
    }

    void follow(std::uint32_t number) {
        if (number != last_) entries_[last_].next = number;
        last_ = number;
    }

    std::vector<Entry> entries_;
    std::unordered_map<std::string_view, std::uint32_t> index_;
    std::uint32_t last_ = 0;
    bool expects_same_ = false;
};

}  // namespace meterveil::ingest
