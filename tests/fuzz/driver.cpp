// main of a fuzz target where the compiler has no fuzzer: replays a corpus, then changes its files at random.
// TARGET CORPUS [COUNT [SEED]]: the same seed gives the same inputs. An input that ends the program, or takes
// over 20 s, is left in the working folder as fuzz-failure.bin; TARGET fuzz-failure.bin replays it.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

namespace fs = std::filesystem;
constexpr unsigned time_limit_s = 20;
constexpr std::size_t max_size = 1 << 16;

std::string current;  ///< the input under way

/// Nothing but system calls: the program is ending.
void keep_current() {
    const int file = ::open("fuzz-failure.bin", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file >= 0 && ::write(file, current.data(), current.size()) == static_cast<ssize_t>(current.size())) ::close(file);
    constexpr char message[] = "the input is in fuzz-failure.bin\n";
    if (::write(STDERR_FILENO, message, sizeof message - 1) < 0) std::_Exit(1);
}

void on_signal(int signal) {
    keep_current();
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

void run(std::string input) {
    current = std::move(input);
    ::alarm(time_limit_s);
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(current.data()), current.size());
    ::alarm(0);
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Files of a folder by name, or the one file.
std::vector<std::string> corpus_of(const fs::path& path) {
    std::vector<fs::path> paths;
    if (fs::is_regular_file(path)) paths = {path};
    else for (const auto& entry : fs::directory_iterator(path)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> corpus;
    for (const auto& each : paths) corpus.push_back(read(each));
    return corpus;
}

/// Inputs near those of a corpus.
class Mutator {
public:
    Mutator(const std::vector<std::string>& corpus, std::uint64_t seed) : corpus_(corpus), random_(seed) {}

    std::string next() {
        std::string input = corpus_[below(corpus_.size())];
        for (std::size_t changes = 1 + below(6); changes > 0; --changes) change(input);
        if (input.size() > max_size) input.resize(max_size);
        return input;
    }

private:
    std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_() % std::max<std::size_t>(end, 1)); }
    char byte() {
        constexpr char telling[] = "\0\xff\x7f\n\r\t ,;\"'.-+:019eEZT|={}[]#";
        return below(3) == 0 ? static_cast<char>(random_()) : telling[below(sizeof telling - 1)];
    }
    std::string piece(const std::string& of) {
        const std::size_t first = below(of.size());
        return of.substr(first, 1 + below(below(4) == 0 ? of.size() : 16));
    }

    void change(std::string& input) {
        const std::size_t at = below(input.size() + 1), before = below(input.size());
        switch (below(7)) {
            case 0: if (!input.empty()) input[before] = static_cast<char>(input[before] ^ (1 << below(8))); return;
            case 1: if (!input.empty()) input[before] = byte(); return;
            case 2: input.insert(at, 1, byte()); return;
            case 3: input.erase(before, 1 + below(16)); return;
            case 4: input.insert(at, piece(input)); return;
            case 5: input.insert(at, piece(corpus_[below(corpus_.size())])); return;
            default: if (below(4) == 0) input.resize(at); else input.replace(before, 1, std::string(1 + below(40), byte())); return;
        }
    }

    const std::vector<std::string>& corpus_;
    std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2) return std::fprintf(stderr, "%s CORPUS [COUNT [SEED]]\n", argv[0]), 2;
    const auto count = argc > 2 ? std::stoull(argv[2]) : 0;
    const std::uint64_t seed = argc > 3 ? std::stoull(argv[3]) : std::random_device{}();
    for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM}) std::signal(signal, on_signal);
    if (__sanitizer_set_death_callback != nullptr) __sanitizer_set_death_callback(keep_current);
    const auto corpus = corpus_of(argv[1]);
    if (corpus.empty()) return std::fprintf(stderr, "%s is empty\n", argv[1]), 2;
    std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    for (const std::string& input : corpus) run(input);
    Mutator mutator(corpus, seed);
    for (std::uint64_t i = 0; i < count; ++i) run(mutator.next());
    std::printf("%zu inputs replayed, %llu made\n", corpus.size(), static_cast<unsigned long long>(count));
    return 0;
}
