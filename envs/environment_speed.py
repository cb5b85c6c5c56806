"""Speed of the environment at 1,000 villages, single and batched, with random legal decisions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from data.catalogue import Message, message
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.environment_core import Setup, set_up
from envs.game.constants import GAME_PRECISION, GameConstants
from envs.game.masks import draw_actions
from envs.game.state import State
from envs.renewal_env import RenewalEnv
from envs.renewal_vector_env import RenewalVectorEnv

N_VILLAGES, N_ZONES, N_ENVS = 1_000, 400, 128
REPEATS = 5
SINGLE_GATE, BATCHED_GATE = (500, 2_000), (10_000, 20_000)
"""Steps per second that must be reached, and should be."""


@dataclass(frozen=True)
class Rate:
    """Steps per second of several episodes.

    Attributes:
        what: quantity and conditions.
        per_second: one per episode; the drawing of the actions is not counted.
        gate: what it must reach, and should.
        holds: whether the median does.
    """

    what: Message
    per_second: tuple[float, ...]
    gate: Message
    holds: bool

    @property
    def value(self) -> Message:
        """Median and spread."""
        rates = self.per_second
        return message(
            "steps_per_second", median=float(np.median(rates)), n=len(rates), low=min(rates), high=max(rates)
        )


def environment_rates(*, threads: int = 2, repeats: int = REPEATS) -> Iterator[Rate]:
    """Whole episodes at the default scenario, closing of years and autoreset included.

    Args:
        threads: worker threads of the batched environment; the single one has one.
        repeats: episodes.

    Yields:
        Rates, single first.
    """
    city, scenario = synthesize_city(N_VILLAGES, 1, n_zones=N_ZONES), load_scenario("balanced")
    for dtype in ("float64", "float32"):
        precision = replace(GAME_PRECISION, dtype=dtype)
        single = _single(set_up(city, scenario, precision=precision), repeats)
        yield _rate(message("speed_of_single", dtype=dtype, villages=N_VILLAGES, zones=N_ZONES), single, SINGLE_GATE)
        batched = _batched(set_up(city, scenario, precision=precision, threads=threads), repeats)
        quantity = message("speed_of_batch", n=N_ENVS, dtype=dtype, threads=threads, villages=N_VILLAGES, zones=N_ZONES)
        yield _rate(quantity, batched, BATCHED_GATE)


def _rate(quantity: Message, per_second: tuple[float, ...], gate: tuple[int, int]) -> Rate:
    must, aim = gate
    return Rate(quantity, per_second, message("must_and_aim", must=must, aim=aim), bool(np.median(per_second) >= must))


def _single(setup: Setup, repeats: int) -> tuple[float, ...]:
    env = RenewalEnv(setup=setup)
    env.reset(seed=0)

    def step(actions: np.ndarray) -> None:
        if env.step(actions[0])[2]:
            env.reset()

    return _rates(setup.game, env.core.state, step, repeats)


def _batched(setup: Setup, repeats: int) -> tuple[float, ...]:
    batch = RenewalVectorEnv(N_ENVS, setup=setup)
    batch.reset(seed=0)
    return _rates(setup.game, batch.core.state, batch.step, repeats)


def _rates(game: GameConstants, state: State, step: Callable[[np.ndarray], object], repeats: int) -> tuple[float, ...]:
    rng, rates = np.random.default_rng(0), []
    n_steps = game.longest_episode
    for _ in range(repeats):
        seconds = 0.0
        for _ in range(n_steps):
            actions = draw_actions(game, state, rng)
            began = time.perf_counter()
            step(actions)
            seconds += time.perf_counter() - began
        rates.append(n_steps * state.n_envs / seconds)
    return tuple(rates)
