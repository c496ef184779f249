"""formats.py BUILD SAMPLES: every real file that tests/golden/formats/*.csv names says what its line says.

SAMPLES is the folder of real exports, which do not come with the project: the test is skipped where it is not there.
A changed line is shown as it would be now; who has checked it against the file copies it into the table.
"""
import csv
import pathlib
import subprocess
import sys

SKIPPED = 77


def line_now(build, samples, row):
    options = row["options"].split()
    command = [build / "decode_file", samples, row["file"], *options]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=120, check=False)
    return done.stdout.strip() if done.returncode == 0 else f"status {done.returncode}: {done.stderr.strip()}"


def main():
    build, samples = map(pathlib.Path, sys.argv[1:3])
    if not samples.is_dir():
        print(f"skipped: no folder of real exports at {samples}")
        sys.exit(SKIPPED)
    tables = sorted((pathlib.Path(__file__).resolve().parent.parent / "golden/formats").glob("*.csv"))
    wrong = checked = 0
    for table in tables:
        with open(table, encoding="utf-8", newline="") as file:
            lines = file.read().splitlines()
        for row, line in zip(csv.DictReader(lines), lines[1:]):
            now = line_now(build, samples, row)
            checked += 1
            if now != line:
                wrong += 1
                print(f"{table.name}:\n  is   {line}\n  now  {now}")
    print(f"{checked} files, {wrong} differ")
    sys.exit(1 if wrong or not checked else 0)


if __name__ == "__main__":
    main()
