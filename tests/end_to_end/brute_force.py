"""Whatever can be added and subtracted from published rows, by trying it all: no idea of atoms, units or classes of meters."""
import itertools

import numpy

import village


def contributions(members, series, run):
    """[class][slot] list of what the subjects among some meters have, none zero."""
    _, months = run.times()
    slot_of_step = {"period": [0] * len(months), "month": months, "interval": range(len(months))}[run.rules.scope]
    cells = {}
    for m in run.meters:
        if m.id not in members:
            continue
        subject = m.customer if run.rules.unit == "customer" else m.id
        kind = next((name for name, _ in run.rules.classes if name == m.kind), "other") if run.rules.classes else ""
        for slot, wh in zip(slot_of_step, series[m.id]):
            if wh:
                cell = cells.setdefault((kind, slot), {})
                cell[subject] = cell.get(subject, 0) + abs(wh)
    return {key: list(cell.values()) for key, cell in cells.items()}


def passes(members, series, run):
    k_of = dict(run.rules.classes)
    return all(run.rules.passes(cell, k_of.get(kind)) for (kind, _), cell in contributions(members, series, run).items())


def independent(sets):
    """The smallest sets of which all are sums and differences."""
    names = sorted(set().union(*sets)) if sets else []
    kept, rank = [], 0
    for members in sorted(set(sets), key=lambda s: (len(s), sorted(s))):
        rows = [[float(name in s) for name in names] for s in [*kept, members]]
        if numpy.linalg.matrix_rank(numpy.array(rows)) > rank:
            kept, rank = [*kept, members], rank + 1
    return kept, names


def derivable(sets, is_signed=True):
    """Of all combinations of sums over `sets` with weights -1, 0, 1: who is in it. @param is_signed also those with members that are taken away"""
    kept, names = independent([s for s in sets if s])
    if not kept:
        return set()
    columns = numpy.array([[name in s for s in kept] for name in names], dtype=numpy.int8)
    distinct, group = numpy.unique(columns, axis=0, return_inverse=True)  # meters that are in the same rows
    assert len(kept) <= 12, "too many rows to try them all"
    weights = numpy.array(list(itertools.product((-1, 0, 1), repeat=len(kept))), dtype=numpy.int8)
    results = weights @ distinct.T
    if not is_signed:
        results = results[(results.min(axis=1) >= 0) & (results.max(axis=1) == 1)]
    return {frozenset(name for name, g in zip(names, group.reshape(-1)) if row[g]) for row in numpy.unique(results != 0, axis=0)} - {frozenset()}


def leak_in_rows(rows, run):
    """A set that follows from rows of one release and fails its rules. @param rows (channel, node) -> members"""
    for channel in ("import", "export"):
        series = village.series_of(run, channel)
        for members in derivable([s for (c, _), s in rows.items() if c == channel]):
            if not passes(members, series, run):
                return sorted(members)
    return None


def naive_rows(run, passes_alone=None):
    """What a program publishes that judges node by node. @param passes_alone how it judges, if not as the job says"""
    rows = {}
    for channel in ("import", "export"):
        series = village.series_of(run, channel)
        there = [m for m in run.meters if m.id in series]
        for depth in range(len(run.levels) + 1):
            for node in {m.place[:depth] for m in there}:
                members = frozenset(m.id for m in there if m.place[:depth] == node)
                if (passes_alone or passes)(members, series, run):
                    rows[channel, "/".join(node)] = members
    return rows


def overlapping(a, b):
    return a.run.start < b.run.until and b.run.start < a.run.until


def leak_at_once(releases, channel):
    """A set that follows from several releases of the same months, and fails the rules of each. A changed series counts as the series and the change."""
    versions, sets = {}, []  # meter -> its different series
    for release in releases:
        series, is_version = village.series_of(release.run, channel), {}
        for m in {m for (c, _), members in release.rows.items() if c == channel for m in members}:
            known = versions.setdefault(m, [])
            is_version[m] = next((i for i, other in enumerate(known) if all(x == y for x, y in zip(other, series[m]))), len(known))
            if is_version[m] == len(known):
                known.append(series[m])
        sets += [frozenset((m, v) for m in members for v in {0, is_version[m]}) for (c, _), members in release.rows.items() if c == channel]
    everybody = tuple({m.id: m for release in releases for m in release.run.meters}.values())
    failing = []
    for release in releases:
        judge = release.run.but(meters=everybody, until=max(r.run.until for r in releases))
        failing.append(next((sorted(members) for members in derivable(sets) if not passes({m for m, _ in members}, parts(members, versions), judge)), None))
    return failing[0] if all(failing) else None


def parts(members, versions):
    """Of each meter its series, or what a later version of it adds."""
    series = {m: versions[m][0] for m, v in members if v == 0}
    for m, v in members:
        if m not in series:
            series[m] = [(x or 0) - (y or 0) for x, y in zip(versions[m][v], versions[m][0])]
    return series


class Period:
    """The sums that follow from a release, by the subjects that they are of."""

    def __init__(self, release, channel):
        self.run, self.series = release.run, village.series_of(release.run, channel)
        self.subject_of = {m.id: m.customer if release.run.rules.unit == "customer" else m.id for m in release.run.meters}
        sets = [s for (c, _), s in release.rows.items() if c == channel]
        self.sums = {frozenset(self.subject_of[m] for m in s) for s in derivable(sets, is_signed=False)}
        self.published = {m for s in sets for m in s}

    def passes(self, subjects):
        return passes({m for m in self.published if self.subject_of[m] in subjects}, self.series, self.run)


def leak_over_time(earlier, later, channel):
    """Subjects that come or go between two sums of consecutive periods, and fail the rules. Beside subjects of both periods that pass they are hidden."""
    first, second = Period(earlier, channel), Period(later, channel)
    stayed = {first.subject_of[m] for m in first.published} & {second.subject_of[m] for m in second.published}
    for before, after in itertools.product(first.sums, second.sums):
        left, joined = before - after, after - before
        is_hidden = any(changed & stayed and period.passes(changed & stayed) for period, changed in ((first, left), (second, joined)))
        if not is_hidden and not (first.passes(left) and second.passes(joined)):
            return sorted(left | joined)
    return None


def leak_in(releases):
    """What follows from everything that was published, and must not; or None."""
    for release in releases:
        if found := leak_in_rows(release.rows, release.run):
            return found
    for channel in ("import", "export"):
        for one in releases:
            at_once = [r for r in releases if r.run.start == one.run.start]
            if found := len(at_once) > 1 and leak_at_once(at_once, channel):
                return found
        for earlier, later in itertools.permutations(releases, 2):
            if found := earlier.run.until <= later.run.start and leak_over_time(earlier, later, channel):
                return found
    return None
