"""annual.py ROOT BUILD OUT.json [FOLDER]: the annual job on 20,000 generated meters x 60 days of half-hours, at 1 and 2 ranks.

In the same run: how fast this machine reads the same files from its page cache, and counts their lines (the limit), and how
fast awk sums them by meter and hour (what every machine has).
"""
import contextlib
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

SPEC = "seed = 1\nmeters = 20000\nfrom = 2013-01-01\nuntil = 2013-03-02\n"


def timed(command, **keywords):
    begun = time.monotonic()
    done = subprocess.run(list(map(str, command)), check=True, capture_output=True, text=True, **keywords)
    return time.monotonic() - begun, done.stdout


def mpirun(root, ranks, *command, **keywords):
    return timed([root / "tests/support/mpirun.sh", ranks, *command], **keywords)


def prepare(root, build, folder):
    utility = folder / "utility"
    if not utility.exists():
        (folder / "spec.toml").write_text(SPEC)
        mpirun(root, 2, build / "meterveil", "generate", folder / "spec.toml", "--out", utility)
        timed([build / "meterveil", "keygen", "--out", utility / "root.key"])
    text = (utility / "job.toml").read_text()
    (utility / "bench.toml").write_text(text.replace('memory_per_rank = "2GiB"', 'memory_per_rank = "1GiB"'))
    return utility


def run_job(root, build, utility, ranks):
    with tempfile.TemporaryDirectory(dir=utility.parent) as name:
        seconds, out = mpirun(root, ranks, build / "meterveil", "run", utility / "bench.toml", "--out", f"{name}/releases",
                              "--custody", f"{name}/custody", "--threads", 1, "--progress", "off", "--json")
    report = json.loads(out)
    rows = sum(file["read"] for file in report["files"])
    for stage in report["stages"]:
        stage["rows_per_second"] = round(rows / max(stage["seconds"], 1e-9))
    return {"ranks": ranks, "rows": rows, "seconds": seconds, "spooled": report["spooled"], "stages": report["stages"]}


def limits(utility):
    files = sorted((utility / "readings").glob("*.csv"))
    read_s, _ = timed(["sh", "-c", "cat " + " ".join(map(str, files)) + " > /dev/null"])
    lines_s, out = timed(["wc", "-l", *files])
    awk = '{ sum[$1 substr($2, 1, 13)] += $4 } END { n = 0; for (k in sum) ++n; print n }'
    awk_s, _ = timed(["awk", "-F,", awk, files[0]])
    awk_rows = int(timed(["wc", "-l", files[0]])[1].split()[0])
    rows = int(out.split()[-2])
    return {"read_rows_per_second": round(rows / read_s), "count_lines_rows_per_second": round(rows / lines_s),
            "awk_meter_hour_rows_per_second": round(awk_rows / awk_s)}


def machine():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    return {"processor": model, "cores": len(os.sched_getaffinity(0)), "load_before": os.getloadavg()[0]}


def main():
    root, build, out = map(pathlib.Path, sys.argv[1:4])
    with contextlib.ExitStack() as stack:
        chosen = sys.argv[4] if len(sys.argv) > 4 and sys.argv[4] else stack.enter_context(tempfile.TemporaryDirectory(prefix="meterveil-perf-"))
        folder = pathlib.Path(chosen)
        folder.mkdir(parents=True, exist_ok=True)
        result = {"machine": machine(), "spec": SPEC}
        utility = prepare(root, build, folder)
        result["limits"] = limits(utility)
        result["runs"] = [run_job(root, build, utility, ranks) for ranks in (1, 2)]
        out.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
