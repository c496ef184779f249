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
        cost = f"   {run['cpu_s']:.2f} CPU s, {run['peak_bytes'] / 2**20:.0f} MiB" if "peak_bytes" in run else ""
        print(f"{name:45} {run['items_per_second'] / 1e6:9.1f} M/s   {run[unit] / limit[unit]:6.3f} of {limit_name}{cost}")


def print_proofs(path):
    """CPU time and memory of each proof, and how they grow with the leaves."""
    print()
    last = None
    for name, run in rates(path).items():
        if not name.startswith("prove/"):
            continue
        case, leaves = name.split("/leaves:")
        seconds = run["cpu_time"] / 1e3
        growth = f"   {int(leaves) / last[1]:.0f} times the leaves take {seconds / last[2]:.1f} times" if last and last[0] == case else ""
        print(f"{case:27} {int(leaves):9,} leaves {seconds:9.3f} s {run['proof_mib']:7.0f} MiB {run['pairs'] / 1e6:8.2f} M pairs{growth}")
        last = (case, int(leaves), seconds)


def print_profiles(path):
    """CPU time and memory of shapes and groups, how near to the limit they read, and what the groups lose."""
    print()
    runs = rates(path)
    limit = runs["limit/memory_read"]["bytes_per_second"]
    for name, run in runs.items():
        if not name.startswith("profiles/"):
            continue
        lost = f"   {run['lost_variance']:.2%} of the variance lost" if "lost_variance" in run else ""
        print(f"{name:55} {run['cpu_s']:8.3f} CPU s {run['peak_bytes'] / 2**20:5.0f} MiB {run['bytes_per_second'] / limit:7.3f} of limit/memory_read{lost}")


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


def print_peers(path):
    result = json.loads(path.read_text())
    print(f"\n{path.stem}, load {result['machine']['load_before']:.1f}; limit: the files are read at {result['limits']['read_rows_per_second'] / 1e6:.0f} M rows/s")
    for kind in ("plain", "quoted"):
        run = result[kind]
        print(f"{kind:8} {run['rows'] / 1e6:5.1f} M rows: MeterVeil to shards {run['meterveil_rows_per_second'] / 1e6:5.1f} M rows/s, DuckDB {run['duckdb']} to Parquet "
              f"{run['duckdb_rows_per_second'] / 1e6:5.1f}: {run['ratio']:.2f} times; {run['peak_bytes_a_rank'] / 2**20:.0f} MiB a rank")
    print(f"growth: {result['growth']['rows']:.2f} times the rows take {result['growth']['time']:.2f} times the time")


def main():
    folder = pathlib.Path(sys.argv[1])
    for subject in ("csv", "xml", "pseudonyms", "exchange", "cleaning", "aggregation", "partition", "attributes", "noise"):
        if (folder / f"{subject}.json").exists():  # a new benchmark has none yet
            print_micro(folder / f"{subject}.json")
    print_proofs(folder / "prove.json")
    print_profiles(folder / "profiles.json")
    print_annual(folder / "annual-20000x60.json")
    print_peers(folder / "ingest-peers.json")


if __name__ == "__main__":
    main()
