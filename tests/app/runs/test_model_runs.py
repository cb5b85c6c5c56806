"""A model of the user's own: searched, compared, continued, and refused in one sentence where it must be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.runs.names import RunStatus
from app.runs.own_model.model_file import load_model
from app.runs.own_model.model_run import read_model_run
from app.runs.own_model.model_summary import model_summary_text
from app.runs.own_model.optimize_model import ModelReport, optimize_model_into, resume_model_into
from app.runs.record import quantities_of, read_record, write_record
from app.runs.resume import GivenOptions, resume_run
from app.runs.run_folder import load_run
from app.runs.stored_run import read_stored_run
from app.studies.run_comparison import load_comparison
from app.studies.run_comparison_text import comparison_text
from app.words.console import unit_text, value_text
from data.errors import InputError
from model_fixtures import bureau_model
from optimizers.algorithms.request import Budget, SearchRequest


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> str:
    return bureau_model(tmp_path_factory.mktemp("bureau"))


def searched(source: str, out: Path, *, seed: int = 1, evaluations: int = 120) -> ModelReport:
    request = SearchRequest(seed=seed, budget=Budget(evaluations))
    return optimize_model_into(out, load_model(source), request, language="en")


@pytest.fixture(scope="module")
def run(source: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "one"
    searched(source, out)
    return out


def test_the_folder_holds_what_the_model_measures(source: str, run: Path) -> None:
    read, model = read_model_run(run), load_model(source).model
    assert read is not None
    assert read.record.status is RunStatus.COMPLETED
    assert read.record.objectives == model.objectives
    for k, (plan_id, rows) in enumerate(read.decisions.groupby("plan_id", sort=False)):
        start, option = (rows[name].to_numpy(np.int64)[None] for name in ("start_year", "option"))
        reached = model.evaluate(start, option)
        assert (reached.violations <= 0.0).all()
        shown = read.front.loc[k, list(model.objectives)].to_numpy(np.float64)
        np.testing.assert_allclose(shown, reached.objectives[0], rtol=1e-12)
        assert read.front.loc[k, "plan_id"] == plan_id
        for row in rows.itertuples():
            assert row.option_zh == (model.option_labels[int(row.option)]["zh"] if row.start_year else "")  # type: ignore[call-overload]
    schedule = read.schedule("p001", "zh")
    assert schedule["start_year"].is_monotonic_increasing
    assert (schedule["start_year"] > 0).all()


def test_labels_and_units_are_the_models(run: Path) -> None:
    quantities = quantities_of(read_record(run))
    assert quantities["income_mcny"].label == {"en": "income", "zh": "净收益"}
    assert quantities["income_mcny"].unit == "million CNY"
    assert unit_text(quantities["income_mcny"].unit, "zh") == "百万元"
    assert value_text(7.0, quantities["households_moved"].unit, "zh") == "7 户"
    assert [quantities[name].sense for name in read_record(run).objectives] == ["max", "max", "min"]


def test_letters_of_markup_in_somebody_elses_words_are_left_out(run: Path, tmp_path: Path) -> None:
    record = read_record(run)
    content = json.loads((run / "run.json").read_text(encoding="utf-8"))
    content["own_model"]["objectives"]["homes"]["label"]["en"] = "<b>homes</b> [a](b) `c`"
    (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
    assert quantities_of(read_record(tmp_path))["homes"].label["en"] == "bhomes/b a(b) c"
    assert quantities_of(record)["homes"].label["en"] == "homes"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_summary_shows_the_ends_and_the_knee(source: str, tmp_path: Path, language: str) -> None:
    report = searched(source, tmp_path / "run", evaluations=60)
    said = model_summary_text(report, tmp_path / "run", language)
    best = report.front["income_mcny"].max()
    unit = {"en": "million CNY", "zh": "百万元"}[language]
    assert f"{best:,.0f} {unit}" in said
    assert {"en": "households moved", "zh": "搬迁户数"}[language] in said


def test_runs_of_one_model_are_compared(source: str, run: Path, tmp_path: Path) -> None:
    searched(source, tmp_path / "two", seed=2)
    comparison = load_comparison([run, tmp_path / "two"])
    assert (comparison.table["hypervolume"] > 0.2).all()
    assert "income" in comparison_text(comparison, "en")
    assert "净收益" in comparison_text(comparison, "zh")
    assert {"one: start_year", "two: option_en"} <= set(comparison.shared_villages.columns)


def test_runs_of_two_models_are_not_compared(run: Path, tmp_path: Path) -> None:
    other = Path(bureau_model(tmp_path).partition(":")[0])
    other.write_text(other.read_text(encoding="utf-8").replace("3_000.0", "3_500.0"), encoding="utf-8")
    searched(f"{other}:BureauModel", tmp_path / "other", evaluations=60)
    with pytest.raises(InputError, match="parameters"):
        load_comparison([run, tmp_path / "other"])


def test_a_run_that_was_stopped_goes_on(source: str, run: Path, tmp_path: Path) -> None:
    """Stopped by its cancel file after the first batch, then continued: the front of an uninterrupted run."""
    out, loaded = tmp_path / "run", load_model(source)
    calls = {"n": 0}
    evaluate = loaded.model.evaluate

    def cancelling(start_year: np.ndarray, option: np.ndarray):  # type: ignore[no-untyped-def]
        if out.exists() and calls["n"] == 0:
            calls["n"] = 1
            (out / "cancel").touch()
        return evaluate(start_year, option)

    loaded.model.evaluate = cancelling  # type: ignore[method-assign]
    report = optimize_model_into(
        out, loaded, SearchRequest(seed=1, budget=Budget(120)), language="en", checkpoint_seconds=1e-9
    )
    assert report.interrupted
    assert report.record.evaluations < 120
    with pytest.raises(InputError, match="--model"):
        resume_run(out, GivenOptions(), language="en", checkpoint_seconds=1.0)
    resumed = resume_model_into(out, load_model(source), Budget())
    assert resumed is not None
    pd.testing.assert_frame_equal(resumed.front, pd.read_csv(run / "front.csv"), check_exact=False)
    assert resume_model_into(out, load_model(source), Budget()) is None


def test_what_needs_the_kernel_refuses_in_a_sentence(run: Path) -> None:
    for read in (load_run, read_stored_run):
        with pytest.raises(InputError, match="searched a model of its own") as refused:
            read(run)
        assert len(str(refused.value).splitlines()) == 1


def test_a_changed_file_does_not_go_on(source: str, run: Path, tmp_path: Path) -> None:
    other = Path(bureau_model(tmp_path).partition(":")[0])
    other.write_text(other.read_text(encoding="utf-8") + "\n# changed\n", encoding="utf-8")
    record = read_record(run)
    (tmp_path / "run").mkdir()
    write_record(tmp_path / "run", record.model_copy(update={"status": RunStatus.INTERRUPTED}))
    with pytest.raises(InputError, match="model is not that of the run"):
        resume_model_into(tmp_path / "run", load_model(f"{other}:BureauModel"), Budget())


HEAD = "import numpy as np\nfrom envs.models.model import Evaluation, Model\n"
BODY = """class M(Model):
    objectives, signs, quota = ("a",), np.ones(1), np.ones(2, dtype=int)
    option_mask, start_mask = np.ones((3, 2), dtype=bool), np.ones((3, 3), dtype=bool)
    def evaluate(self, start_year, option):
        return Evaluation({objectives}, np.zeros((len(option), 0)))
"""
WRONG = {
    "no file": (None, "absent.py:M", "cannot be read"),
    "no name": (HEAD, "m.py:", "FILE.py:NAME"),
    "no python": (HEAD, "m.txt:M", "FILE.py:NAME"),
    "another name": (HEAD + BODY.format(objectives="option[:, :1]"), "m.py:N", "has no N; it has M"),
    "no syntax": (HEAD + "class M(Model:\n", "m.py:M", "line 3 fails: SyntaxError"),
    "an error in the file": (HEAD + "1 / 0\n", "m.py:M", "line 3 fails: ZeroDivisionError"),
    "no model": ("M = 3\n", "m.py:M", "must be a model"),
    "an abstract model": (HEAD + "class M(Model):\n    pass\n", "m.py:M", "TypeError"),
    "an error in evaluate": (HEAD + BODY.format(objectives="1 / 0"), "m.py:M", "line 7 fails: ZeroDivisionError"),
    "too many columns": (HEAD + BODY.format(objectives="1.0 * option"), "m.py:M", r"objectives must have shape"),
    "not finite": (HEAD + BODY.format(objectives="np.nan * option[:, :1]"), "m.py:M", "must be finite"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_refused(case: str, tmp_path: Path) -> None:
    content, called, told = WRONG[case]
    if content is not None:
        (tmp_path / called.partition(":")[0]).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=told) as refused:
        load_model(str(tmp_path / called))
    assert len(str(refused.value).splitlines()) == 1


def test_a_model_that_fails_on_the_way_is_told_by_its_line(tmp_path: Path) -> None:
    content = HEAD + BODY.format(objectives="1.0 / (len(option) < 50) * option[:, :1]")
    (tmp_path / "m.py").write_text(content.replace("np.ones((3, ", "np.ones((40, "), encoding="utf-8")
    with np.errstate(divide="raise"), pytest.raises(InputError, match="line 7 fails: ZeroDivisionError"):
        optimize_model_into(
            tmp_path / "run",
            load_model(f"{tmp_path / 'm.py'}:M"),
            SearchRequest(algorithm="random", budget=Budget(200)),
            language="en",
        )
