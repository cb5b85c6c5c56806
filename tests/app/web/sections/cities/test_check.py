"""The report of an uploaded city: which rows broke a rule and where they are drawn; travel comes with it."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from app.web.documents.workspace import Workspace
from app.web.sections.cities.check import findings_map, marked_points
from app.web.sections.cities.upload import import_uploaded, keep_city
from city_fixtures import small_city
from data.errors import InputError
from data.files.cities import load_city
from data.files.geopackage import city_layers
from data.files.skim import skim_frame
from data.layers.findings import FailedChecksError
from data.layers.validation import validate_layers


def content(frame: gpd.GeoDataFrame, name: str) -> tuple[str, bytes]:
    return name, frame.to_json().encode()


@pytest.fixture
def layers():  # type: ignore[no-untyped-def]
    return city_layers(small_city())


def uploaded(layers, **changed: gpd.GeoDataFrame) -> dict[str, tuple[str, bytes]]:  # type: ignore[no-untyped-def]
    frames = {name: changed.get(name, layers[name]) for name in ("zones", "villages")}
    return {name: content(frame, f"{name}.geojson") for name, frame in frames.items()}


def mapping(layers) -> dict[str, object]:  # type: ignore[no-untyped-def]
    crs = str(layers.zones.crs)
    return {"name": "mine", "crs": crs, "zones": {"crs": crs}, "villages": {"crs": crs}}


def test_rows_that_break_a_rule_are_where_the_map_marks_them(layers) -> None:  # type: ignore[no-untyped-def]
    """A village moved out of every zone is named by the check, and marked at its own place in kilometers."""
    villages = layers.villages.copy()
    villages.loc[0, "geometry"] = shapely.affinity.translate(villages.geometry.iloc[0], xoff=50_000.0)
    with pytest.raises(FailedChecksError) as refused:
        import_uploaded(uploaded(layers, villages=villages), mapping(layers))
    error = refused.value
    outside = next(item for item in error.findings if item.check == "village_outside_zones")
    assert outside.rows == (str(villages["village_id"].iloc[0]),)
    assert error.layers is not None
    (mark,) = marked_points(outside, error.layers).to_dict("records")
    center = villages.geometry.iloc[0].centroid
    assert (mark["x_km"], mark["y_km"]) == pytest.approx((center.x / 1e3, center.y / 1e3), abs=1e-3)
    shown = findings_map(error.findings, error.layers)
    assert any(np.allclose(item.xy_m, [[center.x, center.y]], atol=1.0) for item in shown.points)
    assert any(item.texts[0].startswith(outside.rows[0]) for item in shown.points)


def test_findings_without_rows_or_geometry_have_no_marks(layers) -> None:  # type: ignore[no-untyped-def]
    zones = layers.zones.copy()
    zones.loc[0, "geometry"] = None
    broken = type(layers)(zones, layers.villages, layers.facilities, layers.stations)
    found = validate_layers(broken, small_city().districts)
    missing = next(item for item in found if item.check == "geometry_missing")
    assert len(marked_points(missing, broken)) == 0
    shown = findings_map(found, broken)
    assert len(shown.ground.areas) == len(zones) - 1
    assert len(shown.ground.villages) == len(layers.villages)


def test_a_skim_beside_the_layers_is_the_citys_travel(layers, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    city = small_city()
    shape = (city.n_places, city.n_zones)
    table = skim_frame(city, np.full(shape, 7.0), np.full(shape, 21.0))
    skim = ("travel.csv", table.to_csv(index=False).encode())
    found = import_uploaded(uploaded(layers), mapping(layers), skim=skim)
    assert found.skim is not None
    assert (found.skim.distance_km == 7.0).all()
    kept = load_city(keep_city(Workspace(tmp_path), found))
    assert kept.skim is not None
    assert kept.digest == found.digest
    with pytest.raises(InputError, match="exactly once"):
        import_uploaded(uploaded(layers), mapping(layers), skim=("t.csv", table.iloc[1:].to_csv(index=False).encode()))
