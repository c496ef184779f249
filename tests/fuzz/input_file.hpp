#pragma once
// An input as a file, for parsers that open one.

#include <fstream>
#include <string>
#include <string_view>

#include "property.hpp"
#include "scratch.hpp"

namespace meterveil::fuzz {

/// Writes `bytes` over the one file of this name of the process. @return its path
inline std::string file_of(std::string_view bytes, const char* name = "input") {
    static const testing::Scratch folder;
    const std::string path = folder.file(name);
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    file.close();
    HOLDS(file.good());
    return path;
}

}  // namespace meterveil::fuzz
