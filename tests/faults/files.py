"""One file operation fails on one rank of three, at many points of a small run.

Whatever fails: the run ends in time, with one message that names the file, the status of its kind, and no release; or, where the
fault can be borne (interrupted, short), with a release of the same bytes.
Usage: files.py SOURCE BUILD SHIM [POINTS [SEED]]: POINTS of each kind, call and rank.
"""
import collections
import errno
import gzip
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta

RANKS, DAYS = 3, 42
TIME_LIMIT_S = 60
STORAGE, INPUT = 7, 3

Kind = collections.namedtuple("Kind", "call way stays bearable")
KINDS = [
    Kind("open", errno.EMFILE, False, False),
    Kind("open", errno.EIO, False, False),
    Kind("write", errno.ENOSPC, True, False),
    Kind("write", errno.EIO, False, False),
    Kind("write", errno.EINTR, False, True),
    Kind("write", "short", False, True),
    Kind("sync", errno.EIO, False, False),
    Kind("rename", errno.EIO, False, False),
    Kind("read", errno.EIO, False, False),
    Kind("read", errno.EINTR, False, True),
    Kind("read", "short", False, True),
]

JOB = """
[job]
name = "small"
from = 2013-01-01
until = 2013-02-12
time_zone = "Europe/London"
interval = "1h"
[[readings]]
path = "in/readings-*"
[topology]
path = "in/topology.csv"
levels = ["region", "feeder"]
[customers]
path = "in/customers.csv"
subject = "customer"
[keys]
file = "in/root.key"
epoch = "1"
[custody]
path = "custody"
[[release]]
name = "small"
audience = "regulator"
products = ["aggregates", "forecast"]
period = "year"
resolutions = ["1h", "1d"]
rules = { min_contributors = 5, scope = "period" }
[forecast]
horizons = ["1d"]
[output]
path = "releases"
"""


def write_input(folder):
    (folder / "in").mkdir()
    for part in range(3):
        text = "meter_id,timestamp,kwh\n"
        for meter in range(part, 36, 3):
            for hour in range(24 * DAYS):
                stamp = datetime(2013, 1, 1) + timedelta(hours=hour)
                text += f"m{meter},{stamp:%Y-%m-%d %H:%M},0.{100 + (meter * 7 + hour * 13) % 400:03}\n"
        text += f"m{part},2013-01-02 03:00,Null\nm99,2013-01-02 03:00,0.1\nm{part},2013-01-02 04:00,0.9\n"  # some of each quarantine
        if part == 2:
            with gzip.open(folder / "in/readings-2.csv.gz", "wt") as file:
                file.write(text)
        else:
            (folder / f"in/readings-{part}.csv").write_text(text)
    (folder / "in/topology.csv").write_text("meter_id,region,feeder\n" + "".join(f"m{m},r{m % 3},f{m % 3}{m % 2}\n" for m in range(36)))
    (folder / "in/customers.csv").write_text("meter_id,customer\n" + "".join(f"m{m},c{m}\n" for m in range(36)))
    (folder / "job.toml").write_text(JOB)


class Bench:
    def __init__(self, source, build, shim, folder):
        self.program = [str(source / "tests/support/mpirun.sh"), str(RANKS)]
        self.meterveil, self.shim, self.folder = str(build / "meterveil"), str(shim), folder
        write_input(folder)
        subprocess.run([self.meterveil, "keygen", "--out", str(folder / "in/root.key")], check=True, capture_output=True)

    def run(self, **fault):
        """@return status (None: it hangs), stderr"""
        preload = ["env", f"LD_PRELOAD={self.shim}", f"FAULT_FOLDER={self.folder}"]
        preload += [f"FAULT_{name.upper()}={value}" for name, value in fault.items()]
        command = self.program + preload + [self.meterveil, "run", str(self.folder / "job.toml"), "--threads", "1", "--progress", "off"]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            return None, ""
        return done.returncode, done.stderr

    def release(self):
        return self.folder / "releases/small"

    def take_release(self):
        """name -> bytes, and the release is gone"""
        files = {str(p.relative_to(self.release())): p.read_bytes() for p in self.release().rglob("*") if p.is_file()}
        shutil.rmtree(self.release())
        return files

    def count_calls(self):
        """(rank, call) -> how often an undisturbed run does it; the release of that run"""
        counts = self.folder / "counts"
        status, error = self.run(counts=counts)
        assert status == 0, error
        table = {}
        for line in counts.read_text().splitlines():
            rank, call, count = line.split()
            table[int(rank), call] = int(count)
        assert len(table) == RANKS * 5, table
        return table, self.take_release()


def status_of(path, folder):
    """What an error at this path is: of the input, or of the storage."""
    return INPUT if path.startswith(str(folder / "in")) else STORAGE


def problem(bench, kind, status, error, whole):
    """What the run did wrong, or None."""
    if status is None:
        return "hangs"
    if status == 0:
        return None if bench.release().is_dir() and bench.take_release() == whole else "says it is done, and the release is not whole"
    if bench.release().exists():
        return "fails, and there is a release"
    if kind.bearable:
        return "does not bear it"
    if error.count("meterveil: error") != 1:
        return "not one message"
    where = re.search(r"where: (.*)", error)
    if where is None:
        return "does not name the file"
    if not where.group(1).startswith(str(bench.folder)):
        return "names another place"
    if status != status_of(where.group(1), bench.folder):
        return "wrong status"
    return None


def points_of(count, points, chance):
    """`points` numbers of 1..count, evenly spread."""
    if count <= points:
        return range(1, count + 1)
    return sorted({1 + int((i + chance.random()) * count / points) for i in range(points)})


def main():
    source, build, shim = map(pathlib.Path, sys.argv[1:4])
    points = int(sys.argv[4]) if len(sys.argv) > 4 else 2
    seed = int(sys.argv[5]) if len(sys.argv) > 5 else 20130101
    print("seed", seed)
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        bench = Bench(source, build, shim, pathlib.Path(name).resolve())
        counts, whole = bench.count_calls()
        print(counts)
        begun, num_runs, num_failed, problems = time.monotonic(), 0, 0, []
        for kind in KINDS:
            for rank in range(RANKS):
                for number in points_of(counts[rank, kind.call], points, chance):
                    status, error = bench.run(rank=rank, call=kind.call, number=number, way=kind.way, stays=int(kind.stays))
                    num_runs += 1
                    num_failed += status != 0
                    found = problem(bench, kind, status, error, whole)
                    if found:
                        problems.append(f"{kind}, rank {rank}, number {number}: {found}, status {status}\n{error}")
                        print(problems[-1], flush=True)
                        shutil.rmtree(bench.release(), ignore_errors=True)
        status, error = bench.run()
        assert status == 0 and bench.take_release() == whole, "what was left behind disturbs the next run: " + error
        print(f"{num_runs} faults in {time.monotonic() - begun:.0f} s: {num_failed} runs failed as they should, {len(problems)} did not do as they should")
        assert num_failed > num_runs / 3, "the faults do not reach the run"
        assert not problems, f"{len(problems)} problems"


if __name__ == "__main__":
    main()
