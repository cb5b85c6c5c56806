"""`renewal judge`: a plan made by hand against a front, and how to mend it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.runs.names import ExitCode
from app.words.language import reader_language
from data.catalogue import text
from data.errors import refuse

DEFAULT_STEPS = "1,5,10,20,60"


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "judge", judge, "command_judge")


def judge(
    *,
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_judge_run")],
    plan: Annotated[Path, typer.Option(metavar="F", help="option_judge_plan")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    mend: Annotated[bool, typer.Option("--mend/--no-mend", help="option_mend")] = True,
    rules_only: Annotated[bool, typer.Option("--rules-only", help="option_rules_only")] = False,
    may_lose: Annotated[bool, typer.Option("--may-lose", help="option_may_lose")] = False,
    steps: Annotated[str, typer.Option(metavar="K,K,...", help="option_judge_steps")] = DEFAULT_STEPS,
    evaluations: Annotated[int | None, typer.Option(min=1, metavar="N", help="option_judge_evaluations")] = None,
    seconds: Annotated[float, typer.Option(min=1.0, metavar="S", help="option_judge_seconds")] = 40.0,
    first_year: Annotated[int | None, typer.Option(min=1900, metavar="YEAR", help="option_first_year")] = None,
    leave_out_unknown: Annotated[bool, typer.Option("--leave-out-unknown", help="option_leave_out_unknown")] = False,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 1,
) -> None:
    """Judge a plan against the front of a run, and mend it; exit 3 if it breaks a hard rule."""
    from app.files.atomic import check_new_folder
    from app.plans.rule_table import broken_hard_rules
    from app.runs.brought_plans import read_brought_plan
    from app.runs.run_folder import load_run
    from app.studies.judgement_files import write_judgement
    from app.studies.judgement_text import judgement_text
    from app.studies.plan_judgement import judge_plan
    from envs.models.kernel_model import KernelModel

    check_new_folder(out)
    wanted = _steps(steps)
    loaded = load_run(run, city=city)
    model = KernelModel(loaded.resolved, loaded.record.objectives, threads=threads)
    brought = read_brought_plan(
        plan, loaded.resolved, space=model.space, first_year=first_year, leave_out_unknown=leave_out_unknown
    )
    judged = judge_plan(
        loaded,
        brought,
        model,
        mends=mend,
        may_lose=may_lose,
        rules_only=rules_only,
        steps=wanted,
        evaluations=evaluations,
        seconds=seconds,
        progress=_show,
    )
    write_judgement(out, loaded, plan, brought, judged)
    print(judgement_text(loaded.resolved, brought, judged, out, reader_language()))
    if broken_hard_rules(judged.asked.findings):
        raise typer.Exit(ExitCode.RULE_BROKEN)


def _steps(words: str) -> tuple[int, ...]:
    parts = [part.strip() for part in words.replace("，", ",").split(",")]
    found = tuple(int(part) for part in parts if part.isascii() and part.isdigit())
    if len(found) != len(parts) or not found or found[0] < 1 or list(found) != sorted(set(found)):
        raise refuse("judge_steps_wrong", layer="--steps", found=words)
    return found


def _show(most: int, gap: float) -> None:
    """Tell a person who waits how far the ladder is."""
    if sys.stderr.isatty():
        sys.stderr.write(text("judge_progress", reader_language(), most=most, gap=gap) + "\n")
