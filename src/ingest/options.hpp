#pragma once
// What a decoder needs to know beside the bytes of its file.

#include "meterveil/ingest/run.hpp"

namespace meterveil::ingest {

struct DecodeOptions {
    Source source;
    model::Calendar calendar;
    model::Axis axis;
    std::int32_t energy_quantum_wh = 1;
    std::int64_t max_wh = 0;
};

}  // namespace meterveil::ingest
