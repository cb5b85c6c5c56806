"""Setups and rollouts for tests of the environment."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from data.city import City
from data.files.cities import load_city
from data.scenario import DistrictLimit, FixedVillage, RuleMode, Scenario, ShareRange
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.environment_core import Setup, set_up
from envs.game.constants import GameConstants, game_constants
from envs.game.dynamics import initial_state, is_over, reset, step_in_place
from envs.game.masks import action_mask, draw_actions, option_mask, village_mask
from envs.game.state import State
from envs.kernel import resolve

CITIES = ("tiny", "fifty", "beijing")
FIFTY = Scenario(villages_per_year=4, plan_years=6, density_levels=3, facility_levels=2)


@cache
def fifty_villages() -> City:
    """A synthetic city of 50 villages."""
    return synthesize_city(50, 1)


@cache
def setup_of(city: str) -> Setup:
    """The setup of one of CITIES."""
    if city == "fifty":
        return set_up(fifty_villages(), FIFTY)
    return set_up(city, "tiny" if city == "tiny" else "balanced")


def arguments_of(city: str) -> dict[str, Any]:
    """What gymnasium.make is given for one of CITIES."""
    setup = setup_of(city)
    return {"city": setup.game.resolved.city, "scenario": setup.game.resolved.scenario, "anchors": setup.anchors}


def strict_scenarios() -> dict[str, Scenario]:
    """Scenarios for the 12-village city in which hard rules bind, alone and together."""
    common: dict[str, Any] = {"plan_years": 4, "villages_per_year": 3, "density_levels": 2, "facility_levels": 2}
    hard = RuleMode.HARD

    def rules(*names: str) -> dict[str, RuleMode]:
        return dict.fromkeys(names, hard)

    city = twelve_villages()
    district = city.districts[0]
    inside = float(city.zones.residents[city.zones.district_idx == 0].sum())
    fixed = FixedVillage(
        start_year=2,
        intensity="rebuild",
        land_use="rental_housing",
        floor_area_ratio=2.0,
        facility_ratio=0.1,
    )
    bargained = fixed.model_copy(update={"compensation_multiplier": 1.3, "onsite_share": 0.9, "delay_yr": 1.5})
    given: dict[str, dict[str, Any]] = {
        "quota": {"villages_per_year": 1},
        "no_quota": {"rules": {"yearly_quota": RuleMode.OFF}},
        "locked": {"locked": ("V00002", "V00007", "V00009"), "villages_per_year": 1},
        "years_over": {
            "first_open_year": 3,
            "fixed": {"V00001": fixed},
            "locked": ("V00002", "V00007"),
            "villages_per_year_by_year": {1: 0, 2: 1},
        },
        "given": {"fixed": {"V00001": fixed}, "forbidden": ("V00006",), "villages_per_year": 1},
        "bargained": {"fixed": {"V00001": bargained, "V00004": bargained.model_copy(update={"start_year": 4})}},
        "annual": {"capital_limit_annual_cny": 1.5e9},
        "peak": {"capital_limit_peak_cny": 2e9},
        "late_fixed": {"fixed": {"V00001": fixed.model_copy(update={"start_year": 4})}, "capital_limit_peak_cny": 9e9},
        "rents": {"rules": rules("rent_growth"), "parameters": {"rule.rent_growth_max": 0.03}},
        "shares": {"rules": rules("rental_share", "demolished_share", "new_to_demolished", "onsite_resettlement")},
        "people": {
            "rules": rules("displacement", "consent", "minimum_facility_ratio"),
            "displaced_tenants_cap_persons": 2_600.0,
        },
        "commodity": {"commodity_housing_cap_m2": 60_000.0},
        "district": {
            "district_limits": {district: DistrictLimit(population_persons=inside * 1.1, new_floor_area_m2=100_000.0)}
        },
        "together": {
            "locked": ("V00002",),
            "capital_limit_annual_cny": 4e9,
            "capital_limit_peak_cny": 8e9,
            "rules": rules("rental_share", "displacement", "rent_growth"),
            "parameters": {"rule.rent_growth_max": 0.05},
        },
        "programme": {
            "renewal_ratio": ShareRange(low=0.4, high=0.7),
            "villages_per_year_by_year": {2: 1},
            "least_rental_area_m2": 20_000.0,
        },
        "no_rehabilitation": {"intensities": ("mixed", "rebuild"), "rules": rules("rental_share")},
    }
    return {name: Scenario(**(common | changes)) for name, changes in given.items()}


@cache
def twelve_villages() -> City:
    """A synthetic city of 12 villages."""
    return synthesize_city(12, 3)


@cache
def strict_game(name: str) -> GameConstants:
    """The game of one of strict_scenarios."""
    return game_constants(resolve(strict_scenarios()[name], twelve_villages()))


@cache
def binding_game() -> GameConstants:
    """Beijing under the scenario whose limits bind."""
    return game_constants(resolve(load_scenario("binding"), load_city("beijing")))


def play(game: GameConstants, n_envs: int, seed: int, *, close_chance: float = 0.0) -> State:
    """Random masked episodes to their end; finished environments wait for the others.

    Every action must be one the mask allows, and none must leave a running episode without a legal action.
    """
    state, rng = reset(initial_state(game), n_envs), np.random.default_rng(seed)
    for _ in range(game.longest_episode):
        running = np.flatnonzero(~is_over(game, state))
        if not running.size:
            break
        some = state.take(running)
        mask = village_mask(game, some)
        assert mask.any(axis=1).all()
        move = step_in_place(game, some, draw_actions(game, some, rng, close_chance=close_chance), mask=mask)
        assert move.obeyed.all()
        state.put(running, some)
    assert is_over(game, state).all()
    return state


def assert_masks_agree(game: GameConstants) -> None:
    """The village mask, the option mask and the joint mask tell one story along random episodes."""
    state, rng = reset(initial_state(game), 3), np.random.default_rng(3)
    for _ in range(6):
        joint, villages = action_mask(game, state), village_mask(game, state)
        by_village = joint[:, :-1].reshape(3, game.n_villages, game.n_options)
        np.testing.assert_array_equal(by_village.any(axis=2), villages[:, :-1])
        np.testing.assert_array_equal(joint[:, -1], villages[:, -1])
        for village in range(game.n_villages):
            np.testing.assert_array_equal(option_mask(game, state, np.full(3, village)), by_village[:, village])
        step_in_place(game, state, np.argmax(joint * rng.random(joint.shape), axis=1))
