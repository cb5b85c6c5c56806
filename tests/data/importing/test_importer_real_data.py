"""Real files, as other people made them, are imported or refused for the right reason."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from city_fixtures import CRS, said
from data.errors import InputError
from data.files.geopackage import read_city, write_city
from data.importing.importer import import_city


def test_townships_of_beijing(shared_data: Path, tmp_path: Path) -> None:
    """331 real townships become the zones of a second Beijing; seeded squares stand in for its villages."""
    townships = shared_data / "beijing" / "townships.geojson"
    source = gpd.read_file(townships).to_crs(CRS)
    inner = source[source["d_tam_km"] < 30.0].representative_point()
    chosen = inner.sample(40, random_state=7)
    squares = [box(p.x - 150, p.y - 150, p.x + 150, p.y + 150) for p in chosen]
    gpd.GeoDataFrame({"village_id": [f"v{i}" for i in range(40)]}, geometry=squares, crs=CRS).to_file(
        tmp_path / "v.gpkg"
    )
    totals = source.groupby("district")["pop2020"].sum() * 0.6
    mapping = {
        "name": "beijing2",
        "zones_include_villages": True,
        "zones": {
            "number_ids": True,
            "columns": {"name": "town", "residents": "pop2020", "sale_price_cny_per_m2": "price_2016_17"},
            "tables": {"jobs": {"by": "district", "spread_by": "pop2020", "values": totals.to_dict()}},
            "fill": {"sale_price_cny_per_m2": {"by": "district", "otherwise": 20_000.0}},
            "cut_overlaps_below_share": 0.05,
        },
        "villages": {"constants": {"gross_floor_area_m2": 90_000, "registered_residents": 300, "tenants": 700}},
    }
    with pytest.raises(InputError, match=r"zones must not overlap; 7.. pairs do"):
        import_city(
            townships,
            tmp_path / "v.gpkg",
            mapping=mapping | {"zones": mapping["zones"] | {"cut_overlaps_below_share": 0}},
        )
    city = import_city(townships, tmp_path / "v.gpkg", mapping=mapping)
    assert (city.n_zones, city.n_villages, len(city.districts), city.crs) == (331, 40, 16, CRS)
    people = city.zones.residents.sum() + (city.villages.registered_residents + city.villages.tenants).sum()
    assert people == pytest.approx(source["pop2020"].sum())
    assert city.zones.jobs.sum() == pytest.approx(totals.sum())
    assert city.zones.area_km2.sum() == pytest.approx(source["area_km2"].sum(), rel=0.01)
    assert "zones: sale_price_cny_per_m2: 74 rows filled with 20000, their district has no value" in said(city)
    assert read_city(write_city(city, tmp_path / "beijing2.gpkg")).digest == city.digest


def test_community_plans_need_a_reference_system(shared_data: Path, tmp_path: Path) -> None:
    """Local meters without a system are refused; told where they lie, they are read and the filter is counted."""
    plan = shared_data / "community_plans" / "hlg.geojson"
    parcel = gpd.GeoDataFrame({"village_id": ["v0"]}, geometry=[box(1_000, 1_000, 1_300, 1_300)], crs=CRS)
    parcel.to_file(tmp_path / "v.gpkg")
    constants = {"district": "昌平区", "residents": 1_000, "jobs": 100, "sale_price_cny_per_m2": 50_000}
    zones = {
        "keep": {"existence": True, "type": [4, 5, 6, 7, 8, 9, 10, 11, 12]},
        "columns": {"zone_id": "id"},
        "constants": constants,
        "cut_overlaps_below_share": 0.05,
    }
    villages = {"crs": CRS, "constants": {"gross_floor_area_m2": 9_000, "registered_residents": 300, "tenants": 700}}
    with pytest.raises(InputError, match=r"hlg\.geojson: zones: meters_as_degrees"):
        import_city(plan, tmp_path / "v.gpkg", mapping={"zones": zones, "villages": villages})
    mapping = {"zones": zones | {"crs": CRS}, "villages": villages}
    lines = {"zones": zones | {"crs": CRS, "keep": {"existence": True}}, "villages": villages}
    with pytest.raises(InputError, match=r"zones: rows .*geometry_type: the geometry must be a polygon"):
        import_city(plan, tmp_path / "v.gpkg", mapping=lines)
    city = import_city(plan, tmp_path / "v.gpkg", mapping=mapping)
    dropped = (~gpd.read_file(plan)["existence"]).sum()
    assert f"zones: {dropped} of 410 rows dropped by keep existence = True" in said(city)


def test_urban_village_footprints(shared_data: Path, tmp_path: Path) -> None:
    """14 traced footprints in degrees become villages of a city in meters."""
    footprints = shared_data / "urban_village_footprints" / "uv_footprints_wgs84.geojson"
    traced = gpd.read_file(footprints).to_crs(CRS)
    zone = gpd.GeoDataFrame({"zone_id": ["z"], "district": ["昌平区"]}, geometry=[box(*traced.total_bounds)], crs=CRS)
    zone.to_file(tmp_path / "z.gpkg")
    mapping = {
        "zones": {"constants": {"residents": 50_000, "jobs": 9_000, "sale_price_cny_per_m2": 40_000}},
        "villages": {
            "number_ids": True,
            "columns": {"name": "tile"},
            "constants": {"gross_floor_area_m2": 5_000, "registered_residents": 300, "tenants": 700},
        },
    }
    city = import_city(tmp_path / "z.gpkg", footprints, mapping=mapping)
    assert city.villages.site_area_m2 == pytest.approx(traced.area.to_numpy(), rel=1e-6)
    assert "villages.site_area_m2: 14 rows filled with default 1 x polygon_area_m2 [C]" in said(city)
