"""Coordinates are where they say they are, or are refused with the system that would put them there."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest

from city_fixtures import CRS, said, small_city
from data.city import City
from data.errors import InputError
from data.importing.importer import import_city
from data.importing.reference_systems import parse_crs
from data.layers.area_of_use import Place, degrees_beyond, is_misplaced, place_of, systems_that_fit, unknown_shift
from ugly_inputs import LAYERS, Delivery, small_layers, write

BEIJING = np.array([[484_500.0, 4_404_500.0]])
"""In a zone of 3 degrees around 117 E, without zone number."""


def delivered(change: Callable[[Delivery], None], folder: Path, **mapping: Any) -> City:
    layers = small_layers()
    delivery = Delivery({layer: layers[layer].copy() for layer in LAYERS})
    change(delivery)
    return import_city(**write(delivery, folder), mapping=mapping)


def zone_number(delivery: Delivery) -> None:
    delivery.to_crs("EPSG:4527")
    delivery.label("EPSG:4548")


def degrees_as_meters(delivery: Delivery) -> None:
    delivery.to_crs("EPSG:4490")
    delivery.label(CRS)


@pytest.mark.parametrize("change", [zone_number, degrees_as_meters])
def test_the_remedy_of_a_refusal_is_one(change: Callable[[Delivery], None], tmp_path: Path) -> None:
    """What the refusal tells to write is written, and the city is right."""
    with pytest.raises(InputError) as caught:
        delivered(change, tmp_path)
    code = re.search(r"crs: '(EPSG:\d+)'", str(caught.value))
    assert code is not None
    stated = {layer: {"crs": code[1]} for layer in LAYERS}
    stated["zones"]["cut_overlaps_below_share"] = 0.001
    (tmp_path / "again").mkdir()
    city = delivered(change, tmp_path / "again", **stated)
    assert city.zones.area_km2 == pytest.approx(small_city().zones.area_km2, rel=2e-3)
    assert any("taken from the mapping" in line for line in said(city))


@pytest.mark.parametrize(
    ("code", "xy", "fitting"),
    [
        (4548, (39_484_500, 4_404_500), ["EPSG:4527"]),
        (4527, (484_500, 4_404_500), ["EPSG:4548"]),
        (4548, (38_484_500, 4_404_500), ["EPSG:4526"]),
        (2364, (484_500, 4_404_500), ["EPSG:2385"]),
        (32650, (39_484_500, 4_404_500), []),
    ],
)
def test_the_system_that_fits_a_zone_number(code: int, xy: tuple[float, float], fitting: list[str]) -> None:
    assert systems_that_fit(np.array([xy], dtype=np.float64), pyproj.CRS(code)) == fitting


@pytest.mark.parametrize(
    ("code", "xy"),
    [
        (32650, (4_500, 4_500)),
        (4548, (4_500, 9_000)),
        (4548, (4_404_500, 484_500)),
        (4326, (39.8, 116.8)),
        (4490, (43.8, 87.6)),
    ],
)
def test_misplaced_points(code: int, xy: tuple[float, float]) -> None:
    crs = pyproj.CRS(code)
    assert is_misplaced(place_of(np.array([xy], dtype=np.float64), crs), crs)
    assert not is_misplaced(place_of(BEIJING, pyproj.CRS(4548)), pyproj.CRS(4548))


def test_a_neighboring_zone_is_warned_of_and_not_refused(tmp_path: Path) -> None:
    """Zones of 3 degrees around 120 E: the city at 116.3 E lies 2.2 degrees outside, which moves nothing much."""
    city = delivered(lambda delivery: delivery.to_crs("EPSG:4549"), tmp_path)
    assert city.zones.area_km2.sum() == pytest.approx(24.0, rel=5e-3)
    assert any("warning: the coordinates lie at 116.3" in line for line in said(city))


def test_local_meters_are_refused_unless_the_mapping_insists(tmp_path: Path) -> None:
    def local(delivery: Delivery) -> None:
        delivery.move(lambda xy: xy - np.array([440_000.0, 4_420_000.0]))

    with pytest.raises(InputError, match=r"local coordinates .* zones: \{crs: 'EPSG:32650'\}"):
        delivered(local, tmp_path)
    city = delivered(local, tmp_path, **{layer: {"crs": CRS} for layer in LAYERS})
    assert city.zones.area_km2 == pytest.approx([4.0] * 6)
    assert any("warning: local coordinates, taken for WGS 84 / UTM zone 50N" in line for line in said(city))


def test_degrees_beyond_an_area_of_use() -> None:
    utm = pyproj.CRS(32650)  # 114 to 120 E, 0 to 84 N
    assert degrees_beyond(Place(121.5, -1.0), utm) == pytest.approx((1.5, 1.0))
    assert degrees_beyond(Place(117.0, 40.0), utm) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("source", "target", "unknown"),
    [(4214, 4490, True), (4610, 4326, True), (4490, 4326, False), (32650, 4548, False), (2384, 2385, False)],
)
def test_shifts_of_datums(source: int, target: int, unknown: bool) -> None:
    assert unknown_shift(pyproj.CRS(source), pyproj.CRS(target), Place(116.8, 39.8)) == unknown


def test_web_mercator_is_measured_elsewhere_and_its_areas_are_warned_of(tmp_path: Path) -> None:
    """At 39.9 N Web Mercator shows areas 1 / cos2 = 1.70 times too large."""

    def change(delivery: Delivery) -> None:
        delivery.to_crs("EPSG:3857")
        delivery.frames["villages"]["site_area_m2"] = delivery.frames["villages"].geometry.area

    city = delivered(change, tmp_path, zones={"cut_overlaps_below_share": 0.001})
    assert city.zones.area_km2 == pytest.approx([4.0] * 6, rel=1e-4)
    lines = "\n".join(said(city))
    assert f"areas in WGS 84 / Pseudo-Mercator are {1 / np.cos(np.radians(39.94)) ** 2:.3g} times" in lines
    assert "warning: site_area_m2 was measured in the file's reference system and is 1.7 times too large" in lines


def test_northings_that_stand_first_are_swapped(tmp_path: Path) -> None:
    city = delivered(lambda delivery: delivery.move(lambda xy: xy[:, ::-1]), tmp_path)
    assert city.digest == delivered(lambda delivery: None, tmp_path).digest


def test_a_system_that_is_tied_to_no_place_declares_none(tmp_path: Path) -> None:
    """Drawing programs write LOCAL_CS; the mapping must say where the drawing lies."""
    paths = {}
    for layer in ("zones", "villages"):
        frame = small_layers()[layer][["geometry", f"{layer.removesuffix('s')}_id"]]
        paths[layer] = tmp_path / f"{layer}.shp"
        frame.assign(people=1_000).to_file(paths[layer])
        paths[layer].with_suffix(".prj").write_text('LOCAL_CS["local",UNIT["Meter",1.0]]')
    mapping: dict[str, Any] = {"zones": {"columns": {"residents": "people"}}, "villages": {}}
    with pytest.raises(InputError, match="zones: crs_missing"):
        import_city(**paths, mapping=mapping)


@pytest.mark.parametrize("name", ["GCJ-02", "gcj02", "BD-09", "火星坐标系"])
def test_shifted_systems_of_web_maps_are_refused_with_the_way_out(name: str) -> None:
    with pytest.raises(InputError, match="convert the coordinates to WGS 84 or China 2000"):
        parse_crs(name, "mapping")
