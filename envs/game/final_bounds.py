"""Bounds that only a finished plan can meet: least areas, numbers of villages, shares of intensities.

A plan begins outside such a bound and may come within it until its last year. So a decision is allowed as long as the
villages that may still start leave a way to meet it, each bound for itself: least areas by the options that give most,
numbers and shares by counting villages. What other limits will allow of that way, or the bounds of each other's, is not
foreseen: a plan that must build much, with few villages to rebuild, may miss the one or the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.scenario import INTENSITIES, RuleMode, Scenario
from envs.choices.additive_limits import AdditiveLimit
from envs.choices.options import OptionSpace
from envs.game.option_tables import OptionTables
from envs.kernel.computing.backend import Array, array_namespace, device
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.check import rule_mode

AREA_RULES = ("least_commodity_area", "least_rental_area")
ROUNDING = 1e-9
"""Relative slack for sums that were added in another order."""


@dataclass(frozen=True, eq=False)
class FinalBounds:
    """The hard ones of a scenario; arrays of one library on one device.

    Attributes:
        least: villages renewed in the end.
        most: of them.
        low: least share of the renewed villages of each intensity, shape (3,).
        high: largest share, same shape.
        able: 1 where a village has an option of the intensity, shape (n_villages, 3).
        later: True where a village may start in the year or after it, shape (plan_years + 2, n_villages).
        areas: positions of the least areas among the additive limits.
        area_columns: their columns in the tables of options.
        area_m2: least areas, shape (n_areas,).
        largest_m2: most that an option of the village gives, shape (n_villages, n_areas).
    """

    least: int
    most: int
    low: Array
    high: Array
    able: Array
    later: Array
    areas: tuple[int, ...]
    area_columns: tuple[int, ...]
    area_m2: Array
    largest_m2: Array

    @property
    def has_numbers(self) -> bool:
        """Whether any number or share of villages is bounded."""
        xp, n_villages = array_namespace(self.low), self.able.shape[0]
        return self.least > 0 or self.most < n_villages or bool(xp.any(self.low > 0.0) | xp.any(self.high < 1.0))


def final_bounds(
    resolved: ResolvedScenario, space: OptionSpace, limits: tuple[AdditiveLimit, ...], tables: OptionTables
) -> FinalBounds | None:
    """The bounds of a scenario; None where there is none.

    Args:
        resolved: scenario resolved against a city.
        space: its options, on NumPy.
        limits: additive limits.
        tables: of the options, on NumPy.
    """
    scenario, n_villages = resolved.scenario, resolved.city.n_villages
    areas = tuple(k for k, limit in enumerate(limits) if limit.rule in AREA_RULES and _is_hard(scenario, limit.rule))
    area_columns = tuple(int(np.flatnonzero(tables.limit_of[0] == k)[0]) for k in areas)
    least, most = 0, n_villages
    if scenario.renewal_ratio is not None and _is_hard(scenario, "renewal_ratio_least"):
        least = int(np.ceil(scenario.renewal_ratio.low * n_villages - ROUNDING))
    if scenario.renewal_ratio is not None and _is_hard(scenario, "renewal_ratio_most"):
        most = int(np.floor(scenario.renewal_ratio.high * n_villages + ROUNDING))
    low, high = np.zeros(len(INTENSITIES)), np.ones(len(INTENSITIES))
    for intensity, share in scenario.intensity_shares.items():
        i = INTENSITIES.index(intensity)
        low[i] = share.low if _is_hard(scenario, "intensity_share_least") else 0.0
        high[i] = share.high if _is_hard(scenario, "intensity_share_most") else 1.0
    legal = space.option_mask
    able = np.stack([legal[:, space.intensity == i].any(axis=1) for i in range(len(INTENSITIES))], axis=1)
    startable = space.start_mask & ~space.fixed_mask[:, None]
    later = np.cumsum(startable[:, :0:-1], axis=1)[:, ::-1].T > 0
    bounds = FinalBounds(
        least=least,
        most=most,
        low=low,
        high=high,
        able=able.astype(np.float64),
        later=np.concatenate([later[:1], later, np.zeros_like(later[:1])]),
        areas=areas,
        area_columns=area_columns,
        area_m2=np.array([-limits[k].most for k in areas]),
        largest_m2=np.max(np.where(legal[:, :, None], -tables.needs[:, :, area_columns], 0.0), axis=1, initial=0.0),
    )
    return bounds if areas or bounds.has_numbers else None


def _is_hard(scenario: Scenario, rule: str) -> bool:
    return rule_mode(scenario, rule) is RuleMode.HARD


@dataclass(frozen=True, eq=False)
class Prospect:
    """What plans in the making may still do to meet the bounds.

    Attributes:
        open_intensity: True where a village of the intensity may start, shape (n_envs, 3).
        reach_m2: largest area that decisions can still bring each plan to, with one village of no area at all among
            those that start, less what is asked for, shape (n_envs, n_areas); infinite where it is out of reach anyway.
        last_m2: area of the last village that counts in it, same shape.
        may_close: True where the year may be closed, shape (n_envs,).
    """

    open_intensity: Array
    reach_m2: Array
    last_m2: Array
    may_close: Array


def prospect(
    bounds: FinalBounds, *, year: Array, start_year: Array, room: Array, by_intensity: Array, built_m2: Array
) -> Prospect:
    """Look ahead.

    Args:
        bounds: of the scenario.
        year: open year, shape (n_envs,).
        start_year: 0 where no decision is taken, shape (n_envs, n_villages).
        room: villages that may still start in the open year and in each after it, shape (n_envs, n_years).
        by_intensity: villages renewed so far, shape (n_envs, 3).
        built_m2: least areas built so far, shape (n_envs, n_areas).
    """
    xp = array_namespace(year)
    free = start_year == 0
    now, then = (free & bounds.later[xp.clip(y, None, bounds.later.shape[0] - 1)] for y in (year, year + 1))
    ahead, after = xp.sum(room, axis=1), xp.sum(room[:, 1:], axis=1)
    open_intensity, closable = _by_numbers(bounds, by_intensity, now=now, then=then, ahead=ahead, after=after)
    most = xp.astype(bounds.most - xp.sum(by_intensity, axis=1), ahead.dtype)
    largest = [_largest(bounds, villages, xp.minimum(n, most)) for villages, n in ((now, ahead), (then, after))]
    (total, last), (total_then, _) = largest
    slack = ROUNDING * (1000.0 + bounds.area_m2)
    reach = built_m2 + total - bounds.area_m2 + slack
    lost = reach < 0.0
    closable = closable & xp.all(lost | (built_m2 + total_then - bounds.area_m2 + slack >= 0.0), axis=1)
    return Prospect(open_intensity, xp.where(lost, float("inf"), reach), last, closable)


def keeps_a_way(
    bounds: FinalBounds, outlook: Prospect, env: Array, village: Array, *, intensity: Array, area_m2: Array
) -> Array:
    """True where a decision leaves a way to meet the bounds, shape (n,).

    Args:
        bounds: of the scenario.
        outlook: prospect of every environment.
        env: environment of each decision, shape (n,).
        village: index, same shape.
        intensity: index, same shape.
        area_m2: what it gives of each least area, shape (n, n_areas).
    """
    xp = array_namespace(env)
    without = outlook.reach_m2[env] - xp.maximum(bounds.largest_m2[village], outlook.last_m2[env])
    return outlook.open_intensity[env, intensity] & xp.all(without + area_m2 >= 0.0, axis=1)


def _largest(bounds: FinalBounds, villages: Array, n: Array) -> tuple[Array, Array]:
    """Sum of the n largest areas among some villages, and the last of them; (n_envs, n_areas) each."""
    xp = array_namespace(n)
    areas = xp.where(villages[:, :, None], bounds.largest_m2, 0.0)
    ranked = xp.flip(xp.sort(areas, axis=1), axis=1)
    place = xp.arange(ranked.shape[1], device=device(n))
    counted = place[None, :] < n[:, None]
    last = xp.where((place[None, :] == n[:, None] - 1)[:, :, None], ranked, 0.0)
    return xp.sum(xp.where(counted[:, :, None], ranked, 0.0), axis=1), xp.sum(last, axis=1)


def _by_numbers(
    bounds: FinalBounds, number: Array, *, now: Array, then: Array, ahead: Array, after: Array
) -> tuple[Array, Array]:
    """Intensities that may start, (n_envs, 3), and whether the year may be closed, (n_envs,)."""
    xp = array_namespace(number)
    n_envs, n_intensities = number.shape
    if not bounds.has_numbers:
        every = xp.ones((n_envs, n_intensities), dtype=xp.bool, device=device(number))
        return every, every[:, 0]
    able, able_then = (xp.astype(villages, xp.float64) @ bounds.able for villages in (now, then))
    can = can_end_well(bounds, number, ahead, able)
    one_more = xp.eye(n_intensities, dtype=xp.float64, device=device(number))
    started = [can_end_well(bounds, number + one, ahead - 1, able - one) for one in one_more]
    may_close = can_end_well(bounds, number, after, able_then)
    return xp.stack(started, axis=1) | ~can[:, None], may_close | ~can


def can_end_well(bounds: FinalBounds, number: Array, room: Array, able: Array) -> Array:
    """True where some villages more would bring numbers and shares within their bounds, shape (n_envs,).

    Args:
        bounds: of the scenario.
        number: villages of each intensity so far, shape (n_envs, 3).
        room: villages that may still start, shape (n_envs,).
        able: villages that could still start with each intensity, shape (n_envs, 3).
    """
    xp = array_namespace(number)
    most = max(int(xp.max(room)), 0)
    added = xp.arange(most + 1, dtype=xp.float64, device=device(number))
    final = xp.sum(number, axis=1)[:, None] + added  # (n_envs, n)
    possible = (added <= room[:, None]) & (final >= bounds.least) & (final <= bounds.most)
    begun, final_of_each = number[:, :, None], final[:, None, :]
    fewest = xp.maximum(begun, xp.ceil(bounds.low[:, None] * final_of_each - ROUNDING))
    largest = xp.minimum(begun + able[:, :, None], xp.floor(bounds.high[:, None] * final_of_each + ROUNDING))
    possible &= xp.all(fewest <= largest, axis=1)
    possible &= (xp.sum(fewest, axis=1) <= final) & (xp.sum(largest, axis=1) >= final)
    return xp.any(possible, axis=1)
