#!/usr/bin/env bash
# Installs what is missing, builds, runs the whole test suite. run.sh [PRESET] [ctest arguments]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
preset=${1:-release}
[ $# -gt 0 ] && shift
"$root/tools/build.sh" "$preset"
cd "$root/build/$preset"
exec ctest --output-on-failure -j "$(nproc)" --timeout 600 "$@"
