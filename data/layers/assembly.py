"""From the stored columns to a City: every derived array is computed here, once, and never stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from data.arrays import BoolArray, FloatArray, GeometryArray, IntArray, TextArray
from data.catalogue import Told
from data.city import CATEGORIES, City, Facilities, Fill, ObservedCommute, Skim, Stations, Villages, Zones
from data.dictionary import ID_COLUMN
from data.errors import refuse
from data.layers.containment import containing_idx, largest_overlap
from data.table_cells import flags, numbers, texts

RENTAL_ONLY = "rental_only"
UNRESTRICTED = "unrestricted"
POINT_DECIMALS = 4
"""Points are kept to a tenth of a millimeter."""


@dataclass(frozen=True, eq=False)
class Layers:
    """The four layers with the columns of the data dictionary and a geometry [m]."""

    zones: gpd.GeoDataFrame
    villages: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    stations: gpd.GeoDataFrame

    @classmethod
    def of(cls, frames: Mapping[str, gpd.GeoDataFrame]) -> Layers:
        """The four frames by the names of their layers."""
        return cls(frames["zones"], frames["villages"], frames["facilities"], frames["stations"])

    def __getitem__(self, layer: str) -> gpd.GeoDataFrame:
        """The layer of that name."""
        return getattr(self, layer)


def assemble_city(
    name: str,
    crs: str,
    districts: Sequence[str],
    *,
    zones: gpd.GeoDataFrame,
    villages: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    stations: gpd.GeoDataFrame,
    observed_commute: ObservedCommute | None = None,
    skim: Skim | None = None,
    synthetic: Mapping[str, str] | None = None,
    repairs: Sequence[Told] = (),
    fills: Sequence[Fill] = (),
) -> City:
    """Compute areas, centroids and containment and freeze everything as a City.

    Args:
        name: short name of the city.
        crs: projected reference system of all geometries, "EPSG:...".
        districts: names; their order gives `district_idx`.
        zones: columns of the dictionary's layer `zones`, polygons [m].
        villages: likewise.
        facilities: likewise, points [m].
        stations: likewise.
        observed_commute: calibration target.
        skim: observed travel; shape (n_places, n_zones) each.
        synthetic: layer or column -> note.
        repairs: what was dropped or repaired, one line each.
        fills: what was filled in where the files said nothing.

    Returns:
        The city. The frames are expected to pass `data.layers.validation.validate_layers`.

    Raises:
        InputError: a village or facility lies outside all zones, or a district or category is unknown.
    """
    zone_polygons, village_polygons = _polygons(zones), _polygons(villages)
    frozen_zones = _zones(zones, zone_polygons, districts)
    return City(
        name=name,
        crs=crs,
        districts=tuple(districts),
        zones=frozen_zones,
        villages=_villages(villages, village_polygons, zone_polygons, districts),
        facilities=_facilities(facilities, zone_polygons, village_polygons),
        stations=_stations(stations),
        observed_commute=observed_commute,
        skim=skim,
        synthetic=dict(synthetic or {}),
        repairs=tuple(repairs),
        fills=tuple(fills),
    )


def _zones(frame: gpd.GeoDataFrame, polygons: GeometryArray, districts: Sequence[str]) -> Zones:
    x_km, y_km = _centroids_km(polygons)
    return Zones(
        zone_id=_texts(frame, "zone_id"),
        name=_texts(frame, "name"),
        district_idx=_position(frame, "zones", "district", districts),
        residents=numbers(frame["residents"]),
        jobs=numbers(frame["jobs"]),
        housing_floor_area_m2=numbers(frame["housing_floor_area_m2"]),
        vacant_share=numbers(frame["vacant_share"]),
        sale_price_cny_per_m2=numbers(frame["sale_price_cny_per_m2"]),
        rent_cny_per_m2_month=numbers(frame["rent_cny_per_m2_month"]),
        yearly_sales_m2=numbers(frame["yearly_sales_m2"])
        if "yearly_sales_m2" in frame
        else np.full(len(frame), np.nan),
        area_km2=shapely.area(polygons) / 1e6,
        x_km=x_km,
        y_km=y_km,
        geometry=polygons,
    )


def _villages(
    frame: gpd.GeoDataFrame, polygons: GeometryArray, zone_polygons: GeometryArray, districts: Sequence[str]
) -> Villages:
    x_km, y_km = _centroids_km(polygons)
    zone_idx = largest_overlap(polygons, zone_polygons).zone_idx
    _refuse_outside(frame, "villages", zone_idx < 0)
    return Villages(
        village_id=_texts(frame, "village_id"),
        name=_texts(frame, "name"),
        town=_texts(frame, "town"),
        district_idx=_position(frame, "villages", "district", districts),
        zone_idx=zone_idx,
        site_area_m2=numbers(frame["site_area_m2"]),
        gross_floor_area_m2=numbers(frame["gross_floor_area_m2"]),
        legal_share=numbers(frame["legal_share"]),
        registered_residents=numbers(frame["registered_residents"]),
        tenants=numbers(frame["tenants"]),
        jobs=numbers(frame["jobs"]),
        far_limit=numbers(frame["far_limit"]),
        rental_only=_texts(frame, "tenure") == RENTAL_ONLY,
        rebuild_allowed=_flags(frame, "rebuild_allowed"),
        sale_price_cny_per_m2=numbers(frame["sale_price_cny_per_m2"]),
        price_of_zone=_flags(frame, "price_of_zone") if "price_of_zone" in frame else np.zeros(len(frame), np.bool_),
        rent_cny_per_m2_month=numbers(frame["rent_cny_per_m2_month"]),
        x_km=x_km,
        y_km=y_km,
        geometry=polygons,
    )


def _facilities(frame: gpd.GeoDataFrame, zone_polygons: GeometryArray, village_polygons: GeometryArray) -> Facilities:
    points = np.asarray(frame.geometry.array, dtype=object)
    zone_idx = containing_idx(points, zone_polygons)
    _refuse_outside(frame, "facilities", zone_idx < 0)
    village_idx = containing_idx(points, village_polygons)
    return Facilities(
        facility_id=_texts(frame, "facility_id"),
        category_idx=_position(frame, "facilities", "category", CATEGORIES),
        supply_m2=numbers(frame["supply_m2"]),
        place_idx=np.where(village_idx >= 0, len(zone_polygons) + village_idx, zone_idx),
        x_km=_point_km(shapely.get_x(points)),
        y_km=_point_km(shapely.get_y(points)),
    )


def _stations(frame: gpd.GeoDataFrame) -> Stations:
    points = np.asarray(frame.geometry.array, dtype=object)
    return Stations(
        station_id=_texts(frame, "station_id"),
        name=_texts(frame, "name"),
        x_km=_point_km(shapely.get_x(points)),
        y_km=_point_km(shapely.get_y(points)),
    )


def _polygons(frame: gpd.GeoDataFrame) -> GeometryArray:
    return np.array(shapely.force_2d(np.asarray(frame.geometry.array, dtype=object)), dtype=object)


def _centroids_km(polygons: GeometryArray) -> tuple[FloatArray, FloatArray]:
    centroids = shapely.centroid(polygons)
    return shapely.get_x(centroids) / 1e3, shapely.get_y(centroids) / 1e3


def _point_km(coordinate_m: FloatArray) -> FloatArray:
    """A point's coordinate, rounded to POINT_DECIMALS of a meter so that it survives a round trip."""
    return np.round(coordinate_m, POINT_DECIMALS) / 1e3


def points_at(x_km: FloatArray, y_km: FloatArray) -> GeometryArray:
    """Points [m] from a city's coordinates [km], exactly those that `assemble_city` has read. Shape (n_points,)."""
    x_m, y_m = np.round(x_km * 1e3, POINT_DECIMALS), np.round(y_km * 1e3, POINT_DECIMALS)
    return np.asarray(shapely.points(x_m, y_m), dtype=object)


def _texts(frame: gpd.GeoDataFrame, column: str) -> TextArray:
    return np.array([text or "" for text in texts(frame[column])], dtype=np.str_)


def _flags(frame: gpd.GeoDataFrame, column: str) -> BoolArray:
    return flags(frame[column]).astype(np.bool_)


def _position(frame: gpd.GeoDataFrame, layer: str, column: str, names: Sequence[str]) -> IntArray:
    """Position of each cell in `names`."""
    position = {text: idx for idx, text in enumerate(names)}
    cells = _texts(frame, column)
    unknown = np.array([cell not in position for cell in cells], dtype=np.bool_)
    if unknown.any():
        rows = _texts(frame, ID_COLUMN[layer])[unknown].tolist()
        words = sorted(set(cells[unknown].tolist()))
        raise refuse("not_among_found", name=column, choices=tuple(names), found=words, layer=layer, rows=rows)
    return np.array([position[cell] for cell in cells], dtype=np.int64)


def _refuse_outside(frame: gpd.GeoDataFrame, layer: str, outside: BoolArray) -> None:
    if outside.any():
        rows = _texts(frame, ID_COLUMN[layer])[outside].tolist()
        raise refuse("outside_zones", layer=layer, rows=rows)
