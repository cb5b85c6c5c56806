"""Shares that later villages make up for: masked episodes may exceed them on their way and never in the end."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.arrays import BoolArray, FloatArray
from data.scenario import RuleMode, Scenario
from environment_fixtures import assert_masks_agree, play, twelve_villages
from envs.game.constants import GameConstants, game_constants
from envs.game.dynamics import initial_state, is_over, reset, step_in_place
from envs.game.making_up import MakingUp, leaves_room, owed
from envs.game.masks import draw_actions
from envs.game.year_end import plans_of
from envs.kernel import resolve
from envs.rules.check import valid

SHARES = ("demolished_share", "new_to_demolished", "onsite_resettlement", "rental_share")
COMMON: dict[str, Any] = {"plan_years": 4, "villages_per_year": 3, "density_levels": 2, "facility_levels": 1}
HALF_TORN_DOWN = {"rule.demolished_share_max": 0.5}
CASES: dict[str, dict[str, Any]] = {
    "demolished": {"rules": {"demolished_share": "hard"}, "parameters": HALF_TORN_DOWN},
    "rental": {"rules": {"rental_share": "hard"}, "parameters": {"rule.rental_share_min": 0.6}},
    "all": {"rules": dict.fromkeys(SHARES, "hard"), "parameters": HALF_TORN_DOWN},
    "few places": {
        "rules": {"demolished_share": "hard"},
        "parameters": HALF_TORN_DOWN,
        "villages_per_year_by_year": {1: 2, 2: 0, 3: 1, 4: 2},
    },
    "with a cap": {
        "rules": {"demolished_share": "hard"},
        "parameters": HALF_TORN_DOWN,
        "commodity_housing_cap_m2": 2e5,
    },
}


def game_of(name: str, **changes: Any) -> GameConstants:
    return game_constants(resolve(Scenario(**(COMMON | CASES[name] | changes)), twelve_villages()))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("close_chance", [0.0, 0.3])
def test_masked_episodes_end_within_the_shares(name: str, close_chance: float) -> None:
    game = game_of(name)
    assert game.making_up is not None
    plans = plans_of(game, play(game, 60, seed=1, close_chance=close_chance))
    assert valid(game.resolved, plans).all()


@pytest.mark.parametrize("name", ["demolished", "rental"])
def test_on_their_way_they_may_exceed_them(name: str) -> None:
    game, rng = game_of(name), np.random.default_rng(1)
    state, exceeded = reset(initial_state(game), 60), np.zeros(60, dtype=bool)
    while not is_over(game, state).any():
        step_in_place(game, state, draw_actions(game, state, rng))
        exceeded |= ~valid(game.resolved, plans_of(game, state))
    assert exceeded.mean() > 0.2


def test_without_the_masks_they_would_end_beyond_them() -> None:
    game, free = game_of("demolished"), game_constants(resolve(Scenario(**COMMON), twelve_villages()))
    assert free.making_up is None
    assert not valid(game.resolved, plans_of(free, play(free, 60, seed=1))).all()


@pytest.mark.parametrize(
    "changes",
    [
        {"capital_limit_peak_cny": 1e12},
        {"locked": [str(twelve_villages().villages.village_id[0])]},
        {"least_rental_area_m2": 1e4},
        {"rules": {"demolished_share": RuleMode.PENALIZED}},
    ],
    ids=["money", "locked", "least area", "penalized"],
)
def test_beside_other_limits_nothing_is_promised(changes: dict[str, Any]) -> None:
    assert game_of("demolished", **changes).making_up is None


@pytest.mark.parametrize("name", ["demolished", "all", "few places"])
def test_the_three_masks_tell_one_story(name: str) -> None:
    assert_masks_agree(game_of(name))


def two_districts(relief: FloatArray) -> MakingUp:
    """Six villages, the first three count in limit 0, the others in limit 1."""
    limit_of = np.array([[0, 0, 0, 1, 1, 1]])
    order = np.lexsort((-relief, limit_of[0]))[None]
    return MakingUp(
        columns=(0,),
        limit_of=limit_of,
        relief=relief[None],
        order=order,
        place=np.argsort(order, axis=1),
        begin=np.array([[0, 3]]),
        end=np.array([[3, 6]]),
        option=np.zeros(6, dtype=np.int64),
        can=np.ones(6, dtype=bool),
    )


def fewest(relief: FloatArray, free: BoolArray, debt: float) -> float:
    """Fewest free villages whose relief adds up to a debt, by trying all; infinite where none do."""
    (left,) = np.nonzero(free)
    sizes = (n for n in range(len(left) + 1) for some in combinations(left, n) if relief[list(some)].sum() >= debt)
    return next(sizes, np.inf)


WHOLE = st.integers(0, 4)
PARTS = (slice(0, 3), slice(3, 6))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(WHOLE, min_size=6, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.lists(st.integers(-2, 6), min_size=2, max_size=2),
    st.integers(0, 4),
    st.integers(0, 3),
)
def test_counting_finds_the_fewest_villages(
    relief: list[int], free: list[bool], beyond: list[int], now: int, then: int
) -> None:
    amount, left, debts = np.array(relief, dtype=float), np.array(free), np.array(beyond, dtype=float)
    due = owed(two_districts(amount), available=left[None], room=np.array([[now, then]]), beyond=debts[None])
    needed = sum(fewest(amount[part], left[part], debt) for part, debt in zip(PARTS, debts, strict=True))
    assert bool(due.is_lost[0]) == (needed > now + then)
    assert bool(due.may_close[0]) == (needed <= then or needed > now + then)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(WHOLE, min_size=6, max_size=6),
    st.lists(st.booleans(), min_size=6, max_size=6),
    st.integers(-2, 6),
    st.integers(-2, 6),
    st.integers(0, 5),
    st.integers(0, 2),
)
def test_counting_leaves_out_the_village_that_decides(
    relief: list[int], free: list[bool], elsewhere: int, after: int, room: int, village: int
) -> None:
    """A village of the first district takes its limit to `after`; what the other district owes stays."""
    amount, left = np.array(relief, dtype=float), np.array(free)
    left[village] = True
    making, beyond = two_districts(amount), np.array([[0.0, float(elsewhere)]])
    due = owed(making, available=left[None], room=np.array([[room]]), beyond=beyond)
    first = np.zeros(1, dtype=np.int64)
    keeps = leaves_room(making, due, first, first + village, np.array([[float(after)]]))[0]
    others = left.copy()
    others[village] = False
    needed = sum(fewest(amount[part], others[part], debt) for part, debt in zip(PARTS, (after, elsewhere), strict=True))
    assert bool(keeps) == (needed <= room - 1)
