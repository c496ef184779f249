// A published HDF5 file from a stranger: values or an error.
#include <cstdint>

#include "input_file.hpp"
#include "meterveil/io/table_file.hpp"

namespace {

using namespace meterveil;

void check_dataset(io::TableReader& reader, const std::string& name) {
    const auto shape = reader.shape(name);
    if (!shape.ok()) return;
    std::uint64_t count = 1;
    for (const std::uint64_t extent : shape.value()) count *= extent;
    if (const auto values = reader.read_int(name); values.ok()) HOLDS(values.value().size() == count);
    if (const auto values = reader.read_float(name); values.ok()) HOLDS(values.value().size() == count);
    if (const auto values = reader.read_text(name); values.ok()) HOLDS(values.value().size() == count);
    if (const auto values = reader.read_int_rows(name, 0, 1); values.ok()) HOLDS(values.value().size() == count / shape.value()[0]);
    static_cast<void>(reader.text_attribute(name, "units"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto reader = io::TableReader::open(fuzz::file_of(fuzz::text_of(data, size)));
    if (!reader.ok()) return 0;
    for (const std::string& name : reader.value()->datasets()) check_dataset(*reader.value(), name);
    return 0;
}
