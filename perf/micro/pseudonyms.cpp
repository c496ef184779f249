// How many pseudonyms a second does one thread derive, and how far is that from the two SHA-256 blocks that each costs?
#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <openssl/evp.h>

#include <string>
#include <vector>

#include "meterveil/pseudonym/keys.hpp"

namespace {

using namespace meterveil;

constexpr std::size_t num_ids = 4096, block_bytes = 64, blocks_an_id = 2;

std::vector<std::string> ids() {
    std::vector<std::string> made;
    for (std::size_t i = 0; i < num_ids; ++i) made.push_back(fmt::format("1{:012}", 382199104637U + i * 7919));
    return made;
}

/// The compression function over a long message: nothing but blocks.
void sha256_blocks(benchmark::State& state) {
    const std::vector<unsigned char> message(num_ids * blocks_an_id * block_bytes, 1);
    unsigned char digest[32];
    for ([[maybe_unused]] auto _ : state) EVP_Digest(message.data(), message.size(), digest, nullptr, EVP_sha256(), nullptr);
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(num_ids));
}

void derive(benchmark::State& state) {
    const auto key = pseudonym::RootKey::random();
    pseudonym::Pseudonymiser name(key, pseudonym::Domain::meter, "2013");
    const auto all = ids();
    for ([[maybe_unused]] auto _ : state)
        for (const std::string& id : all) benchmark::DoNotOptimize(name(id));
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(num_ids));
}

}  // namespace

BENCHMARK(sha256_blocks)->Name("limit/sha256_two_blocks");
BENCHMARK(derive)->Name("pseudonyms/derive");
BENCHMARK_MAIN();
