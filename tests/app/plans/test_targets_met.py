"""Targets that plans of a front meet, against the scorecard of each plan alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from app.plans.targets_met import targets_met
from app.runs.run_folder import Run
from data.scenario import Target
from envs.rules.targets import scorecard


def test_every_plan_is_judged_as_its_scorecard_does(run: Run) -> None:
    """A target read from the front, one of a year that is measured, one that no plan meets."""
    middle = float(np.median(run.front["service_accessibility"]))
    targets = (
        Target(indicator="service_accessibility", at_least=middle),
        Target(indicator="service_accessibility", at_least=middle, year=3),
        Target(indicator="total_cost_cny", at_most=-1.0),
    )
    scenario = run.resolved.scenario.model_copy(update={"targets": targets})
    resolved = replace(run.resolved, scenario=scenario)
    met = targets_met(resolved, run.plans, run.front)
    alone = [[score.met for score in scorecard(resolved, run.plans[k : k + 1])] for k in range(0, run.plans.n_plans, 5)]
    assert met[::5].tolist() == alone
    assert 0 < met[:, 0].sum() < len(met)
    assert not met[:, 2].any()
    assert targets_met(run.resolved, run.plans, run.front).shape == (len(met), len(run.resolved.scenario.targets))
