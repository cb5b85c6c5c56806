"""Scenarios drawn for training: years, quotas, ranges, what is asked for, and limits of every kind.

Limits are shares of what good plans use in the programme drawn, so that they bind; a draw whose limits no plan keeps
that renews something is drawn again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from agents.objectives import FEWEST_ASKED, KNOWN_OBJECTIVES, MOST_ASKED, OBJECTIVES
from data.arrays import BoolArray, FloatArray, IntArray
from data.city import City
from data.errors import InputError
from data.scenario import Scenario
from data.scenario_files import scenario_from_mapping
from envs.choices.limit_cases import LimitCase, Use, limited, use_of
from envs.choices.limit_prices.price_moves import best_by_year
from envs.choices.marginal_gain import MarginalGains, marginal_gains
from envs.choices.options import OptionSpace, option_space
from envs.choices.year_assignment import assign_years
from envs.kernel import SEARCH, Plans, ResolvedScenario, resolve
from envs.kernel.indicators.registry import objective_signs
from envs.rules.check import violations

Rng = np.random.Generator
LEAST_SHARE, LARGEST_SHARE = 0.015, 0.12
"""Of a city's villages that may start in a year."""
MOST_YEARS, USUAL_YEARS, USUAL_YEARS_CHANCE = 20, 12, 0.4
CORE_CHANCE = 0.5
"""Of the objectives of the presets being asked for, and no others."""
RANGE_CHANCE = 0.2
"""Of each range or list (density, facilities, intensities) being narrower than the scenario's."""
NAMED_CHANCE, MOST_NAMED = 0.15, 0.2
"""Of some villages being locked, of some being forbidden, and the most, as a share of all."""
N_LIMITS = (0.3, 0.35, 0.2, 0.15)
"""Chances of no limit on the whole plan, one, two, three."""
TRIES = 40
"""Plans of a few villages, of which one must keep every hard rule."""
Amount = Callable[[Rng], float | None]


def _log_uniform(low: float, high: float) -> Amount:
    return lambda rng: float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _uniform(low: float, high: float) -> Amount:
    return lambda rng: float(rng.uniform(low, high))


DRAWN_LIMITS: Mapping[str, Amount] = {
    "annual_capital": _log_uniform(0.1, 1.0),
    "peak_capital": _log_uniform(0.03, 1.0),
    "commodity_cap": _log_uniform(0.1, 1.0),
    "displacement": _log_uniform(0.1, 1.0),
    "district_floor_area": _log_uniform(0.05, 1.0),
    "rental_share": _uniform(0.2, 0.6),
    "demolished_share": _uniform(0.15, 0.8),
    "new_to_demolished": _uniform(0.8, 2.5),
    "onsite_resettlement": _uniform(0.3, 0.7),
    "rent_growth": _uniform(0.01, 0.06),
    "minimum_facility_ratio": _uniform(0.05, 0.2),
    "consent": lambda _: None,
    "renewal_ratio": _uniform(0.1, 0.6),
}
"""Kind of limit -> what draws its amount (envs.choices.limit_cases.LIMITS)."""


def drawn_scenario(base: Scenario, city: City, rng: Rng) -> Scenario | None:
    """A scenario for a city: the base one in another programme, under other limits, with other objectives.

    Args:
        base: what is not drawn stays as in it.
        city: that it is to fit.
        rng: random state.

    Returns:
        The scenario; None where no plan was found that keeps its hard rules and renews something.
    """
    try:
        free = drawn_programme(base, city, rng)
        resolved = resolve(free, city)
        space = option_space(resolved)
        if not space.start_mask[:, 1:].any():
            return None
        scenario = limited(free, city, used_by_good_plans(resolved, space), _drawn_case(city, rng))
        return scenario if can_renew(resolve(scenario, city), rng) else None
    except InputError:  # limits that contradict each other in this city
        return None


def drawn_programme(base: Scenario, city: City, rng: Rng) -> Scenario:
    """Years, quota, ranges and objectives, without limits on the whole plan."""
    years = USUAL_YEARS if rng.random() < USUAL_YEARS_CHANCE else int(rng.integers(1, MOST_YEARS + 1))
    share = _log_uniform(LEAST_SHARE, LARGEST_SHARE)(rng) or 0.0
    fields: dict[str, Any] = base.model_dump(mode="json") | {
        "plan_years": years,
        "villages_per_year": max(1, round(share * city.n_villages)),
        "villages_per_year_by_year": {},
    }
    fields |= drawn_objectives(rng)
    if rng.random() < RANGE_CHANCE:
        low, high = np.sort(rng.uniform(0.5, 3.5, 2))
        fields["floor_area_ratio"] = {"low": float(low), "high": float(max(high, low + 0.3))}
    if rng.random() < RANGE_CHANCE:
        low = float(_log_uniform(0.05, 0.5)(rng) or 0.0)
        fields["facility_ratio"] = {"low": low, "high": min(low + float(rng.uniform(0.05, 0.2)), 0.9)}
    if rng.random() < RANGE_CHANCE:
        fields["intensities"] = [name for name in fields["intensities"] if rng.random() < 0.5] or ["rehabilitate"]
    return scenario_from_mapping(fields)


def drawn_objectives(rng: Rng) -> dict[str, Any]:
    """Which objectives are asked for, two to five, one of the presets' among them; preferences alike."""
    names: tuple[str, ...] = OBJECTIVES
    if rng.random() >= CORE_CHANCE:
        first = OBJECTIVES[int(rng.integers(0, len(OBJECTIVES)))]
        others = [name for name in KNOWN_OBJECTIVES if name != first]
        more = rng.choice(others, size=int(rng.integers(FEWEST_ASKED, MOST_ASKED + 1)) - 1, replace=False).tolist()
        names = tuple(name for name in KNOWN_OBJECTIVES if name == first or name in more)
    return {"objectives": list(names), "preferences": dict.fromkeys(names, 1.0 / len(names))}


def _drawn_case(city: City, rng: Rng) -> LimitCase:
    n_limits = int(rng.choice(len(N_LIMITS), p=N_LIMITS))
    kinds = rng.choice(list(DRAWN_LIMITS), size=n_limits, replace=False).tolist()
    case: list[tuple[str, Any]] = [(kind, DRAWN_LIMITS[kind](rng)) for kind in kinds]
    named = rng.permutation(city.villages.village_id)
    most = max(1, round(MOST_NAMED * city.n_villages))
    for kind in ("locked", "forbidden"):
        if rng.random() < NAMED_CHANCE:
            n = int(rng.integers(1, most + 1))
            case.append((kind, tuple(named[:n].tolist())))
            named = named[n:]
    return tuple(case)


def used_by_good_plans(resolved: ResolvedScenario, space: OptionSpace) -> Use:
    """What the best plans of the linear model use, by each objective of the presets and by all alike."""
    return use_of(resolved, linear_plans(marginal_gains(resolved, space, OBJECTIVES)))


def linear_plans(gains: MarginalGains) -> Plans:
    """The best plan of the gains at the empty plan for each objective, then for all alike in units of these."""
    signs = np.array(objective_signs(gains.objectives))
    n_villages, n_objectives = len(gains.start_mask), signs.size
    none = np.zeros((n_objectives, n_villages), dtype=np.int64)
    slopes = gains.slopes_at(none, none, np.diag(signs))
    found = [_assigned(gains, each) for each in slopes]
    worth = np.array([gains.of_plan(each, *plan).sum() for each, plan in zip(slopes, found, strict=True)])
    scale = np.where(worth > 0.0, worth, 1.0)
    found.append(_assigned(gains, (slopes / scale[:, None, None, None].astype(np.float32)).sum(axis=0)))
    start, option = (np.stack(rows) for rows in zip(*found, strict=True))
    return gains.space.decode(start, option)


def _assigned(gains: MarginalGains, slopes: Any) -> tuple[IntArray, IntArray]:  # noqa: ANN401
    worth, best_option = best_by_year(gains, slopes)
    year, _ = assign_years(worth, np.array(gains.resolved.scenario.yearly_quotas))
    return year, best_option[np.arange(year.size), np.maximum(year - 1, 0)]


def can_renew(resolved: ResolvedScenario, rng: Rng) -> bool:
    """Whether one of a few small plans, of what must be renewed or else of one village, keeps every hard rule."""
    space = option_space(resolved)
    if not space.start_mask[:, 1:].any():
        return False
    plans = _small_plans(space, np.array(resolved.scenario.yearly_quotas), rng)
    renews = (plans.start_year > 0).any(axis=1)
    return bool((renews & (violations(resolved, plans, precision=SEARCH)[1] == 0.0).all(axis=1)).any())


def _small_plans(space: OptionSpace, quota: IntArray, rng: Rng) -> Plans:
    """TRIES plans: villages that must be renewed, evenly over the years, else one, each with the same option."""
    must = np.flatnonzero(~space.start_mask[:, 0])
    may = np.flatnonzero(space.start_mask[:, 1:].any(axis=1))
    place = np.repeat(np.arange(1, quota.size + 1), quota)
    years = place[np.linspace(0, place.size - 1, must.size).astype(np.int64)] if place.size else must
    start = np.zeros((TRIES, len(space.start_mask)), dtype=np.int64)
    start[:, must] = years
    if not must.size:
        start[np.arange(TRIES), rng.choice(may, TRIES)] = 1
    option = np.linspace(0, space.n_options - 1, TRIES).astype(np.int64)[:, None] * np.ones_like(start)
    return space.decode(start, _nearest_legal(space.option_mask, option))


def _nearest_legal(legal: BoolArray, option: IntArray) -> IntArray:
    """Options, or where they are not legal the next that is; shape (n_plans, n_villages)."""
    n_options = legal.shape[1]
    ahead: FloatArray = np.where(legal[None], (np.arange(n_options) - option[..., None]) % n_options, n_options)
    return np.asarray(np.argmin(ahead, axis=2))
