"""A whole sweep: done once, its table against an oracle, resumed, failed, listed and shown."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

import sweep_fixtures
from app.cli.main import main
from app.runs.names import ExitCode
from app.sweeps.sweep_folder import claimed, read_journal, read_sweep_list
from app.sweeps.sweep_table import CLOCK_COLUMNS, sweep_table
from oracles.sweep_table import measured


def without_clock(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns=list(CLOCK_COLUMNS))


def test_table_is_that_of_the_oracle(swept: Path) -> None:
    table = pd.read_parquet(swept / "table.parquet")
    assert len(table) == 4
    assert list(table["status"]) == ["completed"] * 4
    for k, row in enumerate(measured([swept / name for name in table["run_id"]])):
        for name, value in row.items():
            assert float(table[name].iloc[k]) == pytest.approx(value, rel=1e-9), (k, name)


def test_table_is_in_the_order_of_the_file_and_csv_says_the_same(swept: Path) -> None:
    table = pd.read_parquet(swept / "table.parquet")
    assert list(table["villages_per_year"]) == [1, 1, 2, 2]
    assert list(table["seed"]) == [0, 1] * 2
    assert (table["evaluations"] == 60).all()
    read = pd.read_csv(swept / "table.csv", encoding="utf-8-sig")
    assert list(read.columns) == list(table.columns)
    assert read["hypervolume"].to_numpy() == pytest.approx(table["hypervolume"].to_numpy(), rel=1e-12)


def test_done_runs_are_not_done_again(swept: Path, sweep_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = read_journal(swept)
    assert sorted(line["event"] for line in before) == ["begun"] * 4 + ["done"] * 4
    assert main(["sweep", str(sweep_file), "--out", str(swept), "--workers", "1"]) == 0
    assert read_journal(swept) == before
    assert "4 runs: 0 done now, 4 done before" in capsys.readouterr().out


def test_what_was_cut_short_is_done_again_and_the_table_is_the_same(
    swept: Path, sweep_file: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(swept, tmp_path / "out"))
    table = pd.read_parquet(out / "table.parquet")
    first, second = table["run_id"][:2]
    record = json.loads((out / first / "run.json").read_text())
    (out / first / "run.json").write_text(json.dumps(record | {"status": "running"}))  # killed before its last word
    shutil.rmtree(out / second)
    (out / f".{second}-left").mkdir()  # killed before its folder appeared
    assert main(["sweep", str(sweep_file), "--out", str(out), "--workers", "1"]) == 0
    pd.testing.assert_frame_equal(without_clock(pd.read_parquet(out / "table.parquet")), without_clock(table))
    assert not (out / f".{second}-left").exists()


def test_a_worker_that_does_not_see_the_folder_sends_its_run_back(
    swept: Path, sweep_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Path(shutil.copytree(swept, tmp_path / "out"))
    table = pd.read_parquet(out / "table.parquet")
    shutil.rmtree(out / table["run_id"].iloc[-1])
    monkeypatch.setattr("app.sweeps.one_run.sweep_token", lambda out: "another folder")
    assert main(["sweep", str(sweep_file), "--out", str(out), "--workers", "1"]) == 0
    assert [line["event"] for line in read_journal(out)].count("received") == 1
    pd.testing.assert_frame_equal(without_clock(pd.read_parquet(out / "table.parquet")), without_clock(table))


def test_a_failure_is_kept_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "never.yaml"
    text = sweep_fixtures.SMALL.replace("seeds: [0, 1]", "seeds: [0]").replace("[1, 2]", "[1]")
    text += "fields: {plan_years: 1, renewal_ratio: {low: 1.0, high: 1.0}}\n"
    file.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    assert main(["sweep", str(file), "--out", str(out), "--workers", "1"]) == ExitCode.RUNS_FAILED
    told = capsys.readouterr()
    assert "failed" in told.out
    row = sweep_table(out, read_sweep_list(out)).iloc[0]
    assert row["status"] == "failed"
    assert row["reason"]
    kept = json.loads(next((out / "failed").iterdir()).read_text(encoding="utf-8"))
    assert set(kept["reason"]) == {"en", "zh"}
    assert main(["sweep", "--out", str(out), "--show"]) == ExitCode.WRONG_INPUT
    assert "no run of the sweep is done yet" in capsys.readouterr().err


def test_one_worker_has_a_run_at_a_time(tmp_path: Path) -> None:
    with claimed(tmp_path, "swept-1") as first, claimed(tmp_path, "swept-1") as second, claimed(tmp_path, "b") as other:
        assert (first, second, other) == (True, False, True)
    with claimed(tmp_path, "swept-1") as again:
        assert again


def test_list_runs_nothing(sweep_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(sweep_file), "--out", str(tmp_path / "out"), "--list"]) == 0
    assert "4 runs: 0 done, 4 to do." in capsys.readouterr().out
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_show_tells_medians_and_the_test(swept: Path, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "--out", str(swept), "--show", "--lang", language]) == 0
    told = capsys.readouterr().out
    assert "Wilcoxon" in told
    assert ("median" if language == "en" else "中位数") in told
    assert main(["sweep", "--out", str(swept), "--show", "--measure", "best_mean_commute_km"]) == 0
    assert " km" in capsys.readouterr().out
    assert main(["sweep", "--out", str(swept), "--show", "--measure", "beauty"]) == ExitCode.WRONG_INPUT
    assert "no such measure 'beauty'" in capsys.readouterr().err


def test_a_scheduler_that_does_not_answer_leaves_nothing_behind(
    sweep_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither at an address that is none, nor in a file that no scheduler has written."""
    pytest.importorskip("distributed")
    monkeypatch.setattr("app.sweeps.cluster_workers.CONNECT_S", 0.0)
    for address in ("junk junk", str(tmp_path / "nowhere.json")):
        assert main(["sweep", str(sweep_file), "--out", str(tmp_path / "out"), "--scheduler", address]) == 2
        assert address in capsys.readouterr().err
        assert not (tmp_path / "out").exists()
