#include "meterveil/io/shard_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "io/chunk_codec.hpp"
#include "io/hdf5.hpp"
#include "meterveil/exec/parallel.hpp"

namespace meterveil::io {
namespace {

using model::Channel;
constexpr std::array<const char*, model::num_channels> matrix_names = {"import_quanta", "export_quanta"};
/// Chunks encoded at a time: bounds the memory of a write.
constexpr std::size_t chunks_at_once = 16;

std::uint32_t chunk_rows(std::size_t rows) { return static_cast<std::uint32_t>(std::min<std::size_t>(rows, shard_chunk_meters)); }

template <class T>
hid_t native();
template <> hid_t native<std::uint8_t>() { return H5T_NATIVE_UINT8; }
template <> hid_t native<std::uint32_t>() { return H5T_NATIVE_UINT32; }

/// A small table of `columns` numbers a row.
template <class T>
void write_table(hid_t file, const char* name, hsize_t rows, hsize_t columns, const std::vector<T>& values) {
    const std::array<hsize_t, 2> shape = {rows, columns};
    const Handle space(H5Screate_simple(2, shape.data(), nullptr), H5Sclose, "shape a table");
    const Handle set(H5Dcreate2(file, name, native<T>(), space, H5P_DEFAULT, timeless_dataset(), H5P_DEFAULT), H5Dclose, "make a table");
    if (!values.empty()) checked(H5Dwrite(set, native<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "write a table");
}

template <class T>
std::vector<T> read_table(hid_t file, const char* name, std::size_t rows, std::size_t columns) {
    const Handle set(H5Dopen2(file, name, H5P_DEFAULT), H5Dclose, "find a table");
    const Handle space(H5Dget_space(set), H5Sclose, "read a table");
    if (H5Sget_simple_extent_npoints(space) != static_cast<hssize_t>(rows * columns)) throw Hdf5Failure("read a table of another shape");
    std::vector<T> values(rows * columns);
    if (!values.empty()) checked(H5Dread(set, native<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), "read a table");
    return values;
}

void write_header(hid_t file, const ShardHeader& header) {
    write_attribute(file, "format", std::string("meterveil-shard/1"));
    write_attribute(file, "shard", std::int64_t{header.shard});
    write_attribute(file, "start_s", std::int64_t{header.axis.start.time_since_epoch().count()});
    write_attribute(file, "interval_s", std::int64_t{header.axis.length.count()});
    write_attribute(file, "num_intervals", std::int64_t{header.axis.count});
    write_attribute(file, "energy_quantum_wh", std::int64_t{header.energy_quantum_wh});
    write_attribute(file, "num_meters", static_cast<std::int64_t>(header.rows.size()));
    std::vector<std::uint8_t> names, flags;
    std::vector<std::uint32_t> counts;
    for (const model::ShardRow& row : header.rows) {
        for (const auto* name : {&row.record.meter, &row.record.member, &row.record.subject})
            for (const std::byte byte : name->value) names.push_back(std::to_integer<std::uint8_t>(byte));
        counts.insert(counts.end(), {row.record.leaf, row.record.subject_class});
        for (int c = 0; c < model::num_channels; ++c) {
            counts.insert(counts.end(), {row.measured[c], row.filled[c]});
            flags.push_back(row.takes_part[c] ? 1 : 0);
        }
    }
    const hsize_t rows = header.rows.size();
    write_table(file, "meter_member_subject", rows, 48, names);
    write_table(file, "leaf_class_measured_filled", rows, 6, counts);
    write_table(file, "takes_part", rows, 2, flags);
}

ShardHeader read_header(hid_t file) {
    if (read_text_attribute(file, "format") != "meterveil-shard/1") throw Hdf5Failure("read this kind of shard");
    ShardHeader header;
    header.shard = static_cast<std::uint32_t>(read_int_attribute(file, "shard"));
    header.axis.start = model::Instant(std::chrono::seconds(read_int_attribute(file, "start_s")));
    header.axis.length = std::chrono::seconds(read_int_attribute(file, "interval_s"));
    header.axis.count = static_cast<std::uint32_t>(read_int_attribute(file, "num_intervals"));
    header.energy_quantum_wh = static_cast<std::int32_t>(read_int_attribute(file, "energy_quantum_wh"));
    const auto rows = static_cast<std::size_t>(read_int_attribute(file, "num_meters"));
    if (rows > (std::size_t{1} << 24)) throw Hdf5Failure("read a shard of so many meters");
    const auto names = read_table<std::uint8_t>(file, "meter_member_subject", rows, 48);
    const auto counts = read_table<std::uint32_t>(file, "leaf_class_measured_filled", rows, 6);
    const auto flags = read_table<std::uint8_t>(file, "takes_part", rows, 2);
    header.rows.resize(rows);
    for (std::size_t i = 0; i < rows; ++i) {
        model::ShardRow& row = header.rows[i];
        std::uint8_t const* name = &names[i * 48];
        for (auto* pseudonym : {&row.record.meter, &row.record.member, &row.record.subject}) {
            std::memcpy(pseudonym->value.data(), name, 16);
            name += 16;
        }
        row.record.leaf = counts[i * 6];
        row.record.subject_class = counts[i * 6 + 1];
        for (std::size_t c = 0; c < model::num_channels; ++c) {
            row.measured[c] = counts[i * 6 + 2 + 2 * c];
            row.filled[c] = counts[i * 6 + 3 + 2 * c];
            row.takes_part[c] = flags[i * 2 + c] != 0;
        }
    }
    for (std::size_t c = 0; c < model::num_channels; ++c) header.has_channel[c] = H5Lexists(file, matrix_names[c], H5P_DEFAULT) > 0;
    return header;
}

/// A shard under construction in memory.
class Image {
public:
    explicit Image(Path path) : path_(std::move(path)) {
        const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "make properties");
        checked(H5Pset_fapl_core(access, std::size_t{4} << 20, false), "write to memory");
        file_.emplace_back(H5Fcreate(path_.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, access), H5Fclose, "make a shard");
    }
    [[nodiscard]] hid_t file() const { return file_.front(); }

    Handle make_matrix(const char* name, std::size_t rows, std::uint32_t intervals) const {
        const std::array<hsize_t, 2> shape = {rows, intervals}, chunk = {chunk_rows(rows), intervals};
        const Handle space(H5Screate_simple(2, shape.data(), nullptr), H5Sclose, "shape a matrix");
        const Handle properties = timeless_dataset();
        checked(H5Pset_chunk(properties, 2, chunk.data()), "set chunks");
        checked(H5Pset_shuffle(properties), "set shuffle");
        checked(H5Pset_filter(properties, zstd_filter, H5Z_FLAG_OPTIONAL, 0, nullptr), "set zstd");
        return {H5Dcreate2(file(), name, H5T_STD_I32LE, space, H5P_DEFAULT, properties, H5P_DEFAULT), H5Dclose, "make a matrix"};
    }

    std::vector<std::byte> bytes() const {
        checked(H5Fflush(file(), H5F_SCOPE_GLOBAL), "flush");
        const ssize_t size = H5Fget_file_image(file(), nullptr, 0);
        if (size < 0) throw Hdf5Failure("measure the shard");
        std::vector<std::byte> image(static_cast<std::size_t>(size));
        if (H5Fget_file_image(file(), image.data(), image.size()) != size) throw Hdf5Failure("take the shard out of memory");
        return image;
    }

private:
    Path path_;
    std::vector<Handle> file_;
};

using RowSource = std::function<std::span<const std::int32_t>(Channel, std::uint32_t)>;

std::vector<std::byte> encoded_rows(const RowSource& row, Channel channel, std::size_t first, std::size_t rows, std::size_t total,
                                    std::uint32_t intervals) {
    std::vector<std::int32_t> values(rows * intervals, model::missing_quanta);
    for (std::size_t i = 0; i < rows && first + i < total; ++i) {
        const auto series = row(channel, static_cast<std::uint32_t>(first + i));
        std::copy(series.begin(), series.end(), values.begin() + static_cast<std::ptrdiff_t>(i * intervals));
    }
    return encode_chunk(values);
}

void write_matrix(const Image& image, const ShardHeader& header, Channel channel, const RowSource& row) {
    const std::size_t rows = header.rows.size(), step = chunk_rows(rows);
    const Handle matrix = image.make_matrix(matrix_names[static_cast<std::size_t>(channel)], rows, header.axis.count);
    for (std::size_t first = 0; first < rows; first += step * chunks_at_once) {
        const std::size_t chunks = std::min(chunks_at_once, (rows - first + step - 1) / step);
        std::vector<std::vector<std::byte>> packed(chunks);
        exec::for_each_index(chunks, [&](std::size_t i) {
            packed[i] = encoded_rows(row, channel, first + i * step, step, rows, header.axis.count);
        });
        for (std::size_t i = 0; i < chunks; ++i) {
            const std::array<hsize_t, 2> offset = {first + i * step, 0};
            checked(H5Dwrite_chunk(matrix, H5P_DEFAULT, 0, offset.data(), packed[i].size(), packed[i].data()), "write a chunk");
        }
    }
}

Path digest_path(const Path& path) { return path.string() + ".sha256"; }

}  // namespace

Result<> write_shard(const Path& path, const ShardHeader& header, const RowSource& row) {
    TRY(const auto image, guarded(Code::storage, path, [&]() -> Result<std::vector<std::byte>> {
            const Image shard(path);
            write_header(shard.file(), header);
            for (const Channel channel : {Channel::import, Channel::export_})
                if (header.has_channel[static_cast<int>(channel)] && !header.rows.empty()) write_matrix(shard, header, channel, row);
            return shard.bytes();
        }));
    TRY_DO(write_whole(path, image));
    return write_whole(digest_path(path), fmt::format("{}  {}\n", sha256_hex(image), path.filename().string()));
}

Result<ShardHeader> open_shard(const Path& path) {
    TRY(const std::string stated, of_storage(read_text(digest_path(path), 1024)));
    TRY(const std::string found, of_storage(sha256_of_file(path)));
    if (stated.substr(0, 64) != found)
        return Error{Code::storage, "the shard is damaged: its SHA-256 is not the one stated", path.string(), "run the job again"};
    return guarded(Code::storage, path, [&]() -> Result<ShardHeader> {
        const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open the shard");
        return read_header(file);
    });
}

Result<> read_rows(const Path& path, Channel channel, std::uint32_t first, std::uint32_t last, std::uint32_t num_intervals,
                   std::span<std::int32_t> quanta) {
    if (first == last) return {};
    std::uint32_t step = 1;
    TRY(const auto packed, guarded(Code::storage, path, [&]() -> Result<std::vector<std::vector<std::byte>>> {
            const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, "open the shard");
            const Handle matrix(H5Dopen2(file, matrix_names[static_cast<std::size_t>(channel)], H5P_DEFAULT), H5Dclose, "find a matrix");
            const Handle space(H5Dget_space(matrix), H5Sclose, "read a matrix");
            std::array<hsize_t, 2> shape{};
            if (H5Sget_simple_extent_ndims(space) != 2) throw Hdf5Failure("read a matrix of another shape");
            H5Sget_simple_extent_dims(space, shape.data(), nullptr);
            if (shape[1] != num_intervals || last > shape[0]) throw Hdf5Failure("read a matrix of another shape");
            step = chunk_rows(shape[0]);
            std::vector<std::vector<std::byte>> chunks;
            for (hsize_t row = first / step * step; row < last; row += step) {
                const std::array<hsize_t, 2> offset = {row, 0};
                hsize_t size = 0;
                std::uint32_t mask = 0;
                checked(H5Dget_chunk_storage_size(matrix, offset.data(), &size), "measure a chunk");
                auto& bytes = chunks.emplace_back(size);
                checked(H5Dread_chunk(matrix, H5P_DEFAULT, offset.data(), &mask, bytes.data()), "read a chunk");
            }
            return chunks;
        }));
    std::vector<std::int32_t> values(std::size_t{step} * num_intervals);
    std::uint32_t row = first / step * step;
    for (const auto& bytes : packed) {
        if (auto decoded = decode_chunk(bytes, values); !decoded.ok()) {
            decoded.error().where = path.string();
            return decoded;
        }
        const std::uint32_t from = std::max(row, first), to = std::min(row + step, last);
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(std::size_t{from - row} * num_intervals), std::size_t{to - from} * num_intervals,
                    quanta.begin() + static_cast<std::ptrdiff_t>(std::size_t{from - first} * num_intervals));
        row += step;
    }
    return {};
}

}  // namespace meterveil::io
