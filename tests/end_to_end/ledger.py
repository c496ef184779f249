"""The life of a ledger, on the real households of London: what a second release may be, and what custody says of tampering and erasure."""
import collections
import csv
import filecmp
import gzip
import json
import pathlib
import re
import shutil
import sys
import tempfile

import h5py
import london
import program
import village

COLD, SPRING = ("2013-01-01", "2013-03-01"), ("2013-03-01", "2013-05-01")
RULES = 'min_contributors = 10, dominance = [1, 0.3], scope = "period"'
FINE = '["30min", "1h", "1d", "month", "year"]'


class Utility:
    """London's households in a folder: their tables and readings may be changed before a run."""

    def __init__(self, folder, readings):
        self.folder, self.readings = folder, readings
        program.key_in(folder)
        with open(program.ROOT / "datasets/london-2013/topology.csv", newline="") as file:
            self.grid = {row["meter_id"]: [row["region"], row["substation"], row["feeder"]] for row in csv.DictReader(file)}
        self.household = {}  # meter -> whose it is, if not of its own name

    def on(self, feeder):
        return sorted(m for m, place in self.grid.items() if place[-1] == feeder)

    def run(self, name, custody, period=COLD, rules=RULES, resolutions='["1d", "month"]', levels=("region", "substation", "feeder"), ranks=0, without=(), out="releases", readings=None):
        """Returns status, message, the folder of the release."""
        grid = {m: place for m, place in self.grid.items() if m not in without}
        (self.folder / "topology.csv").write_text("\n".join(",".join(row) for row in [["meter_id", *levels]] + [[m, *place[-len(levels):]] for m, place in grid.items()]) + "\n")
        (self.folder / "customers.csv").write_text("meter_id,household\n" + "".join(f"{m},{self.household.get(m, m)}\n" for m in grid))
        text = (program.ROOT / "jobs/annual/job.toml").read_text()
        text = text[:text.index("[forecast]")] + text[text.index("[output]"):]
        changes = {"from      = 2013-01-01": f"from = {period[0]}", "until     = 2014-01-01": f"until = {period[1]}", '"../../datasets/london-2013/topology.csv"': '"topology.csv"',
                   '"../../datasets/london-2013/readings/*.csv.gz"': f'"{readings or self.readings}"', '["region", "substation", "feeder"]': json.dumps(levels), '["aggregates", "forecast"]': '["aggregates"]',
                   '"regulator-2013"': f'"{name}"', FINE: resolutions, f"{{ {RULES} }}": f"{{ {rules} }}", "[clean]": '[customers]\npath = "customers.csv"\nsubject = "household"\n[clean]'}
        for old, new in changes.items():
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (self.folder / "job.toml").write_text(text)
        made = self.folder / out / name
        status, printed, error = program.start(ranks, "run", self.folder / "job.toml", "--custody", custody, "--out", made.parent, "--progress", "off")
        assert made.is_dir() == (status == 0), (status, error)
        assert not re.search("MAC0", printed + error), "an id is told"
        return status, error, made

    def release(self, *arguments, **keywords):
        status, error, made = self.run(*arguments, **keywords)
        assert status == 0, error
        return made

    def refused(self, *arguments, why="a sum over a set that fails a rule would follow", **keywords):
        custody = arguments[1]
        before = ledger_of(custody)
        status, error, _ = self.run(*arguments, **keywords)
        assert status == 4 and why in error, (arguments, status, error)
        assert ledger_of(custody) == before, "what was refused is in the ledger"


def cut(folder):
    """The readings of four months: header and rows as they stand."""
    path = folder / "readings.csv"
    with open(path, "wb") as out:
        for number, source in enumerate(sorted((program.ROOT / "datasets/london-2013/readings").glob("*.csv.gz"))):
            with gzip.open(source) as file:
                header = next(file)
                out.write(header if number == 0 else b"")
                out.writelines(line for line in file if line[10:17] < b"2013-05")
    return path


def ledger_of(custody):
    path = custody / "ledger/ledger.jsonl"
    return path.read_text() if path.exists() else ""


def check(custody, entries):
    status, out, error = program.start(0, "ledger", "check", "--custody", custody)
    assert status == 0 and out.startswith(f"ok: {entries} entries"), (status, out, error)
    shown = json.loads(program.start(0, "ledger", "show", "--custody", custody, "--json")[1])["entries"]
    assert [e["number"] for e in shown] == list(range(1, entries + 1)), shown


def check_verifies(made, custody):
    status, out, error = program.start(0, "verify", made, "--custody", custody)
    assert status == 0 and "FAILED" not in out, out + error
    for name in ("ledger", "recorded", "rows", "derivable sums"):
        assert re.search(f"^ok +{name}: ", out, re.M), out
    return re.search("^([a-z]+) +sums of members", out, re.M)[1]


def without_time(custody):
    """Ledger lines but for when they were written, and what follows from that."""
    entries = [json.loads(line) for line in ledger_of(custody).splitlines()]
    for entry in entries:
        for key in ("recorded_at", "previous", "digest"):
            del entry[key]
    return entries


def check_year(folder):
    """The whole year: equal on any number of ranks; once more, the same; without one household, refused."""
    utility = Utility(folder, program.ROOT / "datasets/london-2013/readings/*.csv.gz")
    year = {"period": ("2013-01-01", "2014-01-01")}
    made = {ranks: utility.release("year", folder / f"custody-{ranks}", ranks=ranks, out=f"out-{ranks}", **year) for ranks in (1, 2, 3)}
    custody = folder / "custody-1"
    for ranks in (2, 3):
        other = folder / f"custody-{ranks}"
        assert london.equal_folders(made[1], made[ranks]), f"{ranks} ranks: another release"
        assert without_time(custody) == without_time(other), f"{ranks} ranks: another ledger"
        for kind in ("members", "units"):
            assert filecmp.cmp(custody / f"ledger/000001.{kind}", other / f"ledger/000001.{kind}", shallow=False), (ranks, kind)
    before = ledger_of(custody)
    same = utility.release("year", custody, out="out-again", ranks=2, **year)
    assert london.equal_folders(made[1], same) and ledger_of(custody) == before and len(list((custody / "ledger").iterdir())) == 3
    assert check_verifies(made[1], custody) == "ok"
    utility.refused("fewer", custody, without=utility.on("NORTH-S1-A")[:1], **year)
    check(custody, 1)
    assert check_verifies(made[1], custody) == "ok"
    shutil.rmtree(custody / "closed")
    assert check_verifies(made[1], custody) == "skipped", "the shards are those of the run that was refused"


def corrected(readings, meters):
    """The readings with another value in one row of each meter."""
    path, left = readings.parent / "corrected.csv", set(meters)
    with open(readings) as file, open(path, "w") as out:
        for line in file:
            if line[:9] in left and line.startswith("2013-01-20 18:30", 10):
                left.remove(line[:9])
                line = line.rsplit(",", 1)[0] + ",1.234\n"
            out.write(line)
    assert not left, left
    return path


def check_corrections(utility, folder):
    """One corrected household waits, on any number of ranks; with eleven more of its feeder all are in. What is kept for that is on the disk once."""
    custody, feeder = folder / "custody-corrected", utility.on("NORTH-S1-A")
    first = utility.release("first", custody, out="corrected")
    tables, shards = contents(first / "tables"), contents(custody / "shards")
    for ranks, meters in ((1, feeder[:1]), (2, feeder[:2]), (3, feeder[:1])):
        few = utility.release(f"few-{ranks}", custody, ranks=ranks, readings=corrected(utility.readings, meters), out="corrected")
        assert contents(few / "tables") == tables and contents(custody / "shards") == shards, ranks
        assert json.loads((few / "evidence/disclosure.json").read_text())["corrections_wait"]
        london.check_accounts(custody, sum(1 for _ in open(utility.readings)) - 1)
        assert {path.parent.name for path in custody.glob("closed/*/*")} == {f"{ranks + 1:06}"}, "more is kept than what stands"
        assert contents(custody / f"closed/{ranks + 1:06}") == shards and all(path.stat().st_nlink == 2 for path in custody.glob("closed/*/*"))
    readings = corrected(utility.readings, feeder[:12])
    many = utility.release("many", custody, ranks=2, readings=readings, out="corrected")
    alone = utility.release("alone", folder / "custody-alone", readings=readings, out="corrected")
    assert tables != contents(many / "tables") == contents(alone / "tables") and contents(custody / "shards") == contents(folder / "custody-alone/shards") != shards
    assert not json.loads((many / "evidence/disclosure.json").read_text())["corrections_wait"]
    for release in (few, many):
        check_verifies(release, custody)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def check_second_releases(utility, folder):
    """The same two months once more, in another way: each is refused."""
    custody = folder / "custody-second"
    newcomer = utility.on("SOUTH-S1-A")[:1]
    made = utility.release("first", custody, without=newcomer)
    utility.refused("late", custody)
    crossing = 'min_contributors = 4, dominance = [1, 0.15], scope = "period"'  # another partition, which is not made of the first one's groups
    utility.refused("rules", custody, without=newcomer, rules=crossing)
    utility.refused("finer", custody, without=newcomer, rules=crossing, resolutions='["30min", "1d"]')
    utility.refused("preset", custody, without=newcomer, rules='preset = "il-15-15"')
    utility.refused("half", custody, period=("2013-01-16", "2013-02-16"), without=newcomer, why="shares a part of a month")
    grid = dict(utility.grid)
    utility.grid = {meter: ["post " + place[-1]] for meter, place in grid.items()}
    utility.grid[utility.on("post NORTH-S1-A")[0]] = ["post NORTH-S2-A"]
    utility.refused("post", custody, without=newcomer, levels=("postcode",))
    utility.grid = grid
    check(custody, 1)
    stricter = utility.release("stricter", custody, without=newcomer, rules=RULES.replace("10", "15"))
    finer = utility.release("finer-same", custody, without=newcomer, resolutions='["30min", "1d"]')
    check(custody, 3)
    assert fates_of(stricter) != fates_of(made) == fates_of(finer)
    for release in (made, stricter, finer):
        assert check_verifies(release, custody) == "ok"


def unsteady(readings):
    """Who does not take part in both halves."""
    rows = collections.Counter()
    with open(readings) as file:
        next(file)
        for line in file:
            rows[line[:9], "spring" if line[10:17] >= "2013-03" else "winter"] += 1
    return sorted({meter for meter, _ in rows} - {meter for meter, _ in rows if rows[meter, "winter"] >= 0.95 * 59 * 48 and rows[meter, "spring"] >= 0.95 * 61 * 48})


def check_halves(utility, folder):
    """Spring follows winter. A meter is exchanged, and nobody came or left. Fifteen of one feeder leave at once."""
    custody = folder / "custody-halves"
    for meter in unsteady(utility.readings):
        del utility.grid[meter]
    feeder, (old, *rest), new = "NORTH-S1-A", utility.on("NORTH-S1-A"), "MAC009999"
    winter = utility.release("winter", custody)
    exchanged, as_before, nine = (folder / f"custody-{name}" for name in ("exchanged", "as-before", "nine"))
    for copy in (exchanged, as_before, nine):
        shutil.copytree(custody, copy)
    plain = utility.release("spring", as_before, period=SPRING, out="as-before")
    utility.grid[new], utility.household[new] = utility.grid[old], old
    readings = utility.readings.parent / "exchanged.csv"
    with open(utility.readings) as file, open(readings, "w") as out:
        out.writelines(line.replace(old, new) if line.startswith(old) and line[10:17] >= "2013-03" else line for line in file)
    other = utility.release("spring", exchanged, period=SPRING, readings=readings, out="exchanged")
    del utility.grid[new]
    assert london.equal_folders(plain / "tables", other / "tables"), "who exchanged the meter came or left"
    check_verifies(other, exchanged)
    spring = utility.release("spring", custody, period=SPRING, without=rest[:15], out="fewer")
    assert fates_of(winter)[feeder] == fates_of(plain)[feeder] == fates_of(spring)[feeder] == "published", fates_of(spring)
    check(custody, 2)
    check_verifies(winter, custody)
    check_verifies(spring, custody)
    few = utility.release("spring", nine, period=SPRING, without=rest[:9], out="nine")
    assert fates_of(few)[feeder] != "published", "nine are too few to leave"


def fates_of(made):
    with open(made / "tables/nodes.csv", newline="") as file:
        return {row["node"]: row["status"] for row in csv.DictReader(file)}


def check_erasure(utility, folder):
    """Of a household nothing is left in custody but names that only the key gives; it takes no part any more."""
    custody = folder / "custody-erased"
    feeder = "NORTH-S1-A"
    erased = utility.on(feeder)[0]
    # a row of it that cannot be used, and one of a meter that nobody knows: both in the quarantine
    spoiled = utility.readings.parent / "spoiled.csv"
    with open(utility.readings) as file, open(spoiled, "w") as out:
        out.writelines(file)
        out.write(f"{erased},2013-01-01 00:30:00,nonsense\nMAC777777,2013-01-01 00:30:00,0.5\n")
    winter = utility.release("winter", custody, readings=spoiled, out="erasure")
    before = {p.relative_to(winter): p.read_bytes() for p in winter.rglob("*") if p.is_file()}
    assert any(erased.encode() in p.read_bytes() for p in (custody / "quarantine").iterdir()), "nothing to erase"
    meters = meters_of(custody)
    assert meters_in(custody / "shards") == meters_in(custody / "closed/000001") == meters
    ids = folder / "ids.txt"
    ids.write_text(erased + "\n")
    with open(ids, "rb") as file:
        status, out, error = program.start(0, "erase", "--custody", custody, "--id-fd", 0, "--key", folder / "root.key", stdin=file)
    assert status == 0 and "1 series" in out and erased not in out + error, (status, out, error)
    for path in custody.rglob("*"):
        assert not path.is_file() or erased.encode() not in path.read_bytes(), path
    assert before == {p.relative_to(winter): p.read_bytes() for p in winter.rglob("*") if p.is_file()}, "a closed release was altered"
    assert meters_in(custody / "shards") == meters_in(custody / "closed/000001") == meters - 1
    check(custody, 2)
    utility.refused("again", custody)
    for path in custody.rglob("*"):
        assert not path.is_file() or erased.encode() not in path.read_bytes(), path
    spring = utility.release("spring", custody, period=SPRING, out="erasure")
    london.check_accounts(custody, sum(1 for _ in open(utility.readings)) - 1)
    file = json.loads((custody / "accounts.json").read_text())["files"][0]
    assert file["quarantined_by_reason"]["erased"] > 0 and meters_of(custody) == meters - 1, file
    assert fates_of(spring)[feeder] != "published", "one who left by erasure can be told by the feeder's row"
    for path in list(custody.rglob("*")) + list(spring.rglob("*")):
        assert not path.is_file() or erased.encode() not in path.read_bytes(), path
    check(custody, 3)
    check_verifies(winter, custody)
    check_verifies(spring, custody)


def meters_in(folder):
    count = 0
    for path in folder.glob("*.h5"):
        with h5py.File(path) as shard:
            count += int(shard.attrs["num_meters"])
    return count


def meters_of(custody):
    regions = json.loads((custody / "accounts.json").read_text())["regions"]
    return next(r["meters"] for r in regions if r["region"] == "" and r.get("channel", "import") == "import")


def tamperings(custody):
    """What can be done to a ledger: name -> change."""
    chain = custody / "ledger/ledger.jsonl"
    lines = chain.read_text().splitlines(keepends=True)
    changes = {"a line removed": lambda: chain.write_text("".join(lines[1:])), "two lines swapped": lambda: chain.write_text("".join([lines[1], lines[0], *lines[2:]])),
               "a line twice": lambda: chain.write_text("".join([*lines, lines[-1]])), "a line cut": lambda: chain.write_text("".join(lines)[:-20]),
               "an entry of another kind": lambda: chain.write_text("".join(lines).replace('"kind":"release"', '"kind":"erasure"', 1))}
    for number, line in enumerate(lines):
        for field in ('"name":"', '"rules":["', '"recorded_at":"', '"digest":"'):
            at = line.index(field) + len(field)
            other = line[:at] + chr(ord(line[at]) ^ 1) + line[at + 1:]
            changes[f"entry {number + 1}: {field}"] = lambda number=number, other=other: chain.write_text("".join([*lines[:number], other, *lines[number + 1:]]))
    for path in sorted((custody / "ledger").iterdir()):
        content = path.read_bytes()
        for name, at in (("first", 0), ("middle", len(content) // 2), ("last", len(content) - 1)):
            changes[f"{path.name}: {name} byte"] = lambda path=path, content=content, at=at: path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1:])
        changes[f"{path.name}: removed"] = path.unlink
        if path != chain:  # that its last lines are gone, it cannot tell: docs/methods/releases-over-time.md
            changes[f"{path.name}: empty"] = lambda path=path: path.write_bytes(b"")
    return changes


def check_tampering(folder):
    """In a small village: every change of the ledger is found, and stops a run before anything is published."""
    program.key_in(folder)
    place, copy = folder / "village", folder / "village/custody-as-it-was"
    january = village.Run(village.homes(A1=8, A2=8))
    for name, run in (("january", january), ("february", january.but(start="2013-02-01", until="2013-03-01"))):
        status, error, _ = village.start(run, place, name)
        assert status == 0, error
    custody = place / "custody"
    check(custody, 2)
    shutil.copytree(custody, copy)
    march = january.but(start="2013-03-01", until="2013-04-01", zone="UTC")
    for name in tamperings(custody):
        tamperings(custody)[name]()
        status, out, error = program.start(0, "ledger", "check", "--custody", custody)
        assert status == 7 and out == "", (name, status, out, error)
        status, error, _ = village.start(january, place, "again")  # against both entries
        assert status == 7, (name, status, error)
        shutil.rmtree(custody)
        shutil.copytree(copy, custody)
    status, error, _ = village.start(march, place, "march")
    assert status == 0, error
    check(custody, 3)


def check_two_of_a_name(folder):
    """One job text, one name, other readings: each release is held against its own record, whichever was recorded last."""
    place = folder / "twice"
    releases = []
    for run in (village.Run(village.homes(A1=8, A2=8)), village.Run(village.homes(A1=8, A2=16))):
        status, error, release = village.start(run, place, "twice")
        assert status == 0, error
        releases.append(village.Release(run, release.folder.rename(folder / f"twice-{len(releases)}")))
    for number, release in enumerate(releases):
        status, checks = village.custody_checks(release, place / "custody")
        assert status == 0 and checks["recorded"][1].startswith(f"recorded: entry {number + 1} of"), checks
        assert checks["sums of members"][0] == "ok", checks


def check_verify_finds(folder):
    """A shard that was changed; a custody that is another one's."""
    program.key_in(folder)
    run = village.Run(village.homes(A1=8, A2=8))
    releases = {}
    for name in ("one", "other"):
        status, error, releases[name] = village.start(run, folder / name, name)
        assert status == 0, error
    status, checks = village.custody_checks(releases["one"], folder / "one/custody")
    assert status == 0 and checks["sums of members"][0] == "ok", checks
    status, checks = village.custody_checks(releases["one"], folder / "other/custody")
    assert status == 4 and checks["recorded"][0] == "FAILED" and "no such release" in checks["recorded"][1], checks
    check_two_of_a_name(folder)
    shard = next((folder / "one/custody/shards").glob("*.h5"))
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)
    status, _, error = program.start(0, "verify", releases["one"].folder, "--custody", folder / "one/custody")
    assert status == 7, (status, error)


def main():
    program.ROOT, program.BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        for own in (check_tampering, check_verify_finds, check_year):
            (pathlib.Path(name) / own.__name__).mkdir()
            own(pathlib.Path(name) / own.__name__)
        utility = Utility(pathlib.Path(name), cut(pathlib.Path(name)))
        for part in (check_second_releases, check_corrections, check_erasure, check_halves):
            part(utility, pathlib.Path(name))
    print("a second release, corrections, the next half-year, tampering and erasure: as the ledger must have it")


if __name__ == "__main__":
    main()
