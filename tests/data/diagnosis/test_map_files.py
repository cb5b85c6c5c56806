"""Areas and points from files and from the map: brought to the city's system, or refused with the reason."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from city_fixtures import CRS, X0, Y0, ZONE_SIDE_M, small_city
from data.city import City
from data.diagnosis.map_files import box_area, drawn_area, read_areas, read_points
from data.errors import InputError


@pytest.fixture(scope="module")
def city() -> City:
    return small_city()


def saved(tmp_path: Path, shapes: list[object], name: str = "areas.geojson", crs: str = CRS, **columns: object) -> Path:
    frame = gpd.GeoDataFrame(columns, geometry=shapes, crs=crs)
    path = tmp_path / name
    (frame.to_crs("EPSG:4326") if path.suffix == ".geojson" else frame).to_file(path)
    return path


def test_areas_come_back_where_they_were(tmp_path: Path, city: City) -> None:
    box = shapely.box(X0 + 100, Y0 + 200, X0 + 1100, Y0 + 900)
    names, shapes, _ = read_areas(saved(tmp_path, [box, box], 名称=["东片", "东片"]), city)
    assert names == ("东片", "东片 #2")
    assert shapely.area(shapes[0]) == pytest.approx(box.area, rel=1e-4)
    assert shapely.symmetric_difference(shapes[0], box).area < 1e-3 * box.area


def test_points_come_back_where_they_were(tmp_path: Path, city: City) -> None:
    points = [shapely.Point(X0 + 500, Y0 + 500), shapely.Point(X0 + 1500, Y0 + 700)]
    found, _ = read_points(saved(tmp_path, points, "points.gpkg"), city)
    assert found == pytest.approx(np.array([[X0 + 500, Y0 + 500], [X0 + 1500, Y0 + 700]]), abs=0.01)


def test_a_box_of_degrees_and_a_drawn_ring(city: City) -> None:
    corners = gpd.GeoSeries([shapely.Point(X0, Y0), shapely.Point(X0 + ZONE_SIDE_M, Y0 + ZONE_SIDE_M)], crs=CRS)
    low, high = corners.to_crs("EPSG:4326")
    box = box_area((high.x, low.y, low.x, high.y), city)  # corners in any order
    assert shapely.area(box[0]) == pytest.approx(ZONE_SIDE_M**2, rel=0.02)
    ring = np.array([[X0, Y0], [X0 + 100, Y0], [X0 + 100, Y0 + 100]])
    assert shapely.area(drawn_area(ring, city)[0]) == pytest.approx(5000.0)


def test_what_is_no_area_is_refused(tmp_path: Path, city: City) -> None:
    with pytest.raises(InputError, match=r"rows? #2.*polygons"):
        read_areas(saved(tmp_path, [shapely.box(X0, Y0, X0 + 9, Y0 + 9), shapely.Point(X0, Y0)]), city)
    with pytest.raises(InputError, match="lies in the city"):
        read_areas(saved(tmp_path, [shapely.box(X0 + 9e5, Y0, X0 + 9.1e5, Y0 + 9e3)], "far.geojson"), city)
    with pytest.raises(InputError, match="must be a point"):
        read_points(saved(tmp_path, [shapely.box(X0, Y0, X0 + 9, Y0 + 9)], "boxes.geojson"), city)
    table = tmp_path / "points.csv"
    table.write_text(f"x,y\n{X0},{Y0}\n", encoding="utf-8")
    with pytest.raises(InputError):
        read_points(table, city)
    empty = tmp_path / "empty.geojson"
    empty.write_text(json.dumps({"type": "FeatureCollection", "features": []}), encoding="utf-8")
    with pytest.raises(InputError):
        read_areas(empty, city)


@pytest.mark.parametrize("corners", [(116.0, 40.0, 116.0, 41.0), (0.0, 95.0, 1.0, 96.0), (1.0, 2.0, 3.0, 4.0)])
def test_wrong_boxes_are_refused(city: City, corners: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError):
        box_area(corners, city)


@pytest.mark.parametrize(
    "ring", [[[X0, Y0], [X0 + 1, Y0]], [[X0, Y0], [X0 + 1, Y0], [X0 + 2, Y0]], [[0, 0], [9, 0], [9, 9]]]
)
def test_wrong_rings_are_refused(city: City, ring: list[list[float]]) -> None:
    with pytest.raises(InputError):
        drawn_area(np.array(ring, dtype=float), city)
