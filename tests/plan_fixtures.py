"""Plans for tests: from the oracle's entries to the kernel's arrays and back, and random legal ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from data.city import City
from data.scenario import INTENSITIES, LAND_USES
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import OPTIONAL_COLUMNS

Entry = dict[str, Any]


def plans_of(plans: Sequence[Sequence[Mapping[str, Any]]]) -> Plans:
    """The kernel's arrays of plans given as one entry per village."""
    return Plans(
        start_year=np.array([[int(e["start_year"]) for e in plan] for plan in plans]),
        intensity=np.array([[INTENSITIES.index(e["intensity"]) for e in plan] for plan in plans]),
        land_use=np.array([[LAND_USES.index(e["land_use"]) for e in plan] for plan in plans]),
        floor_area_ratio=np.array([[float(e["floor_area_ratio"]) for e in plan] for plan in plans]),
        facility_ratio=np.array([[float(e["facility_ratio"]) for e in plan] for plan in plans]),
        **{name: optional_column(plans, name) for name in OPTIONAL_COLUMNS},
    )


def optional_column(plans: Sequence[Sequence[Mapping[str, Any]]], name: str) -> np.ndarray | None:
    """One of the columns that a plan may leave empty (NaN); None where no plan gives it."""
    values = np.array([[np.nan if e.get(name) is None else float(e[name]) for e in plan] for plan in plans])
    return None if np.isnan(values).all() else values


def entries_of(plans: Plans, row: int) -> list[Entry]:
    """One plan of a batch as one entry per village."""
    given = [name for name in OPTIONAL_COLUMNS if getattr(plans, name) is not None]
    return [
        {
            "start_year": int(plans.start_year[row, n]),
            "intensity": INTENSITIES[int(plans.intensity[row, n])].value,
            "land_use": LAND_USES[int(plans.land_use[row, n])].value,
            "floor_area_ratio": float(plans.floor_area_ratio[row, n]),
            "facility_ratio": float(plans.facility_ratio[row, n]),
        }
        | {name: float(getattr(plans, name)[row, n]) for name in given}
        for n in range(plans.start_year.shape[1])
    ]


def random_plans(resolved: ResolvedScenario, n_plans: int, seed: int) -> Plans:
    """Legal options at random years; a third of the villages is kept."""
    rng, space = np.random.default_rng(seed), option_space(resolved)
    n_villages, n_years = space.start_mask.shape[0], resolved.scenario.plan_years
    start = rng.integers(1, n_years + 1, (n_plans, n_villages)) * (rng.random((n_plans, n_villages)) < 2.0 / 3.0)
    start = np.where(space.option_mask.any(axis=1), start, 0)
    option = np.zeros_like(start)
    for n in range(n_villages):
        legal = np.flatnonzero(space.option_mask[n])
        if legal.size:
            option[:, n] = rng.choice(legal, n_plans)
    return space.decode(start, option)


def empty_plans(resolved: ResolvedScenario, n_plans: int = 1) -> Plans:
    """Plans that keep every village."""
    start = np.zeros((n_plans, resolved.city.n_villages), dtype=np.int64)
    return option_space(resolved).decode(start, np.zeros_like(start))


def permuted_city(city: City, order: np.ndarray) -> City:
    """The same city with its villages in another order; facilities stay where they are."""
    villages = city.villages
    position = np.argsort(order)
    place_idx = city.facilities.place_idx.copy()
    inside = place_idx >= city.n_zones
    place_idx[inside] = city.n_zones + position[place_idx[inside] - city.n_zones]
    columns = {name: getattr(villages, name)[order] for name in villages.__dataclass_fields__}
    return replace(
        city, villages=replace(villages, **columns), facilities=replace(city.facilities, place_idx=place_idx)
    )
