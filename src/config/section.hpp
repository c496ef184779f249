#pragma once
// Strict reading of TOML: every key is asked for by name, and what nobody asked for is an error.

#include <toml++/toml.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "meterveil/model/time.hpp"

namespace meterveil::config {

/// True for 1 to 64 letters, digits, '-', '_' and '.', not starting with '.': fit for a file name and a level.
bool is_name(const std::string& text);

/// "64MiB" in bytes; KiB, MiB, GiB, TiB.
std::optional<std::uint64_t> parse_size(const std::string& text);

/// All problems of a file, one per line.
class Problems {
public:
    /// @param node where; its line is told
    void add(const std::string& text, const toml::node* node = nullptr);
    [[nodiscard]] bool none() const { return lines_.empty(); }
    /// Notes that a key is known. @param key sections in front: "clean.fill"
    void asked_for(const std::string& key) { asked_for_.insert(key); }
    [[nodiscard]] const std::set<std::string>& keys_asked_for() const { return asked_for_; }
    /// @errors usage: every problem, in the order of their lines
    /// @param documentation where the keys are listed
    [[nodiscard]] Error error(const std::string& path, const char* documentation) const;

private:
    struct Line {
        unsigned number = 0;
        std::string text;
    };
    std::vector<Line> lines_;
    std::set<std::string> asked_for_;
};

/// One table of the file.
class Section {
public:
    /// @param table null: the table is absent; every key is then absent
    Section(const toml::table* table, std::string name, Problems& problems) : table_(table), name_(std::move(name)), problems_(problems) {}

    [[nodiscard]] bool is_there() const { return table_ != nullptr; }
    std::optional<std::string> text(const char* key);
    std::optional<std::int64_t> integer(const char* key);
    std::optional<double> number(const char* key);
    std::optional<bool> flag(const char* key);
    std::optional<model::Date> date(const char* key);
    std::optional<std::vector<std::string>> texts(const char* key);
    std::optional<std::vector<double>> numbers(const char* key);
    std::optional<std::vector<model::Date>> dates(const char* key);
    /// One number, or a list of them.
    std::optional<std::vector<double>> number_or_numbers(const char* key);
    /// The text at `key`, one of `words`; anything else is wrong. @return `otherwise` if absent
    std::string one_of(const char* key, const std::vector<std::string>& words, const std::string& otherwise);
    /// A table of texts whose keys are the user's own, e.g. column names; none if absent or "auto".
    std::map<std::string, std::string> text_table(const char* key);
    /// A table within, absent or not.
    Section section(const char* key);
    /// Tables of an array of tables.
    std::vector<Section> sections(const char* key);
    /// Tables that nobody has asked for yet, by name: the user's own.
    [[nodiscard]] std::vector<std::string> other_tables() const;
    /// All keys that are there: of a table whose keys are the user's own.
    [[nodiscard]] std::vector<std::string> names() const;
    /// Known to the contract, not to this version.
    void not_yet(const char* key);
    /// A required value that is absent.
    void missing(const char* key, const char* hint);
    void wrong(const char* key, const std::string& why);
    [[nodiscard]] const toml::node* node(const char* key) const;
    /// Unknown keys become problems. To be called when every key has been asked for.
    void finish();

private:
    const toml::node* find(const char* key);
    [[nodiscard]] std::string full(const std::string& key) const { return name_.empty() ? key : name_ + "." + key; }
    template <class T, class Read>
    std::optional<std::vector<T>> list(const char* key, const char* what, Read&& read);

    const toml::table* table_;
    std::string name_;
    Problems& problems_;
    std::vector<std::string> known_;
};

}  // namespace meterveil::config
