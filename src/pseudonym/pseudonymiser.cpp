#include <fmt/format.h>

#include <algorithm>

#include "meterveil/pseudonym/keys.hpp"
#include "pseudonym/derive.hpp"

namespace meterveil::pseudonym {
namespace {

const char* name_of(Domain domain) {
    switch (domain) {
        case Domain::meter: return "meter";
        case Domain::member: return "member";
        case Domain::customer: return "customer";
        case Domain::premise: return "premise";
        case Domain::region: return "region";
        case Domain::substation: return "substation";
        case Domain::feeder: return "feeder";
        case Domain::text: return "text";
        case Domain::recipient: return "recipient";
    }
    return "";
}

Hmac keyed(std::span<const unsigned char> root, const std::string& info) {
    Secret derived;
    derive(root, info, derived);
    return Hmac(derived.view());
}

}  // namespace

struct Pseudonymiser::State {
    Hmac hmac;
};

Pseudonymiser::Pseudonymiser(const RootKey& key, Domain domain, std::string_view epoch)
    : state_(new State{keyed(key.view(), fmt::format("meterveil/1|{}|{}", name_of(domain), epoch))}) {}
Pseudonymiser::Pseudonymiser(Pseudonymiser&&) noexcept = default;
Pseudonymiser::~Pseudonymiser() = default;

model::Pseudonym Pseudonymiser::operator()(std::string_view canonical_id) {
    const auto digest = state_->hmac(canonical_id);
    model::Pseudonym pseudonym;
    std::copy_n(digest.begin(), pseudonym.value.size(), pseudonym.value.begin());
    return pseudonym;
}

std::string key_check_value(const RootKey& key) {
    const auto digest = keyed(key.view(), "meterveil/1|check")("check");
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) text += fmt::format("{:02x}", std::to_integer<int>(digest[i]));
    return text;
}

}  // namespace meterveil::pseudonym
