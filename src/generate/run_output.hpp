#pragma once
// A text file written in pieces, plain or gzip; part of the door.

#include <memory>
#include <string_view>

#include "meterveil/core/result.hpp"
#include "meterveil/io/posix.hpp"

namespace meterveil::generate {

/// Local. A new file; what is appended is on disk when close() succeeds. @errors storage
class Output {
public:
    static Result<Output> create(const io::Path& path, bool compress);
    Output(Output&&) noexcept;
    ~Output();
    [[nodiscard]] Result<> append(std::string_view text);
    [[nodiscard]] Result<> close();

private:
    struct Gzip;
    Output(io::File file, std::unique_ptr<Gzip> gzip);
    [[nodiscard]] Result<> deflate_all(std::string_view text, int flush);
    io::File file_;
    std::unique_ptr<Gzip> gzip_;  ///< null: plain
};

}  // namespace meterveil::generate
