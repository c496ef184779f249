#!/usr/bin/env bash
# failing_job.sh MPIRUN PROGRAM: whichever of four ranks fails, and however.
set -euo pipefail
mpirun=$1 program=$2
out=$(mktemp) err=$(mktemp)
trap 'rm -f "$out" "$err"' EXIT

run() { # WAY RANK
    status=0
    timeout 60 "$mpirun" 4 "$program" "$1" "$2" > "$out" 2> "$err" || status=$?
    [ "$status" -ne 124 ] || { echo "$1 on rank $2: hangs"; exit 1; }
}
fail() { echo "$1"; cat "$out" "$err"; exit 1; }
expect() { # WAY RANK STATUS
    run "$1" "$2"
    [ "$status" -eq "$3" ] || fail "$1 on rank $2: status $status, not $3"
    [ "$(grep -c 'meterveil: error' "$err")" -eq 1 ] || fail "$1 on rank $2: not one message"
    grep -q 'planted' "$err" || fail "$1 on rank $2: the cause is not told"
    ! grep -q finished "$out" || fail "$1 on rank $2: went on"
}

run none 0
[ "$status" -eq 0 ] && grep -q finished "$out" || fail "the undisturbed job does not finish"
for rank in 0 1 2 3; do
    expect error "$rank" 3
    expect throw-inside "$rank" 70
    expect throw-past "$rank" 70
done
