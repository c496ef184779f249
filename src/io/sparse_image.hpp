#pragma once
// A file in memory that a library may write by name, and that takes memory only where it was written. HDF5 does not
// bear a disk that fails: it goes on without the bytes, or dies when it closes. It writes here, and checked calls copy
// what it wrote.

#include "meterveil/io/posix.hpp"

namespace meterveil::io {

class SparseImage {
public:
    /// @errors storage: no memory, no descriptor
    static Result<SparseImage> make();
    SparseImage(SparseImage&& other) noexcept;
    SparseImage& operator=(SparseImage&&) = delete;
    ~SparseImage();

    [[nodiscard]] const std::string& path() const { return path_; }
    /// Takes the name away: nothing is left, whatever happens to the process. Who has it open may go on.
    void forget_name();
    /// Writes a new file of the same size and bytes; holes stay holes. @errors storage
    [[nodiscard]] Result<> copy_to(const Path& path) const;

private:
    SparseImage(int descriptor, std::string path) : descriptor_(descriptor), path_(std::move(path)) {}
    int descriptor_ = -1;
    std::string path_;
};

}  // namespace meterveil::io
