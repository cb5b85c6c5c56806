"""Searches where bargaining counts: fronts are of counted outcomes, and reach what an enumeration finds."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from agents.policy.rollout import rollout
from agents.policy.shortlist import outlook
from agreement_fixtures import counting
from bargained_fixtures import bargained
from data.files.cities import load_city
from data.scenario import Scenario, Target
from data.synthesis.city import synthesize_city
from environment_fixtures import twelve_villages
from envs.choices.anchors import anchor_digest
from envs.choices.bargained_options import with_agreements
from envs.choices.options import option_space
from envs.environment_core import set_up, set_up_resolved
from envs.game.constants import GAME_PRECISION
from envs.kernel import ResolvedScenario, evaluate
from envs.models.kernel_model import KernelModel
from envs.rules.check import valid
from optimizers.bounds.certified import CAPITAL, bound, cannot_reach
from optimizers.goals.goal_seeking import resolved_with
from optimizers.mending.ladder import mend
from optimizers.mending.plan_model import Mending
from optimizers.problem.front import hypervolume
from policy_fixtures import preferences, random_parameters
from search_fixtures import quick_anchors, searched

REACHED = 0.99


@cache
def tiny() -> ResolvedScenario:
    scenario = Scenario(plan_years=3, villages_per_year=1, density_levels=1, facility_levels=2)
    return bargained(scenario, load_city("tiny"))


@cache
def three() -> ResolvedScenario:
    """Three villages with three options each: few enough to enumerate."""
    scenario = Scenario(
        plan_years=2,
        villages_per_year=2,
        density_levels=1,
        facility_levels=1,
        intensities=("rehabilitate", "rebuild"),
        land_uses=("commodity_housing", "rental_housing"),
    )
    return bargained(scenario, synthesize_city(3, 1))


@cache
def twelve() -> ResolvedScenario:
    scenario = Scenario(
        plan_years=4, villages_per_year=3, density_levels=2, facility_levels=2, capital_limit_annual_cny=3e9
    )
    return bargained(scenario, twelve_villages())


def test_a_search_reaches_what_an_enumeration_finds() -> None:
    with quick_anchors():
        exact = searched(three(), algorithm="exact")
    found = searched(three(), algorithm="hybrid", evaluations=500, known_anchors=exact.anchors)
    volumes = [hypervolume(1.0 - exact.anchors.normalized(result.values)) for result in (found, exact)]
    assert volumes[0] >= REACHED * volumes[1] > 0.0


def test_a_front_under_limits_is_of_counted_outcomes_and_keeps_them() -> None:
    with quick_anchors():
        found = searched(twelve(), algorithm="hybrid", evaluations=300)
    counted = evaluate(twelve(), found.plans, indicators=())
    for k, name in enumerate(found.objectives):
        np.testing.assert_allclose(found.values[:, k], counted[name], rtol=1e-9)
    off = evaluate(twelve().without_bargaining, found.plans, indicators=())
    assert (np.abs(off[CAPITAL] - counted[CAPITAL]) > 1e6).any()
    assert valid(twelve(), found.plans).all()
    assert found.anchors.digest != anchor_digest(twelve().without_bargaining, found.objectives)


def test_no_bound_is_claimed() -> None:
    """Bounds know the model's own terms and calendar alone."""
    assert bound(twelve(), CAPITAL) is None
    assert cannot_reach(twelve(), Target(indicator=CAPITAL, at_least=1e15)) is None


def test_a_policy_s_plans_are_worth_what_they_are_evaluated_at() -> None:
    found = rollout(outlook(set_up_resolved(twelve())), random_parameters(1), preferences(3))
    measured = evaluate(twelve(), found.plans, indicators=(), precision=GAME_PRECISION)
    assert found.objectives == pytest.approx(measured.objective_matrix(), rel=1e-9)
    assert valid(twelve(), found.plans).all()


def test_a_plan_is_mended_by_counted_outcomes() -> None:
    """Two changes bring the worst of some drawn plans nearer to the others, as the evaluator counts."""
    model, rng = KernelModel(tiny()), np.random.default_rng(3)
    n = model.start_mask.shape[0]
    starts = np.stack([rng.permutation([1, 2, 3] + [0] * (n - 3)) for _ in range(20)])
    options = np.stack([[rng.choice(np.flatnonzero(legal)) for legal in model.option_mask] for _ in range(20)])
    starts = np.where(option_space(tiny()).option_mask.any(axis=1), starts, 0)
    values = model.report(starts, options).objectives * model.signs
    ranges = np.ptp(values, axis=0)
    worst = int(np.argmin((values / ranges).sum(axis=1)))
    mending = Mending(model, starts[worst], options[worst], values / ranges, ranges, may_lose=True)
    ladder = mend(mending, steps=(1, 2), evaluations=60)
    assert ladder.rungs[-1].gap < ladder.original.gap
    rung = ladder.rungs[-1]
    told = evaluate(tiny(), model.decode(rung.start_year[None], rung.option[None]), indicators=())
    assert rung.values * ranges * model.signs == pytest.approx(told.objective_matrix()[0], rel=1e-9)


def test_a_lever_that_changes_what_is_agreed_on_is_bargained_over_anew() -> None:
    """A target leaves the table as it is; a government that values facilities more agrees to more."""
    before = with_agreements(counting(three().without_bargaining))
    assert before.agreements is not None
    target = before.scenario.model_copy(update={"targets": (Target(indicator=CAPITAL, at_least=0.0),)})
    assert resolved_with(before, target).agreements is before.agreements
    valued = before.scenario.model_copy(update={"parameters": {"shadow.facility_floor": 60_000.0}})
    changed = resolved_with(before, valued).agreements
    assert changed is not None
    assert changed.probability.sum() > before.agreements.probability.sum()
    levels = resolved_with(before, before.scenario.model_copy(update={"density_levels": 2})).agreements
    assert levels is not None
    assert levels.n_options > before.agreements.n_options


def test_an_environment_bargains_where_nobody_has() -> None:
    setup = set_up(twelve_villages(), three().scenario)
    assert setup.game.resolved.agreements is not None
    assert (setup.game.resolved.agreements.probability < 1.0).any()
