"""Observation: features of every village, of the city as a whole, and the preference weights; float32.

The same features for any number of villages: a policy that treats villages as a set works in every city. Features of
villages are flattened village by village, because learners expect vectors: reshape to (n_villages, n_features).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray
from data.scenario import LAND_USES
from envs.choices.options import reference_consent
from envs.game.account import PLACES
from envs.game.constants import GameConstants
from envs.game.quick_anchors import standalone_value_cny
from envs.game.reward import RewardScale
from envs.game.slack import DISTRICT_RULES, SLACK_RULES, district_slack, quota_slack, rule_slack
from envs.game.state import State
from envs.kernel import ResolvedScenario
from envs.kernel.computing.backend import Array, array_namespace, device, like
from envs.kernel.markets import market_ratio
from envs.kernel.plans import empty_plan
from envs.kernel.trace import Trace
from envs.rules.rule import TOLERANCE

STATIC_FEATURES = (
    "site_area",
    "floor_area",
    "floor_area_ratio",
    "legal_share",
    "registered_residents",
    "tenants",
    "jobs",
    "far_limit",
    "rental_only",
    "rebuild_allowed",
    "sale_price",
    "zone_rent",
    "consent",
    "met_share",
    "commute",
    "x",
    "y",
    "locked",
    "best_own_value",
)
"""What a village is, divided by the city's largest where it has a unit; best_own_value may be negative."""
OWN_FEATURES = ("may_start", "start_year", "rebuilt_share", "floor_area_ratio_chosen", "facility_ratio")
"""What is decided of the village so far: start year / plan years, ratio / far limit."""
DISTRICT_FEATURES = ("price", "rent", "places", *(f"{rule}_slack_here" for rule in DISTRICT_RULES))
"""Of its district: sale price and rent of the open year and rental places in the end, relative to the base year; what
is left of the district's limits, 1 where none is set."""
VILLAGE_FEATURES = STATIC_FEATURES + OWN_FEATURES + DISTRICT_FEATURES
MAY_START = VILLAGE_FEATURES.index("may_start")
OF_DISTRICT = VILLAGE_FEATURES.index("price")
PLACES_HERE = VILLAGE_FEATURES.index("places")
OPTION_FEATURES = ("rebuilt_share", *LAND_USES, "density_level", "facility_ratio")
"""What an option is, for a policy that points at village and option; density level and shares within 0..1."""
PROGRESS_FEATURES = ("years_gone", "quota_left", "started", "locked_left", "targets_met", "target_slack")
YEARS_GONE, QUOTA_LEFT, STARTED, LOCKED_LEFT, TARGETS_MET, TARGET_SLACK = range(len(PROGRESS_FEATURES))
GLOBAL_FEATURES = (*PROGRESS_FEATURES, *(f"{rule}_slack" for rule in SLACK_RULES))
"""Shares in 0..1; what is left of a limit is 1 where none is set. The objectives follow: change since the start in
anchor units, positive = better."""
VILLAGE_LOW, VILLAGE_HIGH = -1.0, 2.0
FAR_BEYOND = 10.0
"""Objectives are shown within this many anchor ranges."""


@dataclass(frozen=True, eq=False)
class Observer:
    """What is needed to look at a state.

    Attributes:
        game: constants.
        scale: of the objectives.
        static: shape (n_villages, n_static), float32.
        base: objectives at the start of an episode, natural units, shape (n_objectives,).
        rebuilt_share_of: by intensity, shape (3,), float32.
        far_share: floor-area ratio / limit, shape (n_villages, n_options), float32.
    """

    game: GameConstants
    scale: RewardScale
    static: Array
    base: Array
    rebuilt_share_of: Array
    far_share: Array

    def blank(self, n_envs: int) -> Array:
        """Village features before anything is decided, shape (n_envs, n_villages, n_features), float32."""
        xp = array_namespace(self.static)
        n_current = len(VILLAGE_FEATURES) - len(STATIC_FEATURES)
        current = xp.zeros((self.game.n_villages, n_current), dtype=xp.float32, device=device(self.static))
        whole = xp.concat([self.static, current], axis=1)
        return whole[None, :, :][xp.zeros(n_envs, dtype=xp.int64, device=device(whole))]

    def refresh(self, features: Array, state: State, rows: Array) -> None:
        """Write everything but may_start of some environments, in place."""
        xp, game, batch = array_namespace(self.static), self.game, state.take(rows)
        plans = game.space.decode(batch.start_year, batch.option)
        rho = self.rebuilt_share_of[plans.intensity]
        limit = like(game.resolved.city.villages.far_limit, plans.floor_area_ratio)
        columns = [
            plans.start_year / game.plan_years,
            rho * (plans.start_year > 0),
            plans.floor_area_ratio / limit,
            plans.facility_ratio,
        ]
        own = xp.clip(xp.stack(columns, axis=2), None, VILLAGE_HIGH)
        features[rows, :, MAY_START + 1 : OF_DISTRICT] = xp.astype(own, xp.float32)
        features[rows, :, OF_DISTRICT:] = self._of_districts(state, rows)[:, game.market.district_idx]

    def mark(self, features: Array, state: State, rows: Array, village: Array) -> None:
        """Write the village that was just started in some environments, and what it moved of its district, in place."""
        xp, game = array_namespace(self.static), self.game
        option = state.option[rows, village]
        chosen = xp.stack(
            [
                xp.astype(state.start_year[rows, village] / game.plan_years, xp.float32),
                self.rebuilt_share_of[game.space.intensity[option]],
                self.far_share[village, option],
                xp.astype(game.space.facility_ratio[option], xp.float32),
            ],
            axis=1,
        )
        features[rows, village, MAY_START + 1 : OF_DISTRICT] = chosen
        self._mark_districts(features, state, rows, game.market.district_idx[village])

    def _mark_districts(self, features: Array, state: State, rows: Array, district: Array) -> None:
        """Write what a start moves of districts: places and limits; prices and rents of the open year stay."""
        xp, game, market = array_namespace(self.static), self.game, self.game.market
        if game.has_district_limits or not market.districts.has_all:
            features[rows, :, OF_DISTRICT:] = self._of_districts(state, rows)[:, market.district_idx]
            return
        net_places = state.account.sums[rows, district, PLACES, -1:]
        places = market_ratio(net_places, market.districts.rent.rows(district))[:, 0]
        seen = xp.astype(_at_most(places, VILLAGE_HIGH), xp.float32)
        features[rows[:, None], market.villages_of_district[district], PLACES_HERE] = seen[:, None]

    def _of_districts(self, state: State, rows: Array) -> Array:
        """DISTRICT_FEATURES of every district, shape (n_rows, n_districts, n_features), float32."""
        xp, game, account = array_namespace(self.static), self.game, state.account
        year = xp.clip(state.year[rows], None, game.plan_years)
        columns = [
            account.price_factor[rows, :, year],
            account.rent_factor[rows, :, year],
            market_ratio(account.sums[rows, :, PLACES, -1:], game.market.districts.rent)[..., 0],
        ]
        seen = xp.concat([xp.stack(columns, axis=2), district_slack(game, state, rows)], axis=2)
        return xp.astype(_at_most(seen, VILLAGE_HIGH), xp.float32)

    def overview(self, state: State) -> Array:
        """The global part, shape (n_envs, n_global), float32."""
        xp, game = array_namespace(self.static), self.game
        progress = self.scale.vector(state.objectives - self.base)
        shape = (state.n_envs, len(GLOBAL_FEATURES) + len(game.objectives))
        seen = xp.ones(shape, dtype=xp.float32, device=device(progress))
        seen[:, YEARS_GONE] = (state.year - 1) / game.plan_years
        seen[:, QUOTA_LEFT] = quota_slack(game, state)
        seen[:, STARTED] = xp.sum(state.started, axis=1) / game.n_villages
        seen[:, LOCKED_LEFT] = 0.0
        if game.has_locked:
            seen[:, LOCKED_LEFT] = xp.mean(xp.astype(state.start_year[:, game.locked] == 0, xp.float64), axis=1)
        if game.targets:
            seen[:, TARGETS_MET] = xp.mean(xp.astype(state.targets >= -TOLERANCE, xp.float64), axis=1)
            seen[:, TARGET_SLACK] = xp.clip(xp.min(state.targets, axis=1), 0.0, 1.0)
        seen[:, len(PROGRESS_FEATURES) : len(GLOBAL_FEATURES)] = rule_slack(game, state)
        seen[:, len(GLOBAL_FEATURES) :] = xp.clip(progress, -FAR_BEYOND, FAR_BEYOND)
        return seen


def make_observer(game: GameConstants, scale: RewardScale, start: State, static: FloatArray) -> Observer:
    """An observer in the library of the game.

    Args:
        game: constants.
        scale: of the objectives.
        start: state at the start of an episode (envs.game.dynamics.initial_state).
        static: from `static_features`.
    """
    xp, base = array_namespace(game.locked), game.resolved.constants.base
    limit = like(game.resolved.city.villages.far_limit, game.locked)[:, None]
    return Observer(
        game=game,
        scale=scale,
        static=like(static, game.locked, dtype=xp.float32),
        base=start.objectives[0],
        rebuilt_share_of=like(base.rebuilt_share, game.locked, dtype=xp.float32),
        far_share=xp.astype(game.space.floor_area_ratio / limit, xp.float32),
    )


def static_features(game: GameConstants) -> FloatArray:
    """What every village is, shape (n_villages, n_static); the game is on NumPy."""
    resolved = game.resolved
    villages = resolved.city.villages
    met, commute_km = _base_year(resolved, game)
    net_site = villages.site_area_m2 * resolved.book.number("built.buildable_share")
    value_cny = standalone_value_cny(game).max(axis=1)
    value_cny = np.where(np.isfinite(value_cny), value_cny, 0.0)
    columns = {
        "site_area": _of_largest(villages.site_area_m2),
        "floor_area": _of_largest(villages.gross_floor_area_m2),
        "floor_area_ratio": _of_largest(villages.gross_floor_area_m2 / net_site),
        "legal_share": villages.legal_share,
        "registered_residents": _of_largest(villages.registered_residents),
        "tenants": _of_largest(villages.tenants),
        "jobs": _of_largest(villages.jobs),
        "far_limit": _of_largest(villages.far_limit),
        "rental_only": villages.rental_only,
        "rebuild_allowed": villages.rebuild_allowed,
        "sale_price": _of_largest(villages.sale_price_cny_per_m2),
        "zone_rent": _of_largest(resolved.constants.prices.market_rent_cny_per_m2_month),
        "consent": reference_consent(resolved),
        "met_share": met,
        "commute": _of_largest(commute_km),
        "x": _within_city(villages.x_km, resolved.city.zones.x_km),
        "y": _within_city(villages.y_km, resolved.city.zones.y_km),
        "locked": game.locked,
        "best_own_value": value_cny / max(float(np.abs(value_cny).max()), 1.0),
    }
    return np.clip(np.stack([columns[name] for name in STATIC_FEATURES], axis=1).astype(np.float64), -1.0, 1.0)


def option_features(game: GameConstants) -> FloatArray:
    """What every option is, shape (n_options, n_option_features); the same in every village. The game is on NumPy."""
    space = game.space
    density = np.zeros(space.n_options)
    kind = np.stack([space.intensity, space.land_use, space.facility_ratio], axis=1)
    for one in np.unique(kind, axis=0):
        (members,) = np.nonzero((kind == one).all(axis=1))  # options of a kind differ in density alone, lowest first
        density[members] = np.linspace(0.0, 1.0, members.size) if members.size > 1 else 0.5
    rebuilt = np.asarray(game.resolved.constants.base.rebuilt_share)[space.intensity]
    use = np.eye(len(LAND_USES))[space.land_use]
    return np.column_stack([rebuilt, use, density, space.facility_ratio])


def _base_year(resolved: ResolvedScenario, game: GameConstants) -> tuple[FloatArray, FloatArray]:
    """Met share of the standard and mean commute of each village before any renewal [0..1; km]."""
    trace = Trace(resolved, empty_plan(resolved.city.n_villages), replace(game.precision, dtype="float64"))
    n_zones = resolved.city.n_zones
    return trace.met[n_zones:, 0], trace.commute_by_place("kernel_km")[n_zones:, 0]


def _at_most(values: Array, most: float) -> Array:
    return array_namespace(values).where(values < most, values, most)


def _of_largest(values: FloatArray) -> FloatArray:
    return values / max(float(np.max(values, initial=0.0)), 1e-12)


def _within_city(values: FloatArray, zones: FloatArray) -> FloatArray:
    low, high = float(zones.min()), float(zones.max())
    return np.clip((values - low) / max(high - low, 1e-9), 0.0, 1.0)
