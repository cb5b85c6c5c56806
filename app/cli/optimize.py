"""`renewal optimize` and `renewal export`: search for plans, and hand one on."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.runs.names import ExitCode
from app.words.console import Language
from data.errors import refusal

if TYPE_CHECKING:
    from app.runs.resume import GivenOptions
    from app.runs.search_report import SearchReport
    from envs.kernel import ResolvedScenario

LanguageOption = Annotated[Language | None, typer.Option("--lang", help="Language of tables; by default the system's.")]
DEFAULT_EVALUATIONS = 10_000
DEFAULT_ALGORITHM = "hybrid"
ALGORITHM_HELP = (
    "hybrid (default), nsga2, nsga3, rvea, local, greedy, random, exact (small cities only), or nsga2_default "
    "(pymoo's own operators, to compare with)."
)
UNBOUNDED = ("exact", "greedy")
"""Algorithms that end by themselves."""


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    renewal.command("optimize")(optimize)
    renewal.command("export")(export)


def optimize(
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Run folder to write; must be new or empty.")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="Embedded city or GeoPackage.")] = None,
    scenario: Annotated[str | None, typer.Option(metavar="SCENARIO", help="Preset or YAML file.")] = None,
    algorithm: Annotated[str | None, typer.Option(help=ALGORITHM_HELP)] = None,
    objectives: Annotated[str, typer.Option(metavar="A,B,C", help="Indicators; by default the scenario's.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="The same seed gives the same plans; 0 by default.")] = None,
    evaluations: Annotated[
        int | None, typer.Option(min=1, help="Plans to evaluate, to the end of a round; 10,000 if no budget is given.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(help="Time to search, unknown anchors included up to half; reading and writing come on top."),
    ] = None,
    threads: Annotated[int | None, typer.Option(min=1, help="Worker threads; 1 by default.")] = None,
    seed_plans: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Begin with the plans of another run of the same city.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue the run in --out; no other option is needed.")
    ] = False,
    checkpoint_seconds: Annotated[float, typer.Option(help="Time between two checkpoints.")] = 10.0,
    lang: LanguageOption = None,
) -> None:
    """Search for a front of plans; Ctrl-C or a file `cancel` in the run folder stops early and keeps what was found."""
    for name, number in (("--minutes", minutes), ("--checkpoint-seconds", checkpoint_seconds)):
        if number is not None and not (math.isfinite(number) and number > 0.0):
            raise refusal(f"must be a number above 0, found {number:g}", layer=name)
    from app.runs.resume import GivenOptions
    from app.runs.summary import complete_text, summary_text
    from app.words.console import default_language

    names = tuple(name.strip() for name in objectives.split(",")) if objectives else ()
    given = GivenOptions(city, scenario, names, algorithm, seed, evaluations, minutes, threads)
    language = lang or default_language()
    if resume:
        found = _continued(out, given, seed_plans, language, checkpoint_seconds)
        if found is None:
            print(complete_text(out, language))
            return
    else:
        found = _begun(out, given, seed_plans, language, checkpoint_seconds)
    resolved, report = found
    print(summary_text(resolved, report, out, language))
    if report.interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)


def _continued(
    out: Path, given: GivenOptions, seed_plans: Path | None, language: str, checkpoint_seconds: float
) -> tuple[ResolvedScenario, SearchReport] | None:
    """Continue a run; None where it is complete."""
    from app.runs.resume import resume_run

    if seed_plans is not None:
        raise refusal("a resumed search has the plans it began with; leave it out", layer="--seed-plans")
    return resume_run(out, given, language=language, checkpoint_seconds=checkpoint_seconds)


def _begun(
    out: Path, given: GivenOptions, seed_plans: Path | None, language: str, checkpoint_seconds: float
) -> tuple[ResolvedScenario, SearchReport]:
    """Begin a run."""
    from app.files.atomic import check_new_folder
    from app.runs.folder import load_run
    from app.runs.loading import load_resolved
    from app.runs.optimize import SearchRequest, optimize_into

    if given.city is None or given.scenario is None:
        missing = "--city" if given.city is None else "--scenario"
        raise refusal(f"is needed; only --resume takes it from the run in {out}", layer=missing)
    check_new_folder(out)
    algorithm, evaluations = given.algorithm or DEFAULT_ALGORITHM, given.evaluations
    if evaluations is None and given.minutes is None and algorithm not in UNBOUNDED:
        evaluations = DEFAULT_EVALUATIONS
    resolved = load_resolved(given.city, given.scenario, objectives=given.objectives)
    plans = None if seed_plans is None else load_run(seed_plans, city=given.city).plans
    budget = (evaluations, given.minutes, given.threads or 1)
    seed_run = None if seed_plans is None else seed_plans.resolve().name
    request = SearchRequest(given.city, algorithm, given.seed or 0, *budget, seed_run)
    return resolved, optimize_into(
        out, resolved, request, language=language, seed_plans=plans, checkpoint_seconds=checkpoint_seconds
    )


def export(
    run: Annotated[Path, typer.Option(metavar="DIR", help="Run folder.")],
    plan: Annotated[str, typer.Option(metavar="ID", help="Plan of its front, for example p001.")],
    to: Annotated[Path, typer.Option(metavar="F", help="File ending in .gpkg, .geojson, .xlsx, .csv, .docx or .pdf.")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="Where the city lies now, if it was moved.")] = None,
    lang: LanguageOption = None,
) -> None:
    """Export one plan of a run, or a report on it (.docx, .pdf), with its assumptions and what is synthetic."""
    from app.exports.export import check_suffix, export_plan
    from app.runs.folder import load_run
    from app.words.console import default_language

    check_suffix(to)
    export_plan(load_run(run, city=city), plan, to, language=lang or default_language())
    print(to)
