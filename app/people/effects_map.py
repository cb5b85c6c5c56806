"""Where those who move live afterwards: zones by how many come out of a district's villages, and the largest flows."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np

from app.charts.colors import EMPTY_COLOR, VIRIDIS, sequence
from app.charts.village_map import MapClass, MapFlows, VillageMap, city_ground, zone_ground
from data.arrays import FloatArray
from data.catalogue import text
from data.city import City
from envs.people.effects.effects import Flows
from envs.people.effects.parts import summed_by

MOST_LINES = 24
N_SHADES = 5
ROUND = np.outer(10.0 ** np.arange(7), (1.0, 2.0, 5.0)).ravel()
"""Bounds of classes are round [persons]."""


@dataclass(frozen=True, eq=False)
class Movers:
    """Who moved out of the villages of one district.

    Attributes:
        registered: persons by the zone in which they live, shape (n_zones,).
        tenants: same shape.
        from_m: middle of the villages that they left, each as heavy as its movers, shape (2,) [m].
    """

    registered: FloatArray
    tenants: FloatArray
    from_m: FloatArray

    @property
    def persons(self) -> FloatArray:
        """By zone."""
        return self.registered + self.tenants


def district_movers(flows: Flows, city: City) -> FloatArray:
    """Persons who moved out of the villages of each district, shape (n_districts,)."""
    district = city.villages.district_idx[flows.village_idx]
    return summed_by(district, flows.registered + flows.tenants, len(city.districts))


def movers_of(flows: Flows, city: City, district: int) -> Movers:
    """Who moved out of the villages of a district, which has some."""
    rows = np.flatnonzero(city.villages.district_idx[flows.village_idx] == district)
    zone, village = flows.zone_idx[rows], flows.village_idx[rows]
    registered, tenants = flows.registered[rows], flows.tenants[rows]
    middle = np.average(city_ground(city).center_m[village], axis=0, weights=registered + tenants)
    return Movers(summed_by(zone, registered, city.n_zones), summed_by(zone, tenants, city.n_zones), middle)


def flows_map(flows: Flows, city: City, district: int, language: str, *, darkest: float | None = None) -> VillageMap:
    """Zones by persons who come, and lines to those where most do.

    Args:
        flows: of a plan, some of them out of the district.
        city: whose places.
        district: out of whose villages.
        language: zh or en.
        darkest: persons of the darkest shade, where several maps have the same; None = the most that come.
    """
    movers = movers_of(flows, city, district)
    bounds = round_bounds(float(movers.persons.max()) if darkest is None else darkest)
    group = np.digitize(movers.persons, bounds)
    colors = [EMPTY_COLOR, *sequence(VIRIDIS[:4:-1], len(bounds))]
    labels = _labels(bounds)
    most, ground = _largest(movers.persons), zone_ground(city)
    return VillageMap(
        ground=replace(ground, window_m=_window(ground.window_m, ground.center_m[most])),
        classes=[MapClass(labels[k], colors[k], group == k) for k in range(len(labels))],
        title=text("effects_map_title", language, district=city.districts[district]),
        lines=_said(movers, language),
        flows=MapFlows(
            label=text("effects_map_lines", language),
            from_m=movers.from_m,
            to_m=ground.center_m[most],
            persons=movers.persons[most],
            texts=_line_texts(movers, city, most, language),
        ),
        note=text(
            "effects_map_note",
            language,
            district=city.districts[district],
            n=len(most),
            persons=float(movers.persons.sum()),
            share=100.0 * float(movers.persons[most].sum() / movers.persons.sum()),
            most=float(movers.persons[most[0]]),
        ),
    )


def round_bounds(most: float) -> list[float]:
    """Lower bounds of the shades [persons]: 1, then every second round number, up to the second largest below the most.

    Args:
        most: persons of the darkest.
    """
    below = ROUND[(ROUND > 1.0) & (most > ROUND)].tolist()
    return [1.0, *below[-2::-2][: N_SHADES - 1][::-1]]


def _labels(bounds: list[float]) -> list[str]:
    inner = [f"{low:,.0f} … {high:,.0f}" for low, high in itertools.pairwise(bounds)]
    return [f"< {bounds[0]:,.0f}", *inner, f"≥ {bounds[-1]:,.0f}"]


def _largest(persons: FloatArray) -> list[int]:
    """Zones to which most move, the most first."""
    order = np.argsort(-persons, kind="stable")[:MOST_LINES]
    return [int(zone) for zone in order if persons[zone] >= 1.0] or order[:1].tolist()


def _said(movers: Movers, language: str) -> list[str]:
    """What is said of every zone."""
    columns = zip(movers.persons.tolist(), movers.registered.tolist(), movers.tenants.tolist(), strict=True)
    return [text("effects_map_zone", language, n=n, registered=own, tenants=rent) for n, own, rent in columns]


def _window(window_m: FloatArray, to_m: FloatArray) -> FloatArray:
    """What is shown of the villages, and where every line ends."""
    return np.concatenate([np.minimum(window_m[:2], to_m.min(axis=0)), np.maximum(window_m[2:], to_m.max(axis=0))])


def _line_texts(movers: Movers, city: City, zones: list[int], language: str) -> list[str]:
    said = _said(movers, language)
    return [f"{city.zones.zone_id[zone]} {city.zones.name[zone]}\n{said[zone]}" for zone in zones]
