"""Training cities, drawn by the generator or named, and validation cities whose seeds no training ever draws."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from agents.training.scenarios import drawn_scenario
from data.city import City
from data.errors import refuse
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from envs.environment_core import Setup, set_up

Draw = Callable[[np.random.Generator], Setup]
FIRST_TRAINING_SEED, LAST_TRAINING_SEED = 1_000_000, 2**31 - 1
"""Seeds of training cities; smaller ones are kept for validation (from 1) and for held-out tests (from 900,001)."""
VALIDATION = ((30, 1, 0.10), (60, 3, 0.08))
"""Villages, seed, and villages per year as a share of all, of cities with the scenario as it is."""
VARIED_VALIDATION = ((30, 11), (40, 12), (50, 13), (60, 14), (30, 15), (40, 16), (50, 17), (60, 18))
"""Villages and seed of cities with a scenario drawn around it."""
LEAST_VILLAGES, MOST_VILLAGES = 2, 2_000
"""Of a drawn city."""
LEAST_SHARE, LARGEST_SHARE = 0.03, 0.10
"""Of a city's villages that may start in a year; Beijing's 60 of 1,142 a year lie within."""
MOST_ATTEMPTS = 50
"""Scenarios drawn for one that a city can keep."""


@dataclass(frozen=True)
class Sizes:
    """How many villages a drawn city has, both ends included."""

    least: int
    most: int


def sizes_from(text: str) -> Sizes:
    """Sizes from text such as "20-60".

    Raises:
        InputError: it does not have this form, or the numbers make no sense.
    """
    match = re.fullmatch(r"\s*(\d{1,5})\s*-\s*(\d{1,5})\s*", text)
    if match is None or not LEAST_VILLAGES <= int(match[1]) <= int(match[2]) <= MOST_VILLAGES:
        raise refuse("generated_sizes_form", layer="--generate", least=LEAST_VILLAGES, most=MOST_VILLAGES, found=text)
    return Sizes(int(match[1]), int(match[2]))


def drawn_cities(sizes: Sizes, scenario: Scenario, *, varied: bool = False) -> Draw:
    """Draw a synthetic city of a random size.

    Args:
        sizes: of the cities.
        scenario: of all of them; its yearly quota becomes a random share of the villages.
        varied: draw also years, ranges, objectives and limits (agents.training.scenarios).
    """

    def draw(rng: np.random.Generator) -> Setup:
        n_villages = int(rng.integers(sizes.least, sizes.most + 1))
        seed = int(rng.integers(FIRST_TRAINING_SEED, LAST_TRAINING_SEED))
        if varied:
            return varied_setup(n_villages, seed, scenario, rng)
        return synthetic_setup(n_villages, seed, rng.uniform(LEAST_SHARE, LARGEST_SHARE), scenario)

    return draw


def given_cities(cities: Sequence[City], scenario: Scenario) -> Draw:
    """Draw one of some cities, each with the scenario as it is."""

    def draw(rng: np.random.Generator) -> Setup:
        return set_up(cities[int(rng.integers(0, len(cities)))], scenario)

    return draw


def synthetic_setup(n_villages: int, seed: int, share: float, scenario: Scenario) -> Setup:
    """A synthetic city with a yearly quota that is a share of its villages."""
    quota = max(1, round(share * n_villages))
    return set_up(synthesize_city(n_villages, seed=seed), scenario.model_copy(update={"villages_per_year": quota}))


def varied_setup(n_villages: int, seed: int, scenario: Scenario, rng: np.random.Generator) -> Setup:
    """A synthetic city with a scenario drawn around one; as the scenario is where MOST_ATTEMPTS fail."""
    city = synthesize_city(n_villages, seed=seed)
    for _ in range(MOST_ATTEMPTS):
        drawn = drawn_scenario(scenario, city, rng)
        if drawn is not None:
            return set_up(city, drawn)
    return set_up(city, scenario)


def validation_setups(scenario: Scenario, *, varied: bool = False) -> list[Setup]:
    """Cities on which a policy in training is judged."""
    as_it_is = [synthetic_setup(n, seed, share, scenario) for n, seed, share in VALIDATION]
    if not varied:
        return as_it_is
    return as_it_is + [varied_setup(n, seed, scenario, np.random.default_rng(seed)) for n, seed in VARIED_VALIDATION]
