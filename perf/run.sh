#!/usr/bin/env bash
# run.sh [FOLDER]: builds, runs every micro-benchmark and the annual job at scale, writes perf/baseline/*.json, prints the ratios.
# FOLDER (default a temporary one) keeps the 2.7 GB of generated readings between runs. Run it on an idle machine.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/tools/build.sh" release meterveil perf_csv perf_xml perf_pseudonyms perf_exchange perf_cleaning perf_aggregation perf_partition perf_prove perf_attributes perf_noise perf_profiles >&2
bin=$root/build/release
out=$root/perf/baseline
mkdir -p "$out"
for subject in csv xml pseudonyms cleaning aggregation partition prove attributes noise profiles; do
    "$bin/perf_$subject" --benchmark_out="$out/$subject.json" --benchmark_out_format=json >&2
done
"$root/tests/support/mpirun.sh" 2 "$bin/perf_exchange" --benchmark_out="$out/exchange.json" --benchmark_out_format=json >&2
/usr/bin/python3 "$root/perf/scaling/annual.py" "$root" "$bin" "$out/annual-20000x60.json" "${1:-}" >&2
/usr/bin/python3 "$root/perf/peers/ingest.py" "$root" "$bin" "$out/ingest-peers.json" "${1:-}" >&2
sed -i '/"executable":/d; /"host_name":/d; /"date":/d' "$out"/*.json  # of this machine and hour
exec /usr/bin/python3 "$root/perf/report.py" "$out"
