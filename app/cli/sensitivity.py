"""`renewal sensitivity`: which parameters move a plan's outcome most, over their ranges."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.words.console import Language


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    renewal.command("sensitivity")(sensitivity)


def sensitivity(
    run: Annotated[Path, typer.Option(metavar="DIR", help="Run folder.")],
    plan: Annotated[str, typer.Option(metavar="ID", help="Plan of its front, for example p001.")],
    indicator: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="May be repeated; by default the scenario's objectives.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="F.csv", help="Table to write: every parameter that has a range.")
    ] = None,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="Where the city lies now, if it was moved.")] = None,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of tables; by default the system's.")
    ] = None,
) -> None:
    """Set every parameter to the ends of its range, one at a time, and show what that does to one plan."""
    from app.files.atomic import new_file
    from app.files.names import without_formulas
    from app.runs.folder import load_run
    from app.studies.tornado_file import tornado_frame, tornado_of
    from app.studies.tornado_text import tornado_text
    from app.words.console import default_language
    from data.errors import refusal
    from envs.kernel.indicators.registry import indicator as find_indicator

    if out is not None and out.suffix.lower() != ".csv":
        raise refusal("must end in .csv", file=out, layer="--out")
    found = load_run(run, city=city)
    names = [find_indicator(name).name for name in indicator or found.resolved.scenario.objectives]
    chosen = found.plan(plan)
    result = tornado_of(found.resolved, chosen, progress=_show)
    if out is not None:
        with new_file(out) as draft:
            without_formulas(tornado_frame(result, found.resolved, names)).to_csv(
                draft, index=False, encoding="utf-8-sig"
            )
    print(tornado_text(result, found.resolved, names, lang or default_language()))
    if out is not None:
        print(f"\n{out}")


def _show(done: int, of: int) -> None:
    """Tell a person who waits how far it is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}/{of}" + ("\n" if done == of else ""))
        sys.stderr.flush()
