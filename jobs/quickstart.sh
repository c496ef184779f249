#!/usr/bin/env bash
# Installs what is missing, builds, runs the main job on datasets/london-2013 with 2 ranks, prints where the report is.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
"$root/tools/build.sh" release >&2
meterveil=$root/build/release/meterveil
out=$root/build/quickstart
rm -rf "$out"
mkdir -p -m 700 "$out"
"$meterveil" keygen --out "$out/root.key" >&2
# mpirun hands its standard input to rank 0, and closes every other descriptor.
"$root/tests/support/mpirun.sh" 2 "$meterveil" run "$root/jobs/annual/job.toml" --out "$out/releases" --custody "$out/custody" --key-fd 0 < "$out/root.key"
