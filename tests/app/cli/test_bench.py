"""`renewal bench` prints the table row by row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.main import main
from data.catalogue import message


def test_rows_are_printed_with_their_verdict(
    city_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = pytest.importorskip("optimizers.bench.table")

    def rows(city, scenario, *, minutes, threads) -> Iterator[object]:
        assert (city.n_villages, scenario.name, minutes, threads) == (12, "balanced", 0.5, 1)
        yield bench.Row("speed", "10 plans/s", "must 300", holds=False)
        yield bench.Row("machine", "small")

    monkeypatch.setattr(bench, "bench", rows)
    assert main(["bench", "--city", str(city_path), "--minutes", "0.5", "--threads", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == ["speed | 10 plans/s | must 300 | MISSED", "machine | small |  | "]
    assert main(["bench", "--minutes", "-1"]) == 2
    assert "--minutes" in capsys.readouterr().err


def test_the_environment_has_rows_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from envs import environment_speed as bench

    def rates(*, threads: int) -> Iterator[bench.Rate]:
        what = message("speed_of_batch", n=2, dtype="float64", threads=threads, villages=10, zones=4)
        yield bench.Rate(what, (100.0, 300.0, 200.0), message("must_and_aim", must=500, aim=2_000), holds=False)

    monkeypatch.setattr(bench, "environment_rates", rates)
    assert main(["bench", "--env", "--threads", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2 batched environments, float64, 1 threads (10 villages, 4 zones) | "
        "200 steps/s (median of 3 episodes; 100..300) | must 500, aim 2,000 | MISSED"
    ]
