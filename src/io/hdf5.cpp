#include "io/hdf5.hpp"

#include <algorithm>

namespace meterveil::io {
namespace {

Handle scalar() { return {H5Screate(H5S_SCALAR), H5Sclose, "make a scalar"}; }

Handle attribute_of(hid_t object, const char* name, hid_t type) {
    return {H5Acreate2(object, name, type, scalar(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose, "make an attribute"};
}

Handle opened(hid_t object, const char* name) { return {H5Aopen(object, name, H5P_DEFAULT), H5Aclose, "find an attribute"}; }

}  // namespace

std::unique_lock<std::mutex> hdf5_lock() {
    static std::mutex mutex;
    static const herr_t quiet = H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    static_cast<void>(quiet);
    return std::unique_lock(mutex);
}

void write_attribute(hid_t object, const char* name, std::int64_t value) {
    const Handle attribute = attribute_of(object, name, H5T_STD_I64LE);
    checked(H5Awrite(attribute, H5T_NATIVE_INT64, &value), "write an attribute");
}

void write_attribute(hid_t object, const char* name, double value) {
    const Handle attribute = attribute_of(object, name, H5T_IEEE_F64LE);
    checked(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value), "write an attribute");
}

void write_attribute(hid_t object, const char* name, const std::string& text) {
    const Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "make a text type");
    checked(H5Tset_size(type, std::max<std::size_t>(text.size(), 1)), "size a text type");
    checked(H5Tset_strpad(type, H5T_STR_NULLPAD), "pad a text type");
    checked(H5Tset_cset(type, H5T_CSET_UTF8), "set UTF-8");
    const Handle attribute = attribute_of(object, name, type);
    checked(H5Awrite(attribute, type, text.c_str()), "write an attribute");
}

std::int64_t read_int_attribute(hid_t object, const char* name) {
    const Handle attribute = opened(object, name);
    const Handle space(H5Aget_space(attribute), H5Sclose, "read an attribute");
    std::int64_t value = 0;
    if (H5Sget_simple_extent_npoints(space) != 1) throw Hdf5Failure("read an attribute of several values");
    checked(H5Aread(attribute, H5T_NATIVE_INT64, &value), "read an attribute");
    return value;
}

std::string read_text_attribute(hid_t object, const char* name) {
    const Handle attribute = opened(object, name);
    const Handle type(H5Aget_type(attribute), H5Tclose, "read an attribute");
    const Handle space(H5Aget_space(attribute), H5Sclose, "read an attribute");
    const std::size_t size = H5Tget_size(type);
    const bool plain = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0;
    if (!plain || size > 65536 || H5Sget_simple_extent_npoints(space) != 1) throw Hdf5Failure("read an attribute that is no text");
    std::string text(size, '\0');
    checked(H5Aread(attribute, type, text.data()), "read an attribute");
    text.resize(std::min(text.find('\0'), size));
    return text;
}

Handle timeless_dataset() {
    Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "make properties");
    checked(H5Pset_obj_track_times(properties, false), "leave times out");
    return properties;
}

}  // namespace meterveil::io
