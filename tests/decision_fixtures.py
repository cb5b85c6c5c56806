"""Plans and preferences of small cities for what is told of decisions."""

from __future__ import annotations

from typing import Any

import numpy as np

from data.scenario import FixedVillage, RuleMode, Scenario
from data.synthesis.city import synthesize_city
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.indicators.registry import objective_signs
from envs.reasons.decisions.decision_path import Worth

SCALE = (1e9, 0.1, 0.05)
"""What a range of each core objective is, as good as any other for a test."""


def decided_city(**bounds: Any) -> ResolvedScenario:
    """Sixteen villages, three a year, of which one is locked, one forbidden and one given."""
    given = FixedVillage(
        start_year=2, intensity="rebuild", land_use="rental_housing", floor_area_ratio=2.0, facility_ratio=0.1
    )
    scenario = Scenario(
        plan_years=4, villages_per_year=3, density_levels=2, facility_levels=2,
        locked=("V00002",), forbidden=("V00006",), **({"fixed": {"V00001": given}} | bounds),
    )  # fmt: skip
    return resolve(scenario, synthesize_city(16, 3))


def capital_bound_city(limit_cny: float) -> ResolvedScenario:
    """The same under a hard limit of yearly capital."""
    return decided_city(capital_limit_annual_cny=limit_cny, rules={"annual_capital": RuleMode.HARD})


def some_plan(resolved: ResolvedScenario, seed: int = 0, per_year: int = 3) -> Plans:
    """A plan of random options that fills every year but for the given village's place; a batch of one."""
    rng, space = np.random.default_rng(seed), option_space(resolved)
    n_villages, n_years = space.start_mask.shape[0], space.start_mask.shape[1] - 1
    start = np.zeros(n_villages, dtype=np.int64)
    free = rng.permutation(np.flatnonzero(space.start_mask[:, 1:].all(axis=1) & ~space.fixed_mask))
    for year in range(1, n_years + 1):
        start[free[(year - 1) * (per_year - 1) : year * (per_year - 1)]] = year
    option = np.array([rng.choice(np.flatnonzero(legal)) if legal.any() else 0 for legal in space.option_mask])
    return space.decode(start[None], option[None])


def worth_of(resolved: ResolvedScenario, *weights: float) -> Worth:
    """The preference of these weights, or of equal ones."""
    signs = np.array(objective_signs(resolved.scenario.objectives), dtype=np.float64)
    share = np.array(weights) if weights else np.full(signs.size, 1.0 / signs.size)
    return Worth(share, signs / np.array(SCALE))
