"""Speed of the environment at 1,000 villages, single and batched, with random legal decisions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

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


@dataclass(frozen=True)
class Rate:
    """Steps per second of several episodes.

    Attributes:
        what: what was measured.
        per_second: one per episode; the drawing of the actions is not counted.
        gate: what it must reach.
        holds: whether the median does.
    """

    what: str
    per_second: tuple[float, ...]
    gate: str
    holds: bool

    @property
    def value(self) -> str:
        """Median and spread."""
        rates = self.per_second
        spread = f"median of {len(rates)} episodes; {min(rates):,.0f}..{max(rates):,.0f}"
        return f"{np.median(rates):,.0f} steps/s ({spread})"


def environment_rates(*, threads: int = 2, repeats: int = REPEATS) -> Iterator[Rate]:
    """Whole episodes at the default scenario, closing of years and autoreset included.

    Args:
        threads: worker threads of the batched environment; the single one has one.
        repeats: episodes.

    Yields:
        Rates, single first.
    """
    city, scenario = synthesize_city(N_VILLAGES, 1, n_zones=N_ZONES), load_scenario("balanced")
    size = f"{N_VILLAGES:,} villages, {N_ZONES} zones"
    for dtype in ("float64", "float32"):
        precision = replace(GAME_PRECISION, dtype=dtype)
        single = _single(set_up(city, scenario, precision=precision), repeats)
        yield Rate(
            f"single environment, {dtype} ({size})", single, "must 500, aim 2,000", bool(np.median(single) >= 500)
        )
        batched = _batched(set_up(city, scenario, precision=precision, threads=threads), repeats)
        what = f"{N_ENVS} batched environments, {dtype}, {threads} threads ({size})"
        yield Rate(what, batched, "must 5,000, aim 20,000", bool(np.median(batched) >= 5_000))


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
