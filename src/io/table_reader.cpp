// Reads a file that may come from a stranger.

#include <algorithm>
#include <limits>

#include "io/hdf5.hpp"
#include "meterveil/io/table_file.hpp"

namespace meterveil::io {
namespace {

/// Filters are not needed, and none is loaded from anywhere.
void refuse_plugins() { checked(H5PLset_loading_state(0), "refuse plugins"); }

/// Values of one dataset that are read at once at most: 2 GiB.
constexpr std::uint64_t max_values = std::uint64_t{1} << 28;
/// Of a whole dataset, stored: beyond any file system's file.
constexpr std::uint64_t max_bytes = std::uint64_t{1} << 62;

struct Listing {
    std::vector<std::string> datasets;
    bool has_foreign_link = false;
};

herr_t visit(hid_t group, const char* name, const H5L_info_t* link, void* result) {
    auto& listing = *static_cast<Listing*>(result);
    if (link->type != H5L_TYPE_HARD) {
        listing.has_foreign_link = true;
        return 0;
    }
    H5O_info_t object;
    if (H5Oget_info_by_name1(group, name, &object, H5P_DEFAULT) < 0) return -1;
    if (object.rc != 1) listing.has_foreign_link = true;  // a second name: what lies below it would not be listed
    if (object.type == H5O_TYPE_DATASET) listing.datasets.push_back(std::string("/") + name);
    return 0;
}

class Hdf5Reader final : public TableReader {
public:
    Hdf5Reader(Path path, Handle file, std::vector<std::string> datasets)
        : path_(std::move(path)), file_(std::move(file)), datasets_(std::move(datasets)) {}
    ~Hdf5Reader() override {
        const auto lock = hdf5_lock();
        const Handle last = std::move(file_);
    }
    Hdf5Reader(const Hdf5Reader&) = delete;
    Hdf5Reader& operator=(const Hdf5Reader&) = delete;

    [[nodiscard]] std::vector<std::string> datasets() const override { return datasets_; }

    Result<std::vector<std::uint64_t>> shape(const std::string& dataset) override {
        return guarded(Code::input, where(dataset), [&]() -> Result<std::vector<std::uint64_t>> { return shape_of(open_plain(dataset)); });
    }
    Result<std::vector<std::int64_t>> read_int(const std::string& dataset) override {
        return read_all<std::int64_t>(dataset, H5T_STD_I64LE, H5T_NATIVE_INT64);
    }
    Result<std::vector<double>> read_float(const std::string& dataset) override {
        return read_all<double>(dataset, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE);
    }
    Result<std::vector<std::int64_t>> read_int_rows(const std::string& dataset, std::uint64_t first, std::uint64_t last) override {
        return guarded(Code::input, where(dataset), [&]() -> Result<std::vector<std::int64_t>> {
            const Handle set = open_plain(dataset);
            expect_type(set, H5T_STD_I64LE);
            const auto extents = shape_of(set);
            if (first > last || last > extents[0]) throw Hdf5Failure("read rows past the end");
            std::vector<hsize_t> start(extents.size(), 0), count(extents.begin(), extents.end());
            start[0] = first;
            count[0] = last - first;
            std::vector<std::int64_t> values(limited(count));
            if (values.empty()) return values;
            const Handle space(H5Dget_space(set), H5Sclose, "read a shape");
            checked(H5Sselect_hyperslab(space, H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr), "select rows");
            const Handle memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), H5Sclose, "shape rows");
            checked(H5Dread(set, H5T_NATIVE_INT64, memory, space, H5P_DEFAULT, values.data()), "read rows");
            return values;
        });
    }
    Result<std::vector<std::string>> read_text(const std::string& dataset) override {
        return guarded(Code::input, where(dataset), [&]() -> Result<std::vector<std::string>> {
            const Handle set = open_plain(dataset);
            const Handle type(H5Dget_type(set), H5Tclose, "read a type");
            if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) <= 0) throw Hdf5Failure("read text: it is none");
            std::vector<char*> texts(limited(shape_of(set)), nullptr);
            if (texts.empty()) return std::vector<std::string>{};
            checked(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), "read text");
            std::vector<std::string> copies;
            for (const char* text : texts) copies.emplace_back(text == nullptr ? "" : text);
            const Handle space(H5Dget_space(set), H5Sclose, "read a shape");
            checked(H5Dvlen_reclaim(type, space, H5P_DEFAULT, texts.data()), "free text");
            return copies;
        });
    }
    Result<std::string> text_attribute(const std::string& object, const std::string& name) override {
        return guarded(Code::input, where(object), [&]() -> Result<std::string> {
            const Handle opened(H5Oopen(file_, object.c_str(), H5P_DEFAULT), H5Oclose, "find an object");
            return read_text_attribute(opened, name.c_str());
        });
    }

private:
    [[nodiscard]] Path where(const std::string& dataset) const { return path_.string() + ":" + dataset; }

    /// Only plain storage inside the file: no filter, no external file, no virtual dataset.
    Handle open_plain(const std::string& dataset) const {
        if (!std::binary_search(datasets_.begin(), datasets_.end(), dataset)) throw Hdf5Failure("find the dataset");
        Handle set(H5Dopen2(file_, dataset.c_str(), H5P_DEFAULT), H5Dclose, "open a dataset");
        const Handle properties(H5Dget_create_plist(set), H5Pclose, "read properties");
        const H5D_layout_t layout = H5Pget_layout(properties);
        if ((layout != H5D_CONTIGUOUS && layout != H5D_COMPACT) || H5Pget_external_count(properties) != 0)
            throw Hdf5Failure("trust a dataset that is not stored plainly in this file");
        expect_storage(set, layout);
        return set;
    }

    /// All values are there: what is claimed and not stored would be read as zeros, of any number. A value that is
    /// read has 8 bytes, or 16 that refer to text; a wider type is refused when it is read.
    void expect_storage(hid_t set, H5D_layout_t layout) const {
        const Handle type(H5Dget_type(set), H5Tclose, "read a type");
        const std::uint64_t bytes = count_of(shape_of(set), max_bytes / 64) * std::min<std::uint64_t>(H5Tget_size(type), 64);
        std::error_code unknown;
        const std::uint64_t size = std::filesystem::file_size(path_, unknown);
        if (unknown) throw Hdf5Failure("ask for the size of the file");
        const haddr_t offset = H5Dget_offset(set);
        const bool is_there = layout == H5D_COMPACT ? bytes <= 65536 : offset != HADDR_UNDEF && offset <= size && bytes <= size - offset;
        if (bytes > 0 && (!is_there || H5Dget_storage_size(set) < bytes)) throw Hdf5Failure("find all values of the dataset");
    }

    static void expect_type(hid_t set, hid_t wanted) {
        const Handle type(H5Dget_type(set), H5Tclose, "read a type");
        if (H5Tequal(type, wanted) <= 0) throw Hdf5Failure("read a dataset of another type");
    }

    static std::vector<std::uint64_t> shape_of(hid_t set) {
        const Handle space(H5Dget_space(set), H5Sclose, "read a shape");
        const int rank = H5Sget_simple_extent_ndims(space);
        if (rank < 1 || rank > 4) throw Hdf5Failure("read a dataset of this rank");
        std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
        H5Sget_simple_extent_dims(space, extents.data(), nullptr);
        return {extents.begin(), extents.end()};
    }

    template <class Extents>
    static std::uint64_t count_of(const Extents& extents, std::uint64_t most) {
        std::uint64_t count = 1;
        for (const auto extent : extents) {
            if (extent != 0 && count > most / extent) throw Hdf5Failure("read so large a dataset at once");
            count *= extent;
        }
        return count;
    }
    template <class Extents>
    static std::size_t limited(const Extents& extents) { return count_of(extents, max_values); }

    template <class T>
    Result<std::vector<T>> read_all(const std::string& dataset, hid_t wanted, hid_t native) {
        return guarded(Code::input, where(dataset), [&]() -> Result<std::vector<T>> {
            const Handle set = open_plain(dataset);
            expect_type(set, wanted);
            std::vector<T> values(limited(shape_of(set)));
            if (!values.empty()) checked(H5Dread(set, native, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "read a dataset");
            return values;
        });
    }

    Path path_;
    Handle file_;
    std::vector<std::string> datasets_;
};

}  // namespace

Result<std::unique_ptr<TableReader>> TableReader::open(const Path& path) {
    TRY_DO(File::open(path, File::Mode::read));
    return guarded(Code::input, path, [&]() -> Result<std::unique_ptr<TableReader>> {
        refuse_plugins();
        Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open the file");
        Listing listing;
        checked(H5Lvisit(file, H5_INDEX_NAME, H5_ITER_INC, visit, &listing), "list the file");
        if (listing.has_foreign_link) throw Hdf5Failure("trust a file with links to elsewhere, or two names for one thing");
        std::sort(listing.datasets.begin(), listing.datasets.end());
        return std::unique_ptr<TableReader>(new Hdf5Reader(path, std::move(file), std::move(listing.datasets)));
    });
}

}  // namespace meterveil::io
