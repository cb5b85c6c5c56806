"""The embedded Beijing by real townships and real stations: areas that tile the city hold what it has."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyproj
import pytest

from app.diagnosis.asked import AskedAreas, AskedDensity, CityDiagnosis, diagnose_city
from app.runs.loading import load_resolved
from envs.diagnosis.diagnosis import DiagnosisSetting
from oracles import diagnosis as oracle

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
TOWNSHIPS, STATIONS = DATA / "beijing" / "townships.geojson", DATA / "beijing_subway" / "stations.csv"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not TOWNSHIPS.exists(), reason="../shared/data/beijing is not there"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> CityDiagnosis:
    resolved = load_resolved("beijing", "balanced")
    setting = DiagnosisSetting(grading="natural")
    stations = pd.read_csv(STATIONS).rename(columns={"stop_lon": "lon", "stop_lat": "lat"})
    points = tmp_path_factory.mktemp("points") / "stations.csv"
    stations.to_csv(points, index=False)
    density = AskedDensity(str(points), bandwidth_m=1500.0, crs="EPSG:4326")
    return diagnose_city(resolved, setting, areas=AskedAreas(file=TOWNSHIPS), density=density)


def test_townships_hold_the_city(told: CityDiagnosis) -> None:
    assert told.areas is not None
    totals, city = told.areas.totals, told.villages.city
    assert len(told.areas.areas.names) == 331
    villagers = city.villages.registered_residents.sum() + city.villages.tenants.sum()
    assert totals.village_residents.sum() == pytest.approx(villagers, rel=0.01)
    assert totals.residents.sum() == pytest.approx(city.zones.residents.sum() + villagers, rel=0.02)
    assert totals.stations.sum() == pytest.approx(len(city.stations), abs=5)
    with_villages = totals.villages > 0.01
    points = told.areas.need.points
    assert np.isfinite(points[with_villages]).all()
    assert np.isnan(points[totals.villages == 0.0]).all()


def test_real_stations_by_plain_loops(told: CityDiagnosis) -> None:
    """511 real stops in degrees, brought to the city's system apart from the reader; twelve places, to 1e-9."""
    assert told.density is not None
    city, stops = told.villages.city, pd.read_csv(STATIONS)
    x, y = pyproj.Transformer.from_crs("EPSG:4326", city.crs, always_xy=True).transform(stops.stop_lon, stops.stop_lat)
    points = [list(point) for point in zip(x, y, strict=True)]
    assert told.density.n_points == len(points) == 511
    for place in range(0, city.n_places, city.n_places // 12):
        at = [float(city.place_x_km[place]) * 1e3, float(city.place_y_km[place]) * 1e3]
        expected = oracle.density(at, points, 1500.0, "gaussian")
        assert told.density.by_place[place] == pytest.approx(expected, abs=1e-9)
