"""A release from a stranger who knows how one is made: whatever its files hold, it is refused, at once and in words."""
import hashlib
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import h5py
import numpy

import golden
import program
import readers

NUM_FLIPS = 100
SECONDS = 120
ENERGY = "feeder/1h/energy_wh"


def seal(release):
    """Makes sizes and checksums fit."""
    manifest = json.loads((release / "manifest.json").read_text())
    files = sorted(p for p in release.rglob("*") if p.is_file() and p.name not in ("manifest.json", "SHA256SUMS"))
    digest = {str(p.relative_to(release)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}
    manifest["files"] = [{"path": path, "sha256": digest[path], "bytes": (release / path).stat().st_size} for path in digest]
    (release / "manifest.json").write_text(json.dumps(manifest))
    digest["manifest.json"] = hashlib.sha256((release / "manifest.json").read_bytes()).hexdigest()
    (release / "SHA256SUMS").write_text("".join(f"{digest[path]}  {path}\n" for path in sorted(digest)))


def verify(release):
    done = subprocess.run([str(program.BUILD / "meterveil-audit"), "verify", "--json", str(release)], capture_output=True, text=True, timeout=SECONDS)
    failed = {c["check"] for c in json.loads(done.stdout)["checks"] if not c["passes"]} if done.stdout else set()
    return done.returncode, failed, done.stderr


def replaced(path, **properties):
    """A change that puts another dataset, made by h5py with these properties, in the place of `path`."""
    def change(file, _):
        del file[path]
        file.create_dataset(path, **properties)
    return change


def external_storage(file, folder):
    shape = file[ENERGY].shape
    (folder / "secret").write_bytes(b"x" * 1000000)
    del file[ENERGY]
    file.create_dataset(ENERGY, shape, "<i8", external=[(str(folder / "secret"), 0, 800000)])


def virtual(file, folder):
    shape = file[ENERGY].shape
    with h5py.File(folder / "other.h5", "w") as other:
        other["x"] = numpy.zeros(shape, "<i8")
    layout = h5py.VirtualLayout(shape, "<i8")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "x", shape)
    del file[ENERGY]
    file.create_virtual_dataset(ENERGY, layout)


def link(make):
    def change(file, folder):
        file.move(ENERGY, "elsewhere")
        file[ENERGY] = make(folder)
    return change


def circle(file, _):
    file["feeder/again"] = file["feeder"]


def edited(path, values):
    def change(file, _):
        old = file[path]
        kept = values(old[()])
        attributes = dict(old.attrs)
        dtype = old.dtype
        del file[path]
        made = file.create_dataset(path, data=kept, dtype=dtype)
        for key in ("units",):
            if key in attributes:
                made.attrs.create(key, attributes[key])
    return change


def longest_band(old):
    new = old.copy()
    new[0] = b"9" * 39 + b"-5"
    return new


def first(value):
    def values(old):
        new = old.copy()
        new[0] = value
        return new
    return values


HOSTILE = {
    "external storage": external_storage,
    "a virtual dataset": virtual,
    "a soft link": link(lambda folder: h5py.SoftLink("/elsewhere")),
    "an external link": link(lambda folder: h5py.ExternalLink("/etc/passwd", "/x")),
    "a group in a circle": circle,
    "a filter": replaced(ENERGY, shape=(3, 71), dtype="<i8", chunks=(1, 71), compression="gzip"),
    "values that are claimed and not stored": replaced(ENERGY, shape=(2**28, 71), dtype="<i8"),
    "text that is claimed and not stored": replaced("units/name", shape=(2**28,), dtype=h5py.string_dtype()),
    "as many values as there are numbers": replaced(ENERGY, shape=(2**28, 2**28), dtype="<i8"),
    "no rows": replaced(ENERGY, shape=(0, 71), dtype="<i8"),
    "no columns": replaced("feeder/1h/time", shape=(0,), dtype="<i8"),
    "one dimension": replaced(ENERGY, data=numpy.zeros(213, "<i8")),
    "three dimensions": replaced(ENERGY, data=numpy.zeros((3, 71, 2), "<i8")),
    "a scalar": replaced(ENERGY, data=numpy.int64(5)),
    "nothing at all": replaced(ENERGY, data=h5py.Empty("<i8")),
    "narrow numbers": replaced(ENERGY, data=numpy.zeros((3, 71), "<i4")),
    "numbers without a sign": replaced(ENERGY, data=numpy.zeros((3, 71), "<u8")),
    "numbers the other way round": replaced(ENERGY, data=numpy.zeros((3, 71), ">i8")),
    "floats": replaced(ENERGY, data=numpy.full((3, 71), numpy.nan)),
    "text for numbers": replaced("units/parent", data=["x"] * 6, dtype=h5py.string_dtype()),
    "numbers for text": replaced("units/name", data=numpy.zeros(6, "<i8")),
    "one dataset more": lambda file, _: file.create_dataset("meters/energy_wh", data=numpy.zeros((5, 71), "<i8")),
    "one dataset less": lambda file, _: file.__delitem__("feeder/1h/status"),
    "units that contain themselves": edited("units/parent", lambda old: numpy.arange(len(old))),
    "a parent far away": edited("units/parent", first(2**40)),
    "a parent below nothing": edited("units/parent", first(-2**40)),
    "fewer names than units": edited("units/name", lambda old: old[:-1]),
    "another level": edited("units/level", first(b"meter")),
    "times that fall": edited("feeder/1h/time", lambda old: old[::-1]),
    "times beyond any calendar": edited("feeder/1h/time", lambda old: old + 2**62),
    "a band of many digits": edited("feeder/1h/contributors", longest_band),
    "a unit of energy that is another": lambda file, _: file[ENERGY].attrs.__setitem__("units", numpy.bytes_("kWh")),
}


def tampered(original, folder, name, change, file="aggregates.h5"):
    release = folder / "small"
    shutil.rmtree(release, ignore_errors=True)
    shutil.copytree(original, release)
    with h5py.File(release / file, "r+") as h5:
        change(h5, folder)
    seal(release)
    status, failed, error = verify(release)
    assert status == 4 and failed, f"{name}: {status} {failed} {error}"
    assert "checksums" not in failed and "files" not in failed, f"{name}: {failed}"


def check_crafted(original, folder):
    for name, change in HOSTILE.items():
        tampered(original, folder, name, change)


def check_forecast(original, folder):
    quantile = "1d/total/quantile"
    for name, change in {"a quantile that is no number": edited(quantile, first(numpy.nan)), "a quantile beyond 1": edited(quantile, lambda old: old + 1),
                         "quantiles that fall": edited(quantile, lambda old: old[::-1]), "no quantile": replaced(quantile, shape=(0,), dtype="<f8"),
                         "another horizon": lambda file, _: file.create_dataset("2d/total/mean_wh", data=numpy.zeros((1, 48), "<i8")),
                         "another start": edited("1d/total/time", lambda old: old + 3600),
                         "a circle": lambda file, _: file.__setitem__("1d/again", file["1d"])}.items():
        tampered(original, folder, name, change, "forecast.h5")


def check_flips(original, folder):
    """Bits of the HDF5 files, at random: always a refusal in words. HDF5 itself crashes on some, and never ends on
    others: then the program says so, with the status of an input that could not be judged."""
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    release = folder / "flipped"
    shutil.copytree(original, release)
    found = 0
    for _ in range(NUM_FLIPS):
        path = release / draw.choice(["aggregates.h5", "forecast.h5"])
        whole = path.read_bytes()
        flipped = bytearray(whole)
        for _ in range(draw.choice([1, 1, 3, 40])):
            # Half of the flips hit the first bytes, where the structure is.
            at = draw.randrange(len(whole) if draw.random() < 0.5 else min(len(whole), 20000))
            flipped[at] ^= 1 << draw.randrange(8)
        path.write_bytes(flipped)
        seal(release)
        status, _, error = verify(release)
        assert status in (0, 4) or (status == 3 and "brought the reader down" in error), f"seed {seed}: {status} {error}"
        found += status != 0
        path.write_bytes(whole)
    assert found > NUM_FLIPS / 2, f"seed {seed}: {found} of {NUM_FLIPS} found"
    seal(release)
    assert verify(release)[0] == 0


def main():
    program.ROOT, program.BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        folder = pathlib.Path(name)
        for made in ("plain", "coming"):
            (folder / made).mkdir()
        original, coming = golden.release(folder / "plain"), readers.forecast_release(folder / "coming")
        check_crafted(original, folder)
        check_forecast(coming, folder)
        check_flips(coming, folder)
    print("nothing that a stranger wrote passed or brought the reader down")


if __name__ == "__main__":
    main()
