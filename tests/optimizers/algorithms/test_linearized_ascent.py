"""Linearized ascent proposes legal plans, whatever the slopes say, and its pace keeps its bounds."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.scenario import FixedVillage, Scenario
from data.synthesis.city import synthesize_city
from envs.choices.marginal_gain import MarginalGains, marginal_gains
from envs.choices.options import option_space
from envs.kernel import resolve
from envs.rules.check import RULES, violations
from optimizers.algorithms.linearized_ascent import FEWEST_VILLAGES, INERTIA_STEPS, LEAST_INERTIA, Pace, climb
from optimizers.problem.operators import PlanRepair, PlanSampling, split

N, YEARS = 12, 4
GIVEN = FixedVillage(
    start_year=2, intensity="rebuild", land_use="rental_housing", floor_area_ratio=2.0, facility_ratio=0.1
)
SCENARIOS: dict[str, dict[str, Any]] = {
    "free": {"villages_per_year": 2},
    "locked": {"locked": ("V00002", "V00007", "V00009"), "villages_per_year": 1},
    "given": {
        "locked": ("V00002",),
        "forbidden": ("V00006",),
        "fixed": {"V00001": GIVEN, "V00003": FixedVillage(start_year=0), "V00004": GIVEN},
        "villages_per_year": 2,
    },
    "no room": {"villages_per_year": 0},
    "no room but locked": {"locked": ("V00002",), "villages_per_year": 0},
}


@cache
def gains_of(name: str) -> MarginalGains:
    scenario = Scenario(plan_years=YEARS, density_levels=2, facility_levels=2, **SCENARIOS[name])
    resolved = resolve(scenario, synthesize_city(N, 3))
    return marginal_gains(resolved, option_space(resolved), resolved.scenario.objectives)


paces = st.builds(Pace, inertia=st.floats(LEAST_INERTIA, 1.0), share=st.floats(FEWEST_VILLAGES / N, 1.0))


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), pace=paces, size=st.sampled_from([0.0, 1e-9, 1.0, 1e9]))
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_proposal_is_legal(name: str, seed: int, pace: Pace, size: float) -> None:
    gains = gains_of(name)
    space, quota = gains.space, gains.resolved.scenario.villages_per_year
    rng = np.random.default_rng(seed)
    drawn = PlanSampling(space, quota)._do(None, 8, random_state=rng)
    start, option = (part[-1] for part in split(PlanRepair(space, quota)._do(None, drawn, random_state=rng)))
    slopes = (size * rng.normal(size=(N, YEARS, gains.unit.size))).astype(np.float32)
    _, may_change = pace.proposals(N, np.random.default_rng(seed))
    starts, options = climb(gains, slopes, start, option, quota=quota, pace=pace, rng=np.random.default_rng(seed))
    assert starts.shape == options.shape == (2 * len(INERTIA_STEPS), N)
    assert space.start_mask[np.arange(N), starts].all()
    renewed = (starts > 0) & ~space.fixed_mask
    assert space.option_mask[np.arange(N), options][renewed].all()
    counts = np.stack([np.bincount(row, minlength=YEARS + 1)[1:] for row in starts])
    if name != "no room but locked":
        assert (counts <= quota).all()
    names, excess = violations(gains.resolved, space.decode(starts, options))
    built_in = [RULES[rule].built_in for rule in names]
    assert (excess[:, built_in] == 0.0).all()
    same = (starts == start) & ((options == option) | (starts == 0) | space.fixed_mask)
    assert same[~may_change].all()


@settings(max_examples=200, deadline=None)
@given(
    won=st.lists(st.tuples(st.sampled_from([None, *range(2 * len(INERTIA_STEPS))]), st.booleans()), max_size=60),
    n_villages=st.integers(1, 5_000),
)
def test_a_pace_keeps_its_bounds(won: list[tuple[int | None, bool]], n_villages: int) -> None:
    pace = Pace()
    for best, changes in won:
        pace.learn(best, n_villages, changes=changes)
        assert LEAST_INERTIA <= pace.inertia <= 1.0
        assert min(1.0, FEWEST_VILLAGES / n_villages) <= pace.share <= 1.0


def test_a_pace_is_bolder_where_boldness_paid() -> None:
    bold, careful, none = Pace(0.1, 0.5), Pace(0.1, 0.5), Pace(0.1, 0.5)
    bold.learn(0, 100, changes=True)
    careful.learn(2, 100, changes=True)
    none.learn(None, 100, changes=True)
    assert bold.inertia < 0.1 < careful.inertia
    assert none.inertia > 0.1
    assert none.share < 0.5


def test_without_inertia_a_proposal_is_the_best_of_the_linear_model() -> None:
    gains = gains_of("free")
    rng = np.random.default_rng(4)
    slopes = rng.normal(size=(N, YEARS, gains.unit.size)).astype(np.float32)
    none = np.zeros(N, dtype=np.int64)
    starts, options = climb(gains, slopes, none, none, quota=N, pace=Pace(LEAST_INERTIA, 1.0), rng=rng)
    table = gains.table(slopes).reshape(N, -1)
    reached = gains.of_plan(slopes, starts[0], options[0])
    np.testing.assert_allclose(reached, np.clip(table.max(axis=1), 0.0, None), rtol=1e-4, atol=1e-4 * table.max())
