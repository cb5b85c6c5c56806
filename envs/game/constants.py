"""The constants of the game: everything about a resolved scenario that never changes while plans are made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from data.arrays import FloatArray, IntArray
from data.errors import refuse
from data.scenario import RuleMode
from envs.choices.additive_limits import additive_limits
from envs.choices.options import OptionSpace, option_space
from envs.game.account import Market, market_of
from envs.game.option_tables import ITEM_GROUPS, OptionTables, group_profiles, option_tables
from envs.kernel import ResolvedScenario
from envs.kernel.computing.backend import Array, array_namespace, like
from envs.kernel.indicators.indicator import Measure, YearlyMean
from envs.kernel.indicators.registry import indicator, objective_signs
from envs.kernel.project_account import COST
from envs.kernel.resolved_scenario import cast_arrays
from envs.kernel.trace import Precision
from envs.rules.check import RULES, rule_mode

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
        market: tables of money and housing.
        limit_rules: rule of each additive limit.
        limit_most: largest sum of each, shape (n_limits,).
        startable: True where a village may start in a year, shape (plan_years + 1, n_villages); row 0 is all False.
        locked: True for villages that must be renewed, shape (n_villages,).
        cheapest: the option of each kind (intensity and land use) that costs least, shape (n_villages, n_kinds), the
            cheapest kind first; -1 where no option of the kind is legal.
    """

    resolved: ResolvedScenario
    precision: Precision
    threads: int
    space: OptionSpace
    market: Market
    limit_rules: tuple[str, ...]
    limit_most: Array
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
    def quota(self) -> int:
        """Villages that may start in a year; all of them where the rule is not hard."""
        return (
            min(self.resolved.scenario.villages_per_year, self.n_villages)
            if self.is_hard("yearly_quota")
            else self.n_villages
        )

    @cached_property
    def has_locked(self) -> bool:
        """Whether any village must be renewed."""
        return bool(array_namespace(self.locked).any(self.locked))

    @property
    def longest_episode(self) -> int:
        """Most steps of an episode."""
        return min(self.quota * self.plan_years, self.n_villages) + self.plan_years

    def is_hard(self, rule: str) -> bool:
        """Whether a rule decides validity here."""
        return rule_mode(self.resolved.scenario, rule) is RuleMode.HARD

    def hard_limit(self, rule: str) -> float | None:
        """Limit of a rule where it is hard and set."""
        return RULES[rule].limit(self.resolved) if self.is_hard(rule) else None

    @cached_property
    def last_fixed_year(self) -> int:
        """Latest start of a fixed village; 0 where none is renewed."""
        return max((village.start_year for village in self.resolved.scenario.fixed.values()), default=0)

    @cached_property
    def money_limits(self) -> tuple[float | None, float | None, float | None]:
        """Hard limits of the capital of a year [CNY], of the deepest deficit [CNY] and of rent growth [1/yr]."""
        annual, peak, growth = (self.hard_limit(rule) for rule in ("annual_capital", "peak_capital", "rent_growth"))
        return annual, peak, growth

    @cached_property
    def has_money_limits(self) -> bool:
        """Whether any of them is set."""
        return any(limit is not None for limit in self.money_limits)

    @cached_property
    def has_plan_limits(self) -> bool:
        """Whether any hard rule beyond quota and locked villages weighs decisions against each other."""
        return bool(self.limit_rules) or self.has_money_limits

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
    space, limits = option_space(resolved), additive_limits(resolved)
    if not resolved.city.n_villages or not space.n_options:
        raise refuse("nothing_to_choose", file=f"city {resolved.city.name}")
    float64 = array_namespace(reference).float64
    startable = (space.start_mask & ~space.fixed_mask[:, None]).T
    startable[0] = False
    tables, profiles = option_tables(resolved, space, limits, threads=threads), group_profiles(resolved.clock)
    market = market_of(
        resolved, cast_arrays(tables, reference, float64), cast_arrays(profiles, reference, float64), reference
    )
    return GameConstants(
        resolved=resolved,
        precision=precision,
        threads=threads,
        space=cast_arrays(space, reference, float64),
        market=market,
        limit_rules=tuple(limit.rule for limit in limits),
        limit_most=like(np.array([limit.most for limit in limits]), reference),
        startable=like(startable, reference),
        locked=like(np.isin(resolved.city.villages.village_id, resolved.scenario.locked), reference),
        cheapest=like(_cheapest_by_kind(space, tables), reference),
    )


def _cheapest_by_kind(space: OptionSpace, tables: OptionTables) -> IntArray:
    cost = tables.amounts[:, :, [group.kind == COST for group in ITEM_GROUPS]].sum(axis=2)
    cost = np.where(space.option_mask, cost, np.inf)
    village = np.arange(cost.shape[0])
    kinds = np.unique(np.stack([space.intensity, space.land_use]), axis=1).T
    members = [np.flatnonzero((space.intensity == i) & (space.land_use == use)) for i, use in kinds]
    options = np.stack([m[np.argmin(cost[:, m], axis=1)] for m in members], axis=1)
    lowest = cost[village[:, None], options]
    order = np.argsort(lowest, axis=1, kind="stable")
    options = np.where(np.isfinite(lowest), options, -1)
    return np.take_along_axis(options, order, axis=1)
