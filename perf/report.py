"""report.py FOLDER: the measurements of a baseline folder as ratios to the limits that were measured beside them."""
import json
import pathlib
import sys


def rates(path):
    """Benchmark -> bytes or items a second (bytes where both are there and the limit has no items)."""
    found = {}
    for run in json.loads(path.read_text())["benchmarks"]:
        found[run["name"].split("/iterations:")[0].removesuffix("/real_time")] = run
    return found


def print_micro(path):
    """Each measurement beside the limit that was measured last before it."""
    for name, run in rates(path).items():
        if name.startswith("limit/"):
            limit_name, limit = name, run
            unit = "bytes_per_second" if "bytes_per_second" in limit else "items_per_second"
            continue
        print(f"{name:45} {run['items_per_second'] / 1e6:9.1f} M/s   {run[unit] / limit[unit]:6.3f} of {limit_name}")


def print_annual(path):
    result = json.loads(path.read_text())
    limit = result["limits"]["read_rows_per_second"]
    print(f"\n{path.stem} on {result['machine']['processor']}, {result['machine']['cores']} cores, load {result['machine']['load_before']:.1f}")
    print(f"limit: the files are read at {limit / 1e6:.0f} M rows/s, lines counted at {result['limits']['count_lines_rows_per_second'] / 1e6:.0f}; "
          f"awk sums by meter and hour at {result['limits']['awk_meter_hour_rows_per_second'] / 1e6:.1f}")
    for run in result["runs"]:
        print(f"{run['ranks']} rank(s): {run['rows'] / 1e6:.1f} M rows in {run['seconds']:.1f} s{', spooled' if run['spooled'] else ''}")
        for stage in run["stages"]:
            print(f"  {stage['stage']:10} {stage['seconds']:7.2f} s {stage['cpu_seconds']:7.2f} CPU s {stage['peak_bytes'] / 2**20:7.0f} MiB "
                  f"{stage['rows_per_second'] / 1e6:9.1f} M rows/s")


def main():
    folder = pathlib.Path(sys.argv[1])
    for subject in ("csv", "xml", "pseudonyms", "exchange", "cleaning", "aggregation"):
        print_micro(folder / f"{subject}.json")
    print_annual(folder / "annual-20000x60.json")


if __name__ == "__main__":
    main()
