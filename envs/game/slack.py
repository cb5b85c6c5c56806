"""What is left of every limit while a plan is made: shares in 0..1, 1 where no limit is set.

A cap: the share of it that is not used. A share or ratio: how far it is on the right side, relative to the limit. What
a plan must build up to: the share that is reached. Limits count where their rule is hard or penalized.
"""

from __future__ import annotations

from envs.game.account import city_rent_growth, deficit
from envs.game.constants import GameConstants
from envs.game.state import State
from envs.kernel.computing.backend import Array, array_namespace, device

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
    if game.quota_shown is None:
        return xp.where(over, 0.0, 1.0)
    year = xp.where(over, 0, state.year)
    env = xp.arange(state.n_envs, device=device(state.year))
    quota = game.quota_shown[year]
    room = quota - state.started[env, year]
    return xp.where(room > 0, room, 0) / xp.where(quota > 0, quota, 1)


def district_slack(game: GameConstants, state: State, rows: Array) -> Array:
    """What is left of each of DISTRICT_RULES in every district, shape (n_rows, n_districts, n_rules), float64."""
    xp = array_namespace(state.year)
    shape = (rows.shape[0], len(game.resolved.city.districts), len(DISTRICT_RULES))
    seen = xp.ones(shape, dtype=xp.float64, device=device(state.objectives))
    if game.has_district_limits:
        left = _additive(game, state)[rows]
        for k, limit in enumerate(game.limits):
            if limit.district is not None:
                seen[:, limit.district, DISTRICT_RULES.index(limit.rule)] = left[:, k]
    return seen


def _of_money(game: GameConstants, state: State) -> dict[str, Array]:
    """Money's limits that are set: the capital of the open year, the deepest deficit, the growth of rents."""
    xp, account, limits = array_namespace(state.year), state.account, game.slack_limits
    left: dict[str, Array] = {}
    if "annual_capital" in limits:
        env = xp.arange(state.n_envs, device=device(state.year))
        cost = account.cost_flow()[env, xp.clip(state.year, None, game.plan_years)]
        left["annual_capital"] = 1.0 - cost / limits["annual_capital"]
    if "peak_capital" in limits:
        left["peak_capital"] = 1.0 - deficit(account.net_flow()) / limits["peak_capital"]
    if "rent_growth" in limits:
        grown, most = city_rent_growth(account), limits["rent_growth"]
        left["rent_growth"] = 1.0 - grown / most if most > 0.0 else xp.where(grown > 0.0, 0.0, 1.0)
    return left


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
