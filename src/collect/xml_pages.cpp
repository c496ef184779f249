// Pages in XML: Atom feeds and S3 listings, by expat.

#include <expat.h>
#include <fmt/format.h>

#include <charconv>
#include <memory>

#include "collect/listing.hpp"
#include "collect/names.hpp"

namespace meterveil::collect {
namespace {

constexpr char separator = '\n';  ///< between namespace and local name; no URI has it
constexpr int max_depth = 64;
constexpr std::size_t max_text_bytes = 8192;  ///< of what is kept of one element: a key has 1024 bytes, escaped thrice that
constexpr std::string_view atom = "http://www.w3.org/2005/Atom";

/// A reader of one document: what it is told of elements, and how it ends.
class Page {
public:
    Page() : parser_(XML_ParserCreateNS(nullptr, separator), &XML_ParserFree) {
        XML_SetUserData(parser_.get(), this);
        XML_SetElementHandler(parser_.get(), opened, closed);
        XML_SetCharacterDataHandler(parser_.get(), written);
        XML_SetStartDoctypeDeclHandler(parser_.get(), declared);
    }
    virtual ~Page() = default;
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;

    Result<> read(const Pieces& pieces) {
        for (;;) {
            TRY(const std::string_view piece, pieces());
            const auto status = XML_Parse(parser_.get(), piece.data(), static_cast<int>(piece.size()), piece.empty() ? XML_TRUE : XML_FALSE);
            if (!fault_.empty()) return bad(fault_);
            if (status != XML_STATUS_OK) return bad(XML_ErrorString(XML_GetErrorCode(parser_.get())));
            if (piece.empty()) return {};
        }
    }

protected:
    /// @param name namespace, '\n', local name
    virtual void open(std::string_view name, const char** attributes) = 0;
    /// @param text of an element without others within, else what follows the last of them
    virtual void close(std::string_view name, const std::string& text) = 0;
    [[nodiscard]] int depth() const { return depth_; }
    void refuse(const char* fault) {
        if (fault_.empty()) fault_ = fault;
        XML_StopParser(parser_.get(), XML_FALSE);
    }

private:
    Error bad(const std::string& what) const {
        return {Code::input, fmt::format("the page is not what was asked for: {} (line {})", what, XML_GetCurrentLineNumber(parser_.get())), "",
                "look at what the server sends"};
    }
    // Called by C code that no exception may pass: out of memory ends the program.
    static void opened(void* self, const char* name, const char** attributes) noexcept {
        auto& page = *static_cast<Page*>(self);
        page.text_.clear();
        if (++page.depth_ > max_depth) return page.refuse("elements nested too deep");
        page.open(name, attributes);
    }
    static void closed(void* self, const char* name) noexcept {
        auto& page = *static_cast<Page*>(self);
        --page.depth_;
        page.close(name, page.text_);
        page.text_.clear();
    }
    static void written(void* self, const char* text, int bytes) noexcept {
        auto& page = *static_cast<Page*>(self);
        const std::size_t room = max_text_bytes - page.text_.size();
        page.text_.append(text, std::min(static_cast<std::size_t>(bytes), room));
    }
    static void declared(void* self, const char*, const char*, const char*, int) noexcept {
        static_cast<Page*>(self)->refuse("it has a document type declaration (DTD)");
    }

    std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser_;
    std::string text_, fault_;
    int depth_ = 0;
};

bool is_atom(std::string_view name, std::string_view local) {
    return name.size() == atom.size() + 1 + local.size() && name.starts_with(atom) && name.ends_with(local) && name[atom.size()] == separator;
}

std::string_view attribute(const char** pairs, std::string_view name) {
    for (; *pairs != nullptr; pairs += 2)
        if (name == pairs[0]) return pairs[1];
    return {};
}

/// Links of the feed itself are at depth 2; those of its entries lie deeper.
class Feed final : public Page {
public:
    std::string next;

private:
    void open(std::string_view name, const char** attributes) override {
        if (depth() == 1 && !is_atom(name, "feed")) return refuse("no Atom feed");
        if (depth() != 2 || !is_atom(name, "link") || attribute(attributes, "rel") != "next") return;
        const std::string_view href = attribute(attributes, "href");
        if (href.empty()) return refuse("a link to the next page without a target");
        if (href.size() > max_text_bytes) return refuse("a link that is too long");
        if (!next.empty() && next != href) return refuse("two next pages");
        next = href;
    }
    void close(std::string_view, const std::string&) override {}
};

/// ListBucketResult. Any namespace: makers of S3 servers differ in it.
class Bucket final : public Page {
public:
    BucketPage page;
    bool is_truncated = false;

private:
    static std::string_view local(std::string_view name) { return name.substr(name.rfind(separator) + 1); }

    void open(std::string_view name, const char**) override {
        if (depth() == 1 && local(name) != "ListBucketResult") return refuse("no listing of a bucket");
        if (depth() == 2 && local(name) == "Contents") page.objects.emplace_back();
        is_object_ = depth() >= 2 && (depth() > 2 ? is_object_ : local(name) == "Contents");
    }
    void close(std::string_view name, const std::string& text) override {
        const std::string_view element = local(name);
        if (depth() == 2 && is_object_) return note(page.objects.back(), element, text);
        if (depth() != 1) return;
        if (element == "IsTruncated") is_truncated = text == "true";
        if (element == "NextContinuationToken") page.next_token = text;
    }
    void note(Listed& object, std::string_view element, const std::string& text) {
        if (element == "Key") object.path = text;
        if (element == "ETag") object.etag = text;
        if (element != "Size") return;
        std::uint64_t bytes = 0;
        const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), bytes);
        if (failure != std::errc() || end != text.data() + text.size()) return refuse("an object without a size");
        object.bytes = bytes;
    }
    bool is_object_ = false;
};

}  // namespace

Result<std::string> next_in_feed(const Pieces& pieces) {
    Feed feed;
    TRY_DO(feed.read(pieces));
    return feed.next;
}

Result<BucketPage> parse_bucket_page(const std::string& text) {
    Bucket bucket;
    bool is_given = false;
    TRY_DO(bucket.read([&]() -> Result<std::string_view> {
        if (std::exchange(is_given, true)) return std::string_view();
        return std::string_view(text);
    }));
    for (const Listed& object : bucket.page.objects)
        if (object.path.empty() || !object.bytes)
            return Error{Code::input, "the listing has an object without key or size", "", "look at what the server sends"};
    if (bucket.is_truncated == bucket.page.next_token.empty())
        return Error{Code::input, "the listing does not say how it goes on", "", "the server must speak ListObjectsV2"};
    return std::move(bucket.page);
}

}  // namespace meterveil::collect
