"""Ugly inputs by the dozen: the small city as somebody might deliver it, with one to three things wrong or unusual.

The truth is known, so every delivery must be read right, refused with the remedy, or warned of: never silently wrong.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely
from shapely.geometry import MultiPolygon, Polygon

from city_fixtures import CRS, said, small_city, small_layers
from data.city import City
from data.errors import InputError
from data.files.skim import skim_frame
from data.importing.importer import import_city

LAYERS = ("zones", "villages", "facilities", "stations")
GAUSS_KRUGER, ZONED = "EPSG:4548", "EPSG:4527"
AREA_TOLERANCE = 2e-3
"""Areas in UTM are smaller by up to 0.08 % at the central meridian."""
POSITION_TOLERANCE_DEG = 2e-5


@dataclass
class Delivery:
    """What somebody sends: frames, how each is written, a mapping, a skim; and what is true of it."""

    frames: dict[str, gpd.GeoDataFrame]
    formats: dict[str, str] = field(default_factory=lambda: dict.fromkeys(LAYERS, "gpkg"))
    mapping: dict[str, Any] = field(default_factory=dict)
    skim: pd.DataFrame | None = None
    misplaced: bool = False
    zone_of_village: dict[str, str] = field(default_factory=lambda: {"v0": "z0", "v1": "z1", "v2": "z4"})

    def to_crs(self, crs: str) -> None:
        """Reproject every layer."""
        self.frames = {layer: frame.to_crs(crs) for layer, frame in self.frames.items()}

    def label(self, crs: str) -> None:
        """Give every layer another reference system without moving it."""
        self.misplaced = True
        self.frames = {layer: frame.set_crs(crs, allow_override=True) for layer, frame in self.frames.items()}

    def move(self, change: Callable[[np.ndarray], np.ndarray]) -> None:
        """Change the coordinates of every layer and keep its label."""
        self.misplaced = True
        for frame in self.frames.values():
            frame.geometry = gpd.GeoSeries(shapely.transform(frame.geometry.array, change), crs=frame.crs)


Spoil = Callable[[Delivery, np.random.Generator], None]


@dataclass(frozen=True)
class Ugliness:
    """One thing that is wrong or unusual.

    Attributes:
        name: of it.
        slot: only one of a slot fits into a delivery.
        spoil: changes the delivery.
        touches: what of the city may come out different, if that is said.
        words: one of which a refusal or a warning must hold, in small letters; () = it must be read right.
    """

    name: str
    slot: str
    spoil: Spoil
    touches: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()


def draw(seed: int) -> tuple[Delivery, list[Ugliness]]:
    """A delivery with one to three uglinesses of different slots."""
    rng = np.random.default_rng(seed)
    layers = small_layers()
    delivery = Delivery({layer: layers[layer].copy() for layer in LAYERS})
    first = UGLINESSES[seed % len(UGLINESSES)]
    chosen = [first]
    n_wanted = int(rng.choice([1, 2, 3], p=[0.4, 0.35, 0.25]))
    for idx in rng.permutation(len(UGLINESSES)):
        if len(chosen) < n_wanted and UGLINESSES[idx].slot not in {ugly.slot for ugly in chosen}:
            chosen.append(UGLINESSES[idx])
    chosen.sort(key=lambda ugly: SLOTS.index(ugly.slot))
    for ugly in chosen:
        ugly.spoil(delivery, rng)
    return delivery, chosen


def outcome(delivery: Delivery, uglinesses: list[Ugliness], folder: Path) -> str:
    """What the import made of a delivery: right, warned or refused; silently wrong is an AssertionError."""
    try:
        city = import_city(**write(delivery, folder), mapping=delivery.mapping)
    except InputError as error:
        refused = error
    else:
        refused = None
    if refused is not None:
        lines = str(refused).lower()
        assert refused.text("zh")
        assert any(word in lines for ugly in uglinesses for word in ugly.words), f"no remedy: {lines}"
        return "refused"
    lines = "\n".join(said(city)).lower()
    wrong = differences(city, delivery)
    for aspect in sorted(wrong):
        told = [u.name for u in uglinesses if aspect in u.touches and any(word in lines for word in u.words)]
        assert told, f"silently wrong: {aspect}\n{lines}"
    return "warned" if wrong else "right"


NUMBERS = {
    "zones": (
        "residents", "jobs", "housing_floor_area_m2", "vacant_share", "sale_price_cny_per_m2", "rent_cny_per_m2_month",
    ),
    "villages": (
        "site_area_m2", "gross_floor_area_m2", "legal_share", "registered_residents", "tenants", "jobs", "far_limit",
        "sale_price_cny_per_m2", "rent_cny_per_m2_month", "rebuild_allowed", "rental_only",
    ),
    "facilities": ("supply_m2", "category_idx"),
}  # fmt: skip


def differences(city: City, delivery: Delivery) -> set[str]:
    """Aspects in which a city is not the small city."""
    true = small_city()
    if any(len(getattr(city, layer)) != len(getattr(true, layer)) for layer in LAYERS):
        return {"rows"}
    found = {
        f"{layer}.{name}"
        for layer, names in NUMBERS.items()
        for name in names
        if not np.allclose(
            getattr(getattr(city, layer), name), getattr(getattr(true, layer), name), rtol=AREA_TOLERANCE
        )
    }
    zone_of = dict(zip(city.villages.village_id, city.zones.zone_id[city.villages.zone_idx], strict=True))
    same = {
        "area": np.allclose(city.zones.area_km2, true.zones.area_km2, rtol=AREA_TOLERANCE),
        "position": np.allclose(degrees(city), degrees(true), atol=POSITION_TOLERANCE_DEG),
        "texts": _texts(city) == _texts(true),
        "zone_of_village": zone_of == delivery.zone_of_village,
    }
    if city.skim is not None:
        distance_km, minutes = true_skim(true)
        same["distance_km"] = np.allclose(city.skim.distance_km, distance_km)
        same["minutes"] = np.allclose(city.skim.minutes, minutes)
    return found | {aspect for aspect, holds in same.items() if not holds}


def _texts(city: City) -> tuple[list[str], list[str]]:
    return [city.districts[idx] for idx in city.zones.district_idx], city.villages.name.tolist()


def degrees(city: City) -> np.ndarray:
    to_degrees = pyproj.Transformer.from_crs(city.crs, "EPSG:4326", always_xy=True)
    return np.array(to_degrees.transform(city.zones.x_km * 1e3, city.zones.y_km * 1e3))


def true_skim(city: City) -> tuple[np.ndarray, np.ndarray]:
    distance_km = 0.5 + 1.3 * np.hypot(
        city.place_x_km[:, None] - city.zones.x_km[None, :], city.place_y_km[:, None] - city.zones.y_km[None, :]
    )
    return distance_km, 5.0 + 3.0 * distance_km


def write(delivery: Delivery, folder: Path) -> dict[str, Path]:
    """The files of a delivery."""
    paths = {}
    for layer, frame in delivery.frames.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            paths[layer] = _written(frame, folder / layer, delivery.formats[layer])
    if delivery.skim is not None:
        paths["skim"] = folder / "skim.csv"
        delivery.skim.to_csv(paths["skim"], index=False)
    return paths


def _written(frame: gpd.GeoDataFrame, stem: Path, how: str) -> Path:
    kind, *options = how.split(":")
    path = stem.with_suffix(f".{kind}")
    if kind in ("shp", "zip"):
        return _shapefile(frame, stem, kind, *options)
    if kind in ("csv", "xlsx"):
        table = pd.DataFrame(frame.drop(columns="geometry"))
        if "wkt" in options:
            table["wkt"] = frame.geometry.to_wkt(rounding_precision=-1)
        else:
            table["经度"], table["纬度"] = frame.geometry.x, frame.geometry.y
        if kind == "xlsx":
            table.to_excel(path, index=False)
        else:
            encoding, separator = options[:2]
            path.write_bytes(table.to_csv(index=False, sep=separator).encode(encoding))
    elif kind == "parquet":
        frame.to_parquet(path)
    elif kind == "kml":
        frame.to_crs("EPSG:4326").to_file(path, driver="LIBKML")
    else:
        frame.to_file(path)
    return path


def _shapefile(frame: gpd.GeoDataFrame, stem: Path, kind: str, encoding: str, cpg: str = "", inside: str = "") -> Path:
    folder = stem.parent / f"{stem.name}_parts"
    folder.mkdir()
    path = folder / f"{stem.name}.shp"
    frame.to_file(path, encoding=encoding)
    path.with_suffix(".cpg").unlink()
    if cpg:
        path.with_suffix(".cpg").write_text(cpg)
    if kind == "shp":
        return path
    with zipfile.ZipFile(stem.with_suffix(".zip"), "w") as archive:
        for part in sorted(folder.iterdir()):
            archive.write(part, f"{inside}{part.name}")
    return stem.with_suffix(".zip")


# What may be wrong


def _format(layer: str, *choices: str) -> Spoil:
    def spoil(delivery: Delivery, rng: np.random.Generator) -> None:
        usable = [choice for choice in choices if choice != "kml" or not delivery.misplaced]  # KML is in degrees
        delivery.formats[layer] = str(rng.choice(usable))
        if delivery.formats[layer].split(":")[0] in ("csv", "xlsx"):
            stated = delivery.mapping.setdefault(layer, {})
            stated.setdefault("crs", delivery.frames[layer].crs.to_string())

    return spoil


def _zone_number(delivery: Delivery, rng: np.random.Generator) -> None:
    numbered = bool(rng.integers(2))
    delivery.to_crs(ZONED if numbered else GAUSS_KRUGER)
    delivery.label(GAUSS_KRUGER if numbered else ZONED)


def _swapped(delivery: Delivery, rng: np.random.Generator) -> None:
    delivery.to_crs(str(rng.choice([CRS, GAUSS_KRUGER, "EPSG:4326", "EPSG:4490"])))
    delivery.mapping.setdefault("zones", {})["cut_overlaps_below_share"] = 0.001
    delivery.move(lambda xy: xy[:, ::-1])


def _local(delivery: Delivery, rng: np.random.Generator) -> None:
    delivery.label(str(rng.choice([CRS, GAUSS_KRUGER])))
    corner = np.array([440_000.0, 4_420_000.0]) - rng.uniform(0.0, 20_000.0, 2)
    delivery.move(lambda xy: xy - corner)


def _degrees_as_meters(delivery: Delivery, rng: np.random.Generator) -> None:
    delivery.to_crs("EPSG:4326")
    delivery.label(str(rng.choice([CRS, GAUSS_KRUGER])))


def _meters_as_degrees(delivery: Delivery, rng: np.random.Generator) -> None:
    delivery.label(str(rng.choice(["EPSG:4326", "EPSG:4490"])))


def _old_datum(delivery: Delivery, rng: np.random.Generator) -> None:
    """Coordinates of the old datum, 100 m from where the new one has them."""
    delivery.frames["villages"] = delivery.frames["villages"].to_crs(GAUSS_KRUGER)
    old = str(rng.choice(["EPSG:2384", "EPSG:2436"]))
    delivery.frames["villages"] = delivery.frames["villages"].set_crs(old, allow_override=True)


def _mercator(delivery: Delivery, rng: np.random.Generator) -> None:
    delivery.to_crs("EPSG:3857")
    delivery.mapping.setdefault("zones", {})["cut_overlaps_below_share"] = 0.001
    if rng.integers(2):
        delivery.frames["villages"]["site_area_m2"] = delivery.frames["villages"].geometry.area


def _plain_degrees(delivery: Delivery, rng: np.random.Generator) -> None:
    delivery.to_crs(str(rng.choice(["EPSG:4326", "EPSG:4490"])))
    delivery.mapping.setdefault("zones", {})["cut_overlaps_below_share"] = 0.001


def _across(delivery: Delivery, rng: np.random.Generator) -> None:
    """A village whose widest line lies in one zone and most of whose area in the other."""
    frame = delivery.frames["villages"]
    width = float(rng.uniform(180.0, 260.0))
    spoke = [(0, 0), (-width, 0), (-width, 900), (0, 900), (0, 475), (300, 475), (300, 425), (0, 425)]
    shape = Polygon([(442_000 + x, 4_420_500 + y) for x, y in spoke])
    frame.geometry = gpd.GeoSeries([shape, *gpd.GeoSeries(frame.geometry).to_crs(CRS)[1:]], crs=CRS).to_crs(frame.crs)
    delivery.frames["villages"] = frame.drop(columns="district")


def _degenerate(kind: str) -> Spoil:
    def spoil(delivery: Delivery, rng: np.random.Generator) -> None:
        layer = str(rng.choice(["zones", "villages"]))
        frame = delivery.frames[layer]
        x0, y0, x1, y1 = frame.geometry.iloc[1].bounds
        if kind == "zero area":
            frame.loc[1, "geometry"] = Polygon([(x0, y0), (x1, y1), (x0, y0), (x0, y0)])
        elif kind == "bow tie":
            frame.loc[1, "geometry"] = Polygon([(x0, y0), (x1, y1), (x1, y0), (x0, y1)])
        elif kind == "duplicate":
            again = frame.iloc[[1]].assign(**{f"{layer.removesuffix('s')}_id": "again"})
            delivery.frames[layer] = pd.concat([frame, again], ignore_index=True)
        else:
            half = (x0 + x1) / 2.0
            parts = [shapely.box(x0, y0, half - 1.0, y1), shapely.box(half + 1.0, y0, x1, y1)]
            frame.loc[1, "geometry"] = MultiPolygon(parts)
            delivery.frames[layer] = frame.explode(ignore_index=True)

    return spoil


def _skim_in(unit: str) -> Spoil:
    def spoil(delivery: Delivery, rng: np.random.Generator) -> None:
        city = small_city()
        distance_km, minutes = true_skim(city)
        if unit == "meters" and rng.integers(2):
            minutes = minutes / 60.0
        factor = {"seconds": 60.0, "hours": 1.0 / 60.0, "no minutes": 0.0}.get(unit, 1.0)
        delivery.skim = skim_frame(city, distance_km * (1_000.0 if unit == "meters" else 1.0), minutes * factor)

    return spoil


def _scaled(layer: str, column: str, factor: float) -> Spoil:
    def spoil(delivery: Delivery, rng: np.random.Generator) -> None:
        delivery.frames[layer] = delivery.frames[layer].assign(**{column: delivery.frames[layer][column] * factor})

    return spoil


def _renamed(layer: str, names: dict[str, tuple[str, float]]) -> Spoil:
    def spoil(delivery: Delivery, rng: np.random.Generator) -> None:
        frame, cut = delivery.frames[layer].copy(), delivery.formats[layer].split(":")[0] in ("shp", "zip")
        for column, (heading, factor) in names.items():
            if factor == 1.0 or not cut:
                frame[column] = frame[column] if factor == 1.0 else frame[column] * factor
                frame = frame.rename(columns={column: heading})
        delivery.frames[layer] = frame

    return spoil


CHINESE_ZONES = {
    "name": ("名称", 1.0), "district": ("所属区", 1.0), "jobs": ("就业岗位", 1.0),
    "residents": ("常住人口（万人）", 1e-4), "housing_floor_area_m2": ("住宅建筑面积（万㎡）", 1e-4),
    "vacant_share": ("空置率（%）", 100.0),
}  # fmt: skip
CHINESE_VILLAGES = {
    "name": ("村名", 1.0), "gross_floor_area_m2": ("建筑面积", 1.0), "far_limit": ("容积率上限", 1.0),
    "site_area_m2": ("用地面积（公顷）", 1e-4),
}  # fmt: skip
SHAPEFILES = [
    f"{kind}:{encoding}:{cpg}:{inside}"
    for kind, inside in (("shp", ""), ("zip", ""), ("zip", "城市/数据/"))
    for encoding, cpg in (("GBK", ""), ("GBK", "ISO-8859-1"), ("UTF-8", ""), ("UTF-8", "UTF-8"), ("GBK", "UTF-8"))
]
SYSTEM = ("crs", "epsg", "reference system", "coordinates")
UNITS = ("万", "unit", "wan", "must be within", "implausible", "usual", "plausible")
SLOTS = ("content", "units", "skim", "place", "zones", "villages", "facilities", "headings")
"""In the order in which they are applied; headings at the end, since a shapefile has no room for units in them."""
UGLINESSES: tuple[Ugliness, ...] = (
    Ugliness("zones as a shapefile", "zones", _format("zones", *SHAPEFILES)),
    Ugliness("villages as a shapefile", "villages", _format("villages", *SHAPEFILES)),
    Ugliness(
        "facilities as a table",
        "facilities",
        _format("facilities", "csv:gb18030:,", "csv:utf-16:\t", "csv:utf-8-sig:;", "csv:utf-8:,:wkt", "xlsx"),
    ),
    Ugliness(
        "villages in another format", "villages",
        _format("villages", "parquet", "geojson", "csv:gbk:,:wkt", "xlsx:wkt"),
    ),
    Ugliness("facilities as KML", "facilities", _format("facilities", "kml", "geojson")),
    Ugliness("zone number", "place", _zone_number, frozenset(), ("is a zone number", "has no zone number")),
    Ugliness("northing first", "place", _swapped, frozenset(), SYSTEM),
    Ugliness("local meters", "place", _local, frozenset({"position"}), ("local",)),
    Ugliness("degrees labeled meters", "place", _degrees_as_meters, frozenset(), ("these are degrees",)),
    Ugliness("meters labeled degrees", "place", _meters_as_degrees, frozenset(), ("these are no degrees",)),
    Ugliness("old datum", "place", _old_datum, frozenset(), ("shift of the datum",)),
    Ugliness("Web Mercator", "place", _mercator, frozenset({"villages.site_area_m2"}), ("times too large",)),
    Ugliness("degrees", "place", _plain_degrees),
    Ugliness("village across a border", "content", _across, frozenset(), ("across borders",)),
    Ugliness("zero area", "content", _degenerate("zero area"), frozenset(), ("zero_area",)),
    Ugliness("bow tie", "content", _degenerate("bow tie"), frozenset(), ("self_crossing",)),
    Ugliness("duplicate", "content", _degenerate("duplicate"), frozenset(), ("duplicate_geometry",)),
    Ugliness("exploded parts", "content", _degenerate("exploded"), frozenset(), ("duplicate_id",)),
    Ugliness("seconds", "skim", _skim_in("seconds"), frozenset({"minutes"}), ("seconds",)),
    Ugliness("hours", "skim", _skim_in("hours"), frozenset({"minutes"}), ("hours",)),
    Ugliness("meters", "skim", _skim_in("meters"), frozenset({"minutes", "distance_km"}), ("meters",)),
    Ugliness("no minutes", "skim", _skim_in("no minutes"), frozenset({"minutes"}), ("is 0 everywhere",)),
    Ugliness("residents in 万", "units", _scaled("zones", "residents", 1e-4), frozenset({"zones.residents"}), UNITS),
    Ugliness(
        "village floor in 万m2", "units", _scaled("villages", "gross_floor_area_m2", 1e-4),
        frozenset({"villages.gross_floor_area_m2"}), UNITS,
    ),
    Ugliness("prices in 万元", "units", _scaled("zones", "sale_price_cny_per_m2", 1e-4), frozenset(), UNITS),
    Ugliness("zones with Chinese headings", "headings", _renamed("zones", CHINESE_ZONES)),
    Ugliness("villages with Chinese headings", "headings", _renamed("villages", CHINESE_VILLAGES)),
)  # fmt: skip
