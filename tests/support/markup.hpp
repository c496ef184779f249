#pragma once
// Just enough of XML to say whether a fragment is well-formed.

#include <string>
#include <vector>

namespace meterveil::testing {

/// "" if every element is closed in order, every attribute quoted and there once, and every < and & stands for markup.
class WellFormed {
public:
    explicit WellFormed(const std::string& text) : text_(text) {}

    std::string trouble() {
        while (at_ < text_.size()) {
            if (const std::string found = step(); !found.empty()) return found + " at byte " + std::to_string(at_);
        }
        return open_.empty() ? "" : "not closed: " + open_.back();
    }

private:
    static bool is_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == ':'; }

    std::string step() {
        const char c = text_[at_];
        if (c == '&') return entity();
        if (c == '<') return tag();
        if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') return "a control character";
        ++at_;
        return "";
    }
    std::string entity() {
        const std::size_t end = text_.find(';', at_);
        const std::string name = end == std::string::npos ? "" : text_.substr(at_ + 1, end - at_ - 1);
        if (name != "amp" && name != "lt" && name != "gt" && name != "quot" && name != "#39") return "a bare &";
        at_ = end + 1;
        return "";
    }
    std::string name() {
        const std::size_t begin = at_;
        while (at_ < text_.size() && is_name(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }
    std::string tag() {
        ++at_;
        const bool closes = text_[at_] == '/';
        if (closes) ++at_;
        const std::string element = name();
        if (element.empty()) return "a bare <";
        std::vector<std::string> attributes;
        while (at_ < text_.size() && text_[at_] == ' ') {
            ++at_;
            const std::string attribute = name();
            for (const auto& other : attributes)
                if (other == attribute) return "an attribute twice";
            attributes.push_back(attribute);
            if (attribute.empty() || text_.compare(at_, 2, "=\"") != 0) return "an attribute that is not quoted";
            at_ += 2;
            while (at_ < text_.size() && text_[at_] != '"') {
                if (text_[at_] == '<') return "a < in an attribute";
                if (const std::string found = step(); !found.empty()) return found;
            }
            ++at_;
        }
        const bool alone = text_.compare(at_, 2, "/>") == 0;
        if (!alone && text_.compare(at_, 1, ">") != 0) return "a tag without end";
        at_ += alone ? 2 : 1;
        if (closes && (open_.empty() || open_.back() != element)) return "closed and not open: " + element;
        if (closes) open_.pop_back();
        else if (!alone) open_.push_back(element);
        return "";
    }

    const std::string& text_;
    std::size_t at_ = 0;
    std::vector<std::string> open_;
};

}  // namespace meterveil::testing
