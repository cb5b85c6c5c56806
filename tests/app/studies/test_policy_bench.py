"""The bench of policies: every row is there, and searches that were kept are not run again."""

from __future__ import annotations

import pytest

from agents.policy.policy_files import read_policy
from app.studies.policy_bench import BASELINES, case_of, played, policy_bench
from data.scenario_files import load_scenario
from environment_fixtures import fifty_villages
from envs.environment_core import set_up_resolved
from envs.kernel import evaluate, resolve
from optimizers.algorithms.request import DEFAULT_ALGORITHM
from optimizers.bench.runs import BenchRuns
from optimizers.problem.front import hypervolume


def test_the_rows_of_a_city_and_its_kept_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.studies.policy_bench.N_PREFERENCES", 10)
    kept, stored = BenchRuns(), read_policy()

    def rows() -> dict[str, str]:
        found = policy_bench(stored, cities=("tiny",), seeds=(1, 2), minutes=0.002, threads=1, kept=kept)
        return {row.what: row.value for row in found}

    first = rows()
    n_searches = 2 * (2 + len(BASELINES))
    assert len(kept.runs) == n_searches
    wanted = ("policy", "policy before it learned", DEFAULT_ALGORITHM, *BASELINES)
    assert {f"tiny, never seen: {name}" for name in wanted} <= set(first)
    assert first[f"tiny, never seen: {DEFAULT_ALGORITHM}"].startswith("100.0% (quartiles 100.0%..100.0%)")
    monkeypatch.setattr("optimizers.bench.searches.search", None)
    again = rows()
    for name in wanted:
        assert again[f"tiny, never seen: {name}"] == first[f"tiny, never seen: {name}"]


def test_plans_of_a_policy_are_measured_as_exactly_as_those_of_a_search(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = resolve(load_scenario("balanced"), fifty_villages())
    quick = set_up_resolved(resolved).anchors
    monkeypatch.setattr("app.studies.policy_bench.anchors", lambda *_, **__: quick)
    monkeypatch.setattr("app.studies.policy_bench.N_PREFERENCES", 10)
    found = played(case_of(resolved, threads=1), read_policy())
    exact = evaluate(resolved, found.plans, indicators=()).objective_matrix()
    assert found.volumes["policy"] == pytest.approx(hypervolume(1.0 - quick.normalized(exact)), rel=1e-12)
