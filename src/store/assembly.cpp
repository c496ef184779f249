#include "store/assembly.hpp"

#include <algorithm>
#include <utility>

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
    const std::uint64_t cells = meters * intervals;
    return cells * (num_files > 1 ? 8 : 4) + cells / 2;
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

SeriesMarks Assembly::marks(model::Channel channel, std::uint32_t meter) const {
    return {matrix(channel).marks, std::size_t{meter} * num_intervals_, num_intervals_};
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

Assembly::Value Assembly::value_of(const Matrix& matrix, std::uint32_t meter, std::uint32_t interval) const {
    const std::size_t cell = std::size_t{meter} * num_intervals_ + interval;
    return {matrix.quanta[cell], file_of(matrix, meter, interval), matrix.marks.is_part(cell), matrix.marks.quality(cell)};
}

void Assembly::set_value(Matrix& matrix, std::uint32_t meter, std::uint32_t interval, const Value& value) {
    const std::size_t cell = std::size_t{meter} * num_intervals_ + interval;
    matrix.quanta[cell] = value.quanta;
    set_file(matrix, meter, interval, value.file);
    matrix.marks.set(cell, value.quality, value.is_part, matrix.quanta.size());
}

void Assembly::add(std::uint32_t meter, std::span<const model::Reading> readings, std::uint32_t file) {
    Matrix& matrix = matrices_[readings.front().channel];
    std::size_t next = 0;
    if (matrix.quanta.empty() || matrix.file[meter] != file) add_any(meter, readings[next++], file);
    if (matrix.file[meter] != file) {
        for (; next < readings.size(); ++next) add_any(meter, readings[next], file);
        return;
    }
    // Nearly every reading is measured, of one interval, and the first of its cell.
    std::int32_t* const cells = matrix.quanta.data() + std::size_t{meter} * num_intervals_;
    std::uint64_t accepted = 0;
    for (; next < readings.size(); ++next) {
        const model::Reading& reading = readings[next];
        std::int32_t& cell = cells[reading.interval];
        if (cell != missing_quanta || reading.quality != 0 || reading.is_part != 0) {
            add_any(meter, reading, file);
            continue;
        }
        cell = reading.quanta;
        ++accepted;
    }
    accounts_[file].accepted += accepted;
}

void Assembly::add_any(std::uint32_t meter, const model::Reading& reading, std::uint32_t file) {
    Matrix& matrix = matrices_[reading.channel];
    if (matrix.quanta.empty()) allocate(matrix);
    const std::int32_t cell = matrix.quanta[std::size_t{meter} * num_intervals_ + reading.interval];
    const Value fresh{reading.quanta, file, reading.is_part != 0, static_cast<model::Quality>(reading.quality)};
    if (cell != missing_quanta) return collide(matrix, meter, reading, fresh);
    set_value(matrix, meter, reading.interval, fresh);
    count(accounts_[file].accepted, fresh.is_part, 1);
}

Assembly::Value Assembly::repeat(const Value& known, const Value& fresh) {
    const bool fresh_stands = fresh < known;
    const Value& stands = fresh_stands ? fresh : known;
    const Value& repeats = fresh_stands ? known : fresh;
    count(accounts_[known.file].accepted, known.is_part, -1);
    count(accounts_[stands.file].accepted, stands.is_part, 1);
    count(accounts_[repeats.file].duplicate, repeats.is_part, 1);
    return stands;
}

void Assembly::collide(Matrix& matrix, std::uint32_t meter, const model::Reading& reading, const Value& fresh) {
    std::int32_t& cell = matrix.quanta[std::size_t{meter} * num_intervals_ + reading.interval];
    if (cell == fresh.quanta) return set_value(matrix, meter, reading.interval, repeat(value_of(matrix, meter, reading.interval), fresh));
    auto& values = conflicts_[{meter, reading.channel, reading.interval}];
    if (cell != conflict_quanta) {
        values.push_back(value_of(matrix, meter, reading.interval));
        cell = conflict_quanta;
    }
    const auto known = std::find_if(values.begin(), values.end(), [&](const Value& v) { return v.quanta == fresh.quanta; });
    if (known != values.end()) {
        *known = repeat(*known, fresh);
        return;
    }
    values.push_back(fresh);
    count(accounts_[fresh.file].accepted, fresh.is_part, 1);  // until settled
}

std::vector<Assembly::Conflict> Assembly::settle() {
    std::vector<Conflict> all;
    for (auto& [cell, values] : conflicts_) {
        const auto [meter, channel, interval] = cell;
        std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) { return a.quanta < b.quanta; });
        for (const Value& value : values) {
            count(accounts_[value.file].accepted, value.is_part, -1);
            count(accounts_[value.file].quarantined[static_cast<std::size_t>(model::Reason::conflict)], value.is_part, 1);
            all.push_back({meter, interval, static_cast<model::Channel>(channel), value.quanta, value.file});
        }
        Matrix& matrix = matrices_[channel];
        const std::size_t at = std::size_t{meter} * num_intervals_ + interval;
        matrix.quanta[at] = missing_quanta;
        matrix.marks.set(at, model::Quality::measured, false, matrix.quanta.size());  // none of its rows stands
    }
    conflicts_.clear();
    for (Matrix& matrix : matrices_) {
        matrix.file = {};
        matrix.files = {};
    }
    return all;
}

}  // namespace meterveil::store
