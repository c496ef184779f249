#include "io/table_layout.hpp"

#include <hdf5_hl.h>

#include <algorithm>

#include "io/hdf5.hpp"
#include "io/sparse_image.hpp"
#include "meterveil/core/contract.hpp"

namespace meterveil::io {
namespace {

using Type = DatasetLayout::Type;

Handle text_type() {
    Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "make a text type");
    checked(H5Tset_size(type, H5T_VARIABLE), "size a text type");
    checked(H5Tset_cset(type, H5T_CSET_UTF8), "set UTF-8");
    return type;
}

void write_attributes(hid_t object, const std::vector<NamedAttribute>& attributes) {
    for (const auto& [name, value] : attributes)
        std::visit([&, &label = name](const auto& v) { write_attribute(object, label.c_str(), v); }, value);
}

std::uint64_t num_values(const DatasetLayout& set) {
    std::uint64_t count = 1;
    for (const std::uint64_t extent : set.shape) count *= extent;
    return count;
}

bool is_bulk(const DatasetLayout& set) { return set.small_int.empty() && set.small_float.empty() && set.small_text.empty(); }

/// Contiguous and allocated at once, so that its place in the file is known; groups on the way are made.
Handle make_dataset(hid_t file, const DatasetLayout& set) {
    const std::vector<hsize_t> shape(set.shape.begin(), set.shape.end());
    const Handle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr), H5Sclose, "shape a dataset");
    const Handle properties = timeless_dataset();
    checked(H5Pset_layout(properties, H5D_CONTIGUOUS), "lay out a dataset");
    checked(H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY), "allocate a dataset");
    if (set.type != Type::text) checked(H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER), "leave a dataset unfilled");
    const Handle links(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "make properties");
    checked(H5Pset_create_intermediate_group(links, 1), "make groups");
    const Handle text = text_type();
    const hid_t type = set.type == Type::text ? hid_t{text} : set.type == Type::int64 ? H5T_STD_I64LE : H5T_IEEE_F64LE;
    return {H5Dcreate2(file, set.path.c_str(), type, space, links, properties, H5P_DEFAULT), H5Dclose, "make a dataset"};
}

void write_small(hid_t dataset, const DatasetLayout& set) {
    if (is_bulk(set)) return;
    if (set.type == Type::int64) {
        checked(H5Dwrite(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT, set.small_int.data()), "write a dataset");
    } else if (set.type == Type::float64) {
        checked(H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, set.small_float.data()), "write a dataset");
    } else {
        std::vector<const char*> texts;
        for (const std::string& text : set.small_text) texts.push_back(text.c_str());
        checked(H5Dwrite(dataset, text_type(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), "write a dataset");
    }
}

void check_layout(const DatasetLayout& set) {
    EXPECTS(!set.shape.empty() && (set.scales.empty() || set.scales.size() == set.shape.size()));
    EXPECTS(is_bulk(set) || num_values(set) == std::max({set.small_int.size(), set.small_float.size(), set.small_text.size()}));
}

void attach_scales(hid_t file, const DatasetLayout& set) {
    for (unsigned d = 0; d < set.scales.size(); ++d) {
        if (set.scales[d].empty()) continue;
        const Handle dataset(H5Dopen2(file, set.path.c_str(), H5P_DEFAULT), H5Dclose, "open a dataset");
        const Handle scale(H5Dopen2(file, set.scales[d].c_str(), H5P_DEFAULT), H5Dclose, "open a scale");
        checked(H5DSattach_scale(dataset, scale, d), "attach a scale");
    }
}

void write_datasets(hid_t file, const FileLayout& layout) {
    for (const DatasetLayout& set : layout.datasets) {
        check_layout(set);
        const Handle dataset = make_dataset(file, set);
        write_small(dataset, set);
        if (set.is_scale) checked(H5DSset_scale(dataset, set.path.substr(set.path.rfind('/') + 1).c_str()), "make a scale");
        write_attributes(dataset, set.attributes);
    }
    for (const DatasetLayout& set : layout.datasets) attach_scales(file, set);
}

Extent extent_of(hid_t file, const DatasetLayout& set) {
    const Handle dataset(H5Dopen2(file, set.path.c_str(), H5P_DEFAULT), H5Dclose, "open a dataset");
    const haddr_t offset = H5Dget_offset(dataset);
    if (offset == HADDR_UNDEF && num_values(set) > 0) throw Hdf5Failure("place a dataset");
    return {offset, set.shape[0], set.shape[0] == 0 ? 0 : num_values(set) / set.shape[0]};
}

}  // namespace

Result<std::map<std::string, Extent>> write_layout(const Path& path, const FileLayout& layout) {
    TRY(SparseImage image, SparseImage::make());
    TRY(auto extents, guarded(Code::storage, path, [&]() -> Result<std::map<std::string, Extent>> {
            const Handle file(H5Fcreate(image.path().c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose, "make the file");
            image.forget_name();
            write_attributes(file, layout.attributes);
            write_datasets(file, layout);
            std::map<std::string, Extent> placed;
            for (const DatasetLayout& set : layout.datasets)
                if (is_bulk(set)) placed[set.path] = extent_of(file, set);
            checked(H5Fflush(file, H5F_SCOPE_GLOBAL), "write the file");
            return placed;
        }));
    TRY_DO(image.copy_to(path));
    return extents;
}

}  // namespace meterveil::io
