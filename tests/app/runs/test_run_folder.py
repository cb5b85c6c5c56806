"""The run folder: complete, computed again to the last digits, and refused where it does not fit."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.plans.tables import front_frame
from app.runs.run_folder import Run, load_run
from data.errors import InputError
from data.files.geopackage import write_city
from data.scenario import Scenario
from data.synthesis.city import synthesize_city
from envs.kernel.indicators.registry import told_indicators

TOLD = told_indicators(Scenario())
FILES = {"run.json", "scenario.yaml", "front.csv", "plans.parquet", "progress.csv", "front.png", "map.png"}


def test_the_folder_is_complete(run_folder: Path) -> None:
    assert {path.name for path in run_folder.iterdir()} == FILES
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    assert (record["command"], record["status"], record["seed"]) == ("optimize", "completed", 3)
    assert record["evaluations"] >= 300
    assert set(record["recommended"]) == {"investment_first", "commute_first", "accessibility_first", "balanced"}
    assert set(record["digests"]) >= {"city", "scenario", "parameters"}
    front = pd.read_csv(run_folder / "front.csv")
    assert front.columns.tolist()[:2] == ["plan_id", "net_present_value_cny"]
    assert set(front.columns) == {"plan_id", *TOLD, "valid", "n_violations", "n_reported_broken"}
    assert front["plan_id"].tolist() == [f"p{k + 1:03d}" for k in range(len(front))]
    assert front["net_present_value_cny"].is_monotonic_decreasing
    assert front["valid"].all()
    progress = pd.read_csv(run_folder / "progress.csv")
    assert progress.columns.tolist() == ["evaluations", "seconds", "hypervolume", "front_size"]
    assert progress["evaluations"].iloc[-1] == record["evaluations"]
    assert (run_folder / "front.png").read_bytes()[:4] == (run_folder / "map.png").read_bytes()[:4] == b"\x89PNG"


def test_a_run_is_computed_again(run: Run) -> None:
    again = front_frame(run.resolved, run.plans, run.plan_ids)
    for name in TOLD:
        np.testing.assert_allclose(again[name], run.front[name], rtol=1e-9, atol=1e-9, err_msg=name)
    assert again["valid"].tolist() == run.front["valid"].tolist()


def test_the_same_seed_gives_the_same_front(run_folder: Path, city_path: Path, tmp_path: Path) -> None:
    options = ["--city", str(city_path), "--scenario", "balanced", "--evaluations", "300", "--seed", "3"]
    assert main(["optimize", *options, "--out", str(tmp_path / "again")]) == 0
    for name in ("front.csv", "plans.parquet", "scenario.yaml"):
        assert (tmp_path / "again" / name).read_bytes() == (run_folder / name).read_bytes()


def test_a_search_of_other_objectives(city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [
        "--city",
        str(city_path),
        "--scenario",
        "balanced",
        "--objectives",
        "total_cost_cny,displaced_tenants_persons",
    ]
    out = tmp_path / "random"
    assert (
        main(["optimize", *options, "--algorithm", "random", "--evaluations", "100", "--out", str(out), "--lang", "zh"])
        == 0
    )
    shown = capsys.readouterr().out
    assert "总成本" in shown
    assert "合成数据" in shown
    assert load_run(out).resolved.scenario.objectives == ("total_cost_cny", "displaced_tenants_persons")


def test_the_summary_says_what_it_is(city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--city", str(city_path), "--scenario", "balanced", "--evaluations", "100", "--out", str(tmp_path / "o")]
    assert main(["optimize", *options]) == 0
    shown = capsys.readouterr()
    for words in (
        "screening, not appraisal",
        "Synthetic data: villages",
        str(tmp_path / "o"),
        "Peak funding",
        "bn CNY",
    ):
        assert words in shown.out
    assert shown.err == ""


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--algorithm", "nsga3000"], "nsga3000"),
        (["--objectives", "mean_comute_km"], "mean_commute_km"),
        (["--objectives", "mean_commute_km,"], "indicator"),
    ],
)
def test_wrong_searches_write_nothing(
    arguments: list[str], named: str, city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--city", str(city_path), "--scenario", "balanced", "--evaluations", "100", "--out", str(tmp_path / "o")]
    assert main(["optimize", *options, *arguments]) == 2
    assert named in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_not_overwritten(run_folder: Path, city_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in run_folder.iterdir()}
    options = ["--city", str(city_path), "--scenario", "balanced", "--out", str(run_folder)]
    assert main(["optimize", *options]) == 2
    assert "holds a run (completed)" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in run_folder.iterdir()} == before


ANNOUNCED = """
import sys
from app.cli.main import main
from app.runs import optimize as optimization
search = optimization.search
def announced(*arguments, **options):
    print("searching", flush=True)
    return search(*arguments, **options)
optimization.search = announced
sys.exit(main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_search_keeps_its_work(
    number: signal.Signals, run_folder: Path, city_path: Path, tmp_path: Path
) -> None:
    assert run_folder.exists()  # its anchors are known, so the search begins at once
    out = tmp_path / "stopped"
    program = [sys.executable, "-c", ANNOUNCED]
    options = ["--city", str(city_path), "--scenario", "balanced", "--minutes", "5", "--out", str(out)]
    process = subprocess.Popen(
        [*program, "optimize", *options, "--checkpoint-seconds", "0.1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "searching\n"
    while not (out / "run.json").exists() or json.loads((out / "run.json").read_text())["evaluations"] == 0:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert load_run(out).record.status == "interrupted"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run", "stopped"]


def _edit(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def test_another_city_is_refused(run_folder: Path, tmp_path: Path) -> None:
    other = write_city(synthesize_city(12, 2), tmp_path / "other.gpkg")
    with pytest.raises(InputError, match="city is not that of the run"):
        load_run(run_folder, city=str(other))


def test_a_moved_city_is_named(run_folder: Path, city_path: Path, tmp_path: Path) -> None:
    moved = Path(shutil.copy(city_path, tmp_path / "moved.gpkg"))
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    _edit(run_folder / "run.json", city=record["city"] | {"path": str(tmp_path / "gone.gpkg")})
    with pytest.raises(InputError, match=r"gone\.gpkg"):
        load_run(run_folder)
    assert load_run(run_folder, city=str(moved)).plan_ids[0] == "p001"


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("villages_per_year: 30", "villages_per_year: 31", "scenario"),
        ("finance.discount_rate: 0.05", "finance.discount_rate: 0.06", "parameters"),
    ],
)
def test_an_edited_scenario_is_refused(before: str, after: str, word: str, run_folder: Path) -> None:
    path = run_folder / "scenario.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(InputError, match=f"{word} is not that of the run"):
        load_run(run_folder)


@pytest.mark.parametrize("name", ["run.json", "front.csv", "plans.parquet", "scenario.yaml"])
def test_missing_and_damaged_files_are_refused(
    name: str, run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for content in (None, b"", b"\x00\xff{", b"{}", b"a,b\n1,2\n"):
        if content is None:
            (run_folder / name).unlink()
        else:
            (run_folder / name).write_bytes(content)
        assert main(["export", "--run", str(run_folder), "--plan", "p001", "--to", str(tmp_path / "x.csv")]) == 2
        shown = capsys.readouterr().err
        assert "Traceback" not in shown
        assert not (tmp_path / "x.csv").exists()


def test_foreign_plans_are_refused(run_folder: Path) -> None:
    path = run_folder / "plans.parquet"
    table = pd.read_parquet(path)
    for column, value, word in (
        ("village_id", "nowhere", "village_id"),
        ("start_year", -1, "start_year"),
        ("intensity", "demolish", "intensity"),
        ("facility_ratio", np.nan, "facility_ratio"),
        ("plan_id", "p999", "plan_id"),
    ):
        spoilt = table.copy()
        spoilt[column] = [value, *table[column].iloc[1:]]
        spoilt.to_parquet(path, index=False)
        with pytest.raises(InputError, match=word):
            load_run(run_folder)


@pytest.mark.parametrize("objective", ["payback_year", "consent_share"])
def test_an_objective_without_a_value_is_refused(
    objective: str, city_path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--city", str(city_path), "--scenario", "balanced", "--objectives", f"total_cost_cny,{objective}"]
    assert main(["optimize", *options, "--evaluations", "100", "--out", str(tmp_path / "run")]) == 2
    assert capsys.readouterr().err.startswith(f"error: objectives: {objective} cannot be searched: undefined")
    assert list(tmp_path.iterdir()) == []
