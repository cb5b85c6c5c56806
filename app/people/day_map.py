"""Persons present by zone and hour on the map, before a plan, after it, or what it changes."""

from __future__ import annotations

import itertools

import numpy as np

from app.charts.colors import DIVERGING, EMPTY_COLOR, VIRIDIS, sequence
from app.charts.village_map import Frames, MapClass, VillageMap, zone_ground
from app.people.day_of_plan import PlanDay
from data.arrays import FloatArray
from data.catalogue import text
from data.city import City
from envs.people.day.activities import AT_HOME, HOURS, WORK
from envs.people.day.day import Day

STATES = ("before", "after", "change")
DENSITY_BOUNDS: tuple[float, ...] = (1.0, 3.0, 10.0, 20.0, 30.0)
"""Of persons present [thousand per km2]."""
CHANGE_BOUNDS: tuple[float, ...] = (-200.0, -20.0, 20.0, 200.0)
"""Of what a plan changes [persons per km2]."""
NIGHT_HOUR, FIRST_HOUR = 3, 10
"""Next to everybody is at home; most are where they work or learn, which is shown first."""


def zone_persons(city: City, present: FloatArray) -> FloatArray:
    """Persons present in zones, those in its villages included; (n_places, 24) to (n_zones, 24)."""
    zones = present[: city.n_zones].copy()
    np.add.at(zones, city.villages.zone_idx, present[city.n_zones :])
    return zones


def day_map(shown: PlanDay, state: str, language: str, *, hour: int = FIRST_HOUR) -> VillageMap:
    """Zones by persons present per km2 at every full hour.

    Args:
        shown: before alone, or before and after.
        state: one of STATES; only the first without a plan.
        language: zh or en.
        hour: shown first.
    """
    city, states = shown.resolved.city, shown.states
    bounds, colors, scale = DENSITY_BOUNDS, [EMPTY_COLOR, *sequence(VIRIDIS[::-1], len(DENSITY_BOUNDS))], 1e3
    if state == "change":
        persons = zone_persons(city, states["after"].present - states["before"].present)
        bounds, colors, scale = CHANGE_BOUNDS, list(DIVERGING), 1.0
    else:
        persons = zone_persons(city, states[state].present)
    group = np.digitize(persons / city.zones.area_km2[:, None] / scale, bounds).T
    labels = _labels(bounds)
    return VillageMap(
        ground=zone_ground(city),
        classes=[
            MapClass(label, color, group[hour] == k)
            for k, (label, color) in enumerate(zip(labels, colors, strict=True))
        ],
        title=text(f"day_map_{state}", language, year=shown.year),
        lines=[""] * city.n_zones,
        frames=Frames(
            name=text("day_hours", language),
            labels=_hours(states["before" if state == "before" else "after"], language),
            class_idx=group,
            values=np.rint(persons.T).astype(np.int64),
            value_text=text("day_zone_change" if state == "change" else "day_zone_persons", language, n="{n}"),
            note=text("day_map_note", language),
            first=hour,
        ),
    )


def _labels(bounds: tuple[float, ...]) -> list[str]:
    sign = "+" if bounds[0] < 0.0 else ""
    inner = [f"{a:{sign}g} … {b:{sign}g}" for a, b in itertools.pairwise(bounds)]
    return [f"< {bounds[0]:{sign}g}", *inner, f"≥ {bounds[-1]:{sign}g}"]


def _hours(day: Day, language: str) -> list[str]:
    """What most do at each hour."""
    share = 100.0 * day.doing / day.doing.sum(axis=0)
    home, work = share[AT_HOME], share[WORK]
    return [
        text("day_hour", language, hour=hour, home=home[hour], work=work[hour], rest=100.0 - home[hour] - work[hour])
        for hour in range(HOURS)
    ]
