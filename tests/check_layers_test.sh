#!/usr/bin/env bash
# The layer check passes on this checkout, and finds each kind of breach when it is planted.
set -euo pipefail
root=$1
"$root/tools/check_layers" "$root"
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
plant() { # FILE INCLUDE
    rm -rf "$house/src" && mkdir -p "$house/$(dirname "$1")" "$house/include"
    echo "#include $2" > "$house/$1"
    if "$root/tools/check_layers" "$house" >/dev/null; then echo "not found: $1 includes $2" >&2; exit 1; fi
}
plant src/model/time.cpp '"meterveil/par/comm.hpp"'          # upward
plant src/store/run.cpp '"meterveil/ingest/run.hpp"'         # sideways
plant src/cohort/pool.cpp '"meterveil/io/posix.hpp"'         # a bench that reads files
plant src/store/assemble.cpp '<mpi.h>'                       # fenced
plant src/forecast/ridge.cpp '<tbb/parallel_for.h>'          # fenced
plant src/ingest/run.cpp '<openssl/hmac.h>'                  # fenced
plant src/io/text_source.cpp '<expat.h>'                     # fenced
plant src/ingest/run.cpp '<curl/curl.h>'                     # fenced
plant src/store/run.cpp '<pqxx/pqxx>'                        # fenced
