"""London 2013: the same bytes on any number of ranks and threads, and every sum as the raw files say."""
import collections
import csv
import filecmp
import gzip
import json
import pathlib
import sys
import tempfile
from datetime import datetime, timezone

import program

HALF_HOURS = 17520
START = datetime(2013, 1, 1, tzinfo=timezone.utc).timestamp()


def run(folder, name, ranks, threads, key):
    with open(key, "rb") as file:  # mpirun hands its standard input to rank 0, and closes every other descriptor
        status, out, error = program.start(
            ranks, "run", program.ROOT / "jobs/annual/job.toml", "--out", folder / name, "--custody", folder / f"custody-{name}",
            "--threads", threads, "--progress", "off", "--key-fd", 0, stdin=file)
    assert status == 0, error
    release = pathlib.Path(out.strip()).parent
    assert release.is_dir(), out
    return release


def equal_folders(a, b):
    left = sorted(p.relative_to(a) for p in a.rglob("*") if p.is_file())
    right = sorted(p.relative_to(b) for p in b.rglob("*") if p.is_file())
    return left == right and all(filecmp.cmp(a / p, b / p, shallow=False) for p in left)


def raw_readings():
    """meter -> [half-hour] Wh or None, from the raw files by decimal text alone."""
    meters = collections.defaultdict(lambda: [None] * HALF_HOURS)
    rows = 0
    for path in sorted((program.ROOT / "datasets/london-2013/readings").glob("*.csv.gz")):
        with gzip.open(path, "rt") as file:
            next(file)
            for line in file:
                meter, stamp, value = line.split(",")
                at = int((datetime.fromisoformat(stamp + "+00:00").timestamp() - START) // 1800)
                meters[meter][at] = half_even(value.strip())
                rows += 1
    return meters, rows


def half_even(text):
    whole, _, part = text.partition(".")
    micro = int(whole) * 10**9 + int((part + "000000000")[:9])  # 10^-9 kWh
    quotient, rest = divmod(micro, 10**6)
    return quotient + (1 if rest > 500000 or (rest == 500000 and quotient % 2) else 0)


def feeders():
    with open(program.ROOT / "datasets/london-2013/topology.csv") as file:
        return {row["meter_id"]: row for row in csv.DictReader(file)}


def cohort_members(release):
    """node or cohort of the feeder level -> its feeders."""
    units = collections.defaultdict(list)
    with open(release / "tables/nodes.csv") as file:
        for row in csv.DictReader(file):
            if row["level"] == "feeder":
                assert row["status"] in ("published", "merged"), row
                units[row["merged_with"] or row["node"]].append(row["node"])
    return units


def table(path):
    sums = collections.defaultdict(list)
    with open(path) as file:
        for row in csv.DictReader(file):
            sums[row["node"]].append(int(row["energy_wh"]))
    return sums


def check_sums(release):
    """Meters without a gap are summed here; those that were filled are what is left, and are few and plausible."""
    meters, rows = raw_readings()
    grid = feeders()
    published = table(release / "tables/feeder-30min.csv")
    units = cohort_members(release)
    assert set(units) == set(published), "every feeder is published or named with its cohort"
    num_exact = 0
    for unit, members in units.items():
        series = [s for meter, s in meters.items() if grid[meter]["feeder"] in members]
        whole = [s for s in series if None not in s]
        gappy = [s for s in series if None in s and sum(v is not None for v in s) >= 0.9 * HALF_HOURS]
        for t in range(HALF_HOURS):
            known = sum(s[t] for s in whole) + sum(s[t] for s in gappy if s[t] is not None)
            filled = [s for s in gappy if s[t] is None]
            if not filled:
                assert published[unit][t] == known, (unit, t)
                num_exact += 1
            else:
                assert known <= published[unit][t] <= known + sum(max(v for v in s if v is not None) for s in filled), (unit, t)
    assert num_exact > 0.9 * HALF_HOURS * len(units) / 2, num_exact
    return rows, units, published


def check_additivity(release, published):
    totals = {level: table(release / f"tables/{level}-30min.csv") for level in ("total", "region")}
    by_region = [sum(column) for column in zip(*totals["region"].values())]
    by_feeder = [sum(column) for column in zip(*published.values())]
    assert by_region == totals["total"]["total"] == by_feeder
    for coarse in ("1h", "1d", "month", "year"):
        for node, series in table(release / f"tables/feeder-{coarse}.csv").items():
            assert sum(series) == sum(published[node])


def check_thresholds(units):
    sizes = collections.Counter(row["feeder"] for row in feeders().values())
    alone = {members[0] for members in units.values() if len(members) == 1}
    assert alone and all(sizes[feeder] >= 10 for feeder in alone)
    assert any(size < 10 for size in sizes.values()), "the data set has feeders that are too small"


def check_accounts(custody, rows):
    files = json.loads((custody / "accounts.json").read_text())["files"]
    for f in files:
        assert f["read"] == f["accepted"] + f["superseded"] + f["duplicate"] + f["quarantined"], f
    assert sum(f["read"] for f in files) == rows


def check_no_identity(folder, release, custody, key):
    """No meter id, no key and no series of one meter in anything that is published, and no id in a shard."""
    ids = list(feeders())
    secret = key.read_bytes()
    for path in [p for p in release.rglob("*") if p.is_file()] + list((custody / "shards").iterdir()):
        content = path.read_bytes()
        assert secret not in content and secret.hex().encode() not in content, path
        assert not any(i.encode() in content for i in ids), path


def main():
    program.ROOT, program.BUILD = map(pathlib.Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        folder = pathlib.Path(name)
        key = program.key_in(folder)
        reference = run(folder, "reference", 1, 1, key)
        for ranks, threads in ((2, 1), (3, 2), (4, 1), (7, 1)):
            other = run(folder, f"r{ranks}t{threads}", ranks, threads, key)
            assert equal_folders(reference, other), f"{ranks} ranks, {threads} threads: other bytes"
        rows, units, published = check_sums(reference)
        check_additivity(reference, published)
        check_thresholds(units)
        check_accounts(folder / "custody-reference", rows)
        check_no_identity(folder, reference, folder / "custody-reference", key)
        status, out, _ = program.start(0, "verify", reference)
        assert status == 0, out
        (reference / "tables/nodes.csv").open("a").write("x")
        assert program.start(0, "verify", reference)[0] == 4
    print("same bytes on 1, 2, 3, 4 and 7 ranks; sums as the raw files say")


if __name__ == "__main__":
    main()
