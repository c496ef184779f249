// Decimal text to energy: exact, whatever the unit and quantum; the sign changes the sign alone.
#include <cstdint>
#include <string>

#include "ingest/decimal.hpp"
#include "property.hpp"

namespace {

using namespace meterveil;
using ingest::EnergyUnit;
using ingest::to_energy;

constexpr std::int64_t nwh_per_wh = 1'000'000'000;

/// quanta and residue together, in nano-Wh.
__extension__ using Wide = __int128;
Wide exact(const ingest::Energy& energy, std::int32_t quantum_wh) { return Wide{energy.quanta} * quantum_wh * nwh_per_wh + energy.residue_nwh; }

void check(const std::string& text, EnergyUnit unit, std::int32_t quantum_wh) {
    const auto energy = to_energy(text, unit, quantum_wh);
    if (!energy) return;
    const std::int64_t half = quantum_wh * nwh_per_wh / 2;
    HOLDS(energy->residue_nwh <= half && energy->residue_nwh >= -half);
    if (const auto fine = to_energy(text, unit, 1)) HOLDS(exact(*fine, 1) == exact(*energy, quantum_wh));
    if (text[0] == '-' || text[0] == '+') return;
    const auto negative = to_energy("-" + text, unit, quantum_wh);
    HOLDS(negative && negative->quanta == -energy->quanta && negative->residue_nwh == -energy->residue_nwh);
    if (unit != EnergyUnit::kwh || text.find_first_of("eE") != std::string::npos) return;
    const auto shifted = to_energy(text + "e3", EnergyUnit::wh, quantum_wh);
    HOLDS(shifted && shifted->quanta == energy->quanta && shifted->residue_nwh == energy->residue_nwh);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(fuzz::text_of(data, size));
    for (const EnergyUnit unit : {EnergyUnit::wh, EnergyUnit::kwh, EnergyUnit::mwh})
        for (const std::int32_t quantum_wh : {1, 10, 1000000}) check(text, unit, quantum_wh);
    return 0;
}
