"""Decisions where bargaining counts: villages by their chance to agree, each on a calendar of its own."""

from __future__ import annotations

import numpy as np
import pytest

from bargained_fixtures import bargained
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from decision_fixtures import some_plan, worth_of
from envs.kernel import evaluate
from envs.kernel.plans import concatenate, empty_plan
from envs.reasons.decisions.decision_path import decision_path, prefixes
from envs.reasons.decisions.open_choices import NONE


def test_steps_add_up_to_what_is_expected() -> None:
    scenario = Scenario(plan_years=4, villages_per_year=3, density_levels=2, facility_levels=2)
    resolved = bargained(scenario, synthesize_city(12, 3))
    path = decision_path(resolved, some_plan(resolved), worth_of(resolved), n_exact=1)
    both = evaluate(resolved, concatenate([path.plan, empty_plan(12)]), indicators=()).objective_matrix()
    np.testing.assert_allclose(path.effect.sum(axis=0), both[0] - both[1], rtol=1e-5)
    for step in (0, path.n_steps - 1):
        states = prefixes(path.plan, path.village, np.array([step, step + 1]))
        values = evaluate(resolved, states, indicators=()).objective_matrix()
        np.testing.assert_allclose(path.effect[step], values[1] - values[0], rtol=1e-4, atol=1e-9)
        assert path.alternatives.rival[step] != NONE
    assert path.gain.sum() == pytest.approx(float(path.worth.of(both[0] - both[1])), rel=1e-5)
