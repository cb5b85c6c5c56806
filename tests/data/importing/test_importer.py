"""Somebody else's files become a city, or are refused; nothing is dropped, repaired or filled without being counted."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon

from city_fixtures import CRS, DISTRICTS, X0, Y0, said, small_layers, square
from data.city import City
from data.errors import InputError
from data.files.geopackage import read_city, write_city
from data.files.skim import skim_frame
from data.files.vector_files import Limits
from data.importing.importer import import_city


def save(folder: Path, suffix: str = ".gpkg", crs: str | None = None, **changed: gpd.GeoDataFrame) -> dict[str, Path]:
    """The layers of the small city as four files; `changed` replaces some."""
    layers, paths = small_layers(), {}
    for name in ("zones", "villages", "facilities", "stations"):
        frame = changed.get(name, layers[name])
        paths[name] = folder / f"{name}{suffix}"
        (frame if crs is None else frame.to_crs(crs)).to_file(paths[name])
    return paths


def imported(paths: dict[str, Path], **options: Any) -> City:
    return import_city(**paths, **options)


def test_files_in_our_columns_give_the_same_city(tmp_path: Path, city: City) -> None:
    back = imported(save(tmp_path), mapping={"observed_commute": city.observed_commute})
    assert back.digest == city.digest
    assert said(back) == (
        "zones: residents and jobs are taken to exclude those of the villages (else: zones_include_villages)",
    )
    assert back.name == "zones"


def test_geographic_input_is_reprojected_to_utm(tmp_path: Path, city: City) -> None:
    back = imported(save(tmp_path, ".geojson", "EPSG:4326"), mapping={"zones": {"cut_overlaps_below_share": 0.001}})
    assert back.crs == CRS
    assert back.zones.area_km2 == pytest.approx(city.zones.area_km2, rel=1e-4)
    assert back.zones.x_km == pytest.approx(city.zones.x_km, abs=1e-3)
    assert back.facilities.place_idx.tolist() == city.facilities.place_idx.tolist()


def test_web_mercator_is_reprojected_and_a_wanted_system_is_used(tmp_path: Path) -> None:
    mapping = {"zones": {"cut_overlaps_below_share": 0.001}}
    paths = save(tmp_path, crs="EPSG:3857")
    assert imported(paths, mapping=mapping).crs == CRS
    assert imported(paths, mapping=mapping | {"crs": "EPSG:4548"}).crs == "EPSG:4548"


def test_mapping_file(tmp_path: Path) -> None:
    layers = small_layers()
    zones = layers.zones.rename(columns={"residents": "people_k", "district": "qu", "zone_id": "code"})
    zones["people_k"] /= 1_000.0
    zones["exists"] = [True, True, True, True, True, False]
    zones["code"] = [101, 102, 103, 104, 105, 106]
    facilities = layers.facilities.drop(index=3).replace({"category": {"education": "学校"}})
    paths = save(tmp_path, zones=zones.drop(columns=["jobs", "vacant_share"]), facilities=facilities)
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        yaml.safe_dump(
            {
                "name": "mapped",
                "zones": {
                    "columns": {"residents": "people_k", "district": "qu", "zone_id": "code"},
                    "scale": {"residents": 1_000},
                    "constants": {"vacant_share": 0.2},
                    "keep": {"exists": True},
                    "tables": {
                        "jobs": {"by": "qu", "spread_by": "people_k", "values": {"朝阳区": 63_000, "昌平区": 470}}
                    },
                },
                "facilities": {"translate": {"category": {"学校": "education"}}},
            },
            allow_unicode=True,
        ),
        encoding="utf-8",
    )
    city = imported(paths, mapping=mapping)
    assert city.name == "mapped"
    assert city.zones.zone_id.tolist() == ["101", "102", "103", "104", "105"]
    assert city.zones.residents[0] == 20_000.0
    assert city.zones.jobs == pytest.approx([20_000.0, 21_000.0, 22_000.0, 230.0, 240.0])
    assert city.zones.vacant_share.tolist() == [0.2] * 5
    assert city.facilities.category_idx[0] == 0
    assert "zones: 1 of 6 rows dropped by keep exists = True" in said(city)
    assert "zones.jobs" in city.synthetic


def test_defaults_are_filled_and_counted(tmp_path: Path) -> None:
    layers = small_layers()
    villages = layers.villages.drop(columns=["district", "site_area_m2", "tenure", "sale_price_cny_per_m2"])
    villages["far_limit"] = [2.0, np.nan, np.nan]
    zones = layers.zones.drop(columns=["housing_floor_area_m2", "rent_cny_per_m2_month"])
    paths = save(tmp_path, zones=zones, villages=villages)
    city = import_city(paths["zones"], paths["villages"])
    assert city.zones.housing_floor_area_m2 == pytest.approx(35.0 * city.zones.residents)
    assert city.zones.rent_cny_per_m2_month == pytest.approx(0.0015 * city.zones.sale_price_cny_per_m2)
    assert city.villages.district_idx.tolist() == [0, 0, 1]
    assert city.villages.site_area_m2 == pytest.approx([160_000.0, 90_000.0, 250_000.0])
    assert city.villages.sale_price_cny_per_m2.tolist() == [60_000.0, 80_000.0, 45_000.0]
    assert city.villages.price_of_zone.tolist() == [True, True, True]
    for line in (
        "zones.housing_floor_area_m2: 6 rows filled with default 35 x residents [E]",
        "villages.far_limit: 2 rows filled with default 2 [E]",
        "villages.district: 3 rows filled with district of their zone [C]",
        "villages.site_area_m2: 3 rows filled with default 1 x polygon_area_m2 [C]",
        "facilities: no file was given, the city has none",
        "stations: no file was given, the city has none",
    ):
        assert line in said(city)
    assert len(city.facilities) == len(city.stations) == 0
    assert read_city(write_city(city, tmp_path / "out.gpkg")).digest == city.digest


def test_where_a_price_comes_from_is_kept(tmp_path: Path, city: City) -> None:
    assert not imported(save(tmp_path)).villages.price_of_zone.any()
    villages = small_layers().villages.assign(sale_price_cny_per_m2=[58_000.0, np.nan, 42_000.0])
    gap = imported(save(tmp_path, villages=villages))
    assert gap.villages.price_of_zone.tolist() == [False, True, False]
    again = read_city(write_city(gap, tmp_path / "out.gpkg"))
    assert again.villages.price_of_zone.tolist() == [False, True, False]
    said = imported(save(tmp_path, villages=villages.assign(price_of_zone=[True, False, False])))
    assert said.villages.price_of_zone.tolist() == [True, True, False]  # what is filled is the zone's, whatever is said
    assert not city.villages.price_of_zone.any()


def test_villages_are_subtracted_from_their_zones(tmp_path: Path, city: City) -> None:
    back = imported(save(tmp_path), mapping={"zones_include_villages": True})
    inside = np.array([4_000.0, 2_400.0, 0.0, 0.0, 6_500.0, 0.0])
    assert back.zones.residents == pytest.approx(city.zones.residents - inside)
    assert back.zones.jobs.sum() == pytest.approx(city.zones.jobs.sum() - 900.0)
    assert "zones: residents: 12,900 of the villages subtracted from 3 rows" in said(back)
    crowded = small_layers().villages.assign(tenants=30_000.0)
    with pytest.raises(InputError, match=r"zones\.gpkg: zones: rows z0, z1, z4: zones_include_villages"):
        imported(save(tmp_path, villages=crowded), mapping={"zones_include_villages": True})


def test_missing_values_take_the_mean_of_their_group(tmp_path: Path) -> None:
    zones = small_layers().zones
    zones["sale_price_cny_per_m2"] = [60_000.0, 80_000.0, np.nan, np.nan, np.nan, np.nan]
    rule = {"sale_price_cny_per_m2": {"by": "district", "otherwise": 30_000.0}}
    city = imported(save(tmp_path, zones=zones), mapping={"zones": {"fill": rule}})
    assert city.zones.sale_price_cny_per_m2.tolist() == [60_000.0, 80_000.0, 70_000.0] + [30_000.0] * 3
    assert "zones: sale_price_cny_per_m2: 1 rows filled with the mean of their district" in said(city)
    del rule["sale_price_cny_per_m2"]["otherwise"]
    city = imported(save(tmp_path, zones=zones), mapping={"zones": {"fill": rule}})  # the rest: of the nearest zone
    assert city.zones.sale_price_cny_per_m2.tolist() == [60_000.0, 80_000.0, 70_000.0] * 2
    assert "zones.sale_price_cny_per_m2: 3 rows filled with that of the nearest row [C]" in said(city)


def test_geometry_is_repaired_only_where_it_barely_changes(tmp_path: Path) -> None:
    villages = small_layers().villages
    x, y = X0 + 500, Y0 + 500
    spike = [
        (x, y),
        (x + 400, y),
        (x + 400, y + 400),
        (x + 100, y + 400),
        (x + 100, y + 401),
        (x + 101, y + 399),
        (x, y + 399),
    ]
    villages.loc[0, "geometry"] = Polygon(spike)
    assert not villages.geometry.is_valid.all()
    city = imported(save(tmp_path, villages=villages))
    assert any("1 self-crossing polygons mended" in line for line in said(city))
    villages.loc[0, "geometry"] = Polygon([(x, y), (x + 400, y + 400), (x + 400, y), (x, y + 400)])
    with pytest.raises(InputError, match=r"villages\.gpkg: villages: rows v0: self_crossing"):
        imported(save(tmp_path, villages=villages))


def test_rows_without_geometry_are_dropped_and_counted(tmp_path: Path) -> None:
    facilities = small_layers().facilities
    facilities.loc[1, "geometry"] = None
    city = imported(save(tmp_path, facilities=facilities))
    assert len(city.facilities) == 3
    assert "facilities: 1 of 4 rows dropped, they have no geometry" in said(city)


def test_areas_of_a_point_layer_become_points(tmp_path: Path) -> None:
    facilities = small_layers().facilities
    facilities.loc[2, "geometry"] = square(2_900, 2_900, 100)
    city = imported(save(tmp_path, facilities=facilities))
    assert city.facilities.place_idx[2] == 8
    assert "facilities: 1 rows are no points; a point inside each is used" in said(city)


def test_cells_around_points(tmp_path: Path) -> None:
    zones = small_layers().zones
    zones.geometry = zones.geometry.centroid
    mapping = {"zones": {"polygons_from_points": True}}
    city = imported(save(tmp_path, zones=zones), mapping=mapping)
    assert city.villages.zone_idx.tolist() == [0, 1, 4]
    assert "zones.geometry" in city.synthetic
    assert any("6 points replaced" in line for line in said(city))
    hull_km2 = 8.0
    assert city.zones.area_km2.sum() > hull_km2
    with pytest.raises(InputError, match="geometry_type"):
        imported(save(tmp_path, zones=zones))
    zones.geometry = [Point(X0 + i, Y0 + i) for i in range(6)]
    with pytest.raises(InputError, match="on one line"):
        imported(save(tmp_path, zones=zones), mapping=mapping)
    zones.geometry = [Point(X0, Y0)] * 6
    with pytest.raises(InputError, match="all different"):
        imported(save(tmp_path, zones=zones), mapping=mapping)


def test_small_overlaps_are_cut_on_request(tmp_path: Path) -> None:
    zones = small_layers().zones
    zones.loc[0, "geometry"] = square(0, 0, 2_010)
    paths = save(tmp_path, zones=zones)
    with pytest.raises(InputError, match="overlap"):
        imported(paths)
    city = imported(paths, mapping={"zones": {"cut_overlaps_below_share": 0.02}})
    assert city.zones.area_km2.sum() == pytest.approx(24.0)
    assert any("overlaps, 40,100 m2 in all" in line for line in said(city))


def test_tables_of_coordinates(tmp_path: Path, city: City) -> None:
    paths = save(tmp_path)
    points = small_layers().stations.to_crs("EPSG:4326")
    paths["stations"] = tmp_path / "stops.csv"
    pd.DataFrame({"id": ["s0"], "lon": points.geometry.x, "lat": points.geometry.y}).to_csv(paths["stations"])
    rule = {"points": {"x": "lon", "y": "lat"}, "crs": "EPSG:4326", "columns": {"station_id": "id"}}
    back = imported(paths, mapping={"stations": rule})
    assert back.stations.x_km == pytest.approx(city.stations.x_km, abs=1e-6)
    with pytest.raises(InputError, match="crs_missing"):
        imported(paths, mapping={"stations": {key: rule[key] for key in ("points", "columns")}})
    with pytest.raises(InputError, match="crs_missing"):  # the columns are found by their names, the system is not
        imported(paths)


def test_skim(tmp_path: Path, city: City) -> None:
    distance_km = np.abs(city.place_x_km[:, None] - city.zones.x_km[None, :])
    table = skim_frame(city, distance_km, 10.0 + 2.0 * distance_km)
    table.to_csv(tmp_path / "skim.csv", index=False)
    back = imported(save(tmp_path), skim=tmp_path / "skim.csv")
    assert back.skim is not None
    assert np.array_equal(back.skim.distance_km, distance_km)
    assert any(line.startswith("warning: skim: rows z0, z1") for line in said(back))


def test_zipped_shapefile_and_layer_choice(tmp_path: Path) -> None:
    layers, paths = small_layers(), save(tmp_path)
    (tmp_path / "shp").mkdir()
    layers.stations.to_file(tmp_path / "shp" / "stations.shp", encoding="utf-8")
    paths["stations"] = tmp_path / "stations.zip"
    with zipfile.ZipFile(paths["stations"], "w") as archive:
        for part in sorted((tmp_path / "shp").iterdir()):
            archive.write(part, part.name)
    assert imported(paths).stations.name.tolist() == ["中心站"]
    both = tmp_path / "both.gpkg"
    layers.zones.to_file(both, layer="quarters")
    layers.villages.to_file(both, layer="parcels")
    with pytest.raises(InputError, match=r"both\.gpkg: zones: the file has the layers"):
        import_city(both, both)
    with pytest.raises(InputError, match="there is no layer roads"):
        import_city(both, both, mapping={"zones": {"layer": "roads"}})
    assert (
        import_city(both, both, mapping={"zones": {"layer": "quarters"}, "villages": {"layer": "parcels"}}).n_zones == 6
    )


def write_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.shp", b"\x00" * 30_000_000)


VRT = '<OGRVRTDataSource><OGRVRTLayer name="a"><SrcDataSource>b.gpkg</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
BAD_FILES: dict[str, tuple[bytes | None, str]] = {
    "absent.gpkg": (None, "no such file"),
    "text.txt": (b"hello", "must be one of"),
    "empty.geojson": (b"", "cannot be read"),
    "text.geojson": (b"hello", "cannot be read"),
    "list.geojson": (b"[1, 2]", "cannot be read"),
    "deep.geojson": (b"[" * 100_000, "cannot be read"),
    "nofeatures.geojson": (b'{"type": "FeatureCollection", "features": []}', "zones"),
    "text.zip": (b"hello", "cannot be read as a zip"),
    "text.shp": (b"hello", "cannot be read"),
    "pointer.geojson": (VRT.encode(), "XML may point to other data"),
    "table.csv": (b"a,b\n1,2\n", "has no geometry"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_files_that_are_no_vector_files(name: str, tmp_path: Path) -> None:
    content, said = BAD_FILES[name]
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said) as caught:
        imported(save(tmp_path) | {"zones": tmp_path / name})
    assert name in str(caught.value)
    assert "zones" in str(caught.value)


def test_folder_bomb_and_limits(tmp_path: Path) -> None:
    paths = save(tmp_path)
    (tmp_path / "folder.gpkg").mkdir()
    with pytest.raises(InputError, match="a file is needed"):
        imported(paths | {"zones": tmp_path / "folder.gpkg"})
    write_zip(tmp_path / "bomb.zip")
    assert (tmp_path / "bomb.zip").stat().st_size < 100_000
    with pytest.raises(InputError, match="unpacked"):
        imported(paths | {"zones": tmp_path / "bomb.zip"}, limits=Limits(bytes=10_000_000))
    with pytest.raises(InputError, match=r"at most 5 features are read, found 6"):
        imported(paths, limits=Limits(features=5))
    with pytest.raises(InputError, match=r"must not exceed 1,000 bytes"):
        imported(paths, limits=Limits(bytes=1_000))


BAD_MAPPINGS: list[tuple[Any, str]] = [
    ({"zone": {}}, "zone"),
    ({"zones": {"colums": {}}}, "zones.colums"),
    ({"zones": {"columns": {"residens": "a"}}}, "residens is no column"),
    ({"zones": {"columns": {"residents": "popn"}}}, "no column popn"),
    ({"zones": {"columns": {"jobs": "jobs"}, "constants": {"jobs": 1}}}, "more than once"),
    ({"zones": {"scale": {"name": 2}}}, "name is no number"),
    ({"zones": {"scale": {"jobs": float("nan")}}}, "zones.scale"),
    ({"zones": {"keep": {"exists": True}}}, "no column exists"),
    ({"stations": {"polygons_from_points": True}}, "are for zones and villages"),
    ({"crs": "EPSG:4326"}, "crs_geographic"),
    ({"crs": "Beijing"}, "no known reference system"),
    ({"zones": {"crs": "EPSG:4326"}}, "crs_differs"),
    ({"zones": {"crs": "x"}}, "no known reference system"),
    ({"zones": {"encoding": "klingon"}}, "zones"),
    ({"zones": {"constants": {"jobs": "many"}}}, "jobs must be a number"),
    ({"observed_commute": {"mean_km": 13.2, "districts": ["x"], "source": "a"}}, "unknown_district"),
    ({"zones": {"tables": {"jobs": {"by": "district", "spread_by": "residents", "values": {"朝阳区": 1}}}}}, "昌平区"),
    (
        {"zones": {"tables": {"jobs": {"by": "district", "spread_by": "name", "values": {}}}}},
        "name must be a number >= 0",
    ),
]


@pytest.mark.parametrize(("mapping", "said"), BAD_MAPPINGS)
def test_wrong_mapping(mapping: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        imported(save(tmp_path), mapping=mapping)


@pytest.mark.parametrize("content", ["[1", "- 1", "a: !!python/object:os.system {}", "\x00", "&a [*a]", "1: 2"])
def test_wrong_mapping_file(content: str, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(content)
    with pytest.raises(InputError, match=r"m\.yaml"):
        imported(save(tmp_path), mapping=tmp_path / "m.yaml")


def test_missing_required_column_names_the_way_out(tmp_path: Path) -> None:
    paths = save(tmp_path, zones=small_layers().zones.drop(columns=["zone_id", "residents"]))
    with pytest.raises(InputError, match="column zone_id, residents is missing") as caught:
        imported(paths)
    assert "zones: {columns: {zone_id: <column of the file>}}" in str(caught.value)
    paths = save(tmp_path, villages=small_layers().villages.drop(columns="village_id"))
    with pytest.raises(InputError, match=r"villages: \{number_ids: true\}"):
        imported(paths)


@pytest.mark.parametrize("suffix", [".geojson", ".shp"])
def test_undeclared_crs(suffix: str, tmp_path: Path) -> None:
    """GeoJSON without a system is read as degrees, a shapefile without .prj as nothing; neither is guessed further."""
    paths = save(tmp_path)
    frame = small_layers().stations.to_crs(CRS)
    bare = gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=list(frame.geometry))
    paths["stations"] = tmp_path / f"bare{suffix}"
    if suffix == ".shp":
        frame.to_file(paths["stations"])
        paths["stations"].with_suffix(".prj").unlink()
    else:
        paths["stations"].write_text(bare.to_json())
    with pytest.raises(InputError, match=r"stations: (crs_missing|meters_as_degrees)"):
        imported(paths)
    assert len(imported(paths, mapping={"stations": {"crs": CRS}}).stations) == 1


json_value = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def villages_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("malformed") / "v.gpkg"
    small_layers().villages.to_file(path)
    return path


@pytest.fixture(scope="module")
def zones_geojson() -> str:
    return str(small_layers().zones.to_crs("EPSG:4326").to_json())


@settings(max_examples=60, deadline=None)
@given(
    cell=json_value | st.lists(st.booleans() | st.integers() | st.text(max_size=3), max_size=3),
    column=st.sampled_from(["zone_id", "residents", "district", "vacant_share"]),
    coordinates=st.one_of(st.none(), json_value, st.lists(st.lists(st.lists(st.floats(), max_size=3), max_size=5))),
)
def test_malformed_geojson_raises_only_input_errors(
    cell: object, column: str, coordinates: object, villages_file: Path, zones_geojson: str
) -> None:
    paths = {"villages": villages_file, "zones": villages_file.with_name("z.geojson")}
    content = json.loads(zones_geojson)
    content["features"][0]["properties"][column] = cell
    if coordinates is not None:
        content["features"][1]["geometry"]["coordinates"] = coordinates
    paths["zones"].write_text(json.dumps(content))
    try:
        city = imported(paths, mapping={"zones": {"cut_overlaps_below_share": 0.001}})
    except InputError as error:
        assert ".g" in str(error)  # noqa: PT017 - most examples raise, some do not
    else:
        assert city.n_zones <= len(json.loads(zones_geojson)["features"])
        assert city.districts == DISTRICTS or column == "district"


def test_line_is_no_zone(tmp_path: Path) -> None:
    zones = small_layers().zones
    zones.loc[1, "geometry"] = LineString([(X0, Y0), (X0 + 5, Y0)])
    with pytest.raises(InputError, match=r"zones\.gpkg: zones: rows z1: geometry_type"):
        imported(save(tmp_path, zones=zones))
