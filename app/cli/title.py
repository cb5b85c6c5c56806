"""`renewal title`: what people call a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "title", title, "command_title")


def title(
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    give: Annotated[str | None, typer.Option("--give", metavar="TITLE", help="option_title_given")] = None,
) -> None:
    """Say what a run is called, or give it another title; an empty one takes it away. No digest moves."""
    from app.runs.record import read_record
    from app.runs.title import run_title, write_title

    read_record(run)
    if give is not None:
        write_title(run, give)
    print(run_title(run.resolve(), reader_language()))
