"""slurm/annual.sbatch on a real Slurm of two nodes: the release of a plain run, and the status of a job that fails."""
import filecmp
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "end_to_end"))
import cluster
import program

SKIPPED = 77
SPEC = "seed = 3\nmeters = 300\nfrom = 2013-03-01\nuntil = 2013-04-15\nregions = 3\nmeters_per_file = 64\n"


def release_of(folder, name):
    return next(path for path in (folder / name).iterdir() if path.is_dir())


def check(folder):
    (folder / "spec.toml").write_text(SPEC)
    status, _, error = program.start(0, "generate", folder / "spec.toml", "--out", folder / "utility")
    assert status == 0, error
    program.key_in(folder / "utility")
    job = folder / "utility/job.toml"
    status, _, error = program.start(0, "run", job, "--out", folder / "plain", "--custody", folder / "custody-plain", "--progress", "off")
    assert status == 0, error
    (folder / "cluster").mkdir()
    with cluster.Cluster(folder / "cluster") as slurm:
        slurm.environment["PATH"] = f"{program.BUILD}{os.pathsep}{slurm.environment['PATH']}"
        script = program.ROOT / "slurm/annual.sbatch"
        status, log = slurm.submit(script, job, "--out", folder / "slurm", "--custody", folder / "custody-slurm")
        assert status == 0, log
        ours, theirs = release_of(folder, "plain"), release_of(folder, "slurm")
        files = sorted(path.relative_to(ours) for path in ours.rglob("*") if path.is_file())
        assert files == sorted(path.relative_to(theirs) for path in theirs.rglob("*") if path.is_file())
        assert all(filecmp.cmp(ours / path, theirs / path, shallow=False) for path in files), "other bytes under Slurm"
        assert "ingest: 100 %" in log, log

        status, log = slurm.submit("--nodes=1", "--ntasks-per-node=3", script, job, "--out", folder / "slurm", "--custody", folder / "custody-slurm")
        assert status == 8 and log.count("meterveil: error") == 1 and "never altered" in log, (status, log)
    print("two nodes under Slurm give the release of a plain run")


def main():
    program.ROOT, program.BUILD = map(pathlib.Path, sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="meterveil-slurm-") as name:
        try:
            check(pathlib.Path(name))
        except cluster.Unavailable as reason:
            print(f"skipped: no Slurm on this machine: {reason}")
            sys.exit(SKIPPED)


if __name__ == "__main__":
    main()
