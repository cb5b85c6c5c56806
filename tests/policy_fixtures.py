"""Cities, looks and parameters for tests of policies."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache

import numpy as np

from agents.policy.episodes import Episodes
from agents.policy.network import initial
from agents.policy.shortlist import Outlook, outlook
from data.city import City
from environment_fixtures import FIFTY, fifty_villages, setup_of, strict_scenarios, twelve_villages
from envs.environment_core import Setup, set_up


@cache
def look_at(city: str) -> Outlook:
    """An outlook on one of environment_fixtures.CITIES."""
    return outlook(setup_of(city))


@cache
def strict_look(name: str) -> tuple[Setup, Outlook]:
    """Setup and outlook of one of environment_fixtures.strict_scenarios."""
    setup = set_up(twelve_villages(), strict_scenarios()[name])
    return setup, outlook(setup)


def strict_episodes(name: str, n_choices: int = 4) -> Episodes:
    """Three episodes of a strict scenario after a few random legal choices, their lists drawn up anew."""
    episodes, rng = Episodes(*strict_look(name), preferences(3)), np.random.default_rng(1)
    for _ in range(n_choices):
        episodes.step(np.array([rng.choice(np.flatnonzero(row)) for row in episodes.mask()]))
    episodes._observe(np.arange(3))
    return episodes


def random_parameters(seed: int) -> dict[str, np.ndarray]:
    """A policy that has opinions, as after training."""
    rng = np.random.default_rng(seed)
    first = initial(seed)
    return {name: (p + 0.1 * rng.standard_normal(p.shape)).astype(np.float32) for name, p in first.items()}


def preferences(n: int, seed: int = 0) -> np.ndarray:
    """Random preferences, shape (n, 3)."""
    return np.random.default_rng(seed).dirichlet(np.ones(3), n)


def with_villages_in_order(city: City, order: np.ndarray) -> City:
    """The same city, its villages listed in another order."""
    villages = city.villages
    moved = replace(villages, **{f.name: getattr(villages, f.name)[order] for f in fields(villages)})
    position = np.empty(order.size, dtype=np.int64)
    position[order] = np.arange(order.size)
    place = city.facilities.place_idx
    in_village = place >= city.n_zones
    new_place = np.where(in_village, city.n_zones + position[np.maximum(place - city.n_zones, 0)], place)
    return replace(city, villages=moved, facilities=replace(city.facilities, place_idx=new_place))


@cache
def reordered() -> tuple[Setup, np.ndarray]:
    """The 50 villages in another order, and that order."""
    order = np.random.default_rng(3).permutation(50)
    anchors = setup_of("fifty").anchors
    return set_up(with_villages_in_order(fifty_villages(), order), FIFTY, anchors=anchors), order
