"""Classes of subjects, presets, whom the rules count, and the length guard, from the job file to the verified release."""
import csv
import json
import pathlib
import sys
import tempfile

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
levels = ["feeder"]
[customers]
path = "customers.csv"
subject = "customer"
class = "type"
[keys]
file = "root.key"
epoch = "1"
[custody]
path = "custody-{name}"
[[release]]
name = "{name}"
audience = "{audience}"
products = ["aggregates"]
period = "year"
resolutions = {resolutions}
rules = {{ {rules} }}
[output]
path = "releases"
"""
# feeder: homes, shops; every customer has two meters
FEEDERS = {"f1": (16, 6), "f2": (20, 0), "f3": (16, 2), "f4": (12, 8), "f5": (8, 20)}


def prepare(folder):
    """Made-up homes and shops: every meter uses about the same."""
    readings, topology, customers = "meter_id,timestamp,kwh\n", "meter_id,feeder\n", "meter_id,customer,type\n"
    meter = 0
    for feeder, counts in FEEDERS.items():
        for kind, count in zip(("residential", "shop"), counts):
            for i in range(count):
                meter += 1
                topology += f"M{meter},{feeder}\n"
                customers += f"M{meter},C{feeder}{kind}{i // 2},{kind}\n"
                for t in range(48):
                    readings += f"M{meter},2013-01-{1 + t // 24:02} {t % 24:02}:00,0.{100 + (7 * meter + t) % 50}\n"
    for name, text in (("readings", readings), ("topology", topology), ("customers", customers)):
        (folder / f"{name}.csv").write_text(text)
    program.key_in(folder)


def run(folder, name, rules, audience="regulator", resolutions='["1h", "1d"]', ranks=0, changes=None):
    job = JOB.format(name=name, rules=rules, audience=audience, resolutions=resolutions)
    for old, new in (changes or {}).items():
        assert old in job, old
        job = job.replace(old, new)
    (folder / "job.toml").write_text(job)
    status, _, error = program.start(ranks, "run", folder / "job.toml", "--progress", "off")
    return status, error


def release(folder, name, rules, **keywords):
    """A release that verifies: its manifest, and what became of each feeder."""
    status, error = run(folder, name, rules, **keywords)
    assert status == 0, error
    made = folder / "releases" / name
    status, out, error = program.start(0, "verify", made, "--custody", folder / f"custody-{name}")
    assert status == 0 and "FAILED" not in out, out + error
    with open(made / "tables/nodes.csv", newline="") as file:
        fates = {row["node"]: (row["status"], row["rule"]) for row in csv.DictReader(file) if row["level"] == "feeder"}
    return json.loads((made / "manifest.json").read_text()), fates


def published(fates):
    return sorted(feeder for feeder, (status, _) in fates.items() if status == "published")


def check_classes(folder):
    rules = 'scope = "period", residential = { min_contributors = 6 }, other = { min_contributors = 3 }'
    for ranks in (0, 3):
        manifest, fates = release(folder, f"classes-{ranks}", rules, ranks=ranks)
        assert manifest["rules"] == ["class residential: min_contributors = 6", "class other: min_contributors = 3"], manifest
        assert manifest["min_contributors"] == 3 and manifest["count_unit"] == "customer" and manifest["preset"] is None, manifest
        # f3 has one shop's customer, f5 four homes'; f2 has no shop at all, and is not judged by it
        assert published(fates) == ["f1", "f2", "f4"] and fates["f3"][1] == fates["f5"][1] == "min_contributors", fates
    # together they have enough of everybody
    _, fates = release(folder, "no-classes", 'scope = "period", min_contributors = 6')
    assert published(fates) == sorted(FEEDERS), fates
    status, error = run(folder, "misspelled", rules.replace("residential", "residental"))
    assert status == 3 and "no row has 'residental'" in error, (status, error)


def check_count_unit(folder):
    customers, fates = release(folder, "customers", 'scope = "period", min_contributors = 12')
    assert customers["count_unit"] == "customer" and published(fates) == ["f5"], fates
    meters, fates = release(folder, "meters", 'scope = "period", min_contributors = 12, count_unit = "meter"')
    assert meters["count_unit"] == "meter" and published(fates) == sorted(FEEDERS), fates


def check_presets(folder):
    manifest, fates = release(folder, "preset", 'preset = "gb-dno", p_percent = 10')
    assert manifest["preset"]["name"] == "gb-dno" and "min_contributors" in manifest["preset"]["verify_with_counsel"], manifest
    assert manifest["rules"] == ["min_contributors = 5", "p_percent = 10"] and manifest["scope"] == "period", manifest
    assert manifest["count_unit"] == "meter" and published(fates) == sorted(FEEDERS), fates
    page = (folder / "releases/preset/START-HERE.html").read_text()
    assert "gb-dno" in page and "a threshold alone does not make a long series anonymous" in page
    manifest, _ = release(folder, "all-rules", 'scope = "interval", max_failing_share = 0, min_contributors = 4, dominance = [2, 0.5], p_percent = 10, residential = { diversity = 0.01 }, other = {}')
    assert len(manifest["rules"]) == 7 and manifest["scope"] == "interval", manifest
    status, error = run(folder, "laxer", 'preset = "gb-dno", min_contributors = 4')
    assert status == 2 and "laxer than min_contributors = 5 of preset gb-dno" in error, error
    status, error = run(folder, "alike", 'preset = "gb-dno", diversity = 2')
    assert status == 4 and "nothing to publish" in error, error


def check_diversity_by_month(folder):
    """Members that differ in each month and are alike over both: January's large are February's small."""
    readings, topology = "meter_id,timestamp,kwh\n", "meter_id,feeder\n"
    for meter in range(12):
        topology += f"M{meter},f1\n"
        for day in range(59):
            month, date = (1, day + 1) if day < 31 else (2, day - 30)
            wh = (280, 310)[month - 1] * (2 if (month == 1) == (meter % 2 == 0) else 1)  # times 31 and 28 days
            readings += f"M{meter},2013-{month:02}-{date:02} 00:00:00,0.{wh}\n"
    (folder / "readings.csv").write_text(readings)
    (folder / "topology.csv").write_text(topology)
    two_months = {"until = 2013-01-03": "until = 2013-03-01", 'interval = "1h"': 'interval = "1d"'}
    rules = 'min_contributors = 5, diversity = 0.5, count_unit = "meter", scope = '
    release(folder, "monthly", rules + '"month"', resolutions='["1d"]', changes=two_months)
    status, error = run(folder, "yearly", rules + '"period"', resolutions='["1d"]', changes=two_months)
    assert status == 4 and "nothing to publish" in error, (status, error)


def check_length(folder):
    rules = 'scope = "period", min_contributors = 6, count_unit = "meter"'
    long, _ = release(folder, "long", rules)
    assert long["length_guard"] == {"bits_per_value": 12, "values_per_series": 48, "longest_series": 4, "longer_than_guard": True}, long
    status, error = run(folder, "public", rules, audience="public")
    assert status == 4 and "not for audience" in error and not (folder / "releases/public").exists(), error
    short, _ = release(folder, "public", rules, audience="public", resolutions='["1d"]')
    assert short["length_guard"]["longer_than_guard"] is False and short["length_guard"]["values_per_series"] == 2, short


def main():
    program.ROOT, program.BUILD = map(pathlib.Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        folder = pathlib.Path(name)
        prepare(folder)
        for check in (check_classes, check_count_unit, check_presets, check_length, check_diversity_by_month):
            check(folder)
    print("classes, presets and the length guard hold from the job to the release")


if __name__ == "__main__":
    main()
