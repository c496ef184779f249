#!/usr/bin/env python3
"""Writes topology.csv for the households of readings/: a grid that the source does not publish.

The rule, so that anybody gets the same file:
1. Feeder SOUTH-S3-B gets the household of the largest energy and the eleven of the smallest (ties by id): one
   customer dominates it.
2. All others are ordered by SHA-256 of "london-2013/1/" + id and fill the other feeders of FEEDERS in turn.
"""
import collections
import csv
import gzip
import hashlib
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
DOMINATED = "SOUTH-S3-B"
FEEDERS = [  # uneven on purpose: three are far too small to publish, two are near the line
    ("NORTH", "NORTH-S1", "NORTH-S1-A", 28), ("NORTH", "NORTH-S1", "NORTH-S1-B", 17), ("NORTH", "NORTH-S1", "NORTH-S1-C", 4),
    ("NORTH", "NORTH-S2", "NORTH-S2-A", 22), ("NORTH", "NORTH-S2", "NORTH-S2-B", 13), ("NORTH", "NORTH-S2", "NORTH-S2-C", 3),
    ("NORTH", "NORTH-S3", "NORTH-S3-A", 19), ("NORTH", "NORTH-S3", "NORTH-S3-B", 14),
    ("SOUTH", "SOUTH-S1", "SOUTH-S1-A", 24), ("SOUTH", "SOUTH-S1", "SOUTH-S1-B", 6),
    ("SOUTH", "SOUTH-S2", "SOUTH-S2-A", 18), ("SOUTH", "SOUTH-S2", "SOUTH-S2-B", 12), ("SOUTH", "SOUTH-S2", "SOUTH-S2-C", 2),
    ("SOUTH", "SOUTH-S3", "SOUTH-S3-A", 6), ("SOUTH", "SOUTH-S3", DOMINATED, 12),
]


def energies():
    wh = collections.Counter()
    for path in sorted((HERE / "readings").glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="ascii", newline="") as file:
            rows = csv.reader(file)
            next(rows)
            for meter, _, value in rows:
                wh[meter.strip()] += round(1000 * float(value))
    return wh


def main():
    wh = energies()
    by_energy = sorted(wh, key=lambda meter: (wh[meter], meter))
    dominated = [by_energy[-1]] + by_energy[:11]
    others = sorted(set(wh) - set(dominated), key=lambda meter: hashlib.sha256(("london-2013/1/" + meter).encode()).hexdigest())
    rows = []
    for region, substation, feeder, size in FEEDERS:
        members = dominated if feeder == DOMINATED else [others.pop() for _ in range(size)]
        assert len(members) == size
        rows += [(meter, region, substation, feeder) for meter in members]
    assert not others
    with open(HERE / "topology.csv", "w", encoding="ascii", newline="\n") as file:
        file.write("meter_id,region,substation,feeder\n")
        for row in sorted(rows):
            file.write(",".join(row) + "\n")


if __name__ == "__main__":
    main()
