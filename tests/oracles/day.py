"""The day of residents (people page, P3), by plain loops: who makes which trips by which mode, and who is where.

Read where the page leaves room: a person leaves home first at a normal hour; every stay has a normal length; somebody
under way counts where he set out from; every day is like the other. A way between two stops is as long as the root of
the sum of the squares of both ways from home, in the mean of their distance bands, and as fast as the longer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import erf, exp, hypot, inf, pi, sqrt
from typing import Any

from data.city import CATEGORIES, City
from oracles.travel import Matrix, travel_tables

Parameter = Callable[[str], Any]
Amount = dict[tuple[Any, ...], float]

GROUPS = ("registered", "tenant", "other")
BANDS = ("0-14", "15-24", "25-39", "40-59", "60-69", "70+")
IDLE = dict(zip(BANDS, ("child", "student", "at_home", "at_home", "pensioner", "older_pensioner"), strict=True))
DISTANCES = ("nearest", "near", "middle", "far", "farther", "farthest")
SERVICE = {
    "school": "education", "escort": "education", "shop": "daily_commerce", "doctor": "health", "care": "elderly_care",
    "culture": "culture", "sports": "sports", "park": "green_space",
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One of the places where somebody goes from his home."""

    place: int
    share: float
    km: float
    minutes: float
    band: int


@dataclass(frozen=True)
class OracleDay:
    """What the loops add up."""

    travel: Amount  # (measure, purpose, mode, group, kind); measure is trips, km or minutes
    present: list[list[float]]  # by place and hour
    work_trips: Amount  # (home, zone)


def kinds_of_group(group: str, working_by_age: Mapping[str, float], parameter: Parameter) -> dict[str, float]:
    """Shares of kinds; `working_by_age` is the share of each age band that works."""
    kinds: dict[str, float] = defaultdict(float)
    for band, share in parameter(f"age.{group}").items():
        works = share * working_by_age[band]
        kinds["younger_worker" if band in BANDS[:3] else "older_worker"] += works
        kinds[IDLE[band]] += share - works
    return kinds


def day(
    city: City,
    parameter: Parameter,
    *,
    persons: list[dict[str, float]],
    kinds: Mapping[str, Mapping[str, float]],
    work_share: list[list[float]],
    supply: list[list[float]],
    jobs: list[float],
) -> OracleDay:
    """The whole day.

    Args:
        city: the city.
        parameter: the book.
        persons: of every place by group.
        kinds: of every group.
        work_share: of every place by work zone.
        supply: of every place by category [m2].
        jobs: of every zone.
    """
    travel: Amount = defaultdict(float)
    work_trips: Amount = defaultdict(float)
    present = [[0.0] * 24 for _ in range(city.n_places)]
    tables = travel_tables(city, parameter)
    for home in range(city.n_places):
        ways = _ways_of_home(city, parameter, tables, home, persons, work_share, supply, jobs)
        for group in GROUPS:
            for kind, share in kinds[group].items():
                for name, habit in parameter(f"day.chains_{kind}").items():
                    n = persons[home][group] * share * habit
                    stops = ["home"] if name == "home" else ["home", *name.split("-"), "home"]
                    _add_trips(travel, work_trips, parameter, ways, stops, home, n, (group, kind))
                    _add_hours(present, parameter, ways, stops, home, n)
    return OracleDay(travel, present, work_trips)


def _band(km: float, parameter: Parameter) -> int:
    return sum(1 for bound in parameter("day.mode_bounds") if km > bound)


def _ways_of_home(
    city: City,
    parameter: Parameter,
    tables: tuple[Matrix, Matrix],
    home: int,
    persons: list[dict[str, float]],
    work_share: list[list[float]],
    supply: list[list[float]],
    jobs: list[float],
) -> dict[str, list[Way]]:
    km, minutes = tables
    zones = range(city.n_zones)
    attraction = [sum(persons[z].values()) + jobs[z] for z in zones]
    for n in range(city.n_villages):
        attraction[int(city.villages.zone_idx[n])] += sum(persons[city.n_zones + n].values())
    pull = [attraction[z] * exp(-parameter("day.visit_decay") * km[home][z]) for z in zones]
    visits = [Way(z, pull[z] / sum(pull), km[home][z], minutes[home][z], _band(km[home][z], parameter)) for z in zones]
    ways = {"visit": visits, "study": visits}
    ways["work"] = [
        Way(z, work_share[home][z], km[home][z], minutes[home][z], _band(km[home][z], parameter)) for z in zones
    ]
    for activity, category in SERVICE.items():
        ways[activity] = _facilities(city, parameter, home, category, supply) or visits
    return ways


def _facilities(city: City, parameter: Parameter, home: int, category: str, supply: list[list[float]]) -> list[Way]:
    s = parameter(f"access.scale.{category}")
    found: list[tuple[int, float, float]] = []
    for place in range(city.n_places):
        x = float(city.place_x_km[home] - city.place_x_km[place])
        y = float(city.place_y_km[home] - city.place_y_km[place])
        distance = parameter("travel.detour") * hypot(x, y)
        v = float(city.place_area_km2[home] + city.place_area_km2[place]) / (4.0 * pi)
        if distance > parameter("access.catchment_sigmas") * sqrt(s * s + v):
            continue
        decay = s * s / (s * s + v) * exp(-distance * distance / (2.0 * (s * s + v)))
        length = sqrt((distance * s * s / (s * s + v)) ** 2 + 2.0 * s * s * v / (s * s + v))
        found.append((place, decay * supply[place][CATEGORIES.index(category)], length))
    total = sum(pull for _, pull, _ in found)
    if total == 0.0:
        return []
    return [
        Way(place, pull / total, length, parameter("travel.intercept") + parameter("travel.slope") * length,
            _band(length, parameter))
        for place, pull, length in found
    ]  # fmt: skip


def _leg(parameter: Parameter, ways: dict[str, list[Way]], start: str, end: str) -> list[Way]:
    """Ways of a leg; those between two stops are the pairs of the means of their bands."""
    if "home" in (start, end):
        return ways[end if start == "home" else start]
    pairs = []
    for one in _band_means(ways[start]):
        for other in _band_means(ways[end]):
            km = hypot(one.km, other.km)
            longer = one if one.km >= other.km else other
            minutes = longer.minutes * km / longer.km
            pairs.append(Way(-1, one.share * other.share, km, minutes, _band(km, parameter)))
    return pairs


def _band_means(ways: list[Way]) -> list[Way]:
    means = []
    for band in sorted({way.band for way in ways}):
        inside = [way for way in ways if way.band == band]
        share = sum(way.share for way in inside)
        if share > 0.0:
            km = sum(way.share * way.km for way in inside) / share
            minutes = sum(way.share * way.minutes for way in inside) / share
            means.append(Way(-1, share, km, minutes, band))
    return means


def _minutes(parameter: Parameter, way: Way, mode: str) -> float:
    return 60.0 * way.km / parameter(f"day.speed_{mode}") if mode in ("walk", "bike") else way.minutes


def _add_trips(
    travel: Amount,
    work_trips: Amount,
    parameter: Parameter,
    ways: dict[str, list[Way]],
    stops: list[str],
    home: int,
    n: float,
    who: tuple[str, str],
) -> None:
    for start, end in pairwise(stops):
        for way in _leg(parameter, ways, start, end):
            for mode, share in parameter(f"day.modes_{DISTANCES[way.band]}").items():
                trips = n * way.share * share
                travel["trips", end, mode, *who] += trips
                travel["km", end, mode, *who] += trips * way.km
                travel["minutes", end, mode, *who] += trips * _minutes(parameter, way, mode)
        if end == "work":
            for way in ways["work"]:
                work_trips[home, way.place] += n * way.share


def _mean_minutes(parameter: Parameter, ways: dict[str, list[Way]], start: str, end: str) -> float:
    total = 0.0
    for way in _leg(parameter, ways, start, end):
        for mode, share in parameter(f"day.modes_{DISTANCES[way.band]}").items():
            total += way.share * share * _minutes(parameter, way, mode)
    return total


def _add_hours(
    present: list[list[float]], parameter: Parameter, ways: dict[str, list[Way]], stops: list[str], home: int, n: float
) -> None:
    """Who has come to a stop and not yet to the next is at the stop; the others are at home."""
    arrivals: list[tuple[float, float]] = []
    for k in range(1, len(stops)):
        minutes = _mean_minutes(parameter, ways, stops[k - 1], stops[k])
        if k == 1:
            mean, variance = parameter("day.leave_home")[stops[1]], parameter("day.leave_home_spread")[stops[1]] ** 2
        else:
            mean, variance = arrivals[-1]
            mean += parameter("day.stay")[stops[k - 1]]
            variance += parameter("day.stay_spread")[stops[k - 1]] ** 2
        arrivals.append((mean + minutes / 60.0, variance))
    for hour in range(24):
        present[home][hour] += n
        for day_before in (-24.0, 0.0, 24.0):
            come = inf
            shares = []
            for mean, variance in arrivals:
                z = (hour + day_before - mean) / sqrt(variance)
                come = min(come, 0.5 * (1.0 + erf(z / sqrt(2.0))))
                shares.append(come)
            for k, stop in enumerate(stops[1:-1]):
                if stop != "home":
                    at_stop = n * (shares[k] - shares[k + 1])
                    present[home][hour] -= at_stop
                    for way in ways[stop]:
                        present[way.place][hour] += at_stop * way.share
