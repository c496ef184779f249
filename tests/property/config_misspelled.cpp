// Every key of the committed job, misspelled by one letter, is an error that names the right key and the line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "meterveil/config/job.hpp"
#include "meterveil/io/posix.hpp"

namespace meterveil::config {
namespace {

using ::testing::HasSubstr;

struct Key {
    std::size_t at = 0, size = 0;  ///< bytes in the text
    unsigned line = 0;
};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

/// Words before '=' and inside table headers, outside of quotes and comments.
std::vector<Key> keys_of(const std::string& text) {
    std::vector<Key> keys;
    unsigned line = 1;
    bool is_quoted = false, is_comment = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n') ++line, is_comment = false;
        if (text[i] == '"' && !is_comment) is_quoted = !is_quoted;
        if (text[i] == '#' && !is_quoted) is_comment = true;
        if (is_quoted || is_comment || !is_letter(text[i]) || (i > 0 && is_letter(text[i - 1]))) continue;
        std::size_t end = i;
        while (end < text.size() && is_letter(text[end])) ++end;
        const std::size_t next = text.find_first_not_of(' ', end);
        const bool is_header = i > 0 && text[i - 1] == '[' && text[end] == ']';
        if (is_header || (next != std::string::npos && text[next] == '=')) keys.push_back({i, end - i, line});
    }
    return keys;
}

TEST(MisspelledKey, IsReportedWithItsLineAndTheNearestKey) {
    const std::string path = METERVEIL_SOURCE "/jobs/annual/job.toml";
    const std::string text = io::read_text(path).value();
    const auto keys = keys_of(text);
    ASSERT_GT(keys.size(), 30U);
    for (const Key& key : keys) {
        const std::string word = text.substr(key.at, key.size);
        std::string spoilt = text;
        spoilt[key.at + key.size / 2] = word[key.size / 2] == 'q' ? 'x' : 'q';
        const auto job = parse_job(spoilt, path, {});
        ASSERT_FALSE(job.ok()) << word;
        EXPECT_THAT(job.error().what, HasSubstr("(did you mean '" + word + "'?)"));
        EXPECT_THAT(job.error().what, HasSubstr("line " + std::to_string(key.line) + ": unknown key"));
    }
}

}  // namespace
}  // namespace meterveil::config
