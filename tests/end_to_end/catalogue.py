"""The leaks, and their safe twins. One run: within a release. A list of runs: between releases, in this order."""
import dataclasses

from brute_force import passes
from village import Meter, Rules, Run, homes, meter, moved, without


@dataclasses.dataclass(frozen=True)
class Case:
    name: str
    leak: object                # Run, or list of runs
    safe: object
    row: str = None             # what the naive program publishes and ours must not, or not of the same members; the twin has it
    naive: object = None        # how the naive program judges a node: (members, series, run) -> bool; None: as the job asks
    channel: str = "import"
    is_refused: bool = False    # the last run; else it publishes without the row
    waits: bool = False         # corrections of the last run: it publishes the sums of the first again; refused where custody has not kept their readings
    reason: str = "a sum over a set that fails a rule would follow"
    is_tried: bool = True       # all sums and differences are tried


def asking(**changes):
    """A naive program that asks less than the job."""
    return lambda members, series, run: passes(members, series, run.but(rules=dataclasses.replace(run.rules, **changes)))


def anything(members, series, run):
    return True


def counting_rows(members, series, run):
    return len(members) >= run.rules.k


def netting(members, series, run):
    """Import less export."""
    net = [sum(m.load_wh[0] - m.export_wh for m in run.meters if m.id == name) for name in members]
    return run.rules.passes([wh for wh in net if wh > 0])


def blind_to(step):
    """A step that is lost before the rules look."""
    return lambda members, series, run: passes(members, {m: [0 if i == step else wh for i, wh in enumerate(values)] for m, values in series.items()}, run)


def with_loads(meters, **loads):
    """with_loads(meters, A2_0=3000)"""
    wanted = {name.replace("_", "-"): load if isinstance(load, tuple) else (load,) for name, load in loads.items()}
    assert set(wanted) <= {m.id for m in meters}, wanted
    return tuple(dataclasses.replace(m, load_wh=wanted.get(m.id, m.load_wh)) for m in meters)


def with_export(meters, feeder, count, wh=50):
    names = [m.id for m in meters if m.place[-1] == feeder][:count]
    assert len(names) == count
    return tuple(dataclasses.replace(m, export_wh=wh + names.index(m.id)) if m.id in names else m for m in meters)


def of_customers(meters, feeder, count):
    """The meters of a feeder belong to so many customers, whose names do not tell the feeder."""
    seen = [m.id for m in meters if m.place[-1] == feeder]
    return tuple(dataclasses.replace(m, customer=f"C{seen.index(m.id) % count}") if m.id in seen else m for m in meters)


def more(feeder, count, first=20, **how):
    return tuple(meter(f"{feeder}-{first + i}", 100 + 7 * (i % 5), **how) for i in range(count))


def some(feeder, first, last):
    return tuple(f"{feeder}-{i}" for i in range(first, last))


def placed(meters, **feeders):
    """placed(meters, P1=("A1-0", ...)): another geography, one level; everybody else in P9."""
    home = {name: place for place, names in feeders.items() for name in names}
    return tuple(dataclasses.replace(m, place=(home.get(m.id, "P9"),)) for m in meters)


SHARE, BY_MONTH, BY_INTERVAL = Rules(dominance=0.4), Rules(dominance=0.4, scope="month"), Rules(dominance=0.4, scope="interval")
CLASSES = Rules(classes=(("home", 5), ("other", 3)))
SHOPS_OF_A1 = tuple(meter(f"A1-{40 + i}", 130, kind="shop") for i in range(3))
TWO_MONTHS = {"until": "2013-03-01"}
OCTOBER = {"start": "2013-10-01", "until": "2013-11-01", "step_h": 1, "resolutions": ("1h", "1d", "month"), "rules": BY_INTERVAL}
SECOND_ONE_O_CLOCK = 626  # of the night of 27 October, when summer time ends


def substations(**counts):
    """Three levels: feeder 'A1x' of substation 'A1' in region 'A'."""
    return tuple(Meter(f"{feeder}-{i}", (feeder[0], feeder[:2], feeder), f"{feeder}-{i}", load_wh=(100 + 7 * (i % 5),)) for feeder, count in counts.items() for i in range(count))


GRID = {"levels": ("region", "substation", "feeder")}

WITHIN = [
    Case("parent minus published children", Run(homes(A1=8, A2=2, B1=8)), Run(homes(A1=8, A2=6, B1=8)), "A1"),
    Case("a substation minus its feeders", Run(substations(A1x=8, A1y=3, A2x=2, A2y=8), **GRID), Run(substations(A1x=8, A1y=6, A2x=6, A2y=8), **GRID), "A1x"),
    Case("the total minus feeders of two regions", Run(homes(A1=8, A2=2, B1=8, B2=2)), Run(homes(A1=8, A2=6, B1=8, B2=6)), "B1"),
    Case("a region that is small as a whole", Run(homes(A1=2, B1=8)), Run(homes(A1=6, B1=8)), "B1"),
    Case("suppressed cells dominated by one", Run(with_loads(homes(A1=30, A2=3, A3=3), A3_0=1500), rules=SHARE), Run(homes(A1=30, A2=3, A3=3), rules=SHARE), "A1"),
    Case("suppressed cells of the same customers", Run(of_customers(of_customers(homes(A1=8, A2=3, A3=3), "A2", 3), "A3", 3)), Run(homes(A1=8, A2=3, A3=3)), "A1"),
    Case("rows counted instead of customers", Run(of_customers(homes(A1=8, A2=6), "A2", 2)), Run(of_customers(homes(A1=8, A2=6), "A2", 6)), "A2", counting_rows),
    Case("vacant meters counted", Run(with_loads(homes(A1=8, A2=7), A2_0=0, A2_1=0, A2_2=0, A2_3=0)), Run(homes(A1=8, A2=7)), "A2", counting_rows),
    Case("export that cancels import", Run(with_export(with_export(with_loads(homes(A1=20, A2=6, B1=20), A2_0=600), "A2", 1, 500), "B1", 20, 400), rules=SHARE),
         Run(with_export(homes(A1=20, A2=6, B1=20), "B1", 20, 400), rules=SHARE), "A2", netting),
    Case("export of a few among many who import", Run(with_export(with_export(homes(A1=8, A2=8), "A1", 8), "A2", 2)), Run(with_export(with_export(homes(A1=8, A2=8), "A1", 8), "A2", 6)),
         "A2", anything, channel="export"),
    Case("most of one month, not of the period", Run(with_loads(homes(A1=10, A2=10), A2_0=(100, 1200)), rules=BY_MONTH, **TWO_MONTHS), Run(homes(A1=10, A2=10), rules=BY_MONTH, **TWO_MONTHS),
         "A2", asking(scope="period")),
    Case("most of one interval, not of the month", Run(homes(A1=10, A2=10), rules=BY_INTERVAL, changes=(("A2-0", 2, 900),)), Run(homes(A1=10, A2=10), rules=BY_INTERVAL), "A2", asking(scope="month")),
    Case("most of the hour that comes twice", Run(homes(A1=10, A2=10), **OCTOBER, changes=(("A2-0", SECOND_ONE_O_CLOCK, 900),)), Run(homes(A1=10, A2=10), **OCTOBER), "A2", blind_to(SECOND_ONE_O_CLOCK)),
    Case("one shop among homes", Run(homes(A1=8, A2=6) + SHOPS_OF_A1 + (meter("A2-40", kind="shop"),), rules=CLASSES),
         Run(homes(A1=8, A2=6) + SHOPS_OF_A1 + tuple(meter(f"A2-4{i}", kind="shop") for i in range(3)), rules=CLASSES), "A2", counting_rows),
    Case("members that are all alike", Run(with_loads(homes(A1=8, A2=6), **{f"A2_{i}": 100 for i in range(6)}), rules=Rules(diversity=0.05)), Run(homes(A1=8, A2=6), rules=Rules(diversity=0.05)),
         "A2", asking(diversity=0)),
    Case("one of the two largest tells the other", Run(with_loads(homes(A1=8, A2=6), A2_0=3000, A2_1=2900, A2_2=20, A2_3=20, A2_4=20, A2_5=20), rules=Rules(p_percent=20)),
         Run(homes(A1=8, A2=6), rules=Rules(p_percent=20)), "A2", asking(p_percent=0)),
    Case("too few in all", Run(homes(A1=4)), Run(homes(A1=5)), "A1", anything, is_refused=True),
]

VILLAGE, LARGER = homes(A1=8, A2=8, B1=8), homes(A1=12, A2=12, B1=8)
THREE_FEEDERS = homes(A1=12, A2=8, A3=8, B1=8)
CROSSING = with_loads(homes(A1=4, A2=6, A3=8, B1=8), A3_0=900)
OTHER_RULES = Rules(k=4, dominance=0.4)
FEBRUARY = {"start": "2013-02-01", "until": "2013-03-01"}
WITHOUT_FIVE = without(LARGER, *some("A1", 0, 5))


def again(first, leak, safe, name, **keywords):
    """The same months again."""
    return Case(name, [first, leak], [first, safe], is_refused=not keywords.get("waits"), **keywords)


def then(name, first, leak, safe, row, **keywords):
    """The next month."""
    return Case(name, [Run(first), Run(leak, **FEBRUARY)], [Run(first), Run(safe, **FEBRUARY)], row, **keywords)


def of_line(first, last):
    """Some of the homes along a line, all on one feeder."""
    return Run(tuple(m for m in homes(A1=15) if m.id in some("A1", first, last)))


BETWEEN = [
    again(Run(VILLAGE), Run(VILLAGE + more("A1", 1)), Run(VILLAGE + more("A1", 5)), "one household added"),
    again(Run(LARGER), Run(without(LARGER, "A1-0")), Run(WITHOUT_FIVE), "one household removed"),
    again(Run(LARGER), Run(without(LARGER, "A1-0") + more("A1", 1)), Run(WITHOUT_FIVE + more("A1", 5)), "one household for another"),
    again(Run(with_loads(LARGER, A1_0=(None,))), Run(LARGER), Run(with_loads(LARGER, A1_0=(None,)) + more("A1", 5)), "readings of a meter that had stood still", waits=True),
    again(Run(VILLAGE), Run(VILLAGE + more("A1", 5, customer="C1")), Run(VILLAGE + more("A1", 5)), "five meters of one customer added"),
    again(Run(VILLAGE), Run(VILLAGE + more("A1", 1) + with_loads(more("A1", 4, first=21), A1_21=0, A1_22=0, A1_23=0, A1_24=0)), Run(VILLAGE + more("A1", 5)), "one household and four vacant meters added"),
    again(Run(VILLAGE, rules=SHARE), Run(VILLAGE + with_loads(more("A1", 5), A1_20=400), rules=SHARE), Run(VILLAGE + more("A1", 5), rules=SHARE), "five added, most of it one's"),
    again(Run(VILLAGE + SHOPS_OF_A1, rules=CLASSES), Run(VILLAGE + SHOPS_OF_A1 + more("A1", 5) + more("A1", 1, first=30, kind="shop"), rules=CLASSES),
          Run(VILLAGE + SHOPS_OF_A1 + more("A1", 5), rules=CLASSES), "one shop added with five homes"),
    again(Run(with_export(LARGER, "A1", 6)), Run(with_export(LARGER, "A1", 7)), Run(with_export(LARGER, "A1", 11)), "one more who exports"),
    again(Run(LARGER), Run(LARGER, changes=(("A1-0", 2, 50),)), Run(LARGER, changes=tuple((m, 2, 50) for m in some("A1", 0, 5))), "a correction of one interval", waits=True),
    again(Run(homes(A1=20, A2=8)), Run(homes(A1=20, A2=8), changes=tuple((m, 2, 50) for m in some("A1", 0, 4))), Run(homes(A1=20, A2=8), changes=tuple((m, 2, 50 + i) for i, m in enumerate(some("A1", 0, 15)))),
          "corrections of four, and of fifteen", waits=True),
    again(Run(LARGER), Run(LARGER, changes=tuple((m, 2, 50) for m in some("A1", 0, 3) + some("A2", 0, 2))), Run(LARGER, changes=tuple((m, 2, 50) for m in some("A1", 0, 5) + some("A2", 0, 5))),
          "corrections of five on two feeders", waits=True),
    again(Run(LARGER), Run(LARGER, erased=("A1-0",)), Run(LARGER, erased=some("A1", 0, 5)), "erased, and released again"),
    again(Run(LARGER), Run(placed(LARGER, P1=some("A1", 1, 12)), levels=("postcode",)), Run(placed(LARGER, P1=some("A1", 0, 6) + some("A2", 0, 12)), levels=("postcode",)), "a second geography"),
    again(Run(CROSSING), Run(CROSSING, rules=OTHER_RULES), Run(CROSSING, rules=Rules(k=6)), "other rules, another partition"),
    again(Run(CROSSING, step_h=1, resolutions=("3h", "1d")), Run(CROSSING, step_h=1, resolutions=("1h", "1d"), rules=OTHER_RULES), Run(CROSSING, step_h=1, resolutions=("1h", "1d")), "finer sums of another partition"),
    Case("three releases together, and no two of them", [of_line(0, 8), of_line(2, 12), of_line(8, 13)], [of_line(0, 8), of_line(2, 12), of_line(8, 15)], is_refused=True),
    again(Run(with_loads(VILLAGE, A1_0=(100, None)), **TWO_MONTHS), Run(with_loads(VILLAGE, A1_0=(100, None))), Run(without(VILLAGE, "A1-0")), "the month of who moved out in the next, after both"),
    again(Run(with_loads(VILLAGE, A1_0=(100, None))), Run(with_loads(VILLAGE, A1_0=(100, None)), **TWO_MONTHS), Run(with_loads(VILLAGE, A1_0=(100, 90)), **TWO_MONTHS), "both months after the one of who moved out"),
    again(Run(VILLAGE), Run(VILLAGE, start="2013-01-16", until="2013-02-16"), Run(VILLAGE, **FEBRUARY), "a part of a month", reason="shares a part of a month", is_tried=False),
    then("one joins", VILLAGE, VILLAGE + more("A1", 1), VILLAGE + more("A1", 5), "A1"),
    then("one leaves", LARGER, without(LARGER, "A1-0"), WITHOUT_FIVE, "A1"),
    then("one joins and one leaves", LARGER, without(LARGER, "A1-0") + more("A1", 1), WITHOUT_FIVE + more("A1", 5), "A1"),
    then("one leaves while five join", LARGER, without(LARGER, "A1-0") + more("A1", 5), WITHOUT_FIVE + more("A1", 5), "A1"),
    then("a customer with five meters leaves", of_customers(LARGER, "B1", 8) + more("A1", 5, customer="C9"), of_customers(LARGER, "B1", 8), LARGER + more("A1", 5, customer="C9") + more("A1", 5, first=30), "A1"),
    then("one customer moves to another feeder", LARGER, moved(LARGER, "A2", "A1-0"), moved(LARGER, "A2", *some("A1", 0, 5)), "A1"),
    then("three feeders' customers change places", LARGER, moved(moved(LARGER, "A2", *some("A1", 0, 3)), "A1", *some("A2", 0, 3)), moved(moved(LARGER, "A2", *some("A1", 0, 5)), "A1", *some("A2", 0, 5)), "A1"),
    Case("a cohort is split", [Run(homes(A1=8, A2=3, B1=8)), Run(homes(A1=8, A2=3, B1=8) + more("A2", 5), **FEBRUARY)], [Run(VILLAGE), Run(VILLAGE + more("A2", 5), **FEBRUARY)], "A1"),
    then("one leaves while the feeder gets another name", LARGER, moved(without(LARGER, "A1-0"), "A9", *some("A1", 1, 12)), moved(LARGER, "A9", *some("A1", 0, 12)), "A9"),
    then("one leaves while five move within the region", LARGER, moved(without(LARGER, "A1-0"), "A2", *some("A1", 1, 6)), moved(LARGER, "A2", *some("A1", 1, 6)), "A"),
    then("one joins while five move within the region", LARGER, moved(LARGER, "A2", *some("A1", 1, 6)) + more("A2", 1), moved(LARGER, "A2", *some("A1", 1, 6)), "A"),
    then("one leaves while the feeder is taken down", THREE_FEEDERS, moved(moved(without(THREE_FEEDERS, "A1-0"), "A2", *some("A1", 1, 6)), "A3", *some("A1", 6, 12)),
         moved(moved(THREE_FEEDERS, "A2", *some("A1", 0, 6)), "A3", *some("A1", 6, 12)), "A"),
    then("one customer moves to another region", LARGER, moved(LARGER, "B1", "A1-0"), moved(LARGER, "B1", *some("A1", 0, 5)), "A1"),
    Case("one leaves in a month of which nothing was released", [Run(LARGER, zone="UTC"), Run(without(LARGER, "A1-0"), start="2013-03-01", until="2013-04-01", zone="UTC")],
         [Run(LARGER, zone="UTC"), Run(WITHOUT_FIVE, start="2013-03-01", until="2013-04-01", zone="UTC")], "A1"),
    Case("the month before, released afterwards, of one more", [Run(LARGER, **FEBRUARY), Run(LARGER + more("A1", 1))], [Run(LARGER, **FEBRUARY), Run(LARGER + more("A1", 5))], is_refused=True),
]
CASES = WITHIN + BETWEEN
