"""`renewal judge`: a plan in somebody's own words is judged against a front and mended, and what is written is read."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.runs.plan_files import PLAN_COLUMNS, read_plan
from app.runs.run_folder import Run, plans_frame
from envs.kernel import evaluate

FILES = {"judgement.json", "approximations.csv", "asked.csv", "mapped.csv"}
MENDED = {"ladder.csv", "changes.csv", "mended_1.csv", "mended_3.csv"}
OPTIONS = ["--steps", "1,3", "--evaluations", "400", "--seconds", "60"]


def table_of(run: Run, plan_id: str) -> pd.DataFrame:
    """A plan of the run as PLAN.csv has it."""
    rows = plans_frame(run.plan(plan_id), [plan_id], run.resolved.city)
    return rows[rows["start_year"] > 0][list(PLAN_COLUMNS)]


@pytest.fixture
def by_hand(run: Run, tmp_path: Path) -> Path:
    """The first plan of the front, its villages put off to the last year, in Chinese words and percent."""
    rows = table_of(run, run.plan_ids[0])
    uses = {"commodity_housing": "商品住宅", "rental_housing": "租赁住房", "employment": "办公", "mixed_use": "综合"}
    words = {"rehabilitate": "整治提升", "mixed": "拆整结合", "rebuild": "拆除重建"}
    table = pd.DataFrame(
        {
            "村编号": rows["village_id"],
            "启动年份": 2025 + run.resolved.scenario.plan_years,
            "改造方式": rows["intensity"].map(words),
            "用途": rows["land_use"].map(uses).where(rows["intensity"] != "rehabilitate", ""),
            "容积率": rows["floor_area_ratio"],
            "配套比例": [f"{share:.1%}" for share in rows["facility_ratio"]],
        }
    )
    path = tmp_path / "by_hand.csv"
    table.to_csv(path, index=False, encoding="gb18030")
    return path


def test_a_plan_in_other_words_is_judged_and_mended(run: Run, by_hand: Path, tmp_path: Path) -> None:
    out = tmp_path / "judged"
    options = ["--run", str(run.folder), "--plan", str(by_hand), "--first-year", "2026", *OPTIONS]
    assert main(["judge", *options, "--out", str(out)]) == 0
    assert {path.name for path in out.iterdir()} == FILES | MENDED
    record = json.loads((out / "judgement.json").read_text(encoding="utf-8"))
    assert record["asked"]["valid"]
    assert record["notes"]["zh"] != record["notes"]["en"]

    ladder = pd.read_csv(out / "ladder.csv")
    assert (ladder["changes"] <= ladder["most_changes"]).all()
    assert (np.diff(ladder["gap_to_front"]) <= 1e-9).all()
    assert ladder["gap_to_front"].iloc[1] < ladder["gap_to_front"].iloc[0]
    resolved, names = run.resolved, list(record["objectives"])
    for row in ladder.to_dict("records"):
        plan = read_plan(out / row["plan_file"], resolved.city, resolved.scenario.plan_years)
        reached = evaluate(resolved, plan, indicators=())
        for name in names:
            assert float(reached[name][0]) == pytest.approx(row[f"{name}_after"], rel=1e-9)

    changes = pd.read_csv(out / "changes.csv")
    alone = changes[changes["most_changes"] == 1]
    assert len(alone) == ladder["changes"].iloc[1] == 1
    for name in names:
        assert alone[f"own_change_{name}"].iloc[0] == pytest.approx(ladder[f"{name}_change"].iloc[1], rel=1e-6)


def test_what_dominates_a_plan_by_hand(run: Run, by_hand: Path, tmp_path: Path) -> None:
    out = tmp_path / "judged"
    options = ["--run", str(run.folder), "--plan", str(by_hand), "--no-mend"]
    assert main(["judge", *options, "--out", str(out)]) == 0
    record = json.loads((out / "judgement.json").read_text(encoding="utf-8"))
    assert {path.name for path in out.iterdir()} == FILES
    better = {"net_present_value_cny": 1.0, "mean_commute_km": -1.0, "service_accessibility": 1.0}
    front, mine = run.front, record["mapped"]["objectives"]
    leads = np.column_stack([(front[name] - mine[name]) * sign for name, sign in better.items()])
    dominating = front["plan_id"][(leads >= 0.0).all(axis=1) & (leads > 0.0).any(axis=1)]
    assert {item["plan_id"] for item in record["dominated_by"]} <= set(dominating)
    assert record["n_dominating"] == len(dominating)
    ranges = np.array([record["ranges"][name] for name in better])
    assert record["mapped"]["gap_to_front"] == pytest.approx((leads / ranges).min(axis=1).max(), abs=1e-9)


def test_a_plan_of_the_front_lies_on_it(run: Run, tmp_path: Path) -> None:
    table_of(run, run.plan_ids[1]).to_csv(tmp_path / "plan.csv", index=False)
    out = tmp_path / "judged"
    assert (
        main(["judge", "--run", str(run.folder), "--plan", str(tmp_path / "plan.csv"), "--no-mend", "--out", str(out)])
        == 0
    )
    record = json.loads((out / "judgement.json").read_text(encoding="utf-8"))
    assert record["n_approximations"] == record["n_dominating"] == 0
    assert record["mapped"]["gap_to_front"] == pytest.approx(0.0, abs=1e-9)


def test_a_broken_rule_is_told_and_ends_with_three(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = table_of(run, run.plan_ids[0]).assign(floor_area_ratio=9.0, intensity="rebuild", land_use="mixed_use")
    rows.to_csv(tmp_path / "plan.csv", index=False)
    out = tmp_path / "judged"
    assert (
        main(["judge", "--run", str(run.folder), "--plan", str(tmp_path / "plan.csv"), "--no-mend", "--out", str(out)])
        == 3
    )
    record = json.loads((out / "judgement.json").read_text(encoding="utf-8"))
    assert "far_limit" in record["asked"]["broken"]
    assert record["approximations_by_field"]["floor_area_ratio"] == len(rows)
    assert "far_limit" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "options", "part"),
    [
        ("村编号,年份\nV99999,1\n", [], "V99999"),
        ("村编号,年份\nV00001,99\n", [], "year"),
        ("village_id,year\nV00001,1\n", ["--steps", "5,1"], "--steps"),
        ("", [], "empty"),
        ("村编号,年份\n", [], "no rows"),
    ],
)
def test_wrong_input_is_one_message_and_writes_nothing(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, options: list[str], part: str
) -> None:
    (tmp_path / "plan.csv").write_text(content, encoding="utf-8")
    out = tmp_path / "judged"
    arguments = ["judge", "--run", str(run.folder), "--plan", str(tmp_path / "plan.csv"), "--out", str(out), *options]
    assert main(arguments) == 2
    assert part in capsys.readouterr().err
    assert not out.exists()


def test_a_table_in_other_words_without_a_village_is_told_that(
    run: Run, by_hand: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pd.read_csv(by_hand, encoding="gb18030").drop(columns="村编号").to_csv(by_hand, index=False)
    assert main(["judge", "--run", str(run.folder), "--plan", str(by_hand), "--out", str(tmp_path / "judged")]) == 2
    assert "has neither a village id, nor a name" in capsys.readouterr().err
    assert not (tmp_path / "judged").exists()


def test_check_and_evaluate_read_the_same_plans(run: Run, by_hand: Path, city_path: Path, tmp_path: Path) -> None:
    options = ["--city", str(city_path), "--scenario", "balanced", "--plan", str(by_hand)]
    assert main(["check", *options]) == 0
    assert main(["evaluate", *options, "--out", str(tmp_path / "outcome")]) == 0
