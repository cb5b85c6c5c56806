"""Everything that is wrong is told at once, the cause first, and nothing that only follows from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from shapely.geometry import Point, Polygon

from city_fixtures import X0, Y0, said, small_layers
from data.catalogue import message
from data.errors import InputError
from data.importing.importer import import_city
from data.layers.assembly import Layers
from data.layers.findings import Finding, causes_first, without_derived

BOW_TIE = Polygon([(X0, Y0), (X0 + 2_000, Y0 + 1_500), (X0 + 2_000, Y0), (X0, Y0 + 2_000)])
LINE = Polygon([(X0 + 500, Y0 + 500), (X0 + 900, Y0 + 900), (X0 + 500, Y0 + 500), (X0 + 500, Y0 + 500)])
OF_ZONES = ["district", "sale_price_cny_per_m2", "rent_cny_per_m2_month"]


def without(layers: Layers, layer: str, *names: str) -> Layers:
    return replace(layers, **{layer: layers[layer].drop(columns=list(names))})


def refused(layers: Layers, folder: Path) -> list[str]:
    """The lines of the refusal, without the file."""
    paths = {}
    for layer in ("zones", "villages", "facilities", "stations"):
        paths[layer] = folder / f"{layer}.gpkg"
        layers[layer].to_file(paths[layer])
    with pytest.raises(InputError) as caught:
        import_city(**paths)
    assert caught.value.text("zh")
    return [refusal.text().partition(".gpkg: ")[2] for refusal in caught.value.refusals]


def test_what_follows_from_a_village_without_area_is_not_told(tmp_path: Path) -> None:
    layers = small_layers()
    layers.villages.loc[0, "geometry"] = LINE
    lines = refused(without(layers, "villages", *OF_ZONES, "site_area_m2"), tmp_path)
    assert len(lines) == 1
    assert lines[0].startswith("villages: rows v0: zero_area: the polygon has no area")


def test_what_follows_from_a_zone_that_crosses_itself_is_not_told(tmp_path: Path) -> None:
    layers = small_layers()
    layers.zones.loc[0, "geometry"] = BOW_TIE
    lines = refused(without(layers, "villages", *OF_ZONES), tmp_path)
    assert [line.split(":")[:3] for line in lines] == [["zones", " rows z0", " self_crossing"]]


def test_a_price_that_is_missing_itself_is_told_beside_the_shape(tmp_path: Path) -> None:
    layers = small_layers()
    layers.villages.loc[0, "geometry"] = LINE
    layers.villages.loc[1, "tenants"] = -5.0
    lines = refused(layers, tmp_path)
    assert [line.split(":")[2].strip() for line in lines] == ["zero_area", "out_of_range"]


def test_all_layers_are_told_at_once(tmp_path: Path) -> None:
    layers = small_layers()
    layers.villages.loc[0, "geometry"] = LINE
    lines = refused(without(without(layers, "zones", "residents"), "facilities", "category"), tmp_path)
    assert [line.split(":")[0] for line in lines] == ["zones", "facilities", "villages"]
    assert "residents is missing" in lines[0]
    assert "zero_area" in lines[2]


def test_files_that_cannot_be_read_are_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "zones.geojson").write_text("hello")
    small_layers().stations.to_file(tmp_path / "stations.gpkg")
    with pytest.raises(InputError) as caught:
        import_city(tmp_path / "zones.geojson", tmp_path / "absent.gpkg", stations=tmp_path / "stations.gpkg")
    assert [Path(refusal.file).name for refusal in caught.value.refusals] == ["zones.geojson", "absent.gpkg"]


def test_the_same_outline_twice_is_no_overlap(tmp_path: Path) -> None:
    layers = small_layers()
    layers.villages.loc[1, "geometry"] = layers.villages.geometry[0].reverse()
    lines = refused(layers, tmp_path)
    assert [line.split(":")[1:3] for line in lines] == [[" rows v1", " duplicate_geometry"]]


def test_a_station_far_away_is_warned_of(tmp_path: Path) -> None:
    layers, paths = small_layers(), {}
    layers.stations.loc[0, "geometry"] = Point(X0 + 200_000.0, Y0)
    for layer in ("zones", "villages", "stations"):
        paths[layer] = tmp_path / f"{layer}.gpkg"
        layers[layer].to_file(paths[layer])
    assert any("rows s0: station_far" in line for line in said(import_city(**paths)))


def finding(check: str, layer: str = "villages", column: str = "", rows: tuple[str, ...] = ()) -> Finding:
    return Finding("error", layer, rows, check, message("rows_needed"), column)


def test_order_of_findings() -> None:
    given = [finding("overlap"), finding("zero_area"), finding("not_a_number"), finding("crs_missing")]
    assert [found.check for found in causes_first(given)] == ["crs_missing", "zero_area", "overlap", "not_a_number"]


def test_a_derived_error_alone_stays() -> None:
    """Somebody has to say it, if nobody says the cause."""
    derived = finding("not_a_number", column="district", rows=("a", "b"))
    filled = {("villages", "district"): frozenset(("a", "b", "c"))}
    assert without_derived([derived], filled) == [derived]
    cause = finding("zero_area", rows=("a",))
    assert without_derived([cause, derived], filled) == [cause]
    half = finding("not_a_number", column="district", rows=("a", "z"))
    assert [found.rows for found in without_derived([cause, half], filled)] == [("a",), ("z",)]
