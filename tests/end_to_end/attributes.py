"""Attributes of households: the same bytes on any ranks, every criterion counted again by hand, no identifier anywhere, small cells gone.

attributes.py ROOT BUILD [SAMPLES]: with a folder of samples also the real tariffs and classes of 5,441 London households.
"""
import collections
import csv
import filecmp
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import program

INCOMES = ["low", "middle", "high", "top"]
JOB = """
[job]
name      = "attributes"
from      = 2013-01-01
until     = {until}
time_zone = "Europe/London"

[[readings]]
path = "{root}/datasets/london-2013/readings/{readings}"

[topology]
path   = "{topology}"
levels = ["{level}"]

[customers]
{customers}

[clean]
min_coverage = 0.5

[keys]
epoch = "2013"

[custody]
path = "custody"

[[release]]
name     = "households"
audience = "research"
products = ["aggregates", "attributes"]
period   = "year"
resolutions = ["1d"]
rules    = {{ min_contributors = 10, scope = "period" }}
[release.attributes]
{attributes}

[output]
path = "releases"
"""


def number(*parts):
    return int(hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:8], 16)


def write_customers(folder):
    """The 200 households of the London set with made-up attributes. Households of one customer have one value of each."""
    with open(program.ROOT / "datasets/london-2013/customers.csv") as file:
        meters = [row["meter_id"] for row in csv.DictReader(file)]
    customers = {}
    with open(folder / "customers.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["meter_id", "customer_id", "name", "age", "acorn", "tariff", "income"])
        for i, meter in enumerate(meters):
            who = i if i % 10 else max(i - 1, 0)  # every tenth meter is a second one
            row = [20 + number("age", who) % 50, "ABCDEF"[number("acorn", who) % 36 % 6 if number("x", who) % 3 else 0], "ToU" if number("tariff", who) % 5 == 0 else "Std",
                   INCOMES[number("income", who) % 7 % 4]]
            out.writerow([meter, f"CUST-{who}", f"Person {who}, Secret", *row])
            customers[who] = row
    (folder / "acorn.csv").write_text("A;rich;*\nB;rich;*\nC;fair;*\nD;fair;*\nE;poor;*\nF;poor;*\n")
    return customers


def run(folder, name, ranks, threads, key):
    with open(key, "rb") as file:
        status, out, error = program.start(ranks, "run", folder / "job.toml", "--out", folder / name, "--custody", folder / f"custody-{name}", "--threads", threads,
                                           "--progress", "off", "--key-fd", 0, stdin=file)
    assert status == 0, error
    return pathlib.Path(out.strip()).parent


def rows_of(release):
    with open(release / "attributes.csv", newline="") as file:
        return list(csv.DictReader(file))


def classes_of(rows, quasi):
    classes = collections.defaultdict(list)
    for row in rows:
        classes[tuple(row[q] for q in quasi)].append(row)
    return classes


def ordered_distance(rows, all_rows, values):
    carried = moved = 0
    for value in values:
        carried += sum(r["income"] == value for r in rows) / len(rows) - sum(r["income"] == value for r in all_rows) / len(all_rows)
        moved += abs(carried)
    return moved / (len(values) - 1)


def covers(label, value):
    """True if a label of age stands for a value."""
    if label in ("*", value):
        return True
    low, high = label.strip("[)]").split(", ")
    return float(low) <= float(value) < float(high) + label.endswith("]")


def audit(release):
    return subprocess.run([program.BUILD / "meterveil-audit", "verify", release], capture_output=True, text=True, timeout=300)


def check_files(release, manifest, customers):
    """Nothing that names anybody, in any file."""
    names = [f"CUST-{who}" for who in customers] + ["Secret", "Person"]
    for path in release.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        assert not any(name.encode() in content for name in names), path
    assert manifest["products"] == ["aggregates", "attributes"]
    assert manifest["attributes"]["quasi"] == ["acorn", "age", "tariff"] and manifest["attributes"]["sensitive"] == ["income"]
    evidence = json.loads((release / "evidence/attributes.json").read_text())
    assert evidence["criteria"] == ["k = 5", "l = 2", "t = 0.35"], evidence
    assert evidence["smallest_class"].split("-")[0].isdigit() and evidence["suppressed_share"] in ("0", "< 1 %", "1-5 %"), evidence


def check_rows(rows, customers):
    assert 0.95 * len(customers) <= len(rows) <= len(customers), "suppression over its limit, or a customer counted twice"
    assert [list(row.values()) for row in rows] == sorted(list(row.values()) for row in rows)
    for labels, members in classes_of(rows, ["acorn", "age", "tariff"]).items():
        assert len(members) >= 5, labels
        assert len({row["income"] for row in members}) >= 2, labels
        assert ordered_distance(members, rows, INCOMES) <= 0.35 + 1e-9, labels
    for row in rows:  # somebody is behind every row
        assert any(covers(row["age"], str(age)) and row["tariff"] in ("*", tariff) and income == row["income"] for age, acorn, tariff, income in customers.values()), row


def seal(release):
    """Digests as one writes them who knows how a release is made."""
    manifest = json.loads((release / "manifest.json").read_text())
    for entry in manifest["files"]:
        content = (release / entry["path"]).read_bytes()
        entry["sha256"], entry["bytes"] = hashlib.sha256(content).hexdigest(), len(content)
    (release / "manifest.json").write_text(json.dumps(manifest))
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.relative_to(release)}\n" for p in sorted(release.rglob("*")) if p.is_file() and p.name != "SHA256SUMS"]
    (release / "SHA256SUMS").write_text("".join(lines))


def check_tampering(release, folder):
    """A recipient finds a class that was thinned out, and criteria that were never held, though all digests fit."""
    thinned, boasting, bare = (shutil.copytree(release, folder / name) for name in ("thinned", "boasting", "bare"))
    header, *lines = (thinned / "attributes.csv").read_text().splitlines(keepends=True)
    first = lines[0].rsplit(",", 1)[0]
    (thinned / "attributes.csv").write_text(header + "".join([lines[0]] + [line for line in lines if line.rsplit(",", 1)[0] != first]))
    manifest = json.loads((boasting / "manifest.json").read_text())
    manifest["attributes"]["criteria"][0]["parameters"] = [100]
    (boasting / "manifest.json").write_text(json.dumps(manifest))
    manifest = json.loads((bare / "manifest.json").read_text())
    del manifest["attributes"]
    (bare / "manifest.json").write_text(json.dumps(manifest))
    for broken in (thinned, boasting, bare):
        seal(broken)
        done = audit(broken)
        assert done.returncode == 4 and "FAILED" in done.stdout, (broken, done.stdout, done.stderr)


def check_london(folder):
    key = program.key_in(folder)
    customers = write_customers(folder)
    attributes = 'k = 5\nl = 2\nt = 0.35\n{more}\nhierarchies = {{ age = {{ intervals = [5, 10, 20] }}, acorn = "acorn.csv" }}\ndistances = {{ income = ["low", "middle", "high", "top"] }}'
    columns = 'path = "customers.csv"\nsubject = "customer_id"\ncolumns = { age = "quasi", acorn = "quasi", tariff = "quasi", name = "identifier", income = "sensitive" }'
    for more in ("max_suppressed = 0.05", 'search = "mondrian"'):
        (folder / "job.toml").write_text(JOB.format(root=program.ROOT, until="2013-03-01", readings="*.csv.gz", topology=program.ROOT / "datasets/london-2013/topology.csv", level="region",
                                                    customers=columns, attributes=attributes.format(more=more)))
        releases = [run(folder, f"{more[0]}{ranks}-{threads}", ranks, threads, key) for ranks, threads in ((1, 2), (2, 1), (3, 1), (4, 1), (7, 1))]
        for other in releases[1:]:
            for name in ("attributes.csv", "evidence/attributes.json", "manifest.json"):
                assert filecmp.cmp(releases[0] / name, other / name, shallow=False), f"{name} depends on the number of ranks"
        manifest = json.loads((releases[0] / "manifest.json").read_text())
        check_files(releases[0], manifest, customers)
        check_rows(rows_of(releases[0]), customers)
        done = audit(releases[0])
        assert done.returncode == 0 and "3 criteria proven of every class" in done.stdout, done.stdout + done.stderr
    check_tampering(releases[0], folder)


def check_small_cells(folder, households):
    """Tariff and class of 5,441 real households: cells of 4, 8 and more are hidden in classes of 10."""
    key = program.key_in(folder)
    with open(households) as file:
        people = list(csv.DictReader(file))
    with open(folder / "topology.csv", "w") as file:
        file.write("meter_id,area\n" + "".join(f"{row['LCLid']},all\n" for row in people))
    with open(folder / "acorn.csv", "w") as file:
        file.write("".join(f"{acorn};{group};*\n" for acorn, group in sorted({(row["Acorn"], row["Acorn_grouped"]) for row in people})))
    cells = collections.Counter((row["Acorn"], row["stdorToU"]) for row in people)
    small = [cell for cell, count in cells.items() if count < 10]
    assert small, "the sample has no small cell"
    customers = f'path = "{households}"\nmeter = "LCLid"\ncolumns = {{ Acorn = "quasi", stdorToU = "quasi" }}'
    for name, more in (("o", ""), ("s", "max_suppressed = 0.01"), ("m", 'search = "mondrian"')):
        (folder / "job.toml").write_text(JOB.format(root=program.ROOT, until="2013-02-01", readings="block_0.csv.gz", topology="topology.csv", level="area", customers=customers,
                                                    attributes=f'k = 10\n{more}\nhierarchies = {{ Acorn = "acorn.csv" }}'))
        rows = rows_of(run(folder, name, 2, 1, key))
        classes = classes_of(rows, ["Acorn", "stdorToU"])
        assert all(len(members) >= 10 for members in classes.values())
        assert len(rows) == len(people) if name != "s" else len(people) * 0.99 <= len(rows) <= len(people)
        assert not any(cell in classes for cell in small), "a small cell has a class of its own"
        assert name == "o" or len(classes) > 2, "everything was generalised"


def main():
    program.ROOT, program.BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        check_london(pathlib.Path(folder))
    households = pathlib.Path(sys.argv[3] if len(sys.argv) > 3 else "") / "lcl_halfhourly_2013/informations_households.csv"
    if not households.is_file():
        print("the table of all London households is not there: small cells of it were not tried")
        return
    with tempfile.TemporaryDirectory() as folder:
        check_small_cells(pathlib.Path(folder), households)


if __name__ == "__main__":
    main()
