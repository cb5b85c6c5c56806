"""First plans as a run that opens: exact numbers, read-only, whole at any moment, replaced by the search's front."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import numpy as np
import pytest

from app.cli.main import main
from app.runs import optimize
from app.runs.first_plans import provisional_plans
from app.runs.loading import load_resolved
from app.runs.names import CHECKPOINT_FILE, LOCK_FILE, RunStatus
from app.runs.optimize import optimize_into
from app.runs.phases import Phase, watched
from app.runs.provisional_plans import FirstPlansFolder, first_plan_id, is_first_plan
from app.runs.record import read_finished_record, read_record
from app.runs.run_folder import Run, load_run, seed_plans_of
from app.runs.title import run_title, write_title
from app.runs.working_folder import ScenarioFolder, is_worked_in
from data.errors import InputError
from data.scenario_files import load_scenario
from data.synthesis.city import synthesize_city
from envs.kernel import Plans, evaluate, resolve
from envs.kernel.plans import empty_plan
from envs.rules.check import valid
from optimizers.algorithms.request import Budget, SearchRequest

TINY = load_resolved("tiny", "tiny")
FEW = SearchRequest(seed=3, budget=Budget(200))
FILES = {"run.json", "scenario.yaml", "front.csv", "plans.parquet"}


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    for drawn in ("front_chart.write_front_chart", "maps.write_map"):
        monkeypatch.setattr(f"app.charts.{drawn}", lambda path, *_, **__: path.touch())


def begun(out: Path) -> FirstPlansFolder:
    record = optimize._first_record(TINY, FEW, city="tiny", seed_run=None)
    return FirstPlansFolder(ScenarioFolder(out, record, resolved=TINY))


def with_first_plans(out: Path) -> Plans:
    """A folder as a search leaves it that is killed after its first plans."""
    folder = begun(out)
    with watched(out.parent / "p.jsonl"):
        plans = provisional_plans(TINY, keep=folder.keep)
    assert plans is not None
    folder.working.close()
    return plans


def opened(folder: Path) -> Run:
    """A run read back; its scenario is known."""
    return load_run(folder, read_city=lambda _: TINY.city, resolve_with=lambda *_: TINY)


def same(one: Plans, other: Plans) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one.columns, other.columns, strict=True))


def test_it_opens_with_the_numbers_of_evaluate(tmp_path: Path) -> None:
    plans = with_first_plans(tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} == FILES
    run = opened(tmp_path / "run")
    assert (run.record.status, run.record.provisional) == (RunStatus.PROVISIONAL, True)
    renewing = np.flatnonzero((plans.start_year > 0).any(axis=1))
    assert run.plan_ids == tuple(first_plan_id(k) for k in range(renewing.size))
    assert same(run.plans, plans[renewing])
    assert valid(TINY, run.plans).all()
    assert run.front["valid"].all()
    names = [*TINY.scenario.objectives, "total_cost_cny", "displaced_tenants_persons"]
    outcomes = evaluate(TINY, run.plans, indicators=names)
    for name in names:
        np.testing.assert_allclose(run.front[name], outcomes[name], rtol=1e-9, err_msg=name)
    assert set(run.record.recommended.values()) <= set(run.plan_ids)
    dearest = int(np.argmax(run.front["net_present_value_cny"]))
    assert run.record.recommended["investment_first"] == run.plan_ids[dearest]


def test_a_killed_process_leaves_its_lock_and_works_no_more(tmp_path: Path) -> None:
    assert not is_worked_in(tmp_path)
    for process, works in ((os.getpid(), True), (2**22 + 1, False), ("?", False)):
        (tmp_path / LOCK_FILE).write_text(f"{process}\n", encoding="ascii")
        assert is_worked_in(tmp_path) is works


def test_a_plan_that_does_nothing_is_no_run(tmp_path: Path) -> None:
    begun(tmp_path / "run").keep(empty_plan(TINY.city.n_villages))
    assert not (tmp_path / "run").exists()
    assert [is_first_plan(name) for name in ("f001", "f1", "p001", "first", "f")] == [True, True, False, False, False]


def test_it_is_read_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plans = with_first_plans(tmp_path / "run")
    with pytest.raises(InputError, match="first plans"):
        read_finished_record(tmp_path / "run")
    export = ["export", "--run", str(tmp_path / "run"), "--plan", "f001", "--to", str(tmp_path / "f.csv")]
    assert main(export) == 2
    assert "provisional" in capsys.readouterr().err
    assert not (tmp_path / "f.csv").exists()
    resume = ["optimize", "--resume", "--out", str(tmp_path / "run")]
    assert main(resume) == 2
    assert "before its first checkpoint" in capsys.readouterr().err
    assert seed_plans_of(tmp_path / "run", TINY.city, "tiny").n_plans <= plans.n_plans


def test_killed_between_two_files_it_opens_with_what_both_have(tmp_path: Path) -> None:
    """The second plan is in one file only, whichever: the run opens with the first."""
    with_first_plans(tmp_path / "whole")
    whole = opened(tmp_path / "whole")
    assert len(whole.front) > 1
    folder = begun(tmp_path / "one")
    folder.keep(whole.plans[:1])
    folder.working.close()
    for name in ("front.csv", "plans.parquet"):
        torn = tmp_path / f"torn-{name}"
        shutil.copytree(tmp_path / "one", torn)
        shutil.copy(tmp_path / "whole" / name, torn / name)
        run = opened(torn)
        assert run.plan_ids == ("f001",)
        assert same(run.plans, whole.plans[:1])
        assert run.front.equals(whole.front[:1])


def test_the_front_takes_the_place_of_first_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool, bool]] = []
    save, write = ScenarioFolder.save, optimize.write_front

    def note(folder: Path) -> None:
        record = read_record(folder)
        write_title(folder, "Homes first")  # somebody names it meanwhile
        seen.append((record.status, record.provisional, (folder / CHECKPOINT_FILE).exists()))
        if record.provisional:
            assert opened(folder).plan_ids[0] == "f001"
        else:
            with pytest.raises(InputError, match="not complete"):
                opened(folder)

    def saved(self: ScenarioFolder, state: object) -> None:
        if not self.saved:
            note(self.out)
        save(self, state)  # type: ignore[arg-type]
        note(self.out)

    def written(folder: Path, *rest: object) -> None:
        note(folder)
        write(folder, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(ScenarioFolder, "save", saved)
    monkeypatch.setattr(optimize, "write_front", written)
    with watched(tmp_path / "p.jsonl"):
        report = optimize_into(tmp_path / "run", TINY, FEW, city="tiny", language="en")
    assert seen[:2] == [("provisional", True, False), ("running", True, True)]
    assert seen[-1] == ("running", False, True)
    run = opened(tmp_path / "run")
    assert (run.record.status, run.record.provisional, run.plan_ids[0]) == ("completed", False, "p001")
    assert run.record.n_plans == len(report.front) == len(run.front)
    moved = shutil.copytree(tmp_path / "run", tmp_path / "elsewhere" / "run")
    assert run_title(moved, "en") == run_title(tmp_path / "run", "zh") == "Homes first"
    text = (tmp_path / "run" / "run.json").read_text(encoding="utf-8")
    assert json.loads(text)["provisional"] is False


def test_watched_or_not_the_front_is_the_same(tmp_path: Path) -> None:
    optimize_into(tmp_path / "alone", TINY, FEW, city="tiny", language="en")
    with watched(tmp_path / "p.jsonl"):
        optimize_into(tmp_path / "seen", TINY, FEW, city="tiny", language="en")
    for name in ("front.csv", "plans.parquet", "scenario.yaml"):
        assert (tmp_path / "alone" / name).read_bytes() == (tmp_path / "seen" / name).read_bytes()
    assert "provisional" not in (tmp_path / "alone" / "run.json").read_text(encoding="utf-8")


def test_killed_at_any_moment_it_opens_or_says_what_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After every file that appears, is replaced or removed, the folder is kept as a killed process would leave it."""
    out, kept = tmp_path / "run", []

    def after(method: str) -> None:
        original = getattr(Path, method)

        def noted(self: Path, *given: object, **more: object) -> object:
            done = original(self, *given, **more)
            if out.is_dir():
                kept.append(shutil.copytree(out, tmp_path / "kept" / str(len(kept))))
            return done

        monkeypatch.setattr(Path, method, noted)

    with monkeypatch.context() as patched:
        monkeypatch, before = patched, monkeypatch
        for method in ("replace", "rename", "unlink"):
            after(method)
        with watched(tmp_path / "p.jsonl"):
            optimize_into(out, TINY, FEW, city="tiny", language="en")
        monkeypatch = before
    found = []
    for folder in kept:
        try:
            run = opened(folder)
        except InputError as error:  # the front is being replaced: its search can be gone on with
            found.append("said" if (folder / CHECKPOINT_FILE).exists() and "not complete" in str(error) else str(error))
        else:
            again = evaluate(TINY, run.plans, indicators=["net_present_value_cny"])["net_present_value_cny"]
            np.testing.assert_allclose(run.front["net_present_value_cny"], again)
            found.append("first" if run.record.provisional else "front")
    assert found == sorted(found, key=("first", "said", "front").index)
    assert set(found) == {"first", "said", "front"}


def test_stopped_unwatched_while_anchors_are_computed_a_run_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C on the command line, where no first plans are shown: one is made then and kept."""
    from app.runs import first_plans

    anchors = first_plans.anchors_in_time

    def interrupted(*given: object, **more: object) -> object:
        os.kill(os.getpid(), signal.SIGINT)
        return anchors(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(first_plans, "anchors_in_time", interrupted)
    report = optimize_into(tmp_path / "run", TINY, FEW, city="tiny", language="en")
    run = opened(tmp_path / "run")
    assert report.interrupted
    assert (run.record.status, run.record.provisional) == ("interrupted", False)
    assert run.front["valid"].all()
    assert (tmp_path / "run" / CHECKPOINT_FILE).exists()


def test_a_second_stop_leaves_the_first_plans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.runs.first_plans.anchors_in_time", lambda *_, **__: interrupt())

    def interrupt() -> None:
        raise KeyboardInterrupt

    with watched(tmp_path / "p.jsonl"), pytest.raises(KeyboardInterrupt):
        optimize_into(tmp_path / "run", TINY, FEW, city="tiny", language="en")
    run = opened(tmp_path / "run")
    assert (run.record.status, run.record.provisional) == ("interrupted", True)
    assert not (tmp_path / "run" / LOCK_FILE).exists()


def test_a_defect_is_told_and_the_first_plans_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.runs.optimize.search", lambda *_, **__: 1 / 0)
    with watched(tmp_path / "p.jsonl"), pytest.raises(ZeroDivisionError):
        optimize_into(tmp_path / "run", TINY, FEW, city="tiny", language="en")
    run = opened(tmp_path / "run")
    assert (run.record.status, run.record.provisional) == ("failed", True)


FAST, SLOW = (Phase.FIRST_PLANS, Phase.POLICY, Phase.MEASURING), (Phase.ANCHORS, Phase.SEARCHING)


@pytest.mark.parametrize("where", ["tiny", pytest.param("60 villages", marks=pytest.mark.slow)])
@pytest.mark.parametrize("phase", [*FAST, *(pytest.param(phase, marks=pytest.mark.slow) for phase in SLOW)])
def test_stopped_in_any_phase_it_leaves_a_front_that_opens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, phase: Phase
) -> None:
    """As the room stops a search: SIGTERM, or the file `cancel` once its rounds are under way."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    resolved = TINY if where == "tiny" else resolve(load_scenario("balanced"), synthesize_city(60, seed=1))
    reached: list[Phase] = []

    def begin(now: Phase) -> None:
        reached.append(now)
        if now is phase:
            os.kill(os.getpid(), signal.SIGTERM)

    for module in ("first_plans", "optimize", "search_work"):
        monkeypatch.setattr(f"app.runs.{module}.begin_phase", begin)
    monkeypatch.setattr("app.runs.first_plans.LARGE_CITY_PLACES", 0)  # so that the policy begins
    request = SearchRequest(seed=3, budget=Budget(400))
    with watched(tmp_path / "p.jsonl"):
        report = optimize_into(tmp_path / "run", resolved, request, city="tiny", language="en")
    run = load_run(tmp_path / "run", read_city=lambda _: resolved.city, resolve_with=lambda *_: resolved)
    assert phase in reached
    assert report.interrupted
    assert (run.record.status, run.record.provisional, run.plan_ids[0]) == ("interrupted", False, "p001")
    assert run.front["valid"].all()
    assert (tmp_path / "run" / CHECKPOINT_FILE).exists()  # and can be gone on with
