"""Leaks that naive releases have, planted one by one, each beside a twin that is safe.

A leak within one release is planted by what a program would publish that judges node by node: `naive` says how. The
run must not publish that row; the twin does. A leak between releases is a sequence of runs. In one custody the last one
is refused, or published without the row that leaks. Each in a custody of its own is published, and `verify` must
find the leak in their ledgers put together. Corrections wait instead of being refused. That a leak is one, and a twin none, is not the program's word: all sums and
differences of the published rows are tried.
"""
import collections
import concurrent.futures
import json
import pathlib
import shutil
import sys
import tempfile
import traceback

import brute_force
import catalogue
import program
import village


def release_alone(run, folder, name="alone"):
    status, error, release = village.start(run, folder, name)
    assert status == 0, error
    check_times(release)
    return release


def check_times(release):
    """Days and months are sums of what lies in them by the local calendar: nothing follows from one less the other."""
    finest, *coarser = release.run.resolutions
    for fine in (release.folder / "tables").glob(f"*-{finest}.csv"):
        for resolution in coarser:
            width = {"1d": len("2013-01-01"), "month": len("2013-01")}[resolution]
            expected = collections.defaultdict(int)
            for row in village.table(fine):
                expected[row["node"], row["local_date"][:width]] += int(row["energy_wh"])
            found = {(row["node"], row["local_date"][:width]): int(row["energy_wh"]) for row in village.table(fine.with_name(fine.name.replace(finest, resolution)))}
            assert found == expected, (fine.name, resolution)


def check_gap(folder):
    """A missing reading is filled before anything is summed: no sum of the month is of others than that of the step, and the month less its steps is nothing."""
    program.key_in(folder)
    run = village.Run(catalogue.VILLAGE, changes=(("A1-0", 2, None),))
    release = release_alone(run, folder / "gap")
    series = village.series_of(run, "import")
    in_step = village.energies(release.folder / "tables/feeder-3h.csv")["A1"][2]
    others = sum(values[2] for m, values in series.items() if m.startswith("A1-") and m != "A1-0")
    assert "A1-0" in release.rows["import", "A1"] and others + 50 < in_step < others + 200, in_step - others


def check_within(case, folder):
    """One release."""
    assert brute_force.leak_in_rows(brute_force.naive_rows(case.leak, case.naive), case.leak), "this leak is none"
    assert (case.channel, case.row) in {(c, n.split("/")[-1] or "total") for c, n in brute_force.naive_rows(case.leak, case.naive)}, "the naive program does not publish it"
    status, error, release = village.start(case.leak, folder / "leak", "leak")
    if case.is_refused:
        assert status == 4 and "nothing to publish" in error, (status, error)
    else:
        assert status == 0, error
        fate = release.fate(case.row, case.channel)
        assert (case.channel, case.row) not in release.rows and fate["status"] in ("merged", "withheld"), fate
        assert brute_force.leak_in([release]) is None, brute_force.leak_in([release])
    safe = release_alone(case.safe, folder / "safe")
    assert (case.channel, case.row) in safe.rows, safe.rows.keys()
    assert brute_force.leak_in([safe]) is None, brute_force.leak_in([safe])


def check_verify(releases, folder, is_leak):
    """What `verify` says of releases that no gate has seen together."""
    custody = folder / ("custody-leak" if is_leak else "custody-safe")
    village.join_ledgers([release.folder.parent.parent / "custody" for release in releases], custody)
    status, out, error = program.start(0, "ledger", "check", "--custody", custody)
    assert status == 0, error
    for release in releases[-1:] if is_leak else releases:
        status, checks = village.custody_checks(release, custody)
        assert checks["derivable sums"][0] == ("FAILED" if is_leak else "ok"), checks
        assert status == (4 if is_leak else 0), checks
        assert all(outcome == "ok" for name, (outcome, _) in checks.items() if name in ("ledger", "recorded", "rows")), checks


def run_together(first, runs, folder):
    """Runs in the custody of a first release. Returns status and message of the last one, and what was published."""
    shutil.copytree(first.folder.parent.parent, folder)
    published = [first]
    for number, run in enumerate(runs):
        status, error, release = village.start(run, folder, f"run-{number}")
        assert status == 0 or number + 1 == len(runs), error
        published += [release] if release else []
    return status, error, published


def tables(release):
    return {path.name: path.read_bytes() for path in (release.folder / "tables").iterdir()}


def corrections_wait(release):
    return json.loads((release.folder / "evidence/disclosure.json").read_text())["corrections_wait"]


def check_corrections(case, leak, safe, folder):
    """Corrections of too few wait, and the sums are those of before. Once they are enough, all are in."""
    status, error, published = run_together(leak[0], [*case.leak[1:], case.safe[-1]], folder / "corrected")
    assert status == 0, error
    first, few, enough = published
    assert tables(few) == tables(first) != tables(leak[-1]) and corrections_wait(few)
    assert tables(enough) == tables(safe[-1]) != tables(first) and not corrections_wait(enough)
    copy = folder / "kept nothing"
    shutil.copytree(leak[0].folder.parent.parent, copy)
    shutil.rmtree(copy / "custody/closed")
    status, error, release = village.start(case.leak[-1], copy, "refused")
    assert status == 4 and case.reason in error and "corrections of too few" not in error, (status, error)


def check_stopped(case, leak, folder):
    """In one custody the last run is refused, or publishes without the row."""
    row = ("import", case.row)
    status, error, published = run_together(leak[0], case.leak[1:], folder / "leak")
    if case.is_refused:
        assert status == 4 and case.reason in error, (status, error)
    else:
        assert status == 0, error
        assert row in leak[-1].rows and published[-1].rows.get(row) != leak[-1].rows[row], published[-1].rows.keys()
    assert not case.is_tried or brute_force.leak_in(published) is None, brute_force.leak_in(published)


def check_between(case, folder):
    """Several releases."""
    made = {}  # run -> its release in a custody of its own

    def alone(run):
        run = run.but(erased=(), meters=village.without(run.meters, *run.erased))
        if run not in made:
            made[run] = release_alone(run, folder / f"alone-{len(made)}", f"alone-{len(made)}")
        return made[run]

    leak, safe = [alone(run) for run in case.leak], [alone(run) for run in case.safe]
    if case.is_tried:
        assert brute_force.leak_in(leak), "this leak is none"
        assert brute_force.leak_in(safe) is None, brute_force.leak_in(safe)
    check_verify(leak, folder, is_leak=True)
    check_verify(safe, folder, is_leak=False)
    if case.waits:
        check_corrections(case, leak, safe, folder)
    else:
        check_stopped(case, leak, folder)
    status, error, published = run_together(safe[0], case.safe[1:], folder / "safe")
    assert status == 0, error
    assert case.row is None or ("import", case.row) in published[-1].rows, published[-1].rows.keys()
    assert not case.is_tried or brute_force.leak_in(published) is None, brute_force.leak_in(published)


def check(case):
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        folder = pathlib.Path(name)
        program.key_in(folder)
        try:
            (check_between if isinstance(case.leak, list) else check_within)(case, folder)
        except AssertionError as error:
            return f"{case.name}: line {traceback.extract_tb(error.__traceback__)[-1].lineno}: {error}"


def main():
    program.ROOT, program.BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    wanted = [case for case in catalogue.CASES if all(word in case.name for word in sys.argv[3:])]
    names = [case.name for case in wanted]
    assert names and len(set(names)) == len(names), names
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        check_gap(pathlib.Path(name))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        failures = [failure for failure in pool.map(check, wanted) if failure]
    assert not failures, "\n".join([f"{len(failures)} of {len(wanted)}:", *failures])
    print(f"{len(wanted)} leaks are prevented, and found where no gate was; their twins are published")


if __name__ == "__main__":
    main()
