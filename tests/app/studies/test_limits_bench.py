"""The bench of limits: a row for every case, plans that break a hard rule count nothing, kept searches stay."""

from __future__ import annotations

import numpy as np
import pytest

from app.studies import limits_bench as bench
from app.studies.limits_bench import Limited, limited_city, limits_bench, unlimited_use
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.choices.limit_cases import Use
from envs.environment_core import set_up_resolved
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.plans import concatenate
from optimizers.algorithms.request import DEFAULT_ALGORITHM
from optimizers.bench.runs import BenchRuns
from plan_fixtures import empty_plans, random_plans

CITY = synthesize_city(8, 3)
BASE = load_scenario("balanced").model_copy(update={"villages_per_year": 1, "plan_years": 3})


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anchors of uniform plans, few preferences, a short search without limits."""

    def anchors(resolved: ResolvedScenario, **_: object) -> object:
        return set_up_resolved(resolved).anchors

    monkeypatch.setattr(bench, "anchors", anchors)
    monkeypatch.setattr(bench, "N_PREFERENCES", 6)
    monkeypatch.setattr(bench, "PREPARED_EVALUATIONS", 40)


@pytest.mark.usefixtures("quick")
def test_every_case_has_its_rows_and_kept_searches_are_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = BenchRuns()

    def rows() -> dict[object, object]:
        cases = limits_bench(None, cities=((8, 3),), cases=("none", "annual"), minutes=0.003, threads=1, kept=kept)
        return {row.what: row.value for row in cases}

    first = rows()
    for name in ("none", "annual"):
        assert f"8 villages (3), {name}: {DEFAULT_ALGORITHM}" in first
        assert f"8 villages (3), {name}: marginal gains less prices, nothing learned" in first
    assert len(kept.runs) == 2 * len(bench.SEARCHED)
    monkeypatch.setattr("optimizers.bench.searches.search", None)
    again = rows()
    assert again[f"8 villages (3), none: {DEFAULT_ALGORITHM}"] == first[f"8 villages (3), none: {DEFAULT_ALGORITHM}"]


@pytest.mark.usefixtures("quick")
def test_what_is_used_is_what_the_search_without_limits_uses() -> None:
    resolved = resolve(BASE, CITY)
    use = unlimited_use(resolved, threads=1)
    assert use == unlimited_use(resolved, threads=1)
    assert use.annual_cost_cny > 0.0
    assert use.commodity_m2 > 0.0


@pytest.mark.usefixtures("quick")
def test_plans_that_break_a_hard_rule_count_nothing() -> None:
    use = Use(annual_cost_cny=1e9, peak_funding_cny=1e9, commodity_m2=1e5, displaced_persons=1e3)
    free = limited_city("none", CITY, BASE, use, threads=1)
    bound = limited_city("annual", CITY, BASE.model_copy(update={"capital_limit_annual_cny": 1.0}), use, threads=1)
    plans = random_plans(free.resolved, 4, 0)
    within = np.clip(np.arange(8) + 1, 0, 3) * (np.arange(8) < 3)  # one village a year
    plans.start_year[:] = within
    plans = concatenate([empty_plans(free.resolved), plans])
    assert free.volume(plans) > free.volume(empty_plans(free.resolved))
    tight = Limited("annual", bound.resolved, free.anchors, bound.setup)
    assert tight.volume(plans) == pytest.approx(free.volume(empty_plans(free.resolved)))
