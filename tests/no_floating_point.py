#!/usr/bin/env python3
"""The noise and what bounds a contribution are computed in integers: no instruction of their object files computes with floating point.

Control: the accounting, which does, is found.
Usage: no_floating_point.py OBJECT...   (all of the room; on another processor than x86-64 there is nothing to look for: 77)
"""
import pathlib
import platform
import re
import subprocess
import sys

EXACT = {"discrete_gaussian", "enclosure", "noise_stream", "bounded_contribution", "budget"}
FLOATING = {"accounting"}
# Arithmetic, comparison and conversion of SSE and AVX, scalar and packed, and the x87. Moves and bitwise operations carry integers too.
COMPUTES = re.compile(r"\tv?(?:(?:add|sub|mul|div|sqrt|min|max|rcp|rsqrt|round|cmp\w*|u?comi|addsub|hadd|hsub|dp|rndscale|scalef|fn?m(?:add|sub)\w*)[sp][sdh]\b"
                      r"|cvt\w+|f(?!xsave|xrstor|s:)[a-z0-9]+\b)")


def floating_instructions(path):
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True).stdout
    return [line.strip() for line in text.splitlines() if COMPUTES.search(line)]


def main():
    if platform.machine() != "x86_64":
        return 77
    objects = {pathlib.Path(p).name.split(".")[0]: p for p in sys.argv[1:] if "/private/" in p}
    wrong = [f"{name}: {found}" for name in sorted(EXACT) for found in floating_instructions(objects[name])[:5]]
    wrong += [f"{name}: its floating point was not found" for name in sorted(FLOATING) if not floating_instructions(objects[name])]
    print("\n".join(wrong) or f"{len(EXACT)} object files compute in integers")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
