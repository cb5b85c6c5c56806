"""The neighborhood of a plan against fresh evaluations of every one of its changes."""

from __future__ import annotations

import numpy as np
import pytest

from envs.changes.village_change import changed_plans
from envs.kernel import evaluate
from envs.models.kernel_model import KernelModel
from envs.rules.check import valid
from optimizers.whatif.neighborhood import all_changes, neighborhood
from optimizers.whatif.standing import Standing


def test_every_change_is_measured_and_ranked_as_it_is_worth(tiny_standing: Standing) -> None:
    model, plan, preference = tiny_standing.model, tiny_standing.plan, tiny_standing.preference
    found = neighborhood(model, plan, preference, exact=100)
    assert (found.how == 2).sum() == found.allowed.sum()
    before = evaluate(model.resolved, plan, indicators=()).objective_matrix()[0]
    for change, gain, how, allowed in zip(found.changes, found.gain, found.how, found.allowed, strict=True):
        changed = changed_plans(plan, [change])
        fresh = (evaluate(model.resolved, changed, indicators=()).objective_matrix()[0] - before) * preference.signs
        assert gain == pytest.approx(fresh, rel=1e-9 if how == 2 else 2e-2, abs=1e-9 if how == 2 else 1e-3)
        assert allowed == bool(valid(model.resolved, changed)[0])
    worth = found.worth[found.ranked()]
    assert (np.diff(worth) <= 0.0).all()
    assert worth[0] <= 1e-9, "the best of all plans has no better neighbor"
    for k, name in enumerate(preference.objectives):
        assert (np.diff(found.gain[found.ranked(name), k]) <= 0.0).all()


def test_full_years_are_kept_by_partners(tiny_standing: Standing) -> None:
    """One village a year, both years full: whoever comes or moves has a partner, and every kept village is tried."""
    assert (tiny_standing.room == 0).all()
    changes = all_changes(tiny_standing)
    moved = [change for change in changes if change.kind in ("earlier", "later", "instead")]
    assert moved
    assert all(change.partner >= 0 for change in moved)
    kept = np.flatnonzero(tiny_standing.start_year == 0)
    assert {change.village for change in changes if change.kind == "instead"} == set(kept.tolist())
    plans = changed_plans(tiny_standing.plan, moved)
    assert all(((plans.start_year == year).sum(axis=1) == 1).all() for year in (1, 2))


def test_only_the_most_promising_are_measured(tiny_standing: Standing, tiny_model: KernelModel) -> None:
    found = neighborhood(tiny_model, tiny_standing.plan, tiny_standing.preference, measured=5, exact=2)
    assert (found.how > 0).sum() == 5
    assert (found.how == 2).any()
    assert set(found.ranked().tolist()) <= set(np.flatnonzero(found.how > 0).tolist())
