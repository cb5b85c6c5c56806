"""Bounds that only a finished plan can meet: masked episodes end within them, and counting villages is exact."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.scenario import Intensity, Scenario, ShareRange
from environment_fixtures import assert_masks_agree, play, twelve_villages
from envs.game.constants import GameConstants, game_constants
from envs.game.dynamics import initial_state, reset, step_in_place
from envs.game.final_bounds import FinalBounds, can_end_well
from envs.game.masks import village_mask
from envs.game.year_end import plans_of
from envs.kernel import resolve
from envs.rules.check import valid, violations

COMMON: dict[str, Any] = {"plan_years": 4, "villages_per_year": 2, "density_levels": 2, "facility_levels": 1}
HALF_AND_HALF = {
    Intensity.REBUILD: ShareRange(low=0.4, high=0.6),
    Intensity.REHABILITATE: ShareRange(low=0.4, high=0.6),
}
BOUNDS: dict[str, dict[str, Any]] = {
    "ratio": {"renewal_ratio": ShareRange(low=0.5, high=0.6)},
    "all_there_is_room_for": {"renewal_ratio": ShareRange(low=8 / 12, high=1.0)},
    "shares": {"intensity_shares": HALF_AND_HALF},
    "shares_that_the_first_village_breaks": {
        "intensity_shares": {intensity: ShareRange(low=0.2, high=0.5) for intensity in Intensity},
        "renewal_ratio": ShareRange(low=0.3, high=1.0),
    },
    "commodity": {"least_commodity_area_m2": 1.5e5},
    "rental": {"least_rental_area_m2": 2e5},
    "quota_by_year": {"villages_per_year_by_year": {1: 0, 3: 5}, "renewal_ratio": ShareRange(low=0.7, high=0.8)},
}


def game_of(name: str) -> GameConstants:
    return game_constants(resolve(Scenario(**(COMMON | BOUNDS[name])), twelve_villages()))


@pytest.mark.parametrize("name", BOUNDS)
def test_masked_episodes_end_within_the_bounds(name: str) -> None:
    game = game_of(name)
    plans = plans_of(game, play(game, 60, seed=1, close_chance=0.3))
    assert valid(game.resolved, plans).all()


@pytest.mark.parametrize("name", ["ratio", "shares", "commodity", "rental"])
def test_without_the_bounds_they_would_not(name: str) -> None:
    game, free = game_of(name), game_constants(resolve(Scenario(**COMMON), twelve_villages()))
    plans = plans_of(free, play(free, 60, seed=1, close_chance=0.3))
    assert not valid(game.resolved, plans).all()


@pytest.mark.parametrize("name", ["shares", "commodity", "quota_by_year"])
def test_the_three_masks_tell_one_story(name: str) -> None:
    assert_masks_agree(game_of(name))


def test_the_last_room_is_held_for_what_must_be_renewed() -> None:
    game = game_of("all_there_is_room_for")
    state = reset(initial_state(game), 1)
    assert not village_mask(game, state)[0, -1]  # eight villages in four years of two: none may be left out


def test_what_cannot_be_met_any_more_binds_no_longer() -> None:
    """A plan that a forbidden action closed too early goes on, and the checker says what it misses."""
    game = game_of("all_there_is_room_for")
    state = reset(initial_state(game), 1)
    assert not step_in_place(game, state, np.array([game.close_action])).obeyed[0]
    assert village_mask(game, state)[0, -1]
    while state.year[0] <= game.plan_years:
        step_in_place(game, state, np.array([game.close_action]))
    names, excess = violations(game.resolved, plans_of(game, state))
    assert names[int(np.flatnonzero(excess[0])[0])] == "renewal_ratio_least"


@settings(max_examples=150, deadline=None)
@given(
    number=st.tuples(*[st.integers(0, 3)] * 3),
    able=st.tuples(*[st.integers(0, 3)] * 3),
    room=st.integers(0, 4),
    low=st.tuples(*[st.sampled_from([0.0, 0.25, 1 / 3, 0.5])] * 3),
    high=st.tuples(*[st.sampled_from([0.5, 2 / 3, 1.0])] * 3),
    least=st.integers(0, 5),
)
def test_counting_is_trying_every_way(
    number: tuple[int, ...],
    able: tuple[int, ...],
    room: int,
    low: tuple[float, ...],
    high: tuple[float, ...],
    least: int,
) -> None:
    nothing = np.zeros((0, 0))
    bounds = FinalBounds(
        least=least,
        most=8,
        low=np.array(low),
        high=np.array(high),
        able=nothing,
        later=nothing,
        areas=(),
        area_columns=(),
        area_m2=nothing,
        largest_m2=nothing,
    )
    tried = False
    for more in product(*(range(n + 1) for n in able)):
        final = np.add(number, more)
        total = int(final.sum())
        if sum(more) <= room and least <= total <= 8:
            shares = zip(final, low, high, strict=True)
            tried |= all(lo * total - 1e-9 <= n <= hi * total + 1e-9 for n, lo, hi in shares)
    found = can_end_well(bounds, np.array([number], dtype=float), np.array([room]), np.array([able], dtype=float))
    assert bool(found[0]) == tried
