"""The chapter on futures: what a folder beside the run says of the plan as it is; nothing where there is none."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.cli.main import main
from app.plans.tables import PlanTables
from app.report.chapters_futures import futures
from app.report.document import Bullets, Picture, Table
from app.report.subject import Subject
from app.runs.run_folder import load_run
from app.stress.known_stress import known_stress
from envs.kernel.plans import empty_plan


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_chapter_tells_what_was_measured(subject: Subject, tmp_path: Path, language: str) -> None:
    shutil.copytree(subject.run.folder, tmp_path / "run")
    run = load_run(tmp_path / "run")
    here = Subject(run, subject.plan_id, subject.tables, language)
    assert not list(futures(here))
    given = ["--run", str(tmp_path / "run"), "--plan", subject.plan_id, "--futures", "30"]
    assert main(["stress", *given, "--out", str(tmp_path / "stress-1")]) == 0
    blocks = list(futures(here))
    known = known_stress(run, subject.plan_id)
    assert known is not None
    (bullets,) = (block for block in blocks if isinstance(block, Bullets))
    assert bullets.items == (known.rule(subject.plan_id, language),)
    chances, spread = (block for block in blocks if isinstance(block, Table))
    assert len(chances.rows) == len(known.tables["chances"])
    assert len(spread.rows) == len(known.tables["spread"])
    (picture,) = (block for block in blocks if isinstance(block, Picture))
    assert picture.png[1:4] == b"PNG"
    kept = PlanTables(run.resolved, empty_plan(run.resolved.city.n_villages))
    assert not list(futures(Subject(run, subject.plan_id, kept, language)))
