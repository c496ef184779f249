#pragma once
// A published HDF5 file: contiguous little-endian datasets with dimension scales, that h5py, xarray and
// netCDF open without filters. Rank 0 lays the file out; every rank then writes its own rows at
// their fixed positions with checked POSIX writes: the same bytes on any number of ranks, and a full
// disk is an error, not a hang.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/io/posix.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::io {

using Attribute = std::variant<std::string, std::int64_t, double>;
struct NamedAttribute { std::string name; Attribute value; };

/// A dataset of the layout. Paths are absolute ("/feeder/1d/energy_wh"); groups are made as needed.
struct DatasetLayout {
    enum class Type { int64, float64, text };
    std::string path;
    Type type = Type::int64;
    std::vector<std::uint64_t> shape;
    std::vector<std::string> scales;      ///< per dimension the path of its dimension scale, or "" (none)
    bool is_scale = false;                ///< a 1-d coordinate variable
    std::vector<NamedAttribute> attributes;
    std::vector<std::int64_t> small_int;  ///< contents known to every rank; written by rank 0. Empty: bulk
    std::vector<double> small_float;
    std::vector<std::string> small_text;  ///< UTF-8, stored as fixed-length strings
};

struct FileLayout {
    std::vector<NamedAttribute> attributes;  ///< of the root group
    std::vector<DatasetLayout> datasets;
};

class TableFile {
public:
    /// Collective. Rank 0 writes the layout and the small datasets to a new file; all ranks open it.
    /// @param layout the same on every rank
    /// @errors storage, on all ranks together
    static Result<std::unique_ptr<TableFile>> create(par::Comm& comm, const Path& path, const FileLayout& layout);
    virtual ~TableFile() = default;
    /// Local. Writes whole rows (first dimension) of a bulk int64/float64 dataset.
    virtual Result<> write_rows(const std::string& dataset, std::uint64_t first_row, std::span<const std::int64_t> values) = 0;
    virtual Result<> write_rows(const std::string& dataset, std::uint64_t first_row, std::span<const double> values) = 0;
    /// Collective. Flushes, syncs and closes; ends in agreement.
    virtual Result<> close() = 0;
};

/// Reads a published file back, trusting nothing: refuses external storage, links, filters, and
/// sizes over `max_values`. Local. One reader at a time per process (serialised inside).
class TableReader {
public:
    static Result<std::unique_ptr<TableReader>> open(const Path& path);
    virtual ~TableReader() = default;
    [[nodiscard]] virtual std::vector<std::string> datasets() const = 0;  ///< absolute paths, sorted
    virtual Result<std::vector<std::uint64_t>> shape(const std::string& dataset) = 0;
    virtual Result<std::vector<std::int64_t>> read_int(const std::string& dataset) = 0;
    /// Rows [first, last) of the first dimension.
    virtual Result<std::vector<std::int64_t>> read_int_rows(const std::string& dataset, std::uint64_t first, std::uint64_t last) = 0;
    virtual Result<std::vector<double>> read_float(const std::string& dataset) = 0;
    virtual Result<std::vector<std::string>> read_text(const std::string& dataset) = 0;
    virtual Result<std::string> text_attribute(const std::string& object, const std::string& name) = 0;
};

}  // namespace meterveil::io
