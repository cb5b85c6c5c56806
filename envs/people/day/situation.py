"""Where people live, where they work and what serves them in one year of a plan, and the ways between places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from data.arrays import FloatArray, IntArray
from data.city import CATEGORIES, City
from data.parameter_book import Book
from data.travel import compute_travel
from envs.kernel import ResolvedScenario
from envs.kernel.computing.backend import to_numpy
from envs.kernel.services.accessibility import village_supply
from envs.kernel.trace import Trace


@dataclass(frozen=True, eq=False)
class Situation:
    """One year of one plan.

    Attributes:
        persons: by place and resident group, shape (n_places, 3).
        work_share: of a place's workers by work zone, shape (n_places, n_zones); rows sum to 1.
        supply_m2: facilities by place and category, shape (n_places, n_categories) [m2].
        attraction: residents and jobs of each zone, those of its villages included, shape (n_zones,).
    """

    persons: FloatArray
    work_share: FloatArray
    supply_m2: FloatArray
    attraction: FloatArray


@dataclass(frozen=True, eq=False)
class Catchment:
    """Pairs of places within reach of each other for one category of services, each of shape (n_pairs,).

    Attributes:
        home_idx: place where somebody lives.
        place_idx: place where facilities may be.
        decay: g of the two-step catchment [0..1].
        km: length of the ways that this decay keeps [km].
    """

    home_idx: IntArray
    place_idx: IntArray
    decay: FloatArray
    km: FloatArray


@dataclass(frozen=True, eq=False)
class Ways:
    """Ways between places, which no plan moves.

    Attributes:
        km: from places to zones, shape (n_places, n_zones) [km].
        minutes: door to door, same shape [min].
        catchments: of each category, in the order of CATEGORIES.
        intercept_min: of the minutes of ways within a catchment [min].
        slope_min_per_km: of the same [min/km].
    """

    km: FloatArray
    minutes: FloatArray
    catchments: tuple[Catchment, ...]
    intercept_min: float
    slope_min_per_km: float


def situation_of(trace: Trace, year: int, plan: int = 0) -> Situation:
    """A year of a plan as the evaluator has it.

    Args:
        trace: on NumPy, at report precision; it holds the year.
        year: state year; 0 is the base year.
        plan: position in the batch.
    """
    city, held = trace.resolved.city, year - trace.first_year
    persons = np.stack([trace.people(*group)[:, plan, held] for group in np.eye(3).tolist()], axis=1)
    column = plan * trace.n_years + held
    balanced, kernel = trace.balance, trace.constants.gravity.kernel
    weight, reach = to_numpy(balanced.weight)[:, column], to_numpy(balanced.reach)[:, column]
    access, states = trace.constants.access, trace.facility_states.each(lambda state: state[:, column : column + 1])
    supply = np.array(access.supply)
    for category in range(len(CATEGORIES)):
        supply[city.n_zones :, category] = to_numpy(village_supply(category, access, states))[:, 0]
    residents = persons.sum(axis=1)
    in_villages = np.bincount(city.villages.zone_idx, residents[city.n_zones :], minlength=city.n_zones)
    return Situation(
        persons=persons,
        work_share=to_numpy(kernel) * weight / reach[:, None],
        supply_m2=supply,
        attraction=residents[: city.n_zones] + in_villages + to_numpy(trace.jobs)[:, plan, held],
    )


def ways_of(resolved: ResolvedScenario) -> Ways:
    """Ways of a city: travel to zones, and what the catchments of services keep."""
    book, access = resolved.book, resolved.constants.access
    travel = compute_travel(resolved.city, book)
    return Ways(
        km=travel.distance_km,
        minutes=travel.minutes,
        catchments=tuple(
            _catchment(access.decay[scale].matrix.tocoo(), resolved.city, book, f"access.scale.{category}")
            for category, scale in zip(CATEGORIES, access.scale_idx, strict=True)
        ),
        intercept_min=book.number("travel.intercept"),
        slope_min_per_km=book.number("travel.slope"),
    )


def _catchment(decay: sparse.coo_array, city: City, book: Book, scale_key: str) -> Catchment:
    home, place = decay.row.astype(np.int64), decay.col.astype(np.int64)
    straight_km = np.hypot(
        city.place_x_km[home] - city.place_x_km[place], city.place_y_km[home] - city.place_y_km[place]
    )
    half_spread_km2 = (city.place_area_km2[home] + city.place_area_km2[place]) / (4.0 * np.pi)
    km = kept_km(book.number("travel.detour") * straight_km, half_spread_km2, book.number(scale_key))
    return Catchment(home, place, decay.data, km)


def kept_km(distance_km: FloatArray, half_spread_km2: FloatArray, scale_km: float) -> FloatArray:
    r"""Root-mean-square length of the ways between the points of two areas that a Gaussian decay keeps.

    The way between two points is normal around D with variance v in each direction, as in `pair_decay`; weighed by
    exp(-x^2 / 2 s^2) it is normal again, nearer and narrower.
    $$ \sqrt{\left(\frac{D s^2}{s^2 + v}\right)^2 + \frac{2 s^2 v}{s^2 + v}} $$

    Args:
        distance_km: D, any shape [km].
        half_spread_km2: v, same shape [km2].
        scale_km: s [km].

    Returns:
        The same shape [km]; D where both areas are points, sqrt(2) s inside an area that is large against s.

    Example:
        >>> kept_km(np.array([1.0, 0.0]), np.array([0.0, 1e6]), scale_km=0.5).round(4)
        array([1.    , 0.7071])
    """
    narrowed = scale_km**2 / (scale_km**2 + half_spread_km2)
    return np.sqrt((distance_km * narrowed) ** 2 + 2.0 * half_spread_km2 * narrowed)
