#include "ingest/xml.hpp"

#include <expat.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace meterveil::ingest::xml {
namespace {

/// Between namespace and local name; no URI has it.
constexpr char separator = '\n';
/// Of what is given to expat at once: a token that does not end is read again with each piece.
constexpr std::size_t piece_bytes = std::size_t{64} << 10;

/// Bytes that the parser at work holds. expat passes no context to its allocator; a parser works on one thread at a time.
struct Budget {
    std::size_t used = 0;
};
thread_local Budget* budget = nullptr;

class Spend {
public:
    explicit Spend(Budget& of) : outer_(budget) { budget = &of; }
    ~Spend() { budget = outer_; }
    Spend(const Spend&) = delete;
    Spend& operator=(const Spend&) = delete;

private:
    Budget* outer_;
};

/// Before each block, so that what is freed is known.
struct alignas(std::max_align_t) Header {
    std::size_t bytes = 0;
};

void* allocate(std::size_t bytes) {
    if (bytes > max_parser_bytes - std::min(budget->used, max_parser_bytes)) return nullptr;
    void* const room = std::malloc(sizeof(Header) + bytes);
    if (room == nullptr) return nullptr;
    budget->used += bytes;
    return new (room) Header{bytes} + 1;
}

void release(void* block) {
    if (block == nullptr) return;
    Header* const header = static_cast<Header*>(block) - 1;
    budget->used -= header->bytes;
    std::free(header);
}

void* reallocate(void* block, std::size_t bytes) {
    if (block == nullptr) return allocate(bytes);
    Header* const header = static_cast<Header*>(block) - 1;
    const std::size_t others = budget->used - header->bytes;
    if (bytes > max_parser_bytes - std::min(others, max_parser_bytes)) return nullptr;
    void* const room = std::realloc(header, sizeof(Header) + bytes);
    if (room == nullptr) return nullptr;
    budget->used = others + bytes;
    return new (room) Header{bytes} + 1;
}

constexpr XML_Memory_Handling_Suite memory = {allocate, reallocate, release};

Name name_of(const char* text) {
    const std::string_view whole(text);
    const std::size_t at = whole.rfind(separator);
    if (at == std::string_view::npos) return {{}, whole};
    return {whole.substr(0, at), whole.substr(at + 1)};
}

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

}  // namespace

std::string_view Attributes::find(std::string_view name) const {
    for (const char** pair = pairs_; *pair != nullptr; pair += 2)
        if (name == pair[0]) return pair[1];
    return {};
}

struct Parser::State {
    explicit State(Handler& handler_) : handler(handler_) {
        const Spend spend(held);
        const char between[] = {separator, '\0'};
        expat = XML_ParserCreate_MM(nullptr, &memory, between);
        if (expat == nullptr) return;
        XML_SetUserData(expat, this);
        XML_SetElementHandler(expat, opened, closed);
        XML_SetCharacterDataHandler(expat, written);
        XML_SetStartDoctypeDeclHandler(expat, declared);
        XML_SetCommentHandler(expat, commented);
        XML_SetProcessingInstructionHandler(expat, instructed);
        XML_SetDefaultHandlerExpand(expat, passed);
    }
    ~State() {
        const Spend spend(held);
        if (expat != nullptr) XML_ParserFree(expat);
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    // Called by C code that no exception may pass: out of memory ends the program.
    static void opened(void* self, const char* name, const char** attributes) noexcept { static_cast<State*>(self)->open(name, attributes); }
    static void closed(void* self, const char* name) noexcept { static_cast<State*>(self)->close(name); }
    static void written(void* self, const char* text, int bytes) noexcept {
        static_cast<State*>(self)->write({text, static_cast<std::size_t>(bytes)});
    }
    static void declared(void* self, const char*, const char*, const char*, int) noexcept {
        static_cast<State*>(self)->refuse("the XML document has a document type declaration (DTD)",
                                          "it is not taken, whatever it declares: leave it out");
    }
    static void commented(void* self, const char*) noexcept { static_cast<void>(static_cast<State*>(self)->is_small_tag()); }
    static void instructed(void* self, const char*, const char*) noexcept { static_cast<void>(static_cast<State*>(self)->is_small_tag()); }

    static void passed(void* self, const char*, int) noexcept { static_cast<State*>(self)->is_told = true; }

    bool is_small_tag() {
        is_told = true;
        if (error) return false;
        if (static_cast<std::size_t>(XML_GetCurrentByteCount(expat)) <= max_tag_bytes) return true;
        refuse_long_tag();
        return false;
    }

    void open(const char* name, const char** attributes) {
        if (!is_small_tag()) return;
        if (++depth > max_depth) return refuse(fmt::format("the XML document is nested deeper than {} elements", max_depth));
        int count = 0;
        bool is_long = false;
        for (const char** pair = attributes; *pair != nullptr; pair += 2, ++count)
            is_long = is_long || std::string_view(pair[1]).size() > max_text_bytes;
        if (is_long) return refuse(fmt::format("an attribute in the XML document has more than {} bytes", max_text_bytes));
        if (count > max_attributes) return refuse(fmt::format("an element in the XML document has more than {} attributes", max_attributes));
        text.clear();
        is_leaf = true;
        handler.open(name_of(name), Attributes(attributes));
    }

    void close(const char* name) {
        if (!is_small_tag()) return;
        --depth;
        handler.close(name_of(name), is_leaf ? without_blanks(text) : std::string_view());
        is_leaf = false;
    }

    void write(std::string_view part) {
        is_told = true;
        if (error || !is_leaf) return;
        if (text.size() + part.size() > max_text_bytes)
            return refuse(fmt::format("an element in the XML document has more than {} bytes of text", max_text_bytes));
        text += part;
    }

    void refuse_long_tag() { refuse(fmt::format("a tag or comment in the XML document has more than {} bytes", max_tag_bytes)); }

    [[nodiscard]] std::string here() const {
        return fmt::format("line {}, column {}", XML_GetCurrentLineNumber(expat), XML_GetCurrentColumnNumber(expat) + 1);
    }

    void refuse(const std::string& what, std::string hint = "") {
        if (error) return;
        error = Error{Code::input, fmt::format("{} ({})", what, here()), "", std::move(hint)};
        XML_StopParser(expat, XML_FALSE);
    }

    /// What expat found.
    void note_failure(bool at_end) {
        if (error) return;
        const XML_Error code = XML_GetErrorCode(expat);
        const bool is_early = at_end && (code == XML_ERROR_NO_ELEMENTS || code == XML_ERROR_UNCLOSED_TOKEN || code == XML_ERROR_PARTIAL_CHAR ||
                                         code == XML_ERROR_UNCLOSED_CDATA_SECTION);
        const char* const what = is_early ? "the XML document ends early" : "the file is not well-formed XML";
        error = Error{Code::input, fmt::format("{}: {} ({})", what, XML_ErrorString(code), here()), "",
                      is_early ? "send for the file again: it is not whole" : ""};
    }

    Result<> parse(std::string_view piece, bool at_end) {
        if (error) return *error;
        const Spend spend(held);
        is_told = false;
        if (XML_Parse(expat, piece.data(), static_cast<int>(piece.size()), at_end ? XML_TRUE : XML_FALSE) != XML_STATUS_OK) note_failure(at_end);
        silent_bytes = is_told ? 0 : silent_bytes + piece.size();
        if (!error && silent_bytes > max_tag_bytes) refuse_long_tag();  // it is not at its end yet
        if (error) return *error;
        return {};
    }

    Handler& handler;
    Budget held;
    XML_Parser expat = nullptr;
    bool is_told = false;     ///< something of the piece at hand
    std::size_t silent_bytes = 0;  ///< in pieces of which nothing was told
    int depth = 0;
    bool is_leaf = false;     ///< the innermost element has no elements so far
    std::string text;         ///< of it
    std::optional<Error> error;
};

Parser::Parser(Handler& handler) : state_(std::make_unique<State>(handler)) {}
Parser::~Parser() = default;

Result<> Parser::feed(std::string_view bytes) {
    if (state_->expat == nullptr) return Error{Code::internal, "no memory for an XML parser", "", ""};
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) TRY_DO(state_->parse(bytes.substr(at, piece_bytes), false));
    return {};
}

Result<> Parser::finish() {
    if (state_->expat == nullptr) return Error{Code::internal, "no memory for an XML parser", "", ""};
    return state_->parse({}, true);
}

void Parser::refuse(std::string what, std::string hint) { state_->refuse(what, std::move(hint)); }

std::uint64_t Parser::tag_begin() const { return static_cast<std::uint64_t>(XML_GetCurrentByteIndex(state_->expat)); }
std::uint64_t Parser::tag_end() const { return tag_begin() + static_cast<std::uint64_t>(XML_GetCurrentByteCount(state_->expat)); }

std::optional<Root> root_of(std::string_view head) {
    struct First final : Handler {
        void open(const Name& name, const Attributes&) override {
            root = Root{std::string(name.space), std::string(name.local)};
            parser.refuse("the root is enough");
        }
        void close(const Name&, std::string_view) override {}
        std::optional<Root> root;
        Parser parser{*this};
    } first;
    static_cast<void>(first.parser.feed(head).ok());
    return first.root;
}

}  // namespace meterveil::ingest::xml
