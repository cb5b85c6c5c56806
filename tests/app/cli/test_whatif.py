"""`renewal whatif`: what is written is what the evaluator says, both languages, and wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.runs.plan_files import read_plan
from app.runs.run_folder import Run
from data.dictionary import table_columns
from envs.kernel import evaluate
from envs.kernel.indicators.registry import told_indicators
from envs.kernel.plans import Plans, canonical
from envs.rules.check import check


@pytest.fixture(scope="module")
def plan_id(run: Run) -> str:
    """The plan that renews most."""
    return run.plan_ids[int(np.argmax((run.plans.start_year > 0).sum(axis=1)))]


@pytest.fixture(scope="module")
def renewed(run: Run, plan_id: str) -> tuple[str, int]:
    """A village that the plan renews, and its position."""
    position = int(np.flatnonzero(run.plan(plan_id).start_year[0] > 1)[0])
    return str(run.resolved.city.villages.village_id[position]), position


def test_one_change_is_written_as_the_evaluator_has_it(
    run: Run, plan_id: str, renewed: tuple[str, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    village, position = renewed
    out = tmp_path / "what"
    given = ["--run", str(run.folder), "--plan", plan_id, "--village", village, "--change", "keep", "--out", str(out)]
    assert main(["whatif", *given, "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    assert village in said
    assert "改为保留现状" in said
    table = pd.read_csv(out / "differences.csv")
    assert list(table["indicator"]) == told_indicators(run.resolved.scenario)
    start = np.array(run.plan(plan_id).start_year)
    start[0, position] = 0
    kept = canonical(Plans(start, *run.plan(plan_id).columns[1:]))
    before, after = evaluate(run.resolved, run.plan(plan_id)), evaluate(run.resolved, kept)
    for row in table.to_dict("records"):
        expected = float(after[row["indicator"]][0]) - float(before[row["indicator"]][0])
        assert row["difference"] == pytest.approx(expected, rel=1e-9, abs=1e-12, nan_ok=True)
    assert list(table.columns) == list(table_columns("whatif", "differences"))
    assert list(pd.read_csv(out / "rules.csv").columns) == list(table_columns("whatif", "rules"))
    about = json.loads((out / "about.json").read_text(encoding="utf-8"))
    assert about["plan_id"] == plan_id
    assert sum(about["weights"].values()) == pytest.approx(1.0)


def test_all_changes_of_a_village_and_of_the_plan(
    run: Run, plan_id: str, renewed: tuple[str, int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "around"
    given = ["--run", str(run.folder), "--plan", plan_id]
    assert main(["whatif", *given, "--village", renewed[0]]) == 0
    assert "kept as it is" in capsys.readouterr().out
    weights = f"{run.record.objectives[0]}=2,{run.record.objectives[1]}=2"
    assert main(["whatif", *given, "--weights", weights, "--out", str(out)]) == 0
    assert "weights given" in capsys.readouterr().out
    table = pd.read_csv(out / "neighbors.csv")
    changes = [f"{name}_change" for name in run.record.objectives]
    assert [name for name in table.columns if name not in changes] == list(table_columns("whatif", "neighbors"))
    told = table[table["allowed"] == True]  # noqa: E712 - a column of flags
    assert (np.diff(told["preference_gain"]) <= 0.0).all()
    assert set(table["how"]) <= {"exact", "search", "foretold"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--village", "nobody"], "nobody"),
        (["--change", "keep"], "--village"),
        (["--weights", "beauty=1"], "beauty"),
        (["--weights", "mean_commute_km=-1"], "not below 0"),
    ],
)
def test_wrong_input_is_one_message(
    run: Run, plan_id: str, given: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["whatif", "--run", str(run.folder), "--plan", plan_id, *given]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "Traceback" not in told


@pytest.mark.parametrize("word", ["sideways", "far=99", "year=99", "year=1.5", "facilities=9", "far=x"])
def test_wrong_changes_name_what_is_possible(
    run: Run, plan_id: str, renewed: tuple[str, int], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--run", str(run.folder), "--plan", plan_id, "--village", renewed[0], "--change", word]
    assert main(["whatif", *given]) == 2
    assert "--change" in capsys.readouterr().err


def test_the_smallest_change_is_a_plan_that_keeps_the_rule(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whole-village rebuilding breaks the rule on the demolished share by design, so that some plan breaks it."""
    rule = "demolished_share"
    resolved = run.resolved
    plan_id = next(
        name for name in run.plan_ids if not {i.rule: i.holds for i in check(resolved, run.plan(name))}[rule]
    )
    out = tmp_path / "mended"
    given = ["--run", str(run.folder), "--plan", plan_id, "--meet", rule, "--out", str(out), "--lang", "zh"]
    assert main(["whatif", *given]) == 0
    assert "即可满足" in capsys.readouterr().out
    mended = read_plan(out / "mended.csv", resolved.city, resolved.scenario.plan_years)
    assert {item.rule: item.holds for item in check(resolved, mended)}[rule]
    table = pd.read_csv(out / "smallest.csv")
    assert list(table.columns) == list(table_columns("whatif", "smallest"))
    before = run.plan(plan_id)
    differs = (mended.start_year != before.start_year) | (mended.floor_area_ratio != before.floor_area_ratio)
    differs |= (mended.intensity != before.intensity) | (mended.land_use != before.land_use)
    assert len(table) == int((differs | (mended.facility_ratio != before.facility_ratio)).sum())
    assert main(["whatif", "--run", str(run.folder), "--plan", plan_id, "--meet", "beauty"]) == 2


def test_why_not_names_a_reason_and_writes_levers(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    row = next(k for k in range(len(run.plan_ids)) if (run.plans.start_year[k] == 0).any())
    kept = str(run.resolved.city.villages.village_id[int((run.plans.start_year[row] == 0).argmax())])
    out = tmp_path / "why"
    given = ["--run", str(run.folder), "--plan", run.plan_ids[row], "--village", kept, "--seconds", "0.5"]
    assert main(["whynot", *given, "--out", str(out)]) == 0
    assert kept in capsys.readouterr().out
    table = pd.read_csv(out / "levers.csv")
    assert list(table.columns) == list(table_columns("whatif", "levers"))
    assert set(table["reason"]) <= {"own_loss", "rule", "quota"}
    assert main(["whynot", *given, "--wish", "earlier"]) == 2
    assert main(["whynot", *given, "--wish", "prettier"]) == 2
    assert "prettier" in capsys.readouterr().err
