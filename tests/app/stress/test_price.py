"""The price of robustness: files and words say what both fronts do in the same futures; wrong input is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.runs.run_folder import Run, load_run, plan_id_of
from app.stress.price_of_robustness import compared_by, price_frame, price_of_robustness
from app.stress.price_text import price_text
from data.dictionary import table_columns
from data.errors import InputError
from envs.futures.stress import stress_plans
from envs.kernel import evaluate
from envs.kernel.plans import concatenate

ROBUST = "net_present_value_tail_mean_cny,mean_commute_km"


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    """A robust and a plain run of the same question, from the command line."""
    folder = tmp_path_factory.mktemp("price")
    for name, objectives in (("robust", ROBUST), ("plain", "net_present_value_cny,mean_commute_km")):
        asked = ["optimize", "--city", "tiny", "--scenario", "tiny", "--objectives", objectives, "--no-policy"]
        assert main([*asked, "--evaluations", "60", "--algorithm", "random", "--out", str(folder / name)]) == 0
    return load_run(folder / "robust"), load_run(folder / "plain")


def with_plans(run: Run, rows: list[int], objectives: tuple[str, ...], name: str) -> Run:
    """Some plans of a run as a run of other objectives."""
    scenario = run.resolved.scenario.model_copy(update={"objectives": objectives})
    resolved = replace(run.resolved, scenario=scenario)
    plans = concatenate([run.plans[row : row + 1] for row in rows])
    front = pd.DataFrame(evaluate(resolved, plans, indicators=()).values)
    record = run.record.model_copy(update={"objectives": objectives})
    ids = tuple(plan_id_of(k) for k in range(len(rows)))
    return Run(run.folder.with_name(name), record, resolved, ids, plans, front)


@pytest.fixture(scope="module")
def fronts(run: Run) -> tuple[Run, Run]:
    """Plans of one front as a robust run and a plain one."""
    robust = with_plans(run, [0, 2, 4, 6], tuple(ROBUST.split(",")), "robust")
    return robust, with_plans(run, [1, 3, 5], ("net_present_value_cny", "mean_commute_km"), "plain")


def test_every_pair_is_what_the_futures_say(fronts: tuple[Run, Run]) -> None:
    robust, plain = fronts
    told = price_of_robustness(robust, plain, n_futures=300, seed=8)
    frame = price_frame(told)
    assert list(frame) == list(table_columns("stress", "price"))
    values = {
        run.folder.name: stress_plans(run.resolved, run.plans, n_futures=300, seed=8).measures["net_present_value_cny"]
        for run in fronts
    }
    span = np.ptp(np.concatenate([run.front["mean_commute_km"] for run in fronts]))
    for row in frame.to_dict("records"):
        one, other = robust.plan_ids.index(row["plan_id"]), plain.plan_ids.index(row["plain_plan_id"])
        assert row["given_up"] == pytest.approx(values["plain"][other].mean() - values["robust"][one].mean(), abs=1.0)
        tails = [np.sort(values[name][k])[:30].mean() for name, k in (("robust", one), ("plain", other))]
        assert row["saved"] == pytest.approx(tails[0] - tails[1], abs=1.0)
        commute = robust.front["mean_commute_km"][one]
        as_good = plain.front["mean_commute_km"] <= commute + 0.01 * span
        assert as_good[other]
        assert values["plain"].mean(axis=1)[as_good].max() == pytest.approx(row["plain_mean"])


@pytest.mark.slow
def test_a_front_tells_the_numbers_that_it_was_searched_for(searched: tuple[Run, Run]) -> None:
    """front.csv has the robust objective, and mean, worst decile and chance of the same measure beside it."""
    robust, plain = searched
    values = stress_plans(robust.resolved, robust.plans, n_futures=256, seed=0).measures["net_present_value_cny"]
    assert robust.front["net_present_value_mean_cny"].to_numpy() == pytest.approx(values.mean(axis=1), rel=1e-9)
    worst = np.quantile(values, 0.1, axis=1)
    assert robust.front["net_present_value_worst_decile_cny"].to_numpy() == pytest.approx(worst, rel=1e-9)
    assert "net_present_value_mean_cny" not in plain.front


@pytest.mark.slow
def test_the_command_writes_and_says_it(
    searched: tuple[Run, Run], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    robust, plain = searched
    asked = ["stress", "--run", str(robust.folder), "--plain", str(plain.folder), "--futures", "200"]
    assert main([*asked, "--out", str(tmp_path / "out"), "--plan", robust.plan_ids[0]]) == 0
    assert "Price of robustness" in capsys.readouterr().out
    assert not pd.read_csv(tmp_path / "out" / "price.csv").empty
    asked = ["stress", "--run", str(plain.folder), "--plain", str(robust.folder), "--futures", "20"]
    assert main([*asked, "--out", str(tmp_path / "other")]) == 2
    assert "no robust objective" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_both_languages_say_what_is_given_up_and_saved(fronts: tuple[Run, Run]) -> None:
    told = price_of_robustness(*fronts, n_futures=200, seed=0)
    for language, word in (("en", "gives up"), ("zh", "稳健的代价")):
        assert word in price_text(told, "plain", language)
    robust, plain = told.ends()
    assert told.plain[plain].mean() == told.plain.mean(axis=1).max()
    assert np.sort(told.robust[robust])[:20].mean() == pytest.approx(np.sort(told.robust)[:, :20].mean(axis=1).max())


def test_fronts_of_other_questions_are_refused(fronts: tuple[Run, Run]) -> None:
    robust, plain = fronts
    for one, other, word in ((plain, robust, "no robust objective"), (robust, robust, "plain objectives")):
        with pytest.raises(InputError, match=word):
            compared_by(one, other)
    scenario = plain.resolved.scenario.model_copy(update={"plan_years": 3})
    moved = replace(plain, resolved=replace(plain.resolved, scenario=scenario))
    with pytest.raises(InputError, match="other bounds"):
        price_of_robustness(robust, moved, n_futures=20, seed=0)
    with pytest.raises(InputError, match="at most"):
        price_of_robustness(robust, plain, n_futures=2_000_000, seed=0)


def test_a_chance_without_a_target_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["optimize", "--city", "tiny", "--scenario", "tiny", "--objectives", "peak_funding_chance", "--out"]
    assert main([*asked, str(tmp_path / "out"), "--evaluations", "10"]) == 2
    assert "chance of a target" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
