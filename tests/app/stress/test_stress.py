"""`renewal stress`: what it writes is what the futures say, in both languages, and wrong input is told."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.runs.run_folder import Run
from app.stress.stress_of_run import chances_frame, stress_run
from data.dictionary import TABLES, table_columns
from envs.futures.money_ledger import money_ledger
from envs.futures.money_measures import money_in
from envs.kernel.futures.market_paths import block_of_paths, market_model
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.trace import REPORT, Trace


@pytest.fixture(scope="module")
def folder(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("stress") / "out"
    assert main(["stress", "--run", str(run.folder), "--futures", "1500", "--seed", "4", "--out", str(out)]) == 0
    return out


def test_every_column_is_in_the_dictionary(folder: Path) -> None:
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    assert (about["seed"], about["n_futures"], about["tail_share"]) == (4, 1500, 0.1)
    assert {path.stem for path in folder.glob("*.csv")} == set(TABLES["stress"])
    for name in TABLES["stress"]:
        frame, columns = pd.read_csv(folder / f"{name}.csv"), table_columns("stress", name)
        assert list(frame.columns) == list(columns)
        for column, entry in columns.items():
            if entry.type == "number":
                assert frame[column].dropna().between(*entry.bounds).all(), (name, column)
            if entry.choices:
                assert set(frame[column]) <= set(entry.choices)


def test_the_files_hold_the_futures(folder: Path, run: Run) -> None:
    """The mean, worst tenth and best plan of each future, drawn again from the two blocks of the seed."""
    resolved = run.resolved
    ledger = money_ledger(Trace(resolved, run.plans, REPORT))
    n_districts, n_years = ledger.sales_cny.shape[1:]
    model = market_model(resolved.book)
    blocks = [block_of_paths(model, 4, k, n_districts=n_districts, n_years=n_years) for k in (0, 1)]
    values = np.stack(
        [
            np.concatenate([money_in(ledger, plan, block)["net_present_value_cny"] for block in blocks])[:1500]
            for plan in range(len(run.plan_ids))
        ]
    )
    spread = pd.read_csv(folder / "spread.csv").set_index(["indicator", "plan_id"]).loc["net_present_value_cny"]
    assert spread["mean"].to_numpy() == pytest.approx(values.mean(axis=1), rel=1e-9)
    assert spread["tail_mean"].to_numpy() == pytest.approx(np.sort(values, axis=1)[:, :150].mean(axis=1), rel=1e-9)
    assert spread["without_shocks"].to_numpy() == pytest.approx(run.front["net_present_value_cny"], rel=1e-6)
    ranks = pd.read_csv(folder / "ranks.csv")
    assert ranks["best_share"].sum() == pytest.approx(1.0)
    short = values.max(axis=0) - values
    assert ranks["mean_regret_cny"].to_numpy() == pytest.approx(short.mean(axis=1), rel=1e-9, abs=1e-3)


def test_more_futures_begin_with_the_same(run: Run) -> None:
    few = stress_run(run, run.plan_ids[:2], n_futures=100, seed=9)
    many = stress_run(run, run.plan_ids[1:3], n_futures=1200, seed=9, threads=2)
    name = "net_present_value_cny"
    assert np.array_equal(few.stressed.measures[name][1], many.stressed.measures[name][0, :100])


def test_targets_of_money_are_chances(run: Run) -> None:
    """A target of the scenario beside the loss that is always told; one of people, or of a year, is not."""
    scenario = run.resolved.scenario
    frame = chances_frame(stress_run(run, run.plan_ids[:1], n_futures=50, seed=0))
    expected = {("net_present_value_cny", 0.0)}
    expected |= {
        (t.indicator, t.at_least if t.at_least is not None else t.at_most)
        for t in scenario.targets
        if t.indicator in ("net_present_value_cny", "total_cost_cny") and t.year is None
    }
    assert set(zip(frame["indicator"], frame["limit"], strict=True)) == expected


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_answer_names_what_moves(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    given = ["--run", str(run.folder), "--plan", run.plan_ids[0], "--futures", "20", "--out", str(tmp_path / "out")]
    assert main(["stress", "--lang", language, *given]) == 0
    printed = capsys.readouterr().out
    assert INDICATORS["net_present_value_cny"].label[language] in printed
    assert {"en": "One plan alone", "zh": "只有一个方案"}[language] in printed


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--plan", "p999"], "p999"),
        (["--plan", "p001", "--plan", "p001"], "p001"),
        (["--futures", "1"], "--futures"),
        (["--futures", "1000000"], "--futures"),
    ],
)
def test_wrong_input_is_told(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], named: str
) -> None:
    assert main(["stress", "--run", str(run.folder), "--out", str(tmp_path / "out"), *given]) == 2
    assert named in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_worlds_move_people_too(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every indicator has a row; what is of money is moved by both, and it is said how many worlds there are."""
    given = ["--run", str(run.folder), "--plan", run.plan_ids[0], "--futures", "60", "--worlds", "3"]
    assert main(["stress", "--lang", "en", *given, "--out", str(tmp_path / "out")]) == 0
    assert "3 worlds" in capsys.readouterr().out
    spread = pd.read_csv(tmp_path / "out" / "spread.csv").set_index("indicator")
    assert {"mean_commute_km", "net_present_value_cny"} <= set(spread.index)
    assert spread.loc["mean_commute_km", "n_futures"] == 3
    assert 0.0 <= spread.loc["net_present_value_cny", "worlds_share"] <= 1.0
    about = json.loads((tmp_path / "out" / "about.json").read_text(encoding="utf-8"))
    assert about["n_worlds"] == 3
    assert "time.construction" in about["parameters_in_worlds"]
    assert main(["stress", *given, "--worlds", "40", "--out", str(tmp_path / "no")]) == 2
    assert "--worlds" in capsys.readouterr().err
