"""The one map of a city's villages, or of its zones: what it shows, whoever draws it.

`app.charts.maps` draws a VillageMap as a picture for files and print, `app.web.figures.map_payload` for a browser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import shapely

from data.arrays import BoolArray, FloatArray, GeometryArray, IntArray, TextArray
from data.city import City

ROLLED_UP_ABOVE = 3000
"""Villages beyond which a whole city is first shown district by district."""
WIDEST_LINE, THINNEST_LINE = 7.0, 0.8
SIMPLIFIED_M, VILLAGES_SIMPLIFIED_M, MARGIN_SHARE = 150.0, 30.0, 0.08


@dataclass(frozen=True, eq=False)
class MapClass:
    """Villages of one color.

    Attributes:
        label: for the legend.
        color: #rrggbb.
        mask: which villages, shape (n_villages,).
    """

    label: str
    color: str
    mask: BoolArray


@dataclass(frozen=True, eq=False)
class MapGround:
    """What stays the same whatever is shown.

    Attributes:
        areas: outlines of districts, simplified [m].
        area_names: of those; empty where an outline has no name.
        village_id: shape (n_villages,).
        village_name: shape (n_villages,).
        villages: outlines, simplified [m].
        center_m: a point of each village, shape (n_villages, 2) [m].
        area_idx: district of each village, shape (n_villages,).
        floor_m2: existing floor of each village, shape (n_villages,).
        window_m: x and y low, x and y high of what is shown first [m].
        has_marks: whether each has a mark sized by its floor, for most are too small to see.
    """

    areas: GeometryArray
    area_names: tuple[str, ...]
    village_id: TextArray
    village_name: TextArray
    villages: GeometryArray
    center_m: FloatArray
    area_idx: IntArray
    floor_m2: FloatArray
    window_m: FloatArray
    has_marks: bool = True


@dataclass(frozen=True, eq=False)
class Timeline:
    """What happens when, for a map that plays.

    Attributes:
        start_year: shape (n_villages,); 0 = kept.
        completion_year: shape (n_villages,).
        new_floor_m2: built by then, shape (n_villages,).
        new_density: new floor over the village's site, shape (n_villages,).
        last_year: of the programme and its works.
    """

    start_year: IntArray
    completion_year: IntArray
    new_floor_m2: FloatArray
    new_density: FloatArray
    last_year: int


@dataclass(frozen=True, eq=False)
class Frames:
    """What a map shows one after the other, such as hours.

    Attributes:
        name: of what goes on from frame to frame.
        labels: one each.
        class_idx: class of each village, shape (n_frames, n_villages).
        values: said of each village, same shape; whole numbers.
        value_text: how a value is said, with a place for {n}.
        note: below the legend.
        first: position of the one shown first.
    """

    name: str
    labels: Sequence[str]
    class_idx: IntArray
    values: IntArray
    value_text: str
    note: str
    first: int = 0


@dataclass(frozen=True, eq=False)
class MapPoints:
    """Marks that are no villages, such as doubtful rows of a layer.

    Attributes:
        label: for the legend.
        color: #rrggbb.
        xy_m: shape (n, 2) [m].
        texts: one each.
    """

    label: str
    color: str
    xy_m: FloatArray
    texts: Sequence[str]


@dataclass(frozen=True, eq=False)
class MapShapes:
    """Outlines above the villages, such as areas that are asked about.

    Attributes:
        label: for the legend.
        color: #rrggbb.
        shapes: polygons [m].
    """

    label: str
    color: str
    shapes: GeometryArray


@dataclass(frozen=True, eq=False)
class MapFlows:
    """Lines from one place to several, as wide as there are persons on the way.

    Attributes:
        label: for the legend.
        from_m: where all begin, shape (2,) [m].
        to_m: where each ends, shape (n, 2) [m].
        persons: shape (n,), the most first.
        texts: one each.
    """

    label: str
    from_m: FloatArray
    to_m: FloatArray
    persons: FloatArray
    texts: Sequence[str]

    @property
    def widths(self) -> FloatArray:
        """Of the lines, in proportion to the persons, none too thin to see [pixels or points], shape (n,)."""
        most = float(self.persons.max(initial=1.0))
        return np.maximum(WIDEST_LINE * self.persons / most, THINNEST_LINE)


@dataclass(frozen=True, eq=False)
class VillageMap:
    """A map.

    Attributes:
        ground: the city.
        classes: in the order of the legend; a village may be in none. The first is what counts as not chosen.
        title: of the legend.
        lines: what is said of each village below its name.
        timeline: of a plan whose years can be played.
        marked: villages with a ring around them, and what that means; None for none.
        points: marks beside the villages.
        frames: whatever else is played; the classes are those of the first frame shown. Not beside a timeline.
        flows: lines above it.
        note: below the legend instead of the words on marks; empty = those.
        shapes: outlines above the villages.
    """

    ground: MapGround
    classes: Sequence[MapClass]
    title: str
    lines: Sequence[str]
    timeline: Timeline | None = None
    marked: tuple[str, BoolArray] | None = None
    points: Sequence[MapPoints] = field(default_factory=tuple)
    frames: Frames | None = None
    flows: MapFlows | None = None
    note: str = ""
    shapes: Sequence[MapShapes] = field(default_factory=tuple)

    @property
    def class_idx(self) -> IntArray:
        """Class of each village, -1 for none, shape (n_villages,); the later class has the say."""
        group = np.full(len(self.ground.village_id), -1, dtype=np.int64)
        for k, item in enumerate(self.classes):
            group[item.mask] = k
        return group

    @property
    def rolled_up(self) -> bool:
        """Whether the whole is shown district by district."""
        return len(self.ground.village_id) > ROLLED_UP_ABOVE and any(self.ground.area_names)


def of_years(shown: VillageMap, first: int, last: int, *, earlier: tuple[str, str]) -> VillageMap:
    """The map of a plan in which only what begins in a span of years has its color.

    Args:
        shown: with a timeline.
        first: year.
        last: year.
        earlier: label and color of what began before; what begins later counts as not chosen.

    Raises:
        ValueError: the map has no timeline.
    """
    if shown.timeline is None:
        msg = "a map without years"
        raise ValueError(msg)
    start = shown.timeline.start_year
    now, before, later = (
        (start >= first) & (start <= last),
        (start > 0) & (start < first),
        (start == 0) | (start > last),
    )
    rest = replace(shown.classes[0], mask=later)
    past = replace(shown.classes[0], label=earlier[0], color=earlier[1], mask=before)
    return replace(shown, classes=[rest, past, *(replace(item, mask=item.mask & now) for item in shown.classes[1:])])


def city_ground(city: City) -> MapGround:
    """The ground of a city; made once for each."""
    return _city_ground(city.digest, city)


def zone_ground(city: City) -> MapGround:
    """The same with the zones in place of the villages; made once for each."""
    return _zone_ground(city.digest, city)


@lru_cache(maxsize=4)
def _zone_ground(digest: str, city: City) -> MapGround:
    del digest
    zones = city.zones
    return replace(
        city_ground(city),
        village_id=zones.zone_id,
        village_name=zones.name,
        villages=shapely.simplify(zones.geometry, VILLAGES_SIMPLIFIED_M),
        center_m=np.column_stack([zones.x_km, zones.y_km]) * 1e3,
        area_idx=zones.district_idx,
        floor_m2=zones.housing_floor_area_m2,
        has_marks=False,
    )


@lru_cache(maxsize=4)
def _city_ground(digest: str, city: City) -> MapGround:
    del digest
    zones, villages = city.zones, city.villages
    districts = [shapely.union_all(zones.geometry[zones.district_idx == k]) for k in range(len(city.districts))]
    center = np.column_stack([villages.x_km, villages.y_km]) * 1e3
    return MapGround(
        areas=shapely.simplify(np.array(districts, dtype=object), SIMPLIFIED_M),
        area_names=tuple(city.districts),
        village_id=villages.village_id,
        village_name=villages.name,
        villages=shapely.simplify(villages.geometry, VILLAGES_SIMPLIFIED_M),
        center_m=center,
        area_idx=villages.district_idx,
        floor_m2=villages.gross_floor_area_m2,
        window_m=window_of(villages.geometry),
    )


def window_of(shapes: GeometryArray) -> FloatArray:
    """Bounds with a margin: x and y low, x and y high [m]."""
    bounds = np.asarray(shapely.total_bounds(shapes))
    margin = MARGIN_SHARE * max(bounds[2] - bounds[0], bounds[3] - bounds[1])
    return bounds + margin * np.array([-1.0, -1.0, 1.0, 1.0])


def scale_bar_km(width_km: float) -> float:
    """A round length, at most a fifth of the width [km]."""
    magnitude = 10.0 ** np.floor(np.log10(width_km / 5.0))
    return float(max(step * magnitude for step in (1.0, 2.0, 5.0) if step * magnitude <= width_km / 5.0))
