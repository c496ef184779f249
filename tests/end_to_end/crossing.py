"""A class of meters across the levels: sums by feeder and tariff, and by tariff alone, from the job file to the verified release."""
import csv
import filecmp
import json
import pathlib
import shutil
import sys
import tempfile

import h5py

import program

JOB = """
[job]
name = "small"
from = 2013-01-01
until = 2013-01-03
time_zone = "UTC"
interval = "1h"
[[readings]]
path = "readings.csv"
[topology]
path = "topology.csv"
levels = ["region", "feeder"]
[customers]
path = "customers.csv"
crossing = "tariff"
[keys]
file = "root.key"
epoch = "1"
[custody]
path = "{custody}"
[[release]]
name = "crossed"
audience = "regulator"
products = ["aggregates"]
period = "year"
resolutions = ["1h", "1d"]
rules = {{ min_contributors = 5, scope = "period" }}
[output]
path = "{out}"
"""
# feeder: of tariff Std, of ToU, of no known one
FEEDERS = {"n1": (9, 7, 0), "n2": (12, 2, 0), "n3": (1, 0, 0), "s1": (8, 4, 3), "s2": (15, 2, 4)}


def prepare(folder):
    readings, topology, customers = "meter_id,timestamp,kwh\n", "meter_id,region,feeder\n", "meter_id,tariff\n"
    meter = 0
    for feeder, counts in FEEDERS.items():
        for tariff, count in zip(("Std", "ToU", ""), counts):
            for _ in range(count):
                meter += 1
                topology += f"M{meter},{'north' if feeder[0] == 'n' else 'south'},{feeder}\n"
                # of those without a tariff every other one is in no row at all
                customers += f"M{meter},{tariff}\n" if tariff or meter % 2 else ""
                for t in range(48):
                    readings += f"M{meter},2013-01-{1 + t // 24:02} {t % 24:02}:00,0.{100 + (7 * meter + t) % 50}\n"
    for name, text in (("readings", readings), ("topology", topology), ("customers", customers)):
        (folder / f"{name}.csv").write_text(text)
    program.key_in(folder)


def release(folder, out, ranks=0):
    (folder / "job.toml").write_text(JOB.format(out=out, custody=f"custody-{out}"))
    status, _, error = program.start(ranks, "run", folder / "job.toml", "--progress", "off")
    assert status == 0, error
    return folder / out / "crossed"


def rows(path, key="node"):
    with open(path, newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def energy(made, table):
    """Of the first day, by row."""
    with open(made / "tables" / f"{table}-1d.csv", newline="") as file:
        return {row["node"]: int(row["energy_wh"]) for row in csv.DictReader(file) if row["local_date"] == "2013-01-01"}


def raw_energy(folder, wanted):
    """Of the first day, of the meters that wanted(feeder, tariff) takes, straight from the files."""
    topology, customers = rows(folder / "topology.csv", "meter_id"), rows(folder / "customers.csv", "meter_id")
    total = 0
    with open(folder / "readings.csv", newline="") as file:
        for row in csv.DictReader(file):
            tariff = customers.get(row["meter_id"], {}).get("tariff") or "unknown"
            if row["timestamp"].startswith("2013-01-01") and wanted(topology[row["meter_id"]]["feeder"], tariff):
                total += round(1000 * float(row["kwh"]))
    return total


def check_sums(folder, made):
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["levels"] == ["total", "region", "feeder", "tariff"] and manifest["crossing"] == "tariff", manifest
    tariffs, feeders, cells = energy(made, "by-tariff-tariff"), energy(made, "by-tariff-feeder"), energy(made, "tariff")
    assert set(tariffs) == {"Std", "ToU", "unknown"}, tariffs
    for tariff, wh in tariffs.items():
        assert wh == raw_energy(folder, lambda _, of, tariff=tariff: of == tariff), tariff
    assert cells["n1/Std"] == feeders["Std/n1"] == raw_energy(folder, lambda feeder, tariff: (feeder, tariff) == ("n1", "Std"))
    # too few by themselves: together
    pooled = "unknown/s1+unknown/s2"
    assert feeders[pooled] == raw_energy(folder, lambda feeder, tariff: feeder[0] == "s" and tariff == "unknown"), feeders
    assert energy(made, "total") == energy(made, "by-tariff-total")
    page = (made / "START-HERE.html").read_text()
    assert "import by tariff" in page


def check_ranks(folder, made):
    for ranks in (2, 3, 4, 7):
        other = release(folder, f"ranks-{ranks}", ranks)
        files = sorted(str(path.relative_to(made)) for path in made.rglob("*") if path.is_file())
        _, differ, missing = filecmp.cmpfiles(made, other, files, shallow=False)
        # the job text names its folders
        assert not missing and set(differ) <= {"manifest.json", "SHA256SUMS", "START-HERE.html"}, (ranks, differ, missing)
        status, out, error = program.start(ranks if ranks < 4 else 0, "verify", other, "--custody", folder / f"custody-ranks-{ranks}")
        assert status == 0 and "FAILED" not in out and "rows by class" in out and "added up again" in out, out + error


def check_that_the_one_has_no_tariff(folder, made):
    """The only customer of n3 changes the tariff: all that is told of nodes stays."""
    text = (folder / "customers.csv").read_text()
    alone = 1 + sum(sum(FEEDERS[feeder]) for feeder in ("n1", "n2"))
    assert f"M{alone},Std\n" in text
    (folder / "customers.csv").write_text(text.replace(f"M{alone},Std\n", f"M{alone},ToU\n"))
    turned = release(folder, "turned")
    (folder / "customers.csv").write_text(text)
    assert energy(made, "by-tariff-tariff") != energy(turned, "by-tariff-tariff")
    assert (made / "tables/nodes.csv").read_bytes() == (turned / "tables/nodes.csv").read_bytes()


def check_that_other_sets_are_found(folder, made):
    """A watt-hour that moves from one set of customers to another within a tariff and a region: every sum still holds."""
    forged = folder / "forged"
    shutil.copytree(made, forged)
    with h5py.File(forged / "aggregates.h5", "r+") as file:
        for resolution in ("1h", "1d"):
            group = file[f"by-tariff/feeder/{resolution}"]
            names = list(group["node"].asstr()[:])
            group["energy_wh"][names.index("Std/s1"), 0] += 1
            group["energy_wh"][names.index("Std/s2"), 0] -= 1
    status, out, _ = program.start(0, "verify", forged)
    failed = {line.split(":")[0].split(None, 1)[1] for line in out.splitlines() if line.startswith("FAILED")}
    assert status != 0 and failed == {"checksums", "rows by class", "tables equal HDF5"}, out


def check_what_is_no_class(folder):
    (folder / "job.toml").write_text(JOB.format(out="none", custody="custody-none").replace('crossing = "tariff"', 'crossing = "feeder"'))
    status, _, error = program.start(0, "run", folder / "job.toml", "--progress", "off")
    assert status == 2 and "one of the topology's" in error, error
    text = (folder / "customers.csv").read_text()
    meters = rows(folder / "topology.csv", "meter_id")
    (folder / "customers.csv").write_text("meter_id,tariff\n" + "".join(f"{meter},T{number}\n" for number, meter in enumerate([*meters, *(f"X{i}" for i in range(1000))])))
    (folder / "job.toml").write_text(JOB.format(out="none", custody="custody-none"))
    status, _, error = program.start(3, "run", folder / "job.toml", "--progress", "off")
    assert status == 3 and "it is no class of meters" in error, error
    (folder / "customers.csv").write_text(text)


def main():
    program.ROOT, program.BUILD = map(pathlib.Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        folder = pathlib.Path(name)
        prepare(folder)
        made = release(folder, "releases")
        check_sums(folder, made)
        check_ranks(folder, made)
        check_that_the_one_has_no_tariff(folder, made)
        check_that_other_sets_are_found(folder, made)
        check_what_is_no_class(folder)
    print("sums by tariff and by feeder are of the same sets of customers, and tell the tariff of nobody")


if __name__ == "__main__":
    main()
