"""`renewal bench` prints the table row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

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


def test_training_has_rows_of_its_own(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sb3_contrib", reason="in the extra `train`")
    from agents.training import engines
    from agents.training.learner import Update

    def learner(rates: Sequence[int]) -> Any:
        left, seconds = iter(rates), {"cities": 0.1, "play": 0.5, "update": 0.4}
        return SimpleNamespace(iterate=lambda: Update(1, 1, next(left), 1, 0, 0, 0, 0, 0, 0, 0, 0, seconds, seconds))

    plain = engines.Engine(lambda *_: learner([1, 100, 300, 200]), "plain", ())
    fast = engines.Engine(lambda *_: learner([1, 150, 300, 400]), "fast", ())
    monkeypatch.setattr("app.studies.training_bench.ENGINES", {"sb3": plain, "torch": fast})
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert main(["bench", "--train", "--threads", "1"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "training by sb3 on cpu | 200 decisions/s (median of 3; 100..300), 200 per processor second; "
        "cities 10 %, play 50 %, update 40 % |  | ",
        "training by torch on cpu | 300 decisions/s (median of 3; 150..400), 300 per processor second; "
        "cities 10 %, play 50 %, update 40 % |  | ",
        "torch over sb3, processor time | 1.50 (median of 3; 1.00..2.00) | must 1, aim 1.5 | ok",
        "training on a GPU | this machine has none |  | ",
    ]
