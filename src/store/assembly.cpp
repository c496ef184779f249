#include "store/assembly.hpp"

#include <algorithm>

namespace meterveil::store {
namespace {

using model::missing_quanta;
/// A cell with several distinct values; they wait in the side table.
constexpr std::int32_t conflict_quanta = missing_quanta + 1;
constexpr std::uint32_t no_file = 0xffffffffU, several_files = 0xfffffffeU;

}  // namespace

Assembly::Assembly(std::uint32_t num_meters, std::uint32_t num_intervals, std::size_t num_files)
    : num_meters_(num_meters), num_intervals_(num_intervals), accounts_(num_files) {}

std::uint64_t Assembly::bytes_of(std::uint64_t meters, std::uint64_t intervals, std::size_t num_files) {
    return meters * intervals * (num_files > 1 ? 8 : 4);
}

void Assembly::allocate(Matrix& matrix) {
    matrix.quanta.assign(std::size_t{num_meters_} * num_intervals_, missing_quanta);
    matrix.file.assign(num_meters_, no_file);
    matrix.files.resize(num_meters_);
}

std::span<std::int32_t> Assembly::series(model::Channel channel, std::uint32_t meter) {
    if (!has(channel)) return {};
    return std::span(matrices_[static_cast<std::size_t>(channel)].quanta).subspan(std::size_t{meter} * num_intervals_, num_intervals_);
}

std::uint32_t Assembly::file_of(const Matrix& matrix, std::uint32_t meter, std::uint32_t interval) const {
    return matrix.file[meter] == several_files ? matrix.files[meter][interval] : matrix.file[meter];
}

void Assembly::set_file(Matrix& matrix, std::uint32_t meter, std::uint32_t interval, std::uint32_t file) {
    std::uint32_t& known = matrix.file[meter];
    if (known == file) return;
    if (known == no_file) {
        known = file;
        return;
    }
    if (known != several_files) {
        matrix.files[meter].assign(num_intervals_, known);
        known = several_files;
    }
    matrix.files[meter][interval] = file;
}

void Assembly::add(std::uint32_t meter, const model::Reading& reading, std::uint32_t file) {
    Matrix& matrix = matrices_[reading.channel];
    if (matrix.quanta.empty()) allocate(matrix);
    std::int32_t& cell = matrix.quanta[std::size_t{meter} * num_intervals_ + reading.interval];
    if (cell != missing_quanta) return collide(matrix, meter, reading, file);
    cell = reading.quanta;
    set_file(matrix, meter, reading.interval, file);
    ++accounts_[file].accepted;
}

std::uint32_t Assembly::repeat(std::uint32_t known_file, std::uint32_t file) {
    const std::uint32_t lower = std::min(known_file, file), higher = std::max(known_file, file);
    --accounts_[known_file].accepted;
    ++accounts_[lower].accepted;
    ++accounts_[higher].duplicate;
    return lower;
}

void Assembly::collide(Matrix& matrix, std::uint32_t meter, const model::Reading& reading, std::uint32_t file) {
    std::int32_t& cell = matrix.quanta[std::size_t{meter} * num_intervals_ + reading.interval];
    if (cell == reading.quanta) {
        set_file(matrix, meter, reading.interval, repeat(file_of(matrix, meter, reading.interval), file));
        return;
    }
    auto& values = conflicts_[{meter, reading.channel, reading.interval}];
    if (cell != conflict_quanta) {
        values.push_back({cell, file_of(matrix, meter, reading.interval)});
        cell = conflict_quanta;
    }
    const auto known = std::find_if(values.begin(), values.end(), [&](const Value& v) { return v.quanta == reading.quanta; });
    if (known != values.end()) {
        known->file = repeat(known->file, file);
        return;
    }
    values.push_back({reading.quanta, file});
    ++accounts_[file].accepted;  // until settled
}

std::vector<Assembly::Conflict> Assembly::settle() {
    std::vector<Conflict> all;
    for (auto& [cell, values] : conflicts_) {
        const auto [meter, channel, interval] = cell;
        std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) { return a.quanta < b.quanta; });
        for (const Value& value : values) {
            --accounts_[value.file].accepted;
            ++accounts_[value.file].quarantined[static_cast<std::size_t>(model::Reason::conflict)];
            all.push_back({meter, interval, static_cast<model::Channel>(channel), value.quanta, value.file});
        }
        matrices_[channel].quanta[std::size_t{meter} * num_intervals_ + interval] = missing_quanta;
    }
    conflicts_.clear();
    for (Matrix& matrix : matrices_) {
        matrix.file = {};
        matrix.files = {};
    }
    return all;
}

}  // namespace meterveil::store
