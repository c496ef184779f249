"""A tiny job whose release is known byte for byte: on any machine, number of ranks, time zone and locale.

After a change that is meant to change the bytes: /usr/bin/python3 tests/end_to_end/golden.py . build/release --renew
"""
import os
import pathlib
import shutil
import sys
import tempfile

import program

RENEW = """the release of tests/golden is another one than before. If that is meant, and the new one was read, renew it on purpose:
  /usr/bin/python3 tests/end_to_end/golden.py {root} {build} --renew"""
SETTINGS = [  # ranks, environment, mask of new files
    (0, {}, 0o022), (1, {"TZ": "Asia/Kolkata", "LC_ALL": "C"}, 0o077), (2, {"TZ": "America/St_Johns", "LC_ALL": "C.UTF-8"}, 0o000),
    (3, {"TZ": "UTC", "LC_ALL": "de_DE.UTF-8", "LANG": "tr_TR.UTF-8"}, 0o027)]


def prepare(folder):
    """The job's files in a folder of their own. Not the sums."""
    for path in (program.ROOT / "tests/golden").iterdir():
        if path.is_file() and path.name != "SHA256SUMS":
            shutil.copy(path, folder)
    (folder / "root.key").chmod(0o600)
    return folder / "job.toml"


def release(folder, ranks=0):
    job = prepare(folder)
    status, out, error = program.start(ranks, "run", job, "--progress", "off")
    assert status == 0, error
    assert out == f"{folder / 'releases/golden/START-HERE.html'}\n", out
    return folder / "releases/golden"


def sums_of(ranks, environment, mask):
    before, old_mask = dict(os.environ), os.umask(mask)
    os.environ.update(environment)
    try:
        with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
            made = release(pathlib.Path(name), ranks)
            assert program.start(0, "verify", made)[0] == 0
            return (made / "SHA256SUMS").read_text()
    finally:
        os.umask(old_mask)
        os.environ.clear()
        os.environ.update(before)


def main():
    program.ROOT, program.BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    known = program.ROOT / "tests/golden/SHA256SUMS"
    if sys.argv[3:] == ["--renew"]:
        known.write_text(sums_of(*SETTINGS[0]))
        print(f"renewed {known}")
        return
    for setting in SETTINGS:
        sums = sums_of(*setting)
        changed = sorted(line[66:] for line in set(sums.splitlines()) ^ set(known.read_text().splitlines()))
        assert not changed, f"{setting}: {sorted(set(changed))}\n" + RENEW.format(root=program.ROOT, build=program.BUILD)
    print("the same bytes as ever, in every setting")


if __name__ == "__main__":
    main()
