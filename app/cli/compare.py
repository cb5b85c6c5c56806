"""`renewal compare`: runs of one question beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.words.console import Language


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    renewal.command("compare")(compare)


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="DIR", help="Run folders of one city and scenario.")],
    out: Annotated[Path | None, typer.Option(metavar="F", help="Also write it as .json or, by run, as .csv.")] = None,
    lang: Annotated[
        Language | None, typer.Option("--lang", help="Language of tables; by default the system's.")
    ] = None,
) -> None:
    """Compare searches against their common front: hypervolume, IGD+, attainment, ends, knees, villages."""
    from app.studies.run_comparison import check_suffix, load_comparison, write_comparison
    from app.studies.run_comparison_text import comparison_text
    from app.words.console import default_language

    if out is not None:
        check_suffix(out)
    comparison = load_comparison(runs)
    if out is not None:
        write_comparison(comparison, out)
    print(comparison_text(comparison, lang or default_language()))
    if out is not None:
        print(f"\n{out}")
