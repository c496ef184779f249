"""What a user does wrong: the right status, one message that names the place, never an id."""
import gzip
import pathlib
import sys
import tempfile

import program

PLANTED = "PLANTED-ID-4711"
JOB = """
[job]
name = "small"
from = 2013-01-01
until = 2013-01-03
time_zone = "Europe/London"
[[readings]]
path = "readings.csv{suffix}"
[topology]
path = "topology.csv"
levels = ["feeder"]
[keys]
file = "root.key"
epoch = "1"
[custody]
path = "custody"
[[release]]
name = "small"
audience = "regulator"
products = ["aggregates"]
period = "year"
resolutions = ["30min"]
rules = {{ min_contributors = {k}, scope = "period" }}
[output]
path = "releases"
"""


def prepare(folder, suffix="", k=5):
    readings = "meter_id,timestamp,kwh\n"
    for meter in range(12):
        name = PLANTED if meter == 0 else f"METER-{meter}"
        for t in range(96):
            readings += f"{name},2013-01-{1 + t // 48:02} {t % 48 // 2:02}:{t % 2 * 30:02},0.{100 + meter + t}\n"
    (folder / "readings.csv").write_text(readings)
    with gzip.open(folder / "readings.csv.gz", "wt") as file:
        file.write(readings)
    (folder / "topology.csv").write_text("meter_id,feeder\n" + "".join(
        f"{PLANTED if m == 0 else f'METER-{m}'},f{m % 2}\n" for m in range(12)))
    (folder / "job.toml").write_text(JOB.format(suffix=suffix, k=k))


def expect(folder, ranks, status, *words):
    got, out, error = program.start(ranks, "run", folder / "job.toml", "--progress", "off")
    assert got == status, (status, got, out, error)
    assert status == 0 or error.count("meterveil: error") == 1, error
    for word in words:
        assert word in error, (word, error)
    assert PLANTED not in out + error and "METER-" not in out + error, error
    assert status == 0 or not (folder / "releases/small").exists()


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def main():
    program.ROOT, program.BUILD = map(pathlib.Path, sys.argv[1:3])
    for ranks in (0, 3):
        with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
            folder = pathlib.Path(name)
            prepare(folder)
            expect(folder, ranks, 2, "root.key", "keygen")
            key = program.key_in(folder)
            key.chmod(0o644)
            expect(folder, ranks, 2, "can be read by others", "chmod 600")
            key.chmod(0o600)
            edit(folder / "job.toml", "audience =", "audeince =")
            expect(folder, ranks, 2, "audeince", "did you mean", "audience")
            prepare(folder)
            edit(folder / "job.toml", "readings.csv", "redings.csv")
            expect(folder, ranks, 3, "redings.csv")
            prepare(folder)
            (folder / "readings.csv").write_bytes(b"\x7fELF\0\0\0,,,\n")
            expect(folder, ranks, 3, "readings.csv", "binary")
            prepare(folder, ".gz")
            packed = (folder / "readings.csv.gz").read_bytes()
            (folder / "readings.csv.gz").write_bytes(packed[:len(packed) - 20])
            expect(folder, ranks, 3, "readings.csv.gz")
            prepare(folder, k=13)
            expect(folder, ranks, 4, "nothing to publish")
            prepare(folder)
            edit(folder / "job.toml", '"regulator"', '"public"')
            expect(folder, ranks, 4, "public")
            prepare(folder)
            expect(folder, ranks, 0)
            before = (folder / "releases/small/SHA256SUMS").read_bytes()
            status, _, error = program.start(ranks, "run", folder / "job.toml", "--progress", "off")
            assert status == 8 and "never altered" in error, error
            assert (folder / "releases/small/SHA256SUMS").read_bytes() == before
            status, out, _ = program.start(0, "run", folder / "job.toml", "--dry-run")
            assert status == 0 and "12 meters" in out, out
            status, out, _ = program.start(0, "inspect", folder / "readings.csv")
            assert status == 0 and "long-csv" in out and PLANTED not in out, out
    print("every mistake has its status and its message")


if __name__ == "__main__":
    main()
