"""`renewal robust`: tables, words, map and folder; both languages; wrong input."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.robust.robust_folder import MAP_FILE
from app.robust.robust_frames import plans_frame, samples_frame, villages_frame
from app.robust.robust_map import robust_map
from app.robust.robust_text import basis_sentences, standing_sentences, village_sentence
from app.robust.robust_villages import (
    FRONT,
    NEAR,
    PARAMETERS,
    RobustRequest,
    RobustVillages,
    may_sample,
    of_front,
    robust_villages,
)
from app.robust.told_villages import known_villages, told_villages
from app.runs.run_folder import Run, load_run
from app.words.console import percent_text
from data.dictionary import table_columns
from data.errors import InputError
from data.scenario import Bargaining
from envs.parameter_sensitivity import ranged_parameters


@pytest.fixture(scope="module")
def found(run: Run) -> RobustVillages:
    request = RobustRequest(walks=2, walk_evaluations=40, samples=3, evaluations=30)
    return robust_villages(run, request)


def test_the_front_alone_is_what_its_plans_say(run: Run) -> None:
    at_once = of_front(run)
    valid = run.front["valid"].to_numpy(dtype=bool)
    np.testing.assert_allclose(at_once.shares.share, (run.plans.start_year[valid] > 0).mean(axis=0))
    assert list(at_once.sources) == [FRONT]
    assert np.isnan(at_once.shares.error).all()


def test_tables_have_the_columns_of_the_dictionary(found: RobustVillages) -> None:
    for table, frame in (("villages", villages_frame), ("plans", plans_frame), ("samples", samples_frame)):
        made = frame(found)
        assert list(made.columns) == list(table_columns("robust", table))
        assert len(made)
        for name, column in table_columns("robust", table).items():
            if column.choices:
                assert set(made[name]) <= set(column.choices)
            if column.type == "number" and column.low is not None and column.high is not None:
                assert made[name].dropna().between(column.low, column.high).all()
    plans = plans_frame(found)
    assert len(plans) == found.n_plans
    assert plans.groupby("source")["draw"].nunique().to_dict() == {
        name: found.sources[name].n_draws for name in (FRONT, NEAR, PARAMETERS)
    }
    by_village = villages_frame(found).set_index("village_id")["share"]
    assert by_village.is_monotonic_decreasing


def test_a_village_is_told_in_both_languages(found: RobustVillages) -> None:
    for village in range(found.resolved.city.n_villages):
        share = percent_text(float(found.shares.share[village]), digits=0)
        for language in ("en", "zh"):
            said = village_sentence(found, village, language)
            assert "{" not in said
            assert share in said or found.shares.share[village] == 0.0
    for language in ("en", "zh"):
        said = " ".join([*basis_sentences(found, language), *standing_sentences(found, language)])
        assert "{" not in said
        assert str(len(ranged_parameters(found.resolved.book))) in said


def test_a_scenario_that_looks_at_bargaining_is_not_sampled(run: Run, found: RobustVillages) -> None:
    scenario = run.resolved.scenario.model_copy(update={"bargaining": Bargaining.COUNTED})
    counted = replace(run, resolved=replace(run.resolved, scenario=scenario))
    assert may_sample(run)
    assert not may_sample(counted)
    said = " ".join(basis_sentences(replace(found, run=counted, samples=[]), "en"))
    assert "not sampled" in said


def test_the_map_shows_every_village_once(found: RobustVillages) -> None:
    shown = robust_map(told_villages(found), "zh")
    assert np.sum([item.mask for item in shown.classes], axis=0).tolist() == [1] * found.resolved.city.n_villages
    assert len(shown.lines) == found.resolved.city.n_villages


def test_a_run_without_a_valid_plan_is_refused(run: Run) -> None:
    broken = replace(run, front=run.front.assign(valid=False))
    with pytest.raises(InputError, match="hard rule"):
        of_front(broken)


def test_the_command_writes_the_folder(run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "firm"
    few = ["--walks", "1", "--walk-evaluations", "20", "--samples", "1", "--evaluations", "20"]
    assert main(["robust", "--run", str(run.folder), "--out", str(out), *few, "--lang", "zh"]) == 0
    printed = capsys.readouterr().out
    assert "必选" in printed
    assert "拉丁超立方" in printed
    assert sorted(path.name for path in out.iterdir()) == sorted(
        ["about.json", MAP_FILE, "plans.csv", "samples.csv", "villages.csv"]
    )
    about = json.loads((out / "about.json").read_text(encoding="utf-8"))
    assert about["n_draws"][PARAMETERS] == 1
    assert about["request"]["within"] == 0.02
    assert len(pd.read_csv(out / "villages.csv")) == run.resolved.city.n_villages


def test_what_was_written_is_told_again(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The newest folder beside the run, as it was counted; what speaks of another scenario or run is passed over."""
    run = load_run(run_folder)
    request = RobustRequest(walks=1, walk_evaluations=20, samples=1, evaluations=20)
    few = ["--walks", "1", "--walk-evaluations", "20", "--samples", "1", "--evaluations", "20"]
    assert known_villages(run) is None
    out = run_folder.parent / "robust-made"
    assert main(["robust", "--run", str(run_folder), "--out", str(out), *few, "--lang", "en"]) == 0
    assert "robust-made" in capsys.readouterr().out
    known, counted = known_villages(run), told_villages(robust_villages(run, request))
    assert known is not None
    assert (known.standing, known.n_plans, known.n_sources) == (counted.standing, counted.n_plans, 3)
    assert known.basis == counted.basis
    np.testing.assert_array_equal(known.no_regret, counted.no_regret)
    np.testing.assert_array_equal(known.firmest(5), counted.firmest(5))
    np.testing.assert_allclose(known.villages["share"], counted.villages["share"], rtol=1e-12)
    assert [known.sentence(k, "zh") for k in range(3)] == [counted.sentence(k, "zh") for k in range(3)]
    about = json.loads((out / "about.json").read_text(encoding="utf-8"))
    for other in ({"digests": {"resolved": "other"}}, {"run": "other"}, {"run_created": "then"}, {"basis": {}}):
        (out / "about.json").write_text(json.dumps(about | other), encoding="utf-8")
        assert known_villages(run) is None


@pytest.mark.parametrize(
    ("option", "said"),
    [(["--within", "2"], "2"), (["--walks", "-1"], "-1"), (["--samples", "many"], "many")],
)
def test_wrong_input_is_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str], said: str
) -> None:
    out = tmp_path / "firm"
    assert main(["robust", "--run", str(run.folder), "--out", str(out), *option]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()


def test_a_folder_in_use_is_refused_before_the_work(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("kept")
    assert main(["robust", "--run", str(run.folder), "--out", str(tmp_path)]) == 2
    assert "--out" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
