#pragma once
// What an element means depends on where it stands: a table of a format's elements, and a decoder that walks by it.

#include <array>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "ingest/xml_decoder.hpp"

namespace meterveil::ingest {

/// `Part` is an enumeration with `other` (0; unknown, and all that is within), `document` (what the root stands in) and, last, `count`.
template <class Part>
struct Rule {
    Part within;
    std::string_view space;  ///< namespace; empty: any
    std::string_view local;  ///< "*" at its end or start: any end or start
    Part part;
};

template <class Part>
class Grammar {
public:
    Grammar(std::initializer_list<Rule<Part>> rules) {
        for (const Rule<Part>& rule : rules) within_[static_cast<std::size_t>(rule.within)].push_back(rule);
    }
    /// The first rule that fits.
    [[nodiscard]] Part part_of(Part within, const xml::Name& name) const {
        for (const Rule<Part>& rule : within_[static_cast<std::size_t>(within)])
            if (fits(rule.local, name.local) && (rule.space.empty() || rule.space == name.space)) return rule.part;
        return Part::other;
    }

private:
    static bool fits(std::string_view pattern, std::string_view local) {
        if (pattern.ends_with('*')) return local.starts_with(pattern.substr(0, pattern.size() - 1));
        if (pattern.starts_with('*')) return local.ends_with(pattern.substr(1));
        return pattern == local;
    }
    std::array<std::vector<Rule<Part>>, static_cast<std::size_t>(Part::count)> within_;
};

template <class Part>
class PartDecoder : public XmlDecoder {
protected:
    explicit PartDecoder(const Grammar<Part>& grammar) : grammar_(grammar) {}
    virtual void opened(Part part, const xml::Attributes& attributes) = 0;
    virtual void closed(Part part, std::string_view text) = 0;

private:
    void at_open(const xml::Name& name, const xml::Attributes& attributes) final {
        const Part part = grammar_.part_of(at_.empty() ? Part::document : at_.back(), name);
        if (at_.empty() && part == Part::other) return refuse("the root element is not one of this format");
        at_.push_back(part);
        if (part != Part::other) opened(part, attributes);
    }
    void at_close(const xml::Name&, std::string_view text) final {
        const Part part = at_.back();
        at_.pop_back();
        if (part != Part::other) closed(part, text);
    }

    const Grammar<Part>& grammar_;
    std::vector<Part> at_;  ///< from the root to the innermost element
};

}  // namespace meterveil::ingest
