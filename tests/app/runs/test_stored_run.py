"""A run of an older model opens read-only: shown, exported and compared as stored, refused wherever it is evaluated."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from app.cli.main import main
from app.runs.record import read_record
from app.runs.run_folder import Run, load_run
from app.runs.stored_run import read_stored_run
from data.errors import InputError
from envs.kernel.model_version import MODEL_VERSION


@pytest.fixture
def old_run(run_folder: Path) -> Path:
    """As the first model wrote it: no version in run.json nor in scenario.yaml, no column of this model's front."""
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    assert record.pop("model_version") == MODEL_VERSION
    (run_folder / "run.json").write_text(json.dumps(record), encoding="utf-8")
    path = run_folder / "scenario.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("model_version")), encoding="utf-8")
    front = pd.read_csv(run_folder / "front.csv", dtype=str, keep_default_na=False)
    front.drop(columns=["n_reported_broken", "unhoused_persons"], errors="ignore").to_csv(
        run_folder / "front.csv", index=False
    )
    return run_folder


def test_it_is_of_model_1_and_never_evaluated_anew(old_run: Path) -> None:
    assert read_record(old_run).model_version == 1
    with pytest.raises(InputError, match=r"model_version: is 1, .*read-only.*renewal scenario upgrade .*seed-plans"):
        load_run(old_run)


@pytest.mark.parametrize("command", ["evaluate", "sensitivity", "resume"])
def test_commands_that_would_compute_it_refuse(
    command: str, old_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_id = read_stored_run(old_run).plan_ids[0]
    options = {
        "evaluate": ["evaluate", "--run", str(old_run), "--plan", plan_id, "--out", str(tmp_path / "out")],
        "sensitivity": ["sensitivity", "--run", str(old_run), "--plan", plan_id],
        "resume": ["optimize", "--resume", "--out", str(old_run)],
    }
    before = {path.name: path.read_bytes() for path in old_run.iterdir()}
    assert main([*options[command], "--lang", "en"]) == 2
    assert "read-only" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert {path.name: path.read_bytes() for path in old_run.iterdir()} == before


def test_what_is_exported_is_what_was_stored(old_run: Path, tmp_path: Path) -> None:
    stored = read_stored_run(old_run)
    plan_id = stored.plan_ids[-1]
    for suffix in (".csv", ".xlsx", ".docx"):
        to = tmp_path / f"plan{suffix}"
        assert main(["export", "--run", str(old_run), "--plan", plan_id, "--to", str(to)]) == 0
        assert to.stat().st_size > 0
    table = pd.read_csv(tmp_path / "plan.csv", encoding="utf-8-sig")
    assert table["village_id"].tolist() == stored.schedule(plan_id)["village_id"].tolist()
    notes = openpyxl.load_workbook(tmp_path / "plan.xlsx")["notes"]
    assert "Computed by model 1" in str([cell.value for row in notes.iter_rows() for cell in row])
    values = stored.values(plan_id)
    assert values["net_present_value_cny"] == stored.front["net_present_value_cny"].iloc[-1]
    assert "unhoused_persons" not in values


def test_its_decisions_are_shown_in_words_of_the_language(old_run: Path) -> None:
    stored = read_stored_run(old_run)
    plan_id = stored.front.loc[stored.front["renewed_villages"].idxmax(), "plan_id"]
    shown = stored.readable_schedule(plan_id, "zh")
    assert list(shown.columns)[:4] == ["村", "启动年", "改造方式", "用地"]
    assert set(shown["改造方式"]) <= {"整治提升", "拆整结合", "拆除新建"}


def test_what_would_be_computed_anew_is_not_exported(
    old_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan_id = read_stored_run(old_run).plan_ids[0]
    options = ["export", "--run", str(old_run), "--plan", plan_id, "--to", str(tmp_path / "plan.gpkg")]
    assert main([*options, "--lang", "en"]) == 2
    assert ".csv, .xlsx, .docx, .pdf" in capsys.readouterr().err
    with pytest.raises(InputError, match="plan_id"):
        read_stored_run(old_run).values("p999")


def test_old_runs_compare_with_each_other_alone(
    old_run: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Path(shutil.copytree(old_run, tmp_path / "other"))
    assert main(["compare", str(old_run), str(other), "--lang", "en"]) == 0
    assert "All runs are of model 1" in capsys.readouterr().out
    assert main(["compare", str(old_run), str(run.folder), "--lang", "en"]) == 2
    assert f"is of model {MODEL_VERSION}, but" in capsys.readouterr().err


def test_its_plans_may_begin_a_search_in_its_upgraded_scenario(old_run: Path, city_path: Path, tmp_path: Path) -> None:
    upgraded = tmp_path / "now.yaml"
    assert main(["scenario", "upgrade", str(old_run / "scenario.yaml"), "--out", str(upgraded)]) == 0
    options = ["--city", str(city_path), "--scenario", str(upgraded), "--evaluations", "60", "--seed", "1"]
    out = tmp_path / "again"
    assert main(["optimize", *options, "--seed-plans", str(old_run), "--out", str(out)]) == 0
    assert json.loads((out / "run.json").read_text(encoding="utf-8"))["model_version"] == MODEL_VERSION


def test_a_run_of_a_later_model_is_refused(run_folder: Path) -> None:
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    (run_folder / "run.json").write_text(json.dumps(record | {"model_version": MODEL_VERSION + 1}), encoding="utf-8")
    with pytest.raises(InputError, match="a later one made the run"):
        read_record(run_folder)
