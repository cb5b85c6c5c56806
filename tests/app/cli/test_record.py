"""`renewal record ...` and `renewal optimize --from`: right and wrong input, in both languages, and what they leave."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from app.cli.main import main
from app.plans.tables import plan_tables
from app.record.log import head_and_lines
from app.report.chapters_basis import again_commands
from app.report.subject import Subject
from app.runs.record import read_record
from app.runs.run_folder import load_run
from data.catalogue import text
from envs.rules.check import valid


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["record", *arguments]) == code
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


def busiest(run_folder: Path) -> str:
    run = load_run(run_folder)
    return str(run.front["plan_id"].iloc[int(run.front["renewed_villages"].argmax())])


def test_a_plan_is_signed_verified_compared_and_planned_again(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = busiest(run_folder)
    of_run = ("--run", str(run_folder))
    of_plan = (*of_run, "--plan", plan)
    assert text("record_empty", "zh") in said(capsys, "show", *of_run, "--lang", "zh")
    wrong = said(capsys, "sign", *of_plan, "--role", "public", "--name", "A", code=2)
    assert text("record_technical_first", "en") in wrong
    assert "technical, public" in said(capsys, "sign", *of_plan, "--role", "boss", "--name", "A", code=2)
    said(capsys, "sign", *of_plan, "--role", "technical", "--name", "A", "--comment", "fine")
    printed = head_and_lines(run_folder)[0]
    out = said(capsys, "sign", *of_plan, "--role", "public", "--name", "王", "--lang", "zh")
    assert text("record_state_approved", "zh") in out
    assert text("record_since", "en", head=printed, n=1) in said(capsys, "verify", *of_run, "--head", printed)
    assert "deadbeefdead" in said(capsys, "verify", *of_run, "--head", "deadbeefdead", code=2)

    run = load_run(run_folder)
    start, ids = run.plan(plan).start_year[0], run.resolved.city.villages.village_id
    first = int(start[start > 0].min())
    begun = ids[start == first]
    file = tmp_path / "actuals.csv"
    rows = [f"{name},{first},是,2000" for name in begun]
    file.write_text("\n".join(["村编号,年度,启动,投资（万元）", *rows]) + "\n", encoding="utf-8")
    out = said(capsys, "compare", *of_plan, "--out", str(tmp_path / "none"), code=2)
    assert text("record_no_actuals", "en", plan=plan) in out
    out = said(capsys, "actuals", *of_plan, "--file", str(file), "--name", "Z")
    assert f"of which {len(begun)} were started" in out
    said(capsys, "compare", *of_plan, "--out", str(tmp_path / "compared"), "--lang", "zh")
    assert json.loads((tmp_path / "compared" / "about.json").read_text())["last_year"] == first
    assert "actuals: 1" in said(capsys, "verify", *of_run)

    year, again = first + 1, tmp_path / "again"
    options = ["--from", str(run_folder), "--plan", plan, "--year", str(year), "--actuals", str(file)]
    assert main(["optimize", *options, "--evaluations", "150", "--no-policy", "--out", str(again)]) == 0
    found = load_run(again)
    assert valid(found.resolved, found.plans).all()
    assert (found.plans.start_year[:, start == first] == first).all()
    others = (found.plans.start_year > 0) & (start != first)
    assert found.plans.start_year[others].min(initial=year) >= year
    np.testing.assert_array_equal(
        found.plans.floor_area_ratio[:, start == first],
        np.tile(run.plan(plan).floor_area_ratio[:, start == first], (found.plans.n_plans, 1)),
    )
    record = read_record(again)
    assert record.replanned is not None
    assert (record.replanned.plan_id, record.replanned.year) == (plan, year)
    assert record.seed_plans == run_folder.name
    subject = Subject(found, "p001", plan_tables(found.resolved, found.plan("p001")), "en")
    command = again_commands(subject)[0]
    kept = f"again/record/actuals-{str(record.replanned.actuals)[:16]}.csv"
    assert f"--from {run_folder.name} --plan {plan} --year {year} --actuals {kept}" in command
    assert (tmp_path / kept).is_file()
    assert "--scenario" not in command
    assert "--seed-plans" not in command


@pytest.mark.parametrize(
    ("options", "key"),
    [
        (["--plan", "p001"], "replan_needs"),
        (["--from", "RUN", "--plan", "p001"], "replan_needs"),
        (["--from", "RUN", "--plan", "p001", "--year", "3", "--first-year", "2026"], "replan_needs"),
        (["--from", "RUN", "--plan", "p001", "--year", "3", "--scenario", "tiny"], "replan_option_of_run"),
        (["--from", "RUN", "--plan", "p001", "--year", "3", "--resume"], "replan_option_of_run"),
    ],
)
def test_options_that_do_not_fit_are_refused(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], key: str
) -> None:
    given = [str(run_folder) if word == "RUN" else word for word in options]
    assert main(["optimize", *given, "--out", str(tmp_path / "out"), "--lang", "zh"]) == 2
    assert text(key, "zh") in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_older_run_is_not_signed_but_its_log_is_shown(run_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of_run = ("--run", str(run_folder))
    said(capsys, "sign", *of_run, "--plan", "p001", "--role", "technical", "--name", "A")
    record = json.loads((run_folder / "run.json").read_text())
    (run_folder / "run.json").write_text(json.dumps(record | {"model_version": 1}))
    assert "older" in said(capsys, "sign", *of_run, "--plan", "p001", "--role", "public", "--name", "B", code=2)
    assert "technical signature" in said(capsys, "show", *of_run)
    assert "older model" in said(capsys, "verify", *of_run)


def test_exports_print_state_and_head(run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "sign", "--run", str(run_folder), "--plan", "p001", "--role", "technical", "--name", "A")
    head = head_and_lines(run_folder)[0]
    for plan, state in (("p001", "Reviewed"), ("p002", "Draft")):
        path = tmp_path / f"{plan}.geojson"
        assert main(["export", "--run", str(run_folder), "--plan", plan, "--to", str(path)]) == 0
        metadata = json.loads(path.read_text())["metadata"]
        assert metadata["record_head"] == head
        assert metadata["record"][0] == state
