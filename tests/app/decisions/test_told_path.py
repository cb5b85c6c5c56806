"""The decision path as it is told: tables, sentences, the command, both languages, wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from app.cli.main import main
from app.decisions.path_frames import alternatives_frame, edges_frame, path_frame
from app.decisions.path_sentences import step_sentence
from app.decisions.path_text import edge_words, path_markdown, path_text
from app.decisions.told_path import BY_GAIN, BY_POLICY, ToldPath, tell_path
from app.runs.run_folder import Run, load_run
from app.whatif.asked_plan import asked_plan
from data.dictionary import table_columns
from envs.kernel import evaluate
from envs.kernel.plans import empty_plan
from envs.models.kernel_model import KernelModel
from envs.reasons.decisions.open_choices import NONE


def told_of(run: Run, plan_id: str, **options: int) -> ToldPath:
    return tell_path(asked_plan(run, plan_id, KernelModel(run.resolved, run.record.objectives)), **options)


@pytest.fixture(scope="module")
def plan_id(run: Run) -> str:
    """The plan that renews most."""
    return run.plan_ids[int(np.argmax((run.plans.start_year > 0).sum(axis=1)))]


@pytest.fixture(scope="module")
def told(run: Run, plan_id: str) -> ToldPath:
    return told_of(run, plan_id)


def test_tables_have_the_columns_of_the_dictionary(run: Run, told: ToldPath) -> None:
    changes = [f"{name}_change" for name in run.resolved.scenario.objectives]
    for table, frame in (("path", path_frame), ("alternatives", alternatives_frame), ("path_edges", edges_frame)):
        made = frame(told)
        known = list(table_columns("explain", table))
        assert [name for name in made.columns if name not in changes] == known
        assert len(made)
        for name, column in table_columns("explain", table).items():
            if column.choices:
                assert set(made[name]) <= set(column.choices)


def test_the_table_adds_up_to_the_plan(run: Run, plan_id: str, told: ToldPath) -> None:
    frame = path_frame(told)
    both = evaluate(run.resolved, run.plan(plan_id), indicators=()).objective_matrix()[0]
    none = evaluate(run.resolved, empty_plan(run.resolved.city.n_villages), indicators=()).objective_matrix()[0]
    for k, name in enumerate(run.resolved.scenario.objectives):
        assert frame[f"{name}_change"].sum() == pytest.approx(both[k] - none[k], rel=1e-5)
    assert told.order == BY_GAIN
    assert frame["policy_village_probability"].isna().all()


def test_what_decided_is_the_largest_part_of_the_lead(told: ToldPath) -> None:
    worth = told.path.worth.weights * told.path.worth.per_unit
    n_told = 0
    for step in range(told.path.n_steps):
        decided, column = told.against_rival(step), int(told.path.alternatives.rival[step])
        if decided is None:
            assert column == NONE
            continue
        parts = (told.path.effect[step] - told.path.alternatives.effect[step, column]) * worth
        assert decided.lead == pytest.approx(parts.sum())
        assert decided.objective == int(np.argmax(np.sign(decided.lead) * parts))
        n_told += 1
    assert n_told


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_step_is_told_in_words(told: ToldPath, language: str) -> None:
    page, printed = path_markdown(told, language), path_text(told, language)
    for step in range(told.path.n_steps):
        assert step_sentence(told, step, language) in page
        assert edge_words(told, int(told.path.village[step]), language)
    assert "{" not in page + printed
    if language == "zh":
        ids = set(told.path.resolved.city.villages.village_id.tolist())
        names = set(told.path.resolved.city.villages.name.tolist())
        words = printed.replace("whatif", "").replace("renewal", "")
        for known in sorted(ids | names, key=len, reverse=True):
            words = words.replace(str(known), "")
        assert not any(letter.isascii() and letter.isalpha() for letter in words.replace("km", "").replace("m2", ""))


def test_a_policys_plan_is_told_in_its_own_order(city_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "planned"
    asked = ["plan", "--city", str(city_path), "--scenario", "tiny", "--front", "2", "--method", "greedy"]
    assert main([*asked, "--out", str(out)]) == 0
    run = load_run(out)
    renewing = run.plan_ids[int(np.argmax((run.plans.start_year > 0).sum(axis=1)))]
    told = told_of(run, renewing)
    assert told.order == BY_POLICY
    assert told.policy is not None
    assert told.policy.is_first.all()
    frame = path_frame(told)
    assert frame["policy_village_probability"].between(0.0, 1.0).all()
    assert "The policy gave this village" in path_text(told, "en")


def test_the_command_writes_the_chapter(
    run: Run, plan_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "why"
    asked = ["explain", "--run", str(run.folder), "--plan", plan_id, "--chapters", "path", "--exact", "5"]
    assert main([*asked, "--out", str(out), "--lang", "zh"]) == 0
    assert "步决策" in capsys.readouterr().out
    steps, others = pd.read_csv(out / "path.csv"), pd.read_csv(out / "alternatives.csv")
    assert others["exact"].all()
    assert set(others["step"]) <= set(steps["step"])
    assert (out / "path.md").read_text(encoding="utf-8").startswith("# 方案决策路径")
    about = json.loads((out / "about.json").read_text(encoding="utf-8"))
    assert "path_edges" in about["dictionary"]
    assert about["decisions"]["alternatives"] == about["decisions"]["alternatives_exact"] == len(others)
    assert about["decisions"]["order"] == "share"


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (["--exact", "6"], "6"),
        (["--weights", "nobody=1"], "nobody"),
        (["--chapters", "paths"], "paths"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_written(
    run: Run, plan_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str], said: str
) -> None:
    out = tmp_path / "why"
    assert main(["explain", "--run", str(run.folder), "--plan", plan_id, "--out", str(out), *option]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
