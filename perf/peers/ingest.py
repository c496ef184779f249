"""ingest.py ROOT BUILD OUT.json [FOLDER]: from CSV to a columnar store, MeterVeil beside DuckDB, in turns, on two cores.

MeterVeil: the stage `ingest` of the annual job at 2 ranks (rows checked, placed on the axis, pseudonymised, sent to their owner,
cleaned, compressed, written to custody with a digest). DuckDB: CSV to zstd Parquet (COPY), types given. Both without the start
of the process, files in the page cache, 1 GiB (a rank; DuckDB in all 2 GiB).

plain: 20,000 generated meters x 60 days (60.2 M rows). quoted: a fifth of them with every field in quotes, other names of columns and
local time, mapped by the job. growth: 2,000 meters against 20,000. DuckDB comes by npm into FOLDER/duckdb, never by the build.
"""
import contextlib
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scaling"))
import annual  # noqa: E402

TURNS = 3
SMALL_SPEC = annual.SPEC.replace("meters = 20000", "meters = 2000")
SED = 's/^([^,]*),([^,Z]*)Z?,([^,]*),(.*)$/"\\1","\\2","\\3","\\4"/; 1s/.*/"MPAN","Reading time","Flow","Consumed"/'
MAPPED = """format  = "long-csv"
clock   = "local"
label   = "start"
unit    = "kWh"
columns = { meter = "MPAN", time = "Reading time", channel = "Flow", energy = "Consumed" }
"""


def without_release(job):
    """The job with the least behind ingest: one resolution, no forecast."""
    text = re.sub(r'^products = .*$', 'products = ["aggregates"]', job, flags=re.M)
    text = re.sub(r'^resolutions = .*$', 'resolutions = ["year"]', text, flags=re.M)
    return re.sub(r'^\[forecast\].*?(?=^\[)', "", text, flags=re.M | re.S)


def small_utility(root, build, folder):
    utility = folder / "small"
    if not utility.exists():
        (folder / "small.toml").write_text(SMALL_SPEC)
        annual.mpirun(root, 2, build / "meterveil", "generate", folder / "small.toml", "--out", utility)
        annual.timed([build / "meterveil", "keygen", "--out", utility / "root.key"])
    (utility / "bench.toml").write_text(without_release((utility / "job.toml").read_text()).replace('"2GiB"', '"1GiB"'))
    return utility


def quoted_files(utility):
    folder = utility / "quoted"
    files = sorted((utility / "readings").glob("*.csv"))
    files = files[:len(files) // 5]
    folder.mkdir(exist_ok=True)
    for file in files:
        if not (folder / file.name).exists():
            with open(folder / file.name, "wb") as out:
                subprocess.run(["sed", "-E", SED, file], check=True, stdout=out)
    return folder


def jobs(utility):
    text = without_release((utility / "bench.toml").read_text())
    (utility / "plain.toml").write_text(text)
    mapped = re.sub(r'^format  = .*?^columns = [^\n]*\n', lambda _: MAPPED, text, flags=re.M | re.S)
    (utility / "quoted.toml").write_text(mapped.replace('"readings/*.csv"', '"quoted/*.csv"'))


def meterveil(root, build, job):
    with tempfile.TemporaryDirectory(dir=job.parent.parent) as name:
        _, out = annual.mpirun(root, 2, build / "meterveil", "run", job, "--out", f"{name}/releases", "--custody", f"{name}/custody",
                               "--threads", 1, "--progress", "off", "--json")
    report = json.loads(out)
    stage = next(stage for stage in report["stages"] if stage["stage"] == "ingest")
    return {"rows": sum(file["read"] for file in report["files"]), "seconds": stage["seconds"], "peak_bytes": stage["peak_bytes"], "spooled": report["spooled"]}


def duckdb(root, folder, readings, kind):
    home = folder / "duckdb"
    if not (home / "node_modules").exists():
        home.mkdir(exist_ok=True)
        annual.timed(["npm", "install", "--prefix", home, "@duckdb/node-api"])
    with tempfile.TemporaryDirectory(dir=folder) as name:
        _, out = annual.timed(["node", root / "perf/peers/duckdb.mjs", f"{readings}/*.csv", f"{name}/out.parquet", "2GB", kind], cwd=home)
    return json.loads(out)


def side_by_side(root, build, folder, utility, kind):
    readings = utility / "readings" if kind == "plain" else quoted_files(utility)
    ours, theirs = [], []
    for turn in range(TURNS + 1):
        ours.append(meterveil(root, build, utility / f"{kind}.toml"))
        theirs.append(duckdb(root, folder, readings, kind))
        if turn == 0:  # the files come into the page cache
            ours.clear()
            theirs.clear()
    if ours[0]["rows"] != theirs[0]["rows"]:
        raise SystemExit(f"{kind}: MeterVeil read {ours[0]['rows']} rows, DuckDB {theirs[0]['rows']}")
    rate = {name: statistics.median(run["rows"] / run["seconds"] for run in runs) for name, runs in (("meterveil", ours), ("duckdb", theirs))}
    return {"rows": ours[0]["rows"], "meterveil_rows_per_second": round(rate["meterveil"]), "duckdb_rows_per_second": round(rate["duckdb"]),
            "ratio": rate["meterveil"] / rate["duckdb"], "duckdb": theirs[0]["version"], "peak_bytes_a_rank": max(run["peak_bytes"] for run in ours),
            "spooled": ours[0]["spooled"], "seconds": [run["seconds"] for run in ours]}


def main():
    root, build, out = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    with contextlib.ExitStack() as stack:
        chosen = sys.argv[4] if len(sys.argv) > 4 and sys.argv[4] else stack.enter_context(tempfile.TemporaryDirectory(prefix="meterveil-perf-"))
        folder = pathlib.Path(chosen)
        folder.mkdir(parents=True, exist_ok=True)
        utility = annual.prepare(root, build, folder)
        small = small_utility(root, build, folder)
        jobs(utility)
        result = {"machine": annual.machine(), "limits": annual.limits(utility)}
        for kind in ("plain", "quoted"):
            result[kind] = side_by_side(root, build, folder, utility, kind)
        few = [meterveil(root, build, small / "bench.toml") for _ in range(TURNS)]
        seconds = statistics.median(run["seconds"] for run in few)
        result["growth"] = {"rows": result["plain"]["rows"] / few[0]["rows"], "time": statistics.median(result["plain"]["seconds"]) / seconds}
        out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
