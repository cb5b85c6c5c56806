"""`renewal seek`: the least change of one number that meets the targets."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.words.console import Language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envs.kernel import ResolvedScenario
    from optimizers.goals.goal_seeking import Trial


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    renewal.command("seek")(seek)


def seek(
    *,
    city: Annotated[str, typer.Option(metavar="CITY", help="Embedded city or GeoPackage.")],
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="Preset or YAML file.")],
    lever: Annotated[
        str, typer.Option(metavar="KEY", help="A bound, as villages_per_year or facility_ratio.high, or a parameter.")
    ],
    span: Annotated[tuple[float, float], typer.Option("--range", metavar="LOW HIGH", help="Values to search.")],
    target: Annotated[
        list[str] | None,
        typer.Option(metavar="'INDICATOR>=VALUE[@YEAR]'", help="Or <=; may be repeated. By default the scenario's."),
    ] = None,
    evaluations: Annotated[int, typer.Option(min=1, help="Plans to evaluate at each value, at most.")] = 2_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same answer.")] = 0,
    threads: Annotated[int, typer.Option(min=1, help="Worker threads.")] = 1,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder to write: result, plan, scenario.")] = None,
    trials: Annotated[
        Path | None, typer.Option(metavar="F.jsonl", help="Add a line to this file as soon as a value is searched.")
    ] = None,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of tables; by default the system's.")
    ] = None,
) -> None:
    """Seek the least change of one bound or parameter with which some plan meets all targets, or prove none does."""
    from app.files.atomic import check_new_folder
    from app.studies.goal_files import note_trial, write_seek
    from app.studies.goal_text import seek_text
    from app.words.console import default_language
    from data.levers import find_lever
    from optimizers.bounds.certified import cannot_reach
    from optimizers.goals.goal_seeking import lever_range
    from optimizers.goals.goal_seeking import seek as seek_goal

    if out is not None:
        check_new_folder(out)
    resolved = _with_targets(city, scenario, target or [])
    found = find_lever(resolved.scenario, resolved.book, lever)
    lever_range(found, *span)

    def progress(trial: Trial) -> None:
        _show(trial)
        if trials is not None:
            note_trial(trials, trial, resolved.scenario.targets)

    result = seek_goal(
        resolved,
        found,
        *span,
        evaluations=evaluations,
        seed=seed,
        threads=threads,
        progress=progress,
        certificate=cannot_reach,
    )
    if out is not None:
        write_seek(out, resolved, result, city=city, seed=seed)
    print(seek_text(resolved, result, out, lang or default_language()))


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
        sys.stderr.write(f"{trial.value:.12g}: {'met' if trial.attainment.met else 'not met'}\n")
