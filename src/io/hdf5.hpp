#pragma once
// HDF5 behind one lock and with handles that close themselves. Included in src/io only.

#include <hdf5.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

#include "meterveil/core/result.hpp"
#include "meterveil/io/posix.hpp"

namespace meterveil::io {

/// An HDF5 call failed. Caught at the fence: guarded() makes an Error of it.
struct Hdf5Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// @return id, if it is one
inline hid_t checked(hid_t id, const char* action) {
    if (id < 0) throw Hdf5Failure(action);
    return id;
}

/// An HDF5 identifier and the call that closes it.
class Handle {
public:
    using Close = herr_t (*)(hid_t);
    Handle(hid_t id, Close close, const char* action) : id_(checked(id, action)), close_(close) {}
    Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(id_, other.id_);
        std::swap(close_, other.close_);
        return *this;
    }
    ~Handle() {
        if (id_ >= 0) close_(id_);
    }
    operator hid_t() const { return id_; }

private:
    hid_t id_;
    Close close_;
};

/// The library is not thread-safe: every block of calls holds this.
std::unique_lock<std::mutex> hdf5_lock();

/// Runs a block of HDF5 calls under the lock; a failure becomes an Error that names the file.
/// @param work () -> Result<T>
template <class Work>
auto guarded(Code code, const Path& path, Work&& work) -> decltype(work()) {
    const auto lock = hdf5_lock();
    try {
        return work();
    } catch (const Hdf5Failure& failure) {
        return Error{code, std::string("HDF5 cannot ") + failure.what(), path.string(),
                     code == Code::storage ? "check the disk" : "is it a file of MeterVeil?"};
    }
}

void write_attribute(hid_t object, const char* name, std::int64_t value);
void write_attribute(hid_t object, const char* name, double value);
void write_attribute(hid_t object, const char* name, const std::string& text);
std::int64_t read_int_attribute(hid_t object, const char* name);
std::string read_text_attribute(hid_t object, const char* name);

/// Creation properties that keep clocks out of the file.
Handle timeless_dataset();

}  // namespace meterveil::io
