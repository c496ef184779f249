"""Every verb as its help says: what it prints where, what it leaves on disk, and its status."""
import gzip
import json
import os
import shutil
import pathlib
import stat
import subprocess
import sys
import tempfile

import golden
import london
import program

VERBS = ("run", "inspect", "fetch", "generate", "keygen", "verify", "explain")
SPEC = """
seed = 7
meters = 80
from = 2013-01-01
until = 2013-02-19
interval = "1h"
meters_per_file = 64
"""


def audit(*arguments):
    done = subprocess.run([str(program.BUILD / "meterveil-audit"), *map(str, arguments)], capture_output=True, text=True, timeout=600)
    return done.returncode, done.stdout, done.stderr


def tree(folder):
    return sorted((str(p.relative_to(folder)), p.stat().st_size) for p in folder.rglob("*"))


def check_command_line():
    for verb in VERBS:
        status, out, error = program.start(0, verb, "--help")
        assert status == 0 and "Usage: meterveil" in out and error == "", (verb, status, out, error)
    status, out, _ = program.start(0, "--help")
    assert status == 0 and all(verb in out for verb in VERBS), out
    for wrong in ([], ["run"], ["inspect"], ["fetch"], ["fetch", "s.toml"], ["keygen"], ["generate"], ["verify"], ["run", "--bogus", "job.toml"], ["run", "j", "--threads", "x"],
                  ["run", "j", "--key-fd", "-1"], ["run", "j", "--progress", "loud"], ["inspect", "x", "--clock", "sun"], ["inspect", "x", "--time-zone", "Mars/Olympus"]):
        status, out, error = program.start(0, *wrong)
        assert status == 2 and out == "" and error, (wrong, status, out, error)
    for start in (lambda *a: program.start(0, *a), audit):
        status, out, error = start("verfiy", "x")
        assert status == 2 and "did you mean 'verify'" in error and out == "", (status, out, error)
    assert audit("run", "job.toml")[0] == 2, "the recipient's program has no run"
    status, out, error = program.start(3, "run", "--bogus")
    assert status == 2 and error.count("required") == 1, (status, error)
    assert program.start(3, "run", "--help")[1].count("Usage:") == 1


def check_keygen(folder):
    key = folder / "new.key"
    status, out, error = program.start(0, "keygen", "--out", key)
    assert status == 0 and error == "" and str(key) in out, (status, out, error)
    secret = key.read_bytes()
    assert stat.S_IMODE(key.stat().st_mode) == 0o600 and len(secret) == 32
    assert secret.hex() not in out
    status, out, error = program.start(0, "keygen", "--out", key)
    assert status == 2 and "never overwritten" in error and key.read_bytes() == secret, (status, error)
    assert program.start(0, "keygen", "--out", folder / "no/where")[0] == 7
    assert program.start(0, "keygen", "--out", folder / "other.key")[0] == 0 and (folder / "other.key").read_bytes() != secret


def check_explain():
    status, out, error = program.start(0, "explain")
    assert status == 0 and error == "" and all(word in out for word in ("clean.fill", "p_percent", "il-15-15", "privacy")), (status, out, error)
    for word in ("release.rules.scope", "rules.scope", "[clean] fill", "dominance", "ca-cpuc-zip", "privacy"):
        status, out, error = program.start(0, "explain", word)
        assert status == 0 and error == "" and word.split()[-1].split(".")[-1] in out, (word, status, out, error)
    assert program.start(0, "explain", "4")[1] == program.start(0, "explain", "privacy")[1]
    status, out, error = program.start(0, "explain", "min_coverge")
    assert status == 2 and out == "" and "did you mean 'min_coverage'" in error, (status, out, error)
    preset = json.loads(program.start(0, "explain", "ny-uer", "--json")[1])[0]
    assert "class small commercial: dominance = [1, 0.4]" in preset["rules"] and preset["scope"] == "month" and preset["date"] == "2018-04-20", preset
    everything = json.loads(program.start(0, "explain", "--json")[1])
    assert len([t for t in everything if t["kind"] == "preset"]) == len(list((program.ROOT / "src/protect/presets").glob("*.toml"))), everything
    assert program.start(3, "explain", "4")[1].count("status privacy") == 1, "one process speaks"


def check_inspect(folder):
    raw = sorted((program.ROOT / "datasets/london-2013/readings").glob("*.csv.gz"))[0]
    status, out, error = program.start(0, "inspect", raw)
    assert status == 0 and error == "" and "every 1800 s" in out, (status, out, error)
    status, out, error = program.start(0, "inspect", "--json", raw, program.ROOT / "tests/golden/readings.csv")
    first, second = json.loads(out)
    assert status == 0 and first["path"] == str(raw) and first["compression"] == "gzip" and first["interval_s"] == 1800, first
    with gzip.open(raw, "rt") as file:
        assert first["rows"] == sum(1 for _ in file) - 1
    assert second["format"] == "long-csv" and second["interval_s"] == 3600 and second["meters"] == 19, second
    assert second["columns"] == ["meter_id: meter", "timestamp: time", "channel: channel", "kwh: energy"], second
    assert "M07" not in out, "an id is told"
    latin = folder / os.fsdecode(b"Z\xfcrich.csv")
    latin.write_bytes("meter_id,timestamp,kwh,Z\u00e4hler\n1,2013-01-01 00:00,0.5,x\n".encode("latin-1"))
    done = subprocess.run([program.BUILD / "meterveil", "inspect", "--json", latin], capture_output=True, timeout=600)
    assert done.returncode == 0 and json.loads(done.stdout)[0]["rows"] == 1, done
    status, out, error = program.start(0, "inspect", folder / "nothing.csv")
    assert status == 3 and out == "" and "nothing.csv" in error, (status, out, error)
    many = folder / "many/deep"
    many.mkdir(parents=True)
    (many / "a.csv").write_text("what is this\n")
    (many / "b.csv").write_text("meter_id,timestamp,kwh\n1,2013-01-01 00:00,0.5\n1,2013-01-01 00:30,0.5\n")
    (many / "c.csv").write_text("meter_id,timestamp,kwh\n")
    status, out, error = program.start(0, "inspect", folder / "many")
    assert status == 3 and "1 of 3 files" in error and "rejected" in out and "every 1800 s" in out and "no readings" in out, (status, out, error)
    status, out, error = program.start(0, "inspect", "--json", folder / "many")
    assert status == 3 and [("error" in file) for file in json.loads(out)] == [True, False, False], (status, out, error)
    shutil.rmtree(folder / "many")
    (folder / "many").mkdir()
    status, out, error = program.start(0, "inspect", folder / "many")
    assert status == 3 and "no file" in error, (status, out, error)


def check_dry_run(folder):
    job = golden.prepare(folder)
    (folder / "root.key").unlink()  # none is needed
    before = tree(folder)
    for ranks in (0, 2):
        status, out, error = program.start(ranks, "run", job, "--dry-run")
        assert status == 0 and error == "", error
        for word in ("rows", "18 meters", "memory", "per rank", "custody", "release", "free", "network"):
            assert word in out, (word, out)
        status, out, error = program.start(ranks, "run", job, "--dry-run", "--json")
        plan = json.loads(out)
        assert abs(plan["rows"] - 1990) < 60 and plan["meters"] == 18 and plan["intervals"] == 71 and plan["ranks"] == max(1, ranks), plan
        assert all(plan[key] > 0 for key in ("memory_per_rank", "custody_bytes", "release_bytes", "custody_free", "output_free")), plan
        assert (plan["wire_bytes"] > 0) == (ranks > 1)
    assert tree(folder) == before, "a dry run wrote something"


def check_progress(folder):
    job = golden.prepare(folder)
    for mode in ("json", "plain", "bar", "off"):
        status, out, error = program.start(2, "run", job, "--progress", mode, "--json", "--out", folder / f"out-{mode}", "--custody", folder / f"custody-{mode}")
        assert status == 0, error
        summary = json.loads(out)  # nothing else on stdout
        stages = [stage["stage"] for stage in summary["stages"]]
        assert stages == ["enrol", "ingest", "corrections", "cohort", "ledger", "prove", "aggregate", "protect", "publish"] and summary["ranks"] == 2, summary
        assert pathlib.Path(summary["start_here"]).is_file()
        for file in summary["files"]:
            assert file["read"] == file["accepted"] + file["superseded"] + file["duplicate"] + file["quarantined"] == 1990, file
        if mode == "json":
            said = [json.loads(line) for line in error.splitlines()]
            assert [s["stage"] for s in said if s["percent"] == 100] == stages, said
        elif mode == "off":
            assert error == "", error
        else:
            assert all(stage in error for stage in stages) and "100 %" in error, error


def check_generated(folder):
    (folder / "spec.toml").write_text(SPEC)
    for ranks in (1, 2):
        status, out, error = program.start(ranks, "generate", folder / "spec.toml", "--out", folder / f"made-{ranks}")
        assert status == 0 and out == f"{folder}/made-{ranks}/job.toml\n", (status, out, error)
    assert london.equal_folders(folder / "made-1", folder / "made-2")
    status, _, error = program.start(0, "generate", folder / "spec.toml", "--out", folder / "made-1")
    assert status != 0 and "made-1" in error, error
    key = program.key_in(folder / "made-1")
    releases = {}
    for ranks in (1, 2):
        out_folder = folder / f"releases-{ranks}"
        with open(key, "rb") as file:
            status, out, error = program.start(ranks, "run", folder / "made-1/job.toml", "--out", out_folder, "--custody", folder / f"custody-{ranks}", "--progress", "off",
                                               "--json", "--key-fd", "0", stdin=file)
        assert status == 0, error
        releases[ranks] = pathlib.Path(json.loads(out)["start_here"]).parent
        assert releases[ranks].parent == out_folder
        assert (folder / f"custody-{ranks}").stat().st_mode & 0o077 == 0
        for path in (folder / f"custody-{ranks}").rglob("*"):
            assert path.stat().st_mode & 0o077 == 0, path
    assert london.equal_folders(releases[1], releases[2])
    return releases[1]


def check_verify(release, folder):
    for start in (lambda *a: program.start(0, *a), audit):
        status, out, error = start("verify", release)
        assert status == 0 and error == "", (status, out, error)
        lines = out.splitlines()
        assert len(lines) >= 10 and all(line.startswith("ok ") for line in lines), out
        status, out, error = start("verify", "--json", release)
        summary = json.loads(out)
        assert status == 0 and summary["passes"] and all(check["passes"] and check["detail"] for check in summary["checks"]), summary
        status, out, error = start("verify", folder)
        assert status == 3 and out == "" and "not a release" in error, (status, out, error)
    os.rename(release / "tables/nodes.csv", folder / "nodes.csv")
    for start in (lambda *a: program.start(0, *a), audit):
        status, out, error = start("verify", release)
        assert status == 4 and "FAILED  files: tables/nodes.csv is missing" in out and "does not verify" in error, (status, out, error)
        status, out, error = start("verify", "--json", release)
        summary = json.loads(out)
        assert status == 4 and not summary["passes"] and {c["check"] for c in summary["checks"] if not c["passes"]} == {"files", "checksums", "nodes"}, summary
    os.rename(folder / "nodes.csv", release / "tables/nodes.csv")
    (release / os.fsdecode(b"tables/\x1b[2J\xff.csv")).write_text("x")
    for options in ([], ["--json"]):
        done = subprocess.run([str(program.BUILD / "meterveil-audit"), "verify", *options, str(release)], capture_output=True, timeout=600)
        assert done.returncode == 4 and b"\x1b" not in done.stdout, done


def check_the_wall():
    """What the recipient's program is made of: no symbol of a room left of the wall."""
    symbols = subprocess.run(["nm", "-C", "--defined-only", str(program.BUILD / "meterveil-audit")], capture_output=True, text=True).stdout
    assert "meterveil::publish::verify" in symbols, "the program was stripped: this test sees nothing"
    for room in ("ingest", "pseudonym", "store", "cohort", "aggregate", "protect", "config", "pipeline", "generate", "collect"):
        assert f"meterveil::{room}::" not in symbols, room


def main():
    program.ROOT, program.BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    check_command_line()
    check_the_wall()
    check_explain()
    for check in (check_keygen, check_inspect, check_dry_run, check_progress):
        with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
            check(pathlib.Path(name))
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        check_verify(check_generated(pathlib.Path(name)), pathlib.Path(name))
    print("every verb does what its help says")


if __name__ == "__main__":
    main()
