"""The decision path against plain loops over the evaluator, and against the table of marginal gains."""

from __future__ import annotations

import numpy as np
import pytest

from decision_fixtures import capital_bound_city, decided_city, some_plan, worth_of
from envs.choices.marginal_gain import marginal_gains
from envs.choices.options import option_space
from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.kernel.plans import empty_plan
from envs.reasons.decisions.decision_path import (
    SLOPES_EVERY,
    DecisionPath,
    decision_path,
    order_by_score,
    prefixes,
)
from envs.reasons.decisions.open_choices import BARRED, N_ALTERNATIVES, NONE
from oracles import decisions as oracle

BOUND_CNY = 2.2e9
"""Yearly capital that stops some of the choices of the small city and not others."""


@pytest.fixture(scope="module")
def resolved() -> ResolvedScenario:
    return decided_city()


@pytest.fixture(scope="module")
def path(resolved: ResolvedScenario) -> DecisionPath:
    return decision_path(resolved, some_plan(resolved), worth_of(resolved), n_exact=N_ALTERNATIVES)


def _values(resolved: ResolvedScenario) -> oracle.Values:
    space, n_villages = option_space(resolved), resolved.city.n_villages

    def values(decided: dict[int, tuple[int, int]]) -> list[float]:
        start, option = (np.zeros((1, n_villages), dtype=np.int64) for _ in range(2))
        for village, (year, chosen) in decided.items():
            start[0, village], option[0, village] = year, chosen
        free = space.decode(start, option)
        plan = Plans(
            *(np.where(start > 0, c, e) for c, e in zip(free.columns, empty_plan(n_villages).columns, strict=True))
        )
        return evaluate(resolved, plan, indicators=()).objective_matrix()[0].tolist()

    return values


def _steps(path: DecisionPath) -> list[tuple[int, int, int]]:
    _, option = option_space(path.resolved).encode(path.plan)
    return list(zip(path.village.tolist(), path.year.tolist(), option[0, path.village].tolist(), strict=True))


def test_steps_add_up_to_the_plan(resolved: ResolvedScenario, path: DecisionPath) -> None:
    both = evaluate(resolved, path.plan, indicators=()).objective_matrix()[0]
    none = evaluate(resolved, empty_plan(resolved.city.n_villages), indicators=()).objective_matrix()[0]
    np.testing.assert_allclose(path.effect.sum(axis=0), both - none, rtol=1e-5)
    assert path.village.size == (path.plan.start_year > 0).sum()
    assert (np.diff(path.year) >= 0).all()
    ids = resolved.city.villages.village_id
    assert ids[path.village[path.is_given]].tolist() == ["V00001"]


def test_every_step_and_alternative_is_what_plain_loops_say(resolved: ResolvedScenario, path: DecisionPath) -> None:
    values, steps = _values(resolved), _steps(path)
    np.testing.assert_allclose(path.effect, oracle.effects(values, steps), rtol=1e-4, atol=1e-9)
    for at in (0, 4, path.n_steps - 1):
        for column in range(N_ALTERNATIVES):
            village, option = (int(each[at, column]) for each in (path.alternatives.village, path.alternatives.option))
            if village != NONE:
                told = oracle.instead(values, steps, at, village, option)
                np.testing.assert_allclose(path.alternatives.effect[at, column], told, rtol=1e-4, atol=1e-9)
                assert path.alternatives.is_exact[at, column]


def test_alternatives_are_the_best_of_the_table(resolved: ResolvedScenario, path: DecisionPath) -> None:
    space = option_space(resolved)
    gains = marginal_gains(resolved, space, resolved.scenario.objectives)
    for year in np.unique(path.year).tolist():
        at = int(np.flatnonzero(path.year == year)[0])
        state = prefixes(path.plan, path.village, np.array([at]))
        weights = (path.worth.weights * path.worth.per_unit)[None]
        table = gains.table(gains.weighted_slopes(state, weights)[0])[:, year - 1]
        best = table.max(axis=1)
        best[path.village[at]] = -np.inf
        best[np.isin(resolved.city.villages.village_id, ["V00001", "V00006"])] = -np.inf  # given, forbidden
        best[path.village[:at]] = -np.inf
        ranked = np.argsort(-best, kind="stable")[:N_ALTERNATIVES]
        assert path.alternatives.village[at, :N_ALTERNATIVES].tolist() == ranked.tolist()
        np.testing.assert_allclose(path.alternatives.foretold[at, :N_ALTERNATIVES], best[ranked], rtol=1e-3, atol=1e-6)
        assert path.n_open[at] == np.isfinite(best).sum()


def test_terms_add_up_to_what_was_foretold(path: DecisionPath) -> None:
    np.testing.assert_allclose(path.alternatives.terms[:, 0].sum(axis=(1, 2)), path.foretold, rtol=1e-3, atol=1e-6)
    np.testing.assert_allclose(
        path.alternatives.terms[:, 1].sum(axis=(1, 2)), path.alternatives.foretold[:, 0], rtol=1e-3, atol=1e-6
    )


def test_a_given_order_is_kept(resolved: ResolvedScenario) -> None:
    plan, score = some_plan(resolved), np.arange(16.0)
    order = order_by_score(plan, score)
    path = decision_path(resolved, plan, worth_of(resolved), order, n_exact=0)
    assert path.village.tolist() == order.tolist()
    for year in np.unique(path.year):
        assert (np.diff(path.village[path.year == year]) < 0).all()
    assert not path.alternatives.is_exact.any()
    assert np.isnan(path.alternatives.effect).all()


def test_alternatives_are_measured_when_asked_for(resolved: ResolvedScenario, path: DecisionPath) -> None:
    less = decision_path(resolved, path.plan, path.worth, n_exact=1)
    assert less.alternatives.is_exact.sum(axis=1).max() == 1
    more = less.with_exact(np.array([3]))
    assert more.alternatives.is_exact[3].sum() == path.alternatives.is_exact[3].sum()
    np.testing.assert_allclose(more.alternatives.effect[3], path.alternatives.effect[3], rtol=1e-6)
    assert (more.alternatives.is_exact[4] == less.alternatives.is_exact[4]).all()


def test_what_a_limit_keeps_out_is_named() -> None:
    bound = capital_bound_city(BOUND_CNY)
    path = decision_path(bound, some_plan(bound), worth_of(bound, 1.0, 0.0, 0.0), n_exact=1)
    barred = np.flatnonzero(path.alternatives.village[:, BARRED] != NONE)
    assert barred.size
    for step in barred.tolist():
        assert path.limit_rules[path.alternatives.limit[step]] == "annual_capital"
        gain = path.alternatives.foretold[step]
        assert not gain[0] >= gain[BARRED]
    assert path.alternatives.is_exact[barred, BARRED].all()


def test_a_plan_that_renews_nothing_has_an_empty_path() -> None:
    free = decided_city()
    path = decision_path(free, empty_plan(16), worth_of(free))
    assert path.n_steps == 0
    assert path.effect.shape == (0, 3)
    assert path.alternatives.village.shape == (0, N_ALTERNATIVES + 1)


def test_an_edited_plan_off_the_levels_is_told_exactly(resolved: ResolvedScenario, path: DecisionPath) -> None:
    rebuilt = path.plan.intensity > 0
    edited = Plans(*path.plan.columns[:3], path.plan.floor_area_ratio + 0.0137 * rebuilt, path.plan.facility_ratio)
    found = decision_path(resolved, edited, path.worth, n_exact=0)
    none = evaluate(resolved, empty_plan(16), indicators=()).objective_matrix()[0]
    whole = evaluate(resolved, edited, indicators=()).objective_matrix()[0]
    np.testing.assert_allclose(found.effect.sum(axis=0), whole - none, rtol=1e-5)
    assert SLOPES_EVERY > 1


def test_states_looked_at_side_by_side_tell_the_same(resolved: ResolvedScenario, path: DecisionPath) -> None:
    again = decision_path(resolved, some_plan(resolved), worth_of(resolved), n_exact=N_ALTERNATIVES, threads=2)
    for name in ("village", "option", "foretold", "n_open", "rival"):
        assert np.array_equal(getattr(again.alternatives, name), getattr(path.alternatives, name), equal_nan=True), name
