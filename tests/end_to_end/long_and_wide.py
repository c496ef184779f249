"""long_and_wide.py BUILD SAMPLES: the London block in its long and in its wide layout are the same readings.

Every meter and half-hour of one is in the other, with the same energy to the nano-Wh. SAMPLES is as for formats.py.
"""
import pathlib
import subprocess
import sys

SKIPPED = 77
LONG = "lcl_halfhourly_2013/lcl_dev_block_0.csv.gz"
WIDE = "lcl_halfhourly_2013/lcl_dev_block_0_wide.csv.gz"


def readings(build, samples, file):
    command = [build / "decode_file", samples, file, "readings=all"]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=300, check=True)
    return dict(line.rsplit(",", 1) for line in done.stdout.splitlines())


def main():
    build, samples = map(pathlib.Path, sys.argv[1:3])
    if not (samples / LONG).is_file():
        print(f"skipped: no {LONG} in {samples}")
        sys.exit(SKIPPED)
    of_long, of_wide = readings(build, samples, LONG), readings(build, samples, WIDE)
    only_long, only_wide = of_long.keys() - of_wide.keys(), of_wide.keys() - of_long.keys()
    other = sum(of_long[key] != of_wide[key] for key in of_long.keys() & of_wide.keys())
    print(f"{len(of_long)} long, {len(of_wide)} wide; {len(only_long)} only long, {len(only_wide)} only wide, {other} of another energy")
    sys.exit(0 if of_long and not only_long and not only_wide and other == 0 else 1)


if __name__ == "__main__":
    main()
