"""The constants of the game: everything about a resolved scenario that never changes while plans are made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from data.arrays import FloatArray, IntArray
from data.catalogue import message
from data.errors import refuse
from data.scenario import RuleMode
from envs.choices.additive_limits import (
    STEERING_MODES,
    AdditiveLimit,
    VillageLimit,
    additive_limits,
    village_limits,
)
from envs.choices.options import OptionSpace, option_space
from envs.game.account import Market, market_of
from envs.game.final_bounds import FinalBounds, final_bounds
from envs.game.making_up import MakingUp, making_up
from envs.game.option_tables import COLUMNS, OptionTables, option_tables
from envs.kernel import ResolvedScenario
from envs.kernel.computing.backend import Array, array_namespace, like
from envs.kernel.indicators.indicator import Measure, YearlyMean
from envs.kernel.indicators.registry import indicator, objective_signs
from envs.kernel.resolved_scenario import cast_arrays
from envs.kernel.trace import Precision
from envs.rules.check import RULES, rule_mode
from envs.rules.rule import Rule
from envs.rules.targets import target_rules

LIVE_OBJECTIVE = "net_present_value_cny"
"""The objective that moves with every decision; the others are measured when the year closes."""
GAME_PRECISION = Precision(dtype="float64", rounds=1, tolerance=0.0, all_years=False)
"""How the environment measures plans: the balancing of a search (one Newton round), in double precision."""


@dataclass(frozen=True, eq=False)
class GameConstants:
    """What never changes: villages, options, limits and tables, in one array library on one device.

    Attributes:
        resolved: scenario resolved against a city.
        precision: at which plans are measured when a year closes.
        threads: worker threads of that measurement.
        space: options; its arrays are in the same library.
        market: tables of money, housing and rental places, and how prices answer.
        limits: hard and penalized limits that add up over villages.
        village_limits: those that single villages decide.
        limit_most: largest sum of each additive limit, shape (n_limits,).
        final_bounds: hard bounds that only a finished plan can meet; None where there is none.
        making_up: hard shares that later villages may make up for; None where there is none.
        startable: True where a village may start in a year, shape (plan_years + 1, n_villages); row 0 is all False.
        locked: True for villages that must be renewed, shape (n_villages,).
        cheapest: the option of each kind (intensity and land use) that costs least, shape (n_villages, n_kinds), the
            cheapest kind first; -1 where no option of the kind is legal; then the option that gives most of each
            least area, and the one that makes up for shares.
    """

    resolved: ResolvedScenario
    precision: Precision
    threads: int
    space: OptionSpace
    market: Market
    limits: tuple[AdditiveLimit, ...]
    village_limits: tuple[VillageLimit, ...]
    limit_most: Array
    final_bounds: FinalBounds | None
    making_up: MakingUp | None
    startable: Array
    locked: Array
    cheapest: Array

    @property
    def n_villages(self) -> int:
        """Number of villages."""
        return int(self.locked.shape[0])

    @property
    def n_options(self) -> int:
        """Options per village, before masks."""
        return self.space.n_options

    @property
    def plan_years(self) -> int:
        """Years of the programme."""
        return self.resolved.scenario.plan_years

    @property
    def close_action(self) -> int:
        """The action that closes the year; the smaller ones are village x n_options + option."""
        return self.n_villages * self.n_options

    @cached_property
    def yearly_quota(self) -> IntArray:
        """Villages that may start in each year, all where the rule is not hard; shape (plan_years + 1,), row 0 is 0."""
        quotas = self.resolved.scenario.yearly_quotas if self.is_hard("yearly_quota") else [self.n_villages]
        return np.concatenate([[0], np.broadcast_to(np.minimum(quotas, self.n_villages), self.plan_years)])

    @cached_property
    def quota(self) -> Array:
        """The same in the library of the game."""
        return like(self.yearly_quota, self.locked)

    @property
    def districts_moved(self) -> int:
        """Districts whose prices one decision may move."""
        return 1 if self.market.districts.has_all else len(self.resolved.city.districts)

    @cached_property
    def has_locked(self) -> bool:
        """Whether any village must be renewed."""
        return bool(array_namespace(self.locked).any(self.locked))

    @property
    def longest_episode(self) -> int:
        """Most steps of an episode."""
        return min(int(self.yearly_quota.sum()), self.n_villages) + self.plan_years

    def is_hard(self, rule: str) -> bool:
        """Whether a rule decides validity here."""
        return rule_mode(self.resolved.scenario, rule) is RuleMode.HARD

    @cached_property
    def last_fixed_year(self) -> int:
        """Latest start of a fixed village; 0 where none is renewed."""
        return max((village.start_year for village in self.resolved.scenario.fixed.values()), default=0)

    @cached_property
    def money_limits(self) -> tuple[float | None, float | None, float | None]:
        """Hard limits of the capital of a year [CNY], of the deepest deficit [CNY] and of rent growth [1/yr]."""
        return hard_money_limits(self.resolved)

    @cached_property
    def has_money_limits(self) -> bool:
        """Whether any of them is set."""
        return self.money_limits != (None, None, None)

    @cached_property
    def has_plan_limits(self) -> bool:
        """Whether any hard rule beyond quota and locked villages weighs decisions against each other."""
        return self.has_kept_limits or self.has_money_limits or self.final_bounds is not None

    @cached_property
    def has_kept_limits(self) -> bool:
        """Whether any additive limit is kept by every prefix of an episode."""
        return any(limit.kept for limit in self.limits)

    @cached_property
    def limit_is_share(self) -> Array:
        """True for additive limits that are shares of something a plan builds, shape (n_limits,)."""
        return like(np.array([limit.whole is not None for limit in self.limits], dtype=bool), self.limit_most)

    @cached_property
    def limit_builds_up(self) -> Array:
        """True for additive limits that a plan must build up to, shape (n_limits,)."""
        return like(np.array([limit.builds_up for limit in self.limits], dtype=bool), self.limit_most)

    @cached_property
    def kept_most(self) -> Array:
        """Largest sum of each additive limit that every prefix keeps, infinite for the others, shape (n_limits,)."""
        kept = like(np.array([limit.kept for limit in self.limits], dtype=bool), self.limit_most)
        return array_namespace(kept).where(kept, self.limit_most, float("inf"))

    @cached_property
    def slack_limits(self) -> dict[str, float]:
        """Limits of money's rules that are hard or penalized, by rule."""
        limits = {}
        for rule in ("annual_capital", "peak_capital", "rent_growth"):
            limit = RULES[rule].limit(self.resolved)
            if limit is not None and rule_mode(self.resolved.scenario, rule) in STEERING_MODES:
                limits[rule] = limit
        return limits

    @cached_property
    def quota_shown(self) -> Array | None:
        """Villages that may start in each year where the rule is hard or penalized, shape (plan_years + 1,)."""
        if rule_mode(self.resolved.scenario, "yearly_quota") not in STEERING_MODES:
            return None
        return like(np.array([0, *self.resolved.scenario.yearly_quotas]), self.locked)

    @cached_property
    def has_district_limits(self) -> bool:
        """Whether any additive limit speaks of one district."""
        return any(limit.district is not None for limit in self.limits)

    @cached_property
    def targets(self) -> tuple[Rule, ...]:
        """Penalized and hard targets; they are measured when a year closes."""
        return tuple(target_rules(self.resolved.scenario).values())

    @property
    def objectives(self) -> tuple[str, ...]:
        """Names, in the scenario's order."""
        return self.resolved.scenario.objectives

    @cached_property
    def signs(self) -> FloatArray:
        """+1 for an objective to maximize, -1 for one to minimize, shape (n_objectives,)."""
        return np.array(objective_signs(self.objectives))

    @cached_property
    def live(self) -> tuple[int, ...]:
        """Positions of the objectives that move with every decision."""
        return tuple(k for k, name in enumerate(self.objectives) if name == LIVE_OBJECTIVE)

    @cached_property
    def yearly(self) -> tuple[int, ...]:
        """Positions of the objectives that are means over years: closing a year leaves the years before it alone."""
        return tuple(k for k, name in enumerate(self.objectives) if isinstance(indicator(name).value, YearlyMean))

    @property
    def yearly_measures(self) -> list[Measure]:
        """Trace -> shape (n_plans, n_years), for each of them."""
        means = (indicator(self.objectives[k]).value for k in self.yearly)
        return [mean.yearly for mean in means if isinstance(mean, YearlyMean)]

    @cached_property
    def whole(self) -> tuple[int, ...]:
        """Positions of all other objectives: measured anew when a year closes."""
        measured_otherwise = set(chain(self.live, self.yearly))
        return tuple(k for k in range(len(self.objectives)) if k not in measured_otherwise)


def hard_money_limits(resolved: ResolvedScenario) -> tuple[float | None, float | None, float | None]:
    """Hard limits of the capital of a year [CNY], of the deepest deficit [CNY] and of rent growth [1/yr]."""
    rules = ("annual_capital", "peak_capital", "rent_growth")
    limits = [
        RULES[rule].limit(resolved) if rule_mode(resolved.scenario, rule) is RuleMode.HARD else None for rule in rules
    ]
    annual, peak, growth = limits
    return annual, peak, growth


def game_constants(
    resolved: ResolvedScenario,
    *,
    precision: Precision = GAME_PRECISION,
    threads: int = 1,
    reference: Array | None = None,
) -> GameConstants:
    """Prepare the constants of a game.

    Args:
        resolved: scenario resolved against a city.
        precision: at which plans are measured when a year closes.
        threads: worker threads of the tables and of that measurement.
        reference: an array whose library and device the constants shall use; None = NumPy.

    Returns:
        The constants.

    Raises:
        InputError: the city has no villages, or the scenario no options.
    """
    reference = np.zeros(1) if reference is None else reference
    space, limits, of_villages = option_space(resolved), additive_limits(resolved), village_limits(resolved)
    if not resolved.city.n_villages or not space.n_options:
        raise refuse("nothing_to_choose", layer=message("refusal_city", name=resolved.city.name))
    float64 = array_namespace(reference).float64
    startable = (space.start_mask & ~space.fixed_mask[:, None]).T
    startable[0] = False
    tables = option_tables(resolved, space, limits, of_villages, threads=threads)
    market = market_of(resolved, cast_arrays(tables, reference, float64), reference)
    bounds = final_bounds(resolved, space, limits, tables)
    alone = bounds is None and not resolved.scenario.locked and hard_money_limits(resolved) == (None, None, None)
    making = making_up(space, limits, tables, startable) if alone else None
    return GameConstants(
        resolved=resolved,
        precision=precision,
        threads=threads,
        space=cast_arrays(space, reference, float64),
        market=market,
        limits=limits,
        village_limits=of_villages,
        limit_most=like(np.array([limit.most for limit in limits]), reference),
        final_bounds=None if bounds is None else cast_arrays(bounds, reference, float64),
        making_up=None if making is None else cast_arrays(making, reference, float64),
        startable=like(startable, reference),
        locked=like(np.isin(resolved.city.villages.village_id, resolved.scenario.locked), reference),
        cheapest=like(_first_options(space, tables, bounds, making), reference),
    )


def _first_options(
    space: OptionSpace, tables: OptionTables, bounds: FinalBounds | None, making: MakingUp | None
) -> IntArray:
    """See GameConstants.cheapest."""
    cheapest = _cheapest_by_kind(space, tables)
    if making is not None:
        return np.concatenate([cheapest, making.option[:, None]], axis=1)
    if bounds is None or not bounds.areas:
        return cheapest
    needs = np.where(space.option_mask[:, :, None], tables.needs[:, :, bounds.area_columns], np.inf)
    has_options = np.any(space.option_mask, axis=1, keepdims=True)
    return np.concatenate([cheapest, np.where(has_options, np.argmin(needs, axis=1), -1)], axis=1)


def _cheapest_by_kind(space: OptionSpace, tables: OptionTables) -> IntArray:
    cost = tables.amounts[:, :, [column.is_cost for column in COLUMNS]].sum(axis=2)
    cost = np.where(space.option_mask, cost, np.inf)
    village = np.arange(cost.shape[0])
    kinds = np.unique(np.stack([space.intensity, space.land_use]), axis=1).T
    members = [np.flatnonzero((space.intensity == i) & (space.land_use == use)) for i, use in kinds]
    options = np.stack([m[np.argmin(cost[:, m], axis=1)] for m in members], axis=1)
    lowest = cost[village[:, None], options]
    order = np.argsort(lowest, axis=1, kind="stable")
    options = np.where(np.isfinite(lowest), options, -1)
    return np.take_along_axis(options, order, axis=1)
