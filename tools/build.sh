#!/usr/bin/env bash
# build.sh [PRESET [TARGET...]]: configures and builds build/PRESET (default release, everything) with every core of this machine.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
preset=${1:-release}
shift $(($# > 0 ? 1 : 0))
"$root/tools/install_packages.sh"
cd "$root"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
cmake --preset "$preset" > "$log" || { cat "$log" >&2; exit 70; }
cmake --build "build/$preset" -j "$(nproc)" ${*:+--target "$@"}
