"""Scenario discovery: a planted box is found, chance is not, and quasi-p-values by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from envs.futures.scenario_discovery import Box, discover, pasted, peeled, quasi_p
from envs.futures.spread import counted


def planted(n: int = 3000, wrong: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Failures where input 0 is below 0.4 and input 2 above 0.5; one in twenty labels is wrong."""
    rng = np.random.default_rng(4)
    inputs = rng.random((n, 6))
    fails = (inputs[:, 0] < 0.4) & (inputs[:, 2] > 0.5)
    return inputs, fails ^ (rng.random(n) < wrong)


def test_a_planted_box_is_found() -> None:
    inputs, fails = planted()
    found = discover(inputs, fails)
    assert found.box.limited == (0, 2)
    assert found.box.high[0] == pytest.approx(0.4, abs=0.03)
    assert found.box.low[2] == pytest.approx(0.5, abs=0.03)
    assert np.isinf(found.box.low[0])
    assert found.mass == pytest.approx(0.2, abs=0.03)
    assert found.density > 0.9
    assert found.coverage > 0.75
    assert max(found.quasi_p) < 1e-10


def test_a_count_can_be_a_limit() -> None:
    """An event that has happened or not: failures are where it has."""
    rng = np.random.default_rng(2)
    inputs = np.column_stack([rng.integers(0, 2, 800), rng.random(800)]).astype(float)
    found = discover(inputs, inputs[:, 0] == 1.0)
    assert found.box.limited == (0,)
    assert (found.density, found.coverage) == (1.0, 1.0)
    assert 0.0 < found.box.low[0] <= 1.0


def test_chance_is_no_rule() -> None:
    """Labels without a cause: limits that few futures back are dropped where each counts for a tenth."""
    rng = np.random.default_rng(0)
    found = discover(rng.random((1000, 3)), rng.random(1000) < 0.3, each_counts=0.05)
    assert found.box.limited == ()
    assert (found.mass, found.coverage) == (1.0, 1.0)


def test_a_quasi_p_by_hand() -> None:
    """Ten futures, half of them fail; the five below 0.5 all do: P(Binom(5, 0.5) >= 5) = 1/32."""
    inputs = np.arange(10.0)[:, None] / 10.0
    fails = inputs[:, 0] < 0.5
    box = Box(np.array([-np.inf]), np.array([0.45]))
    assert quasi_p(box, 0, inputs, fails) == pytest.approx(1 / 32)
    assert quasi_p(box, 0, inputs, fails, each_counts=0.4) == pytest.approx(binom.sf(1, 2, 0.5))


def test_peels_are_thin_and_pastes_give_back_what_does_no_harm() -> None:
    inputs = (np.arange(100.0) / 100.0)[:, None]
    fails = inputs[:, 0] >= 0.6
    whole = Box(np.array([-np.inf]), np.array([np.inf]))
    masses = [int(box.holds(inputs).sum()) for box in peeled(inputs, fails, whole, np.ones(1, dtype=bool))]
    assert masses[:3] == [100, 95, 90]
    assert masses[-1] <= 40
    narrow = Box(np.array([0.8]), np.array([0.9]))
    grown = pasted(inputs, fails, narrow)
    assert fails[grown.holds(inputs)].all()
    assert grown.holds(inputs).sum() == 40


def test_nobody_fails() -> None:
    found = discover(np.random.default_rng(1).random((50, 2)), np.zeros(50, dtype=bool))
    assert (found.box.limited, found.density, found.coverage) == ((), 0.0, 0.0)


def of_worlds(seed: int, n_worlds: int = 40, n_inputs: int = 30) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two inputs that each of 2,000 futures has its own values of, many that worlds share, and worlds: nothing acts."""
    rng, world = np.random.default_rng(seed), np.arange(2000) % n_worlds
    return np.column_stack([rng.random((2000, 2)), rng.random((n_worlds, n_inputs))[world]]), world, rng.random(2000)


def test_chance_is_no_rule_though_many_inputs_tell_few_worlds_apart() -> None:
    """Worlds differ in how often they fail, for no reason that is among their thirty inputs."""
    for seed in range(6):
        inputs, world, draw = of_worlds(seed)
        fails = draw < np.random.default_rng(seed + 100).beta(0.4, 3.6, size=40)[world]
        found = discover(inputs, fails, each_counts=counted(inputs, fails, world))
        assert found.box.limited == (), seed


def test_what_each_future_has_its_own_is_found_though_worlds_differ() -> None:
    """The lowest fifth of input 0 fails in half of the worlds' futures; which world it is matters as much."""
    inputs, world, draw = of_worlds(1)
    fails = (inputs[:, 0] < 0.2) & (draw < np.random.default_rng(7).beta(1.0, 1.0, size=40)[world])
    found = discover(inputs, fails, each_counts=counted(inputs, fails, world))
    assert found.box.limited == (0,)
    assert found.box.high[0] == pytest.approx(0.2, abs=0.03)
    assert found.coverage > 0.9


def test_a_world_that_always_fails_counts_once_for_what_it_shares() -> None:
    """Two worlds of four futures, one fails: what worlds share has two cases, what they do not eight."""
    world = np.array([0, 1] * 4)
    inputs = np.column_stack([world, [0, 0, 1, 1, 2, 2, 3, 3]]).astype(float)
    assert counted(inputs, world == 0, world) == pytest.approx([1 / 4, 1.0])
