"""What is left of every limit while a plan is made: shares in 0..1, 1 where no limit is set.

A cap: the share of it that is not used. A share or ratio: how far it is on the right side, relative to the limit. What
a plan must build up to: the share that is reached. Limits count where their rule is hard or penalized.
"""

from __future__ import annotations

import numpy as np

from envs.choices.additive_limits import STEERING_MODES
from envs.game.constants import GameConstants
from envs.game.masks import city_rent_growth, deficit
from envs.game.state import State
from envs.kernel.computing.backend import Array, array_namespace, device, like
from envs.rules.check import RULES, rule_mode

SLACK_RULES = (
    "annual_capital",
    "peak_capital",
    "rent_growth",
    "commodity_cap",
    "least_commodity_area",
    "least_rental_area",
    "rental_share",
    "demolished_share",
    "new_to_demolished",
    "onsite_resettlement",
    "minimum_facility_ratio",
    "consent",
    "displacement",
    "renewal_ratio_least",
    "renewal_ratio_most",
    "intensity_share_least",
    "intensity_share_most",
    "district_population",
    "district_floor_area",
)
"""Rules on the whole plan but the quota; where a rule has several limits, the tightest counts."""
DISTRICT_RULES = ("district_population", "district_floor_area", "demolished_share")


def rule_slack(game: GameConstants, state: State) -> Array:
    """What is left of each of SLACK_RULES, shape (n_envs, n_rules), float64."""
    xp = array_namespace(state.year)
    seen = xp.ones((state.n_envs, len(SLACK_RULES)), dtype=xp.float64, device=device(state.objectives))

    def write(rule: str, left: Array) -> None:
        column = SLACK_RULES.index(rule)
        seen[:, column] = xp.minimum(seen[:, column], left)

    for rule, left in _of_money(game, state).items():
        write(rule, xp.clip(left, 0.0, 1.0))
    if game.limits:
        left = _additive(game, state)
        for k, limit in enumerate(game.limits):
            write(limit.rule, left[:, k])
    for k, village_limit in enumerate(game.village_limits):
        write(village_limit.rule, _above(state.limits.least[:, k], village_limit.least))
    return seen


def quota_slack(game: GameConstants, state: State) -> Array:
    """What is left of the open year's quota, shape (n_envs,); 0 when the episode is over."""
    xp = array_namespace(state.year)
    over = state.year > game.plan_years
    if rule_mode(game.resolved.scenario, "yearly_quota") not in STEERING_MODES:
        return xp.where(over, 0.0, 1.0)
    year = xp.where(over, 0, state.year)
    env = xp.arange(state.n_envs, device=device(state.year))
    quota = like(np.array([0, *game.resolved.scenario.yearly_quotas]), state.year)[year]
    room = xp.clip(quota - state.started[env, year], 0, None)
    return xp.where(over, 0.0, room / xp.clip(quota, 1, None))


def district_slack(game: GameConstants, state: State) -> Array:
    """What is left of each of DISTRICT_RULES in every district, shape (n_envs, n_districts, n_rules), float64."""
    xp = array_namespace(state.year)
    shape = (state.n_envs, len(game.resolved.city.districts), len(DISTRICT_RULES))
    seen = xp.ones(shape, dtype=xp.float64, device=device(state.objectives))
    left = _additive(game, state)
    for k, limit in enumerate(game.limits):
        if limit.district is not None:
            seen[:, limit.district, DISTRICT_RULES.index(limit.rule)] = left[:, k]
    return seen


def _of_money(game: GameConstants, state: State) -> dict[str, Array]:
    """Money's limits that are set: the capital of the open year, the deepest deficit, the growth of rents."""
    xp, account = array_namespace(state.year), state.account
    annual, peak, growth = (_steering_limit(game, rule) for rule in ("annual_capital", "peak_capital", "rent_growth"))
    left: dict[str, Array] = {}
    if annual is not None:
        env = xp.arange(state.n_envs, device=device(state.year))
        left["annual_capital"] = 1.0 - account.cost_flow()[env, xp.clip(state.year, None, game.plan_years)] / annual
    if peak is not None:
        left["peak_capital"] = 1.0 - deficit(account.net_flow()) / peak
    if growth is not None:
        grown = xp.clip(city_rent_growth(account), 0.0, None)
        left["rent_growth"] = 1.0 - grown / growth if growth > 0.0 else xp.where(grown > 0.0, 0.0, 1.0)
    return left


def _steering_limit(game: GameConstants, rule: str) -> float | None:
    steers = rule_mode(game.resolved.scenario, rule) in STEERING_MODES
    return RULES[rule].limit(game.resolved) if steers else None


def _additive(game: GameConstants, state: State) -> Array:
    """What is left of each additive limit, shape (n_envs, n_limits)."""
    xp, use = array_namespace(state.year), state.limits
    no_cap = xp.isinf(game.limit_most)
    most = xp.where(no_cap, 1.0, game.limit_most)
    whole = xp.where(game.limit_is_share, use.wholes, abs(most))
    free = xp.where(game.limit_builds_up, -use.needs, most - use.needs)
    left = xp.clip(free / xp.where(whole > 0.0, whole, 1.0), 0.0, 1.0)
    nothing = xp.where(game.limit_is_share & (free >= 0.0), 1.0, 0.0)
    return xp.where(no_cap, 1.0, xp.where(whole > 0.0, left, nothing))


def _above(least: Array, limit: float) -> Array:
    """How far the least of some values is above a limit, relative to it; 1 where it is infinite."""
    xp = array_namespace(least)
    return xp.clip((least - limit) / max(limit, 1e-12), 0.0, 1.0)
