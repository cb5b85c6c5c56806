"""The file of a sweep: what it may say, and one clear message for each fault."""

from __future__ import annotations

from pathlib import Path

import pytest

import sweep_fixtures
from app.sweeps.planned_runs import planned_runs
from app.sweeps.sweep_file import read_sweep_file
from app.sweeps.swept_run import SweptRun
from data.errors import InputError


def runs_of(folder: Path, text: str) -> tuple[SweptRun, ...]:
    path = folder / "sweep.yaml"
    path.write_text(text, encoding="utf-8")
    return planned_runs(read_sweep_file(path), path)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("scenarios: [tiny]|scenarios: [tinny]", "tinny"),
        ("cities: [tiny]|cities: [tinny]", "tinny"),
        ("cities: [tiny]|cities: []", "cities"),
        ("seeds: [0, 1]|seeds: [0, 0]", "seeds"),
        ("seeds: [0, 1]|seeds: [-1]", "seeds.0"),
        ("methods: [random]|methods: [nsga]", "no such method 'nsga'"),
        ("methods: [random]|methods: [random, random]", "two methods are called random"),
        ("budget: {evaluations: 60}|budget: {}", "method random ends by a budget alone"),
        ("budget: {evaluations: 60}|budget: {hours: 1}", "hours"),
        ("villages_per_year: [1, 2]|villages_per_yr: [1, 2]", "villages_per_year"),
        ("villages_per_year: [1, 2]|villages_per_year: [1, -2]", "tiny, villages_per_year=-2"),
        ("villages_per_year: [1, 2]|villages_per_year: [1, 1]", "villages_per_year: a level is given twice"),
        ("name: small|name: a/b", "name"),
        ("name: small|name: small\nlabel: {fr: Petit}", "not 'fr'"),
        ("name: small|name: small\nobjectives: [beauty]", "unknown indicator 'beauty'"),
        ("name: small|name: small\nobjectives: [total_cost_chance]", "total_cost_chance"),
        ("name: small|name: small\nparameters: {finance.discount: [0.1]}", "finance.discount"),
        ("name: small|name: small\nreplicates: 3", "replicates"),
        ("seeds: [0, 1]|seeds: [" + ", ".join(map(str, range(12_000))) + "]", "24,000 runs, at most 20,000"),
    ],
)
def test_one_message_for_each_fault(line: str, found: str, tmp_path: Path) -> None:
    before, after = line.split("|")
    with pytest.raises(InputError) as refused:
        runs_of(tmp_path, sweep_fixtures.SMALL.replace(before, after))
    assert found in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert refused.value.text("zh")


def test_every_combination_is_a_run_and_every_run_another(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, sweep_fixtures.SMALL + "parameters: {finance.discount_rate: [0.05, 0.06]}\n")
    assert len(runs) == len({run.run_id for run in runs}) == 2 * 2 * 2
    assert list(runs[0].factors) == [
        "city", "scenario", "villages_per_year", "finance.discount_rate", "method", "seed",
    ]  # fmt: skip


def test_a_digest_hangs_on_what_a_run_is_and_on_nothing_else(tmp_path: Path) -> None:
    """A factor more with the value that was there, other seeds, another name: the runs stay the same."""
    before = {run.run_id for run in runs_of(tmp_path, sweep_fixtures.SMALL)}
    other = sweep_fixtures.SMALL.replace("seeds: [0, 1]", "seeds: [1, 0, 2]").replace("name: small", "name: other")
    after = {run.run_id for run in runs_of(tmp_path, other + "parameters: {finance.discount_rate: [0.05]}\n")}
    assert before < after
    assert len(after) == 6
    longer = sweep_fixtures.SMALL.replace("evaluations: 60", "evaluations: 61")
    assert before.isdisjoint(run.run_id for run in runs_of(tmp_path, longer))


def test_files_lie_beside_the_file_and_dotted_names_lead_into_ranges_and_rules(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("name: mine\nrules: {consent: hard}\nplan_years: 3\n", encoding="utf-8")
    text = sweep_fixtures.SMALL.replace("scenarios: [tiny]", "scenarios: [mine.yaml]")
    text = text.replace("villages_per_year: [1, 2]", "facility_ratio.high: [0.2], rules.peak_capital: [hard]")
    run = runs_of(tmp_path, text + "fields: {rules: {annual_capital: hard}}\n")[0]
    assert run.factors["scenario"] == "mine"
    assert run.scenario["rules"] == {"consent": "hard", "annual_capital": "hard", "peak_capital": "hard"}
    assert run.scenario["facility_ratio"] == {"low": 0.05, "high": 0.2}


def test_the_policy_plans_once_whatever_the_seeds(tmp_path: Path) -> None:
    runs = runs_of(tmp_path, sweep_fixtures.SMALL.replace("[random]", "[{algorithm: policy, plans: 5}, greedy]"))
    assert [run.factors["method"] for run in runs] == ["policy", "greedy", "greedy"] * 2
    assert runs[0].plans == 5
    assert runs[0].evaluations is None
    assert runs[0].policy
    assert not runs[1].policy
