#!/usr/bin/env python3
"""How long an exact series must be before its members are told, on real curves: the attack that the length guard is a limit of.

The adversary holds the raw half-hourly curves of all households of this folder and the exact sums over some of them, and
looks for weights from 0 to 1 that explain the sums: box-constrained least squares by accelerated projected gradient.
Prints, for lengths in multiples of T* (docs/methods/length-guard.md), the share of members that is found in each of five trials.
Needs numpy. Usage: unmixing.py
"""
import csv
import datetime
import gzip
import math
import pathlib

import numpy

INTERVALS, TRIALS, ROUNDS = 3000, 5, 4000
START = datetime.datetime(2013, 1, 1)


def curves():
    """[household, half-hour] Wh of the households with 98 % of the intervals; a gap is 0."""
    series = {}
    for path in sorted((pathlib.Path(__file__).parent / "readings").glob("*.csv.gz")):
        with gzip.open(path, "rt") as file:
            rows = csv.reader(file)
            next(rows)
            for meter, stamp, kwh in rows:
                t = int((datetime.datetime.fromisoformat(stamp) - START).total_seconds() // 1800)
                if 0 <= t < INTERVALS and kwh.strip() != "Null":
                    series.setdefault(meter, {})[t] = round(1000 * float(kwh))
    return numpy.array([[s.get(t, 0) for t in range(INTERVALS)] for s in series.values() if len(s) >= 0.98 * INTERVALS], dtype=float)


def weights(known, sums):
    """min |known^T w - sums|^2 for 0 <= w <= 1."""
    scale = numpy.abs(known).mean()
    gram, right = known @ known.T / scale**2, known @ sums / scale**2
    step, w, momentum = 1 / numpy.linalg.eigvalsh(gram)[-1], numpy.full(len(known), 0.5), 1.0
    ahead = w.copy()
    for _ in range(ROUNDS):
        following, faster = numpy.clip(ahead - step * (gram @ ahead - right), 0, 1), (1 + math.sqrt(1 + 4 * momentum**2)) / 2
        ahead = following + (momentum - 1) / faster * (following - w)
        w, momentum = following, faster
    return w


def main():
    raw, random = curves(), numpy.random.default_rng(1)
    print(f"{len(raw)} households")
    for members in (25, 50):
        limit = math.log2(math.comb(len(raw), members)) / 12
        print(f"{members} members: T* = {limit:.1f}")
        for multiple in (1, 2, 4, 6, 8, 10, 12):
            length, found = int(limit * multiple), []
            for _ in range(TRIALS):
                chosen = random.choice(len(raw), members, replace=False)
                w = weights(raw[:, :length], raw[chosen, :length].sum(0))
                found.append(len(set(numpy.argsort(-w)[:members]) & set(chosen)) / members)
            print(f"  {multiple:2} T* ({length:3} values): " + ", ".join(f"{share:.2f}" for share in found))


if __name__ == "__main__":
    main()
