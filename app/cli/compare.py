"""`renewal compare`: runs of one question beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "compare", compare, "command_compare")


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="DIR", help="option_runs")],
    out: Annotated[Path | None, typer.Option(metavar="F", help="option_compare_out")] = None,
) -> None:
    """Compare searches against their common front: hypervolume, IGD+, attainment, ends, knees, villages."""
    from app.files.atomic import check_new_file
    from app.studies.run_comparison import check_suffix, load_comparison, write_comparison
    from app.studies.run_comparison_text import comparison_text

    if out is not None:
        check_suffix(out)
        check_new_file(out, layer="--out")
    comparison = load_comparison(runs)
    if out is not None:
        write_comparison(comparison, out)
    print(comparison_text(comparison, reader_language()))
    if out is not None:
        print(f"\n{out}")
