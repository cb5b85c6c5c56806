"""What is given: a city as typed, frozen arrays.

Places are the zones followed by the villages; that order is used wherever an array has a "place" axis.
Coordinates are kilometers in the city's projected reference system; polygons stay in meters.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from data.arrays import BoolArray, FloatArray, GeometryArray, IntArray, TextArray
from data.catalogue import Told

CATEGORIES: tuple[str, ...] = (
    "education",
    "health",
    "elderly_care",
    "culture",
    "sports",
    "daily_commerce",
    "green_space",
)
"""Facility categories; every array with a category axis follows this order."""

LAND_CATEGORIES: tuple[str, ...] = ("sports", "green_space")
"""Categories measured in land area; the others are measured in floor area."""


UTM_50N = "EPSG:32650"
"""Projected reference system of Beijing, and of every city that is drawn rather than imported."""


class _Layer:
    """Freezes every array of a layer and gives it a length and a digest."""

    def __post_init__(self) -> None:
        lengths = set()
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
                lengths.add(value.shape[0])
        if len(lengths) > 1:
            msg = f"{type(self).__name__}: columns of unequal length {sorted(lengths)}"
            raise ValueError(msg)

    def __len__(self) -> int:
        """Number of rows."""
        return int(getattr(self, fields(self)[0].name).shape[0])  # type: ignore[arg-type]

    def update_digest(self, digest: Any) -> None:  # noqa: ANN401 - hashlib has no public type
        """Feed every column, name and content, to a hashlib digest."""
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            digest.update(item.name.encode())
            if value.dtype == object:
                for geometry in shapely.to_wkb(value):
                    digest.update(geometry)
            elif value.dtype.kind == "U":
                digest.update("\x1f".join(value.tolist()).encode())
            else:
                digest.update(np.ascontiguousarray(value).tobytes())


@dataclass(frozen=True, eq=False)
class Zones(_Layer):
    """Polygons that tile the city; residents, jobs and housing exclude those of the listed villages."""

    zone_id: TextArray
    name: TextArray
    district_idx: IntArray
    residents: FloatArray  # [persons]
    jobs: FloatArray  # [jobs]
    housing_floor_area_m2: FloatArray
    vacant_share: FloatArray  # [0..1]
    sale_price_cny_per_m2: FloatArray
    rent_cny_per_m2_month: FloatArray
    yearly_sales_m2: FloatArray  # new homes sold in a normal year; NaN where it is not known
    area_km2: FloatArray  # of the polygon
    x_km: FloatArray  # centroid
    y_km: FloatArray
    geometry: GeometryArray  # shapely polygons [m]


@dataclass(frozen=True, eq=False)
class Villages(_Layer):
    """The parcels that may be renewed."""

    village_id: TextArray
    name: TextArray
    town: TextArray
    district_idx: IntArray
    zone_idx: IntArray  # the zone that contains the village (its jobs belong there)
    site_area_m2: FloatArray
    gross_floor_area_m2: FloatArray  # existing
    legal_share: FloatArray  # of the existing floor [0..1]
    registered_residents: FloatArray  # [persons]
    tenants: FloatArray  # [persons]
    jobs: FloatArray  # [jobs]
    far_limit: FloatArray  # gross floor area / net site
    rental_only: BoolArray  # collective land for rental only: commodity housing is forbidden
    rebuild_allowed: BoolArray  # False under heritage protection
    sale_price_cny_per_m2: FloatArray
    price_of_zone: BoolArray  # True where that price is the zone's, and so stands for the zone's services
    rent_cny_per_m2_month: FloatArray  # of a village room
    x_km: FloatArray
    y_km: FloatArray
    geometry: GeometryArray  # shapely polygons [m]


@dataclass(frozen=True, eq=False)
class Facilities(_Layer):
    """Existing facilities; `place_idx` is the village that contains the point, else the zone."""

    facility_id: TextArray
    category_idx: IntArray  # into CATEGORIES
    supply_m2: FloatArray  # floor area; land area for sports and green space
    place_idx: IntArray  # zones first, then villages
    x_km: FloatArray
    y_km: FloatArray


@dataclass(frozen=True, eq=False)
class Stations(_Layer):
    """Rail stations."""

    station_id: TextArray
    name: TextArray
    x_km: FloatArray
    y_km: FloatArray


@dataclass(frozen=True, eq=False)
class Skim:
    """Observed travel from places to zones; it wins over computed travel."""

    distance_km: FloatArray  # (n_places, n_zones)
    minutes: FloatArray  # (n_places, n_zones)


@dataclass(frozen=True)
class ObservedCommute:
    """A published mean commute, and whose it is."""

    mean_km: float
    districts: tuple[str, ...]  # population declared by the source; empty = the whole city
    source: str


@dataclass(frozen=True)
class Fill:
    """Cells of a column that a file did not give and the import filled in.

    Attributes:
        layer: of the city.
        column: ours.
        n_filled: cells that were filled.
        n_rows: cells of the column.
        letter: how sure the value is, as in the parameter book: S stated, C computed, M from memory, E estimated.
        rule: whence it came: constant, book, each, times, over, polygon, zone, nearest, group or split.
        value: the constant or the book's number, as text; "" where it differs by row.
        key: the book's key, where there is one.
        of: the column that it was taken from or is proportional to.
    """

    layer: str
    column: str
    n_filled: int
    n_rows: int
    letter: str
    rule: str
    value: str = ""
    key: str = ""
    of: str = ""


@dataclass(frozen=True, eq=False)
class City:
    """Everything that is given about a city.

    Attributes:
        name: short name, also the name of its file.
        crs: projected reference system of the polygons, for example "EPSG:32650".
        districts: names, indexed by `district_idx`.
        observed_commute: calibration target, or None to use the book's decay.
        skim: observed travel, or None to compute it.
        synthetic: layer or column ("villages", "zones.jobs") -> note shown wherever that layer is shown.
        repairs: what import and validation dropped or repaired, one line each.
        fills: what the import filled in where the files said nothing.
    """

    name: str
    crs: str
    districts: tuple[str, ...]
    zones: Zones
    villages: Villages
    facilities: Facilities
    stations: Stations
    observed_commute: ObservedCommute | None = None
    skim: Skim | None = None
    synthetic: dict[str, str] = field(default_factory=dict)
    repairs: tuple[Told, ...] = ()
    fills: tuple[Fill, ...] = ()

    @property
    def n_zones(self) -> int:
        """Number of zones."""
        return len(self.zones)

    @property
    def n_villages(self) -> int:
        """Number of villages."""
        return len(self.villages)

    @property
    def n_places(self) -> int:
        """Zones plus villages."""
        return self.n_zones + self.n_villages

    @cached_property
    def place_id(self) -> TextArray:
        """Zone ids, then village ids."""
        return np.concatenate([self.zones.zone_id, self.villages.village_id])

    @cached_property
    def place_x_km(self) -> FloatArray:
        """Centroids, zones then villages [km]."""
        return np.concatenate([self.zones.x_km, self.villages.x_km])

    @cached_property
    def place_y_km(self) -> FloatArray:
        """Centroids, zones then villages [km]."""
        return np.concatenate([self.zones.y_km, self.villages.y_km])

    @cached_property
    def place_area_km2(self) -> FloatArray:
        """Polygon area of zones, site area of villages [km2]."""
        return np.concatenate([self.zones.area_km2, self.villages.site_area_m2 / 1e6])

    @cached_property
    def place_district_idx(self) -> IntArray:
        """District of each place."""
        return np.concatenate([self.zones.district_idx, self.villages.district_idx])

    @cached_property
    def digest(self) -> str:
        """SHA-256 of everything that can change a result."""
        digest = hashlib.sha256()
        digest.update("|".join((self.crs, *self.districts, repr(self.observed_commute))).encode())
        for layer in (self.zones, self.villages, self.facilities, self.stations):
            layer.update_digest(digest)
        if self.skim is not None:
            digest.update(self.skim.distance_km.tobytes() + self.skim.minutes.tobytes())
        return digest.hexdigest()
