"""`renewal optimize` and `renewal export`: search for plans, and hand one on."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from app.console import Language
from data.errors import refusal

CityOption = Annotated[str, typer.Option(metavar="CITY", help="Embedded city or GeoPackage.")]
LanguageOption = Annotated[Language | None, typer.Option("--lang", help="Language of tables; by default the system's.")]
INTERRUPTED = 130
DEFAULT_EVALUATIONS = 10_000
UNBOUNDED = ("exact",)
"""Algorithms that end by themselves."""


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    renewal.command("optimize")(optimize)
    renewal.command("export")(export)


def optimize(
    *,
    city: CityOption,
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="Preset or YAML file.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Run folder to write; must be new or empty.")],
    algorithm: Annotated[str, typer.Option(help="nsga2, random, ...; a wrong name lists them.")] = "nsga2",
    objectives: Annotated[str, typer.Option(metavar="A,B,C", help="Indicators; by default the scenario's.")] = "",
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same plans.")] = 0,
    evaluations: Annotated[
        int | None, typer.Option(min=1, help="Plans to evaluate, to the end of a round; 10,000 if no budget is given.")
    ] = None,
    minutes: Annotated[float | None, typer.Option(help="Time to search; reading and writing come on top.")] = None,
    threads: Annotated[int, typer.Option(min=1, help="Worker threads.")] = 1,
    lang: LanguageOption = None,
) -> None:
    """Search for a front of plans; Ctrl-C stops early and keeps what was found."""
    if minutes is not None and not (math.isfinite(minutes) and minutes > 0.0):
        raise refusal(f"must be a number above 0, found {minutes:g}", layer="--minutes")
    from app.atomic import check_new_folder
    from app.console import default_language
    from app.loading import load_resolved
    from app.optimization import SearchRequest, optimize_into
    from app.summary import summary_text

    if evaluations is None and minutes is None and algorithm not in UNBOUNDED:
        evaluations = DEFAULT_EVALUATIONS
    check_new_folder(out)
    names = [name.strip() for name in objectives.split(",")] if objectives else []
    resolved = load_resolved(city, scenario, objectives=names)
    request = SearchRequest(city, algorithm, seed, evaluations, minutes, threads)
    language = lang or default_language()
    report = optimize_into(out, resolved, request, language=language)
    print(summary_text(resolved, report, out, language))
    if report.interrupted:
        raise typer.Exit(INTERRUPTED)


def export(
    run: Annotated[Path, typer.Option(metavar="DIR", help="Run folder.")],
    plan: Annotated[str, typer.Option(metavar="ID", help="Plan of its front, for example p001.")],
    to: Annotated[Path, typer.Option(metavar="F", help="File ending in .gpkg, .geojson, .xlsx or .csv.")],
    city: Annotated[str | None, typer.Option(metavar="CITY", help="Where the city lies now, if it was moved.")] = None,
    lang: LanguageOption = None,
) -> None:
    """Export one plan of a run, with its assumptions and what is synthetic."""
    from app.console import default_language
    from app.exports import check_suffix, export_plan
    from app.run_folder import load_run

    check_suffix(to)
    export_plan(load_run(run, city=city), plan, to, language=lang or default_language())
    print(to)
