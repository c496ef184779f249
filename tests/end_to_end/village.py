"""Made-up utilities so small that every sum can be tried, and releases of them.

Each meter has one step of its own in every month, in which it uses 1 Wh more. So a published row tells by itself whose
sum it is: nothing that the program says of its groups is believed.
"""
import collections
import csv
import dataclasses
import datetime
import hashlib
import json
import pathlib
import shutil
import threading
import zoneinfo

import program

JOB = """
[job]
name = "village"
from = {run.start}
until = {run.until}
time_zone = "{run.zone}"
interval = "{run.step_h}h"
[[readings]]
path = "readings.csv"
[topology]
path = "topology.csv"
levels = {levels}
[customers]
path = "customers.csv"
subject = "customer"
{classes}
[keys]
file = "../root.key"
epoch = "{run.start}"
[custody]
path = "custody"
[[release]]
name = "{name}"
audience = "regulator"
products = ["aggregates"]
period = "year"
resolutions = {resolutions}
rules = {{ {rules} }}
[output]
path = "releases"
"""


@dataclasses.dataclass(frozen=True)
class Rules:
    """What a job asks, for its file and for the judge of this test."""
    k: int = 5
    dominance: float = 0  # of the largest; 0: not asked
    p_percent: int = 0
    diversity: float = 0
    scope: str = "period"
    unit: str = "customer"
    classes: tuple = ()   # (class, k), "other" last

    def text(self):
        parts = [f'scope = "{self.scope}"', f'count_unit = "{self.unit}"'] + ["max_failing_share = 0"] * (self.scope == "interval")
        parts += [f"{name} = {{ min_contributors = {k} }}" for name, k in self.classes] or [f"min_contributors = {self.k}"]
        parts += [f"dominance = [1, {self.dominance}]"] * (self.dominance > 0) + [f"p_percent = {self.p_percent}"] * (self.p_percent > 0)
        return ", ".join(parts + [f"diversity = {self.diversity}"] * (self.diversity > 0))

    def passes(self, contributions, k=None):
        """@param contributions of different subjects in one cell, none zero"""
        if not contributions:
            return True
        ordered, total = sorted(contributions, reverse=True), sum(contributions)
        return (len(ordered) >= (self.k if k is None else k) and (not self.dominance or ordered[0] <= self.dominance * total)
                and (not self.p_percent or 100 * (total - sum(ordered[:2])) >= self.p_percent * ordered[0])
                and (not self.diversity or ordered[0] >= (1 + self.diversity) * ordered[-1]))


@dataclasses.dataclass(frozen=True)
class Meter:
    id: str
    place: tuple         # names of nodes, top first
    customer: str
    kind: str = "home"
    load_wh: tuple = (100,)  # in each step of a month, the last for all that follow; None: no reading
    export_wh: int = 0


@dataclasses.dataclass(frozen=True)
class Run:
    """One job: whose readings it has, and what it asks."""
    meters: tuple
    start: str = "2013-01-01"
    until: str = "2013-02-01"
    rules: Rules = Rules()
    levels: tuple = ("region", "feeder")
    resolutions: tuple = ("3h", "1d", "month")
    changes: tuple = ()  # (meter, step of nobody's, Wh more; None: no reading)
    zone: str = "Europe/London"
    step_h: int = 3
    erased: tuple = ()   # ids that are erased from custody before it

    def but(self, **changes):
        return dataclasses.replace(self, **changes)

    def times(self):
        """Starts of steps in UTC, and the number of the local month of each."""
        zone, hour = zoneinfo.ZoneInfo(self.zone), datetime.timedelta(hours=self.step_h)
        at, end = (datetime.datetime.fromisoformat(day).replace(tzinfo=zone).astimezone(datetime.timezone.utc) for day in (self.start, self.until))
        times = [at + i * hour for i in range(int((end - at) / hour))]
        months = [local.year * 12 + local.month for local in (t.astimezone(zone) for t in times)]
        return times, [month - months[0] for month in months]


def meter(name, load_wh=100, customer=None, **more):
    """'A1-7': the seventh meter of feeder A1 in region A."""
    feeder = name.split("-")[0]
    loads = load_wh if isinstance(load_wh, tuple) else (load_wh,)
    return Meter(name, (feeder[0], feeder), customer or name, load_wh=loads, **more)


def homes(**counts):
    """homes(A1=8, A2=2): loads differ from home to home."""
    return tuple(meter(f"{feeder}-{i}", 100 + 7 * (i % 5)) for feeder, count in counts.items() for i in range(count))


def without(meters, *names):
    assert set(names) <= {m.id for m in meters}, names
    return tuple(m for m in meters if m.id not in names)


def moved(meters, feeder, *names):
    """The same meters and customers, elsewhere."""
    return tuple(dataclasses.replace(m, place=(feeder[0], feeder)) if m.id in names else m for m in meters)


numbers, guard = {}, threading.Lock()


def own_step(run, name):
    """The step of each month in which a meter uses 1 Wh more: one in 3 h is of one meter."""
    with guard:
        number = numbers.setdefault(name, len(numbers))
    step = (3 + number) * 3 // run.step_h
    assert step < 28 * 24 // run.step_h, "too many meters"
    return step


NOBODYS_STEP = 1  # nor is anything corrected in it


def series_of(run, channel):
    """meter -> Wh in every step, or None; of those that have any."""
    _, months = run.times()
    first = {month: months.index(month) for month in set(months)}
    series = {}
    for m in run.meters:
        loads = m.load_wh if channel == "import" else (m.export_wh,)
        if not any(loads):
            if channel == "import":
                series[m.id] = [0] * len(months)
            continue
        slot = own_step(run, m.id)
        load = [loads[min(month, len(loads) - 1)] for month in months]
        series[m.id] = [wh if wh is None else wh + (i - first[month] == slot) for i, (wh, month) in enumerate(zip(load, months))]
    for name, step, more in run.changes if channel == "import" else ():
        series[name][step] = None if more is None else series[name][step] + more
    return series


def write_files(run, folder, name):
    times = [f"{t:%Y-%m-%d %H:%M}" for t in run.times()[0]]
    rows = ["meter_id,timestamp,channel,kwh"]
    for channel in ("import", "export"):
        for m, values in series_of(run, channel).items():
            rows += [f"{m},{t},{channel},{wh / 1000:.3f}" for t, wh in zip(times, values) if wh is not None]
    (folder / "readings.csv").write_text("\n".join(rows) + "\n")
    (folder / "topology.csv").write_text("".join(",".join((m, *place)) + "\n" for m, place in [("meter_id", run.levels)] + [(m.id, m.place) for m in run.meters]))
    (folder / "customers.csv").write_text("meter_id,customer,kind\n" + "".join(f"{m.id},{m.customer},{m.kind}\n" for m in run.meters))
    (folder / "job.toml").write_text(JOB.format(
        run=run, name=name, levels=json.dumps(run.levels), resolutions=json.dumps(run.resolutions), rules=run.rules.text(), classes='class = "kind"' if run.rules.classes else ""))


@dataclasses.dataclass
class Release:
    """What everybody sees of a run, and what only this test knows."""
    run: Run
    folder: pathlib.Path
    rows: dict = None  # (channel, node) -> members of its sum

    def __post_init__(self):
        self.rows = {}
        known = {channel: series_of(self.run, channel) for channel in ("import", "export")}
        for path in sorted((self.folder / "tables").glob(f"*-{self.run.resolutions[0]}.csv")):
            channel = "export" if path.name.startswith("export-") else "import"
            for node, sums in energies(path).items():
                bins = int(self.run.resolutions[0][:-1]) // self.run.step_h
                self.rows[channel, node] = frozenset(m for m in known[channel] if sums[own_step(self.run, m) // bins] > sums[NOBODYS_STEP // bins])

    def fate(self, node, channel="import"):
        return next(row for row in table(self.folder / "tables/nodes.csv") if row["node"] == node and row["channel"] == channel)


def table(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def energies(path):
    """node -> sums, as a table of a release has them."""
    sums = collections.defaultdict(list)
    for row in table(path):
        sums[row["node"]].append(int(row["energy_wh"]))
    return sums


def start(run, folder, name):
    """Runs a job over the custody that is in a folder. Returns status, stderr, the release if there is one."""
    folder.mkdir(exist_ok=True)
    if run.erased:
        erase(folder, run.erased)
    write_files(run, folder, name)
    status, _, error = program.start(0, "run", folder / "job.toml", "--progress", "off")
    made = folder / "releases" / name
    assert made.is_dir() == (status == 0), (status, error)
    assert not any(m.id in error for m in run.meters), "an id is told"
    return status, error, Release(run, made) if status == 0 else None


def erase(folder, ids):
    (folder / "ids.txt").write_text("\n".join(ids) + "\n")
    with open(folder / "ids.txt", "rb") as file:
        status, _, error = program.start(0, "erase", "--custody", folder / "custody", "--id-fd", 0, "--key", folder / "../root.key", stdin=file)
    assert status == 0, error


def join_ledgers(custodies, into):
    """One custody that remembers what each of several does: as if no gate had held one against the other."""
    shutil.copytree(custodies[-1], into)
    shutil.rmtree(into / "ledger")
    (into / "ledger").mkdir(mode=0o700)
    previous, lines = "", []
    for custody in custodies:
        for line in (custody / "ledger/ledger.jsonl").read_text().splitlines():
            entry = json.loads(line)
            for kind in ("members", "units"):
                shutil.copy(custody / f"ledger/{entry['number']:06}.{kind}", into / f"ledger/{len(lines) + 1:06}.{kind}")
            entry["number"] = len(lines) + 1
            entry["previous"] = previous or entry["previous"]
            del entry["digest"]
            previous = entry["digest"] = hashlib.sha256(as_line(entry).encode()).hexdigest()
            lines.append(as_line(entry) + "\n")
    (into / "ledger/ledger.jsonl").write_text("".join(lines))


def as_line(entry):
    return json.dumps(entry, separators=(",", ":"), ensure_ascii=False)


def custody_checks(release, custody):
    """check -> outcome, and the status."""
    status, out, error = program.start(0, "verify", release.folder, "--custody", custody)
    lines = [line.split(None, 1) for line in out.splitlines()]
    assert lines, error
    return status, {rest.split(":")[0]: (outcome, rest) for outcome, rest in lines}
