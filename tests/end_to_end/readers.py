"""The HDF5 files of a release in the readers that people use: names, times, units and values, as the CSV tables say them."""
import collections
import csv
import json
import pathlib
import re
import sys
import tempfile
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import h5py
import netCDF4
import numpy
import xarray

import golden
import program

try:
    import h5netcdf  # noqa: F401
    ENGINE = "h5netcdf"
except ImportError:
    ENGINE = "netcdf4"

LONDON = ZoneInfo("Europe/London")
COARSE = ("1d", "month", "year")


def table(path):
    """node -> its rows, in order."""
    rows = collections.OrderedDict()
    with open(path, newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["node"], []).append(row)
    return rows


def utc(text):
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)


def check_group(release, root, level, resolution):
    """One level at one resolution in h5py, xarray and netCDF4, against its table."""
    group, path = f"{root}/{level}/{resolution}", release / "aggregates.h5"
    rows = table(release / f"tables/{'export-' if root else ''}{level}-{resolution}.csv")
    values = numpy.array([[int(row["energy_wh"]) for row in of_node] for of_node in rows.values()])
    starts = [utc(row["start_utc"]) for row in next(iter(rows.values()))]
    with h5py.File(path) as file:
        energy = file[group]["energy_wh"]
        assert energy.dtype == numpy.dtype("<i8") and (energy[:] == values).all(), group
        assert [energy.dims[i][0].name for i in (0, 1)] == [f"{group}/node", f"{group}/time"]
        assert [d.label for d in energy.dims] == ["", ""] and energy.attrs["units"].decode() == "Wh"
        assert energy.attrs["cell_methods"].decode() == "time: sum"
        assert [n.decode() for n in file[group]["node"][:]] == list(rows)
        assert [b.decode() for b in file[group]["contributors"][:]] == [r[0]["contributors"] for r in rows.values()]
        assert [b.decode() for b in file[group]["status"][:]] == [r[0]["status"] for r in rows.values()]
        assert [datetime.fromtimestamp(int(t), timezone.utc) for t in file[group]["time"][:]] == starts
        dates = [row["local_date"] for row in next(iter(rows.values()))]
        assert dates == [str(start.astimezone(LONDON).date()) for start in starts], group
        assert ("local_date" in file[group]) == (resolution in COARSE)
        if resolution in COARSE:
            assert [d.decode() for d in file[group]["local_date"][:]] == dates
    with xarray.open_dataset(path, group=group, engine=ENGINE) as data:
        assert data.energy_wh.dims == ("node", "time") and data.energy_wh.attrs["units"] == "Wh"
        assert data.time.dtype.kind == "M" and data.time.attrs["standard_name"] == "time"
        assert [datetime.fromtimestamp(t / 1e9, timezone.utc) for t in data.time.values.astype("datetime64[ns]").astype("int64").tolist()] == starts
        node = list(rows)[-1]
        assert (data.energy_wh.sel(node=node).values == values[-1]).all()
        assert data.contributors.dims == ("node",)
    with netCDF4.Dataset(path) as data:
        variable = data[f"{group}/energy_wh"]
        assert variable.dimensions == ("node", "time") and variable.units == "Wh" and (variable[:] == values).all()
        time = data[f"{group}/time"]
        decoded = netCDF4.num2date(time[:], time.units, time.calendar, only_use_cftime_datetimes=False)
        assert [d.replace(tzinfo=timezone.utc) for d in decoded] == starts
        assert list(data[f"{group}/node"][:]) == list(rows)


def check_units(release, root):
    with h5py.File(release / "aggregates.h5") as file:
        units = file[f"{root}/units"]
        parents, names = units["parent"][:], [n.decode() for n in units["name"][:]]
        assert parents[0] == -1 and names[0] == "total" and all(p < i for i, p in enumerate(parents))
        assert set(s.decode() for s in units["filled_share"][:]) <= {"0", "< 1 %", "1-5 %", "5-10 %", ">= 10 %"}
    with xarray.open_dataset(release / "aggregates.h5", group=f"{root}/units", engine=ENGINE) as data:
        assert list(data.name.values) == names


def check_aggregates(release):
    manifest = json.loads((release / "manifest.json").read_text())
    with h5py.File(release / "aggregates.h5") as file:
        assert file.attrs["Conventions"].decode() == "CF-1.8" and file.attrs["title"].decode() == manifest["name"]
        roots = [root for root in ("", "/export") if f"{root}/units" in file]
        filters = []
        file.visititems(lambda _, item: filters.append(item._filters) if isinstance(item, h5py.Dataset) and item._filters else None)
        assert not filters, "a reader needs a filter"
    assert roots == ["", "/export"]
    for root in roots:
        check_units(release, root)
        for level in manifest["levels"]:
            for resolution in manifest["resolutions"]:
                check_group(release, root, level, resolution)


def check_days(release):
    """Half-open local days: the one on which summer time starts has 23 hours."""
    hours = table(release / "tables/total-1h.csv")["total"]
    assert collections.Counter(row["local_date"] for row in hours) == {"2013-03-30": 24, "2013-03-31": 23, "2013-04-01": 24}
    with xarray.open_dataset(release / "aggregates.h5", group="/total/1d", engine=ENGINE) as data:
        assert [str(t)[:16] for t in data.time.values] == ["2013-03-30T00:00", "2013-03-31T00:00", "2013-03-31T23:00"]


FORECAST_JOB = [("until = 2013-04-02", "until = 2013-05-18"), ('products = ["aggregates"]', 'products = ["aggregates", "forecast"]')]


def forecast_release(folder):
    """The golden job over 49 days, with a plain load for every meter, and a forecast."""
    job = golden.prepare(folder)
    text = job.read_text()
    for old, new in FORECAST_JOB:
        assert old in text
        text = text.replace(old, new)
    job.write_text(text)
    with open(folder / "topology.csv", newline="") as file:
        meters = [row["meter_id"] for row in csv.DictReader(file)]
    with open(folder / "readings.csv", "w") as file:
        file.write("meter_id,timestamp,channel,kwh\n")
        for number, meter in enumerate(meters):
            for hour in range(49 * 24):
                stamp = datetime(2013, 3, 30) + timedelta(hours=hour)
                if stamp == datetime(2013, 3, 31, 1):
                    continue
                wh = 200 + 40 * number + 300 * (7 <= stamp.hour < 22) + 50 * (stamp.weekday() > 4) + hour * (number + 3) % 37
                for channel in ("import", "export")[:1 + (number % 2)]:
                    file.write(f"{meter},{stamp:%Y-%m-%d %H:%M},{channel},0.{wh:04}\n")
    status, out, error = program.start(2, "run", job, "--progress", "off")
    assert status == 0, error
    return pathlib.Path(out.strip()).parent


def check_forecast(release):
    path = release / "forecast.h5"
    end = datetime(2013, 5, 17, 23, tzinfo=timezone.utc)  # local midnight, in summer time
    tables = h5py.File(release / "aggregates.h5")
    for root in ("", "/export"):
        for horizon, steps in (("1d", 24), ("7d", 168)):
            means = {}
            for level in ("total", "region", "feeder"):
                group = f"{root}/{horizon}/{level}"
                with h5py.File(path) as file:
                    mean, spread = file[group]["mean_wh"], file[group]["quantile_wh"]
                    nodes = [n.decode() for n in file[group]["node"][:]]
                    assert nodes == [n.decode() for n in tables[f"{root}/{level}/1h/node"][:]]
                    assert [spread.dims[i][0].name for i in range(3)] == [f"{group}/node", f"{group}/time", f"{group}/quantile"]
                    assert mean.shape == (len(nodes), steps) and spread.shape == (len(nodes), steps, 7) and mean.attrs["units"].decode() == "Wh"
                    means[level] = mean[:]
                    wanted, quantiles = mean[:], spread[:]
                with xarray.open_dataset(path, group=group, engine=ENGINE) as data:
                    assert data.mean_wh.dims == ("node", "time") and data.quantile_wh.dims == ("node", "time", "quantile")
                    assert list(data["quantile"].values) == [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
                    times = [datetime.fromtimestamp(t / 1e9, timezone.utc) for t in data.time.values.astype("datetime64[ns]").astype("int64").tolist()]
                    assert times == [end + timedelta(hours=h) for h in range(steps)]
                    assert (data.mean_wh.values == wanted).all()
                    assert (data.quantile_wh.sel(quantile=0.5).values == quantiles[:, :, 3]).all()
                with netCDF4.Dataset(path) as data:
                    assert data[f"{group}/quantile_wh"].dimensions == ("node", "time", "quantile") and (data[f"{group}/mean_wh"][:] == wanted).all()
                assert (numpy.diff(quantiles, axis=2) >= 0).all()
            assert (means["feeder"].sum(axis=0) == means["total"][0]).all() and (means["region"].sum(axis=0) == means["total"][0]).all()
            history = tables[f"{root}/total/1h/energy_wh"][0, -168:]
            assert 0.5 < means["total"][0].mean() / history.mean() < 2, "a forecast in another unit than the release"
    tables.close()


def check_page(release):
    page = (release / "START-HERE.html").read_text(encoding="utf-8")
    assert len(page.encode()) <= 2_000_000
    assert not re.search(r"https?:|<script|<link|<img|<iframe|@import|url\(|\bsrc=", page)
    links = re.findall(r'href="([^"]*)"', page)
    assert links and all((release / link).is_file() for link in links), links
    listed = {str(path.relative_to(release)) for path in release.rglob("*") if path.is_file()} - {"START-HERE.html"}
    assert set(links) == listed


def main():
    program.ROOT, program.BUILD = (pathlib.Path(path).resolve() for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        release = golden.release(pathlib.Path(name))
        check_aggregates(release)
        check_days(release)
        check_page(release)
    with tempfile.TemporaryDirectory(prefix="meterveil-test-") as name:
        release = forecast_release(pathlib.Path(name))
        check_forecast(release)
        check_page(release)
        status, out, _ = program.start(0, "verify", release)
        assert status == 0 and "forecasts add up" in out, out
    print(f"h5py, xarray ({ENGINE}) and netCDF4 read what the tables say")


if __name__ == "__main__":
    main()
