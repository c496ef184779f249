#include "generate/premise.hpp"

#include "generate/random.hpp"

namespace meterveil::generate {
namespace {

/// Of 1000 premises: 380 flats, 450 houses, 138 large houses, 30 businesses, 2 works.
Kind kind_of(std::uint64_t bits) {
    const std::uint64_t lot = below(bits, 1000);
    if (lot < 380) return Kind::flat;
    if (lot < 830) return Kind::house;
    if (lot < 968) return Kind::large_house;
    return lot < 998 ? Kind::business : Kind::works;
}

std::int32_t base_load_w(Kind kind, std::uint64_t bits) {
    const auto within = [bits](std::int64_t low, std::int64_t high) { return static_cast<std::int32_t>(between(bits, low, high)); };
    switch (kind) {
        case Kind::flat: return within(110, 330);
        case Kind::house: return within(200, 520);
        case Kind::large_house: return within(350, 1100);
        case Kind::business: return within(800, 4000);
        case Kind::works: return within(15000, 45000);
    }
    return 0;
}

}  // namespace

Premises::Premises(const Spec& spec, std::uint32_t num_intervals)
    : seed_(spec.seed), num_intervals_(num_intervals), vehicle_(threshold_of(spec.electric_vehicle_share)),
      solar_(threshold_of(spec.solar_share)), vacant_(threshold_of(spec.vacant_share)), joins_(threshold_of(spec.join_share)),
      leaves_(threshold_of(spec.join_share + spec.leave_share)),
      exchanged_(threshold_of(spec.join_share + spec.leave_share + spec.exchange_share)) {}

Premise Premises::operator()(std::uint32_t number) const {
    Premise premise;
    premise.number = number;
    premise.kind = kind_of(draw(stream(seed_, Purpose::kind, number), 0));
    premise.base_w = base_load_w(premise.kind, draw(stream(seed_, Purpose::base_load, number), 0));
    equip(premise);
    churn(premise);
    return premise;
}

void Premises::equip(Premise& premise) const {
    const auto bits = [&](Purpose purpose, std::uint64_t counter) { return draw(stream(seed_, purpose, premise.number), counter); };
    premise.is_vacant = bits(Purpose::vacant, 0) < vacant_;
    if (premise.is_vacant) return;
    premise.has_vehicle = bits(Purpose::electric_vehicle, 0) < vehicle_;
    if (bits(Purpose::solar, 0) < solar_) premise.solar_peak_w = static_cast<std::int32_t>(between(bits(Purpose::solar, 1), 15, 60) * 100);
    if (below(bits(Purpose::heating, 0), 100) < 12) premise.heat_w_per_k = static_cast<std::int32_t>(between(bits(Purpose::heating, 1), 40, 160));
}

/// At most one event in the span of a job: a late join, an early leave or an exchange of the meter.
void Premises::churn(Premise& premise) const {
    premise.present = {0, num_intervals_};
    const std::uint64_t lot = draw(stream(seed_, Purpose::churn, premise.number), 0);
    if (lot >= exchanged_ || num_intervals_ < 2) return;
    const std::uint64_t when = 1 + below(draw(stream(seed_, Purpose::churn_time, premise.number), 0), num_intervals_ - 1);
    if (lot < joins_) premise.present.first = when;
    else if (lot < leaves_) premise.present.last = when;
    else premise.exchanged_at = static_cast<std::uint32_t>(when);
}

}  // namespace meterveil::generate
