"""`renewal seek`: the least change of one number that meets the targets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language
from data.catalogue import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envs.kernel import ResolvedScenario
    from optimizers.goals.seek_result import Trial


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "seek", seek, "command_seek")


def seek(
    *,
    city: Annotated[str, typer.Option(metavar="CITY", help="option_city")],
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="option_scenario")],
    lever: Annotated[str, typer.Option(metavar="KEY", help="option_lever")],
    span: Annotated[tuple[float, float], typer.Option("--range", metavar="LOW HIGH", help="option_range")],
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="'INDICATOR>=VALUE[@YEAR]'", help="option_target"),
    ] = None,
    evaluations: Annotated[int, typer.Option(min=1, metavar="N", help="option_seek_evaluations")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="option_seek_seed")] = 0,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="option_seek_out")] = None,
    seed_plans: Annotated[list[Path] | None, typer.Option(metavar="RUN", help="option_seek_seed_plans")] = None,
    trials: Annotated[Path | None, typer.Option(metavar="F.jsonl", help="option_trials")] = None,
) -> None:
    """Seek the least change of one bound or parameter with which some plan meets all targets, or prove none does."""
    from app.files.atomic import check_new_folder
    from app.studies.goal_files import note_trial, write_seek
    from app.studies.goal_seeds import goal_seeds
    from app.studies.goal_text import seek_text
    from data.levers import find_lever
    from optimizers.bounds.certified import cannot_reach
    from optimizers.goals.goal_seeking import seek as seek_goal
    from optimizers.goals.lever_range import lever_range

    if out is not None:
        check_new_folder(out)
    resolved = _with_targets(city, scenario, target or [])
    number = find_lever(resolved.scenario, resolved.book, lever)
    lever_range(number, *span)
    seeds = goal_seeds(seed_plans or [], resolved, number)

    def progress(trial: Trial) -> None:
        _show(trial)
        if trials is not None:
            note_trial(trials, trial, resolved.scenario.targets)

    result = seek_goal(
        resolved,
        number,
        *span,
        evaluations=evaluations,
        seed=seed,
        threads=threads,
        progress=progress,
        certificate=cannot_reach,
        known_plans=seeds.nearest,
        other_plans=seeds.others,
    )
    if out is not None:
        write_seek(out, resolved, result, city=city, seed=seed)
    print(seek_text(resolved, result, out, reader_language()))


def _with_targets(city: str, scenario: str, targets: Sequence[str]) -> ResolvedScenario:
    """The scenario against the city, with these targets in place of its own if any are given."""
    from dataclasses import replace

    from app.runs.loading import load_resolved
    from app.words.target_text import parse_target

    parsed = tuple(parse_target(text) for text in targets)
    resolved = load_resolved(city, scenario)
    if not parsed:
        return resolved
    return replace(resolved, scenario=resolved.scenario.model_copy(update={"targets": parsed}))


def _show(trial: Trial) -> None:
    """Tell a person who waits what was found."""
    if sys.stderr.isatty():
        key = "trial_met" if trial.attainment.met else "trial_not_met"
        sys.stderr.write(text(key, reader_language(), value=trial.value) + "\n")
