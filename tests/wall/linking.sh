#!/usr/bin/env bash
# linking.sh ROOT CMAKE: a target right of the wall that links one left of it stops the configuration; the same
# house without that link is configured.
set -euo pipefail
root=$1 cmake=$2
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
mkdir -p "$house"/src/{left_room,right_room} "$house"/include
for room in left_room right_room; do echo "int $room() { return 0; }" > "$house/src/$room/$room.cpp"; done
cat > "$house/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.22)
project(house LANGUAGES CXX)
include($root/cmake/module.cmake)
add_subdirectory(src/left_room)
add_subdirectory(src/right_room)
EOF
echo 'meterveil_module(left_room SIDE left)' > "$house/src/left_room/CMakeLists.txt"
echo 'meterveil_module(right_room SIDE right)' > "$house/src/right_room/CMakeLists.txt"
"$cmake" -S "$house" -B "$house/build" > "$house/log" 2>&1 || { cat "$house/log"; exit 1; }
echo 'meterveil_module(right_room SIDE right DEPENDS left_room)' > "$house/src/right_room/CMakeLists.txt"
if "$cmake" -S "$house" -B "$house/build" > "$house/log" 2>&1; then echo 'the wall has a hole'; exit 1; fi
grep -q 'the wall: right_room (right) must not link left_room (left)' "$house/log"
