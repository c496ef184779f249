"""The same rows give the same shards: however they are spread over files, in whatever order, on any number of ranks and threads."""
import gzip
import pathlib
import random
import re
import shutil
import sys
import tempfile

import program

SPEC = "seed = 7\nmeters = 150\nfrom = 2013-03-28\nuntil = 2013-04-03\n"  # a clock change inside
HEADER = "meter_id,timestamp,channel,kwh\n"


def generate(folder):
    (folder / "spec.toml").write_text(SPEC)
    status, _, error = program.start(2, "generate", folder / "spec.toml", "--out", folder / "utility")
    assert status == 0, error
    utility = folder / "utility"
    program.key_in(utility)
    text = (utility / "job.toml").read_text()
    text = re.sub(r'^products = .*$', 'products = ["aggregates"]', text, flags=re.M)
    text = re.sub(r'^rules .*$', 'rules = { min_contributors = 3, scope = "period" }', text, flags=re.M)
    text = re.sub(r'^\[forecast\].*?(?=^\[)', "", text, flags=re.M | re.S)
    (utility / "job.toml").write_text(text.replace('"readings/*.csv"', '"readings/*"'))
    rows = []
    for file in sorted((utility / "readings").iterdir()):
        header, *lines = file.read_text().splitlines(keepends=True)
        assert header == HEADER
        rows += lines
    shutil.rmtree(utility / "readings")
    return utility, rows


def write(path, rows):
    text = (HEADER + "".join(rows)).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)


def in_one(rows, folder, _):
    write(folder / "all.csv", rows)


def by_time(rows, folder, _):
    rows = sorted(rows, key=lambda row: row.split(",")[1])
    for i in range(3):
        write(folder / f"part-{2 - i}.csv", rows[i * len(rows) // 3:(i + 1) * len(rows) // 3])


def scattered(rows, folder, dice):
    files = [[] for _ in range(9)]
    for row in dice.sample(rows, len(rows)):
        dice.choice(files).append(row)
    for i, part in enumerate(files):
        write(folder / f"{dice.random():.6f}{'.csv.gz' if i % 3 == 0 else '.csv'}", part)


def quoted(rows, folder, _):
    dressed = [",".join(f'"{field}"' for field in row.rstrip("\n").split(",")) + "\r\n" for row in rows]
    write(folder / "b.csv", dressed[:len(rows) // 3])
    write(folder / "a.csv", rows[len(rows) // 3:])


SETTINGS = [(in_one, 1, 1), (in_one, 2, 1), (in_one, 7, 1), (by_time, 1, 3), (by_time, 4, 1), (scattered, 1, 2), (scattered, 3, 2), (scattered, 7, 1), (quoted, 2, 2)]


def shards_of(utility, spread, rows, ranks, threads, dice):
    readings = utility / "readings"
    readings.mkdir()
    spread(rows, readings, dice)
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        made = pathlib.Path(name)
        status, _, error = program.start(ranks, "run", utility / "job.toml", "--out", made / "releases", "--custody", made / "custody", "--threads", threads, "--progress", "off")
        assert status == 0, error
        shards = {path.name: path.read_text() for path in (made / "custody/shards").glob("*.sha256")}
        released = next((made / "releases").glob("*/aggregates.h5")).read_bytes()
    shutil.rmtree(readings)
    return shards, released


def main():
    program.ROOT, program.BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        utility, rows = generate(pathlib.Path(name))
        expected = None
        for spread, ranks, threads in SETTINGS:
            found = shards_of(utility, spread, rows, ranks, threads, random.Random(seed))
            expected = expected or found
            assert len(found[0]) > 1 and found == expected, f"{spread.__name__} on {ranks} ranks with {threads} threads gives other shards or sums"
        changed = [row for row in rows if row != rows[len(rows) // 2]]
        assert shards_of(utility, in_one, changed, 1, 1, None)[0] != expected[0], "a row less leaves the shards as they are"
    print(f"{len(rows)} rows, {len(SETTINGS)} ways, the same shards")


if __name__ == "__main__":
    main()
