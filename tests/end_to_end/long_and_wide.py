"""long_and_wide.py BUILD SAMPLES: files that hold the same readings in other layouts say the same, to the nano-Wh.

The London block in its long and in its wide layout: every meter and half-hour of one is in the other. Smart Grid Smart City: the long
file has seven customers, the wide one sampled days of more; what both have is the same. SAMPLES is as for formats.py.
"""
import pathlib
import subprocess
import sys

SKIPPED = 77
SAME = ("lcl_halfhourly_2013/lcl_dev_block_0.csv.gz", "lcl_halfhourly_2013/lcl_dev_block_0_wide.csv.gz")
OVERLAPPING = ("sgsc_10_households/sgsc_dev_7hh_long.csv.gz", "sgsc_daily_wide/sgsc_daily_wide_dev.csv.gz")


def readings(build, samples, file):
    command = [build / "decode_file", samples, file, "readings=all"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=True)
    return dict(line.rsplit(",", 1) for line in done.stdout.splitlines())


def agree(build, samples, pair, must_be_same):
    """Prints what two files share; true if nothing that both have differs and, if they must be the same, each has all of the other."""
    of_long, of_wide = (readings(build, samples, file) for file in pair)
    only_long, only_wide = of_long.keys() - of_wide.keys(), of_wide.keys() - of_long.keys()
    common = of_long.keys() & of_wide.keys()
    other = sum(of_long[key] != of_wide[key] for key in common)
    print(f"{pair[0]}: {len(common)} in both, {len(only_long)} only long, {len(only_wide)} only wide, {other} of another energy")
    return len(common) > 10000 and other == 0 and not (must_be_same and (only_long or only_wide))


def main():
    build, samples = map(pathlib.Path, sys.argv[1:3])
    missing = [file for file in SAME + OVERLAPPING if not (samples / file).is_file()]
    if missing:
        print(f"skipped: no {missing[0]} in {samples}")
        sys.exit(SKIPPED)
    outcomes = [agree(build, samples, SAME, True), agree(build, samples, OVERLAPPING, False)]
    sys.exit(0 if all(outcomes) else 1)


if __name__ == "__main__":
    main()
