#include "ranks.hpp"

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "meterveil/par/exchange.hpp"
#include "scratch.hpp"

namespace meterveil::testing {

std::string shared_folder(par::Comm& comm) {
    static std::mutex guard;
    static std::vector<std::unique_ptr<Scratch>> folders;
    std::string path;
    if (comm.rank() == 0) {
        const std::lock_guard lock(guard);
        folders.push_back(std::make_unique<Scratch>());
        path = folders.back()->path().string();
    }
    return par::broadcast(comm, path);
}

}  // namespace meterveil::testing
