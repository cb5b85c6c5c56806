"""`renewal compare`: what it reads back, what it refuses, what it writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.studies.run_comparison import load_comparison
from optimizers.problem.front import hypervolume


def optimize(out: Path, *options: str) -> Path:
    arguments = ["--city", "tiny", "--scenario", "tiny", "--evaluations", "200", *options]
    assert main(["optimize", *arguments, "--out", str(out)]) == 0
    return out


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("compared")
    runs = [optimize(root / f"seed{seed}", "--seed", str(seed)) for seed in (1, 2)]
    return [*runs, optimize(root / "drawn", "--algorithm", "random")]


@pytest.fixture(scope="module")
def others(made: list[Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Copies of the first run that say they are of another question."""
    root = tmp_path_factory.mktemp("others")
    runs = {}
    for name, before, after in (
        ("scenario", "villages_per_year: 3", "villages_per_year: 2"),
        ("parameters", "finance.discount_rate: 0.05", "finance.discount_rate: 0.06"),
        ("objectives", "name: tiny", "name: tiny"),
    ):
        runs[name] = Path(shutil.copytree(made[0], root / name))
        text = (runs[name] / "scenario.yaml").read_text(encoding="utf-8")
        assert before in text
        (runs[name] / "scenario.yaml").write_text(text.replace(before, after), encoding="utf-8")
        record = json.loads((runs[name] / "run.json").read_text(encoding="utf-8"))
        record["digests"][name] = "0" * 64
        if name == "objectives":
            record["objectives"] = record["objectives"][:2]
        (runs[name] / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return runs


def arguments(runs: list[Path], *more: object) -> list[str]:
    return ["compare", *(str(run) for run in runs), *(str(item) for item in more)]


def test_the_record_holds_what_the_runs_say(made: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "compared.json"
    assert main(arguments(made, "--out", out)) == 0
    record = json.loads(out.read_text(encoding="utf-8"))
    assert [row["run"] for row in record["runs"]] == ["seed1", "seed2", "drawn"]
    for row, run in zip(record["runs"], made, strict=True):
        stored, progress = json.loads((run / "run.json").read_text()), pd.read_csv(run / "progress.csv")
        front = pd.read_csv(run / "front.csv")
        assert (row["evaluations"], row["seconds"]) == (stored["evaluations"], stored["seconds"])
        assert row["plans"] == len(front)
        assert row["best_service_accessibility"] == front["service_accessibility"].max()
        assert row["best_mean_commute_km"] == front["mean_commute_km"].min()
        assert row["hypervolume"] == pytest.approx(progress["hypervolume"].iloc[-1], abs=0.02)  # thinned by 1 %
        assert row["knee_plan_id"] in front["plan_id"].tolist()
    assert [group["runs"] for group in record["seed_groups"]] == [["seed1", "seed2"]]
    owners = {(plan["run"], plan["plan_id"]) for plan in record["common_front"]}
    assert len(owners) == len(record["common_front"])
    assert sum(row["plans_on_common_front"] for row in record["runs"]) >= len(owners)


def test_the_common_front_is_not_dominated_by_any_plan_of_any_run(made: list[Path]) -> None:
    comparison = load_comparison(made)
    points = comparison.common.points
    for front in comparison.fronts:
        rounded = np.round(front, 9)
        dominates = (rounded[:, None] <= points[None]).all(axis=2) & (rounded[:, None] < points[None]).any(axis=2)
        assert not dominates.any()
    assert hypervolume(points) >= max(hypervolume(front) for front in comparison.fronts)


def test_villages_of_all_knees_are_those_of_the_plans(made: list[Path]) -> None:
    comparison = load_comparison(made)
    renewed = []
    for run, plan_id in zip(made, comparison.knees, strict=True):
        plans = pd.read_parquet(run / "plans.parquet")
        plans = plans[(plans["plan_id"] == plan_id) & (plans["start_year"] > 0)]
        renewed.append(set(plans["village_id"]))
    assert set(comparison.shared_villages["village_id"]) == set.intersection(*renewed)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ["hypervolume", "knee of drawn", "attained by all"]), ("zh", ["超体积", "拐点", "全部达到"])],
)
def test_the_table_in_both_languages(
    language: str, words: list[str], made: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(made, "--lang", language)) == 0
    shown = capsys.readouterr().out
    for word in words:
        assert word in shown


def test_one_row_per_run_as_csv(made: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "compared.csv"
    assert main(arguments(made, "--out", out)) == 0
    table = pd.read_csv(out)
    assert table["run"].tolist() == ["seed1", "seed2", "drawn"]
    assert table["hypervolume"].between(0.0, 1.0).all()


def test_a_run_is_all_of_a_front_that_it_made_alone(made: list[Path], tmp_path: Path) -> None:
    copy = Path(shutil.copytree(made[0], tmp_path / "copy"))
    table = load_comparison([made[0], copy]).table
    assert table["attained_share"].tolist() == [1.0, 1.0]
    assert table["igd_plus"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("other", "named"),
    [
        ("objectives", "objectives net_present_value_cny, mean_commute_km, but"),
        ("scenario", "villages_per_year 2, not 3"),
        ("parameters", "finance.discount_rate 0.06, not 0.05"),
    ],
)
def test_another_question_is_refused(
    other: str, named: str, made: list[Path], others: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments([made[0], others[other]])) == 2
    shown = capsys.readouterr().err
    assert other in shown
    assert named in shown


def test_another_city_is_refused(made: list[Path], run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments([made[0], run_folder])) == 2
    assert "city is not that of" in capsys.readouterr().err


def test_wrong_folders_are_refused(made: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken = Path(shutil.copytree(made[0], tmp_path / "broken"))
    record = json.loads((broken / "run.json").read_text(encoding="utf-8"))
    (broken / "run.json").write_text(json.dumps(record | {"anchors": {}}), encoding="utf-8")
    for runs, word in (
        (made[:1], "two run folders"),
        ([made[0], made[0]], "twice"),
        ([made[0], tmp_path], "run.json"),
        ([made[0], broken], "not the record of a search"),
    ):
        out = tmp_path / "out.json"
        assert main(arguments(runs, "--out", out)) == 2
        assert word in capsys.readouterr().err
        assert not out.exists()
    assert main(arguments(made, "--out", tmp_path / "out.xlsx")) == 2
    assert ".json, .csv" in capsys.readouterr().err


def test_the_widest_anchors_know_which_way_is_better_where_a_runs_anchors_coincide(
    made: list[Path], tmp_path: Path
) -> None:
    name = "mean_commute_km"
    flat = Path(shutil.copytree(made[0], tmp_path / "flat"))
    record = json.loads((flat / "run.json").read_text(encoding="utf-8"))
    record["anchors"][name] |= {"best": record["anchors"][name]["worst"]}
    (flat / "run.json").write_text(json.dumps(record), encoding="utf-8")
    wide = load_comparison([flat, made[1]]).anchors[name]
    assert wide == json.loads((made[1] / "run.json").read_text(encoding="utf-8"))["anchors"][name]


def test_the_widest_anchors_hold_all_runs(made: list[Path], tmp_path: Path) -> None:
    moved = Path(shutil.copytree(made[1], tmp_path / "moved"))
    record = json.loads((moved / "run.json").read_text(encoding="utf-8"))
    for name, part, shift in (("mean_commute_km", "best", -0.1), ("service_accessibility", "best", 0.1)):
        record["anchors"][name][part] += shift
    (moved / "run.json").write_text(json.dumps(record), encoding="utf-8")
    comparison = load_comparison([made[0], moved])
    assert comparison.anchors_differ
    assert comparison.anchors["mean_commute_km"]["best"] == record["anchors"]["mean_commute_km"]["best"]
    assert comparison.anchors["service_accessibility"]["best"] == record["anchors"]["service_accessibility"]["best"]
