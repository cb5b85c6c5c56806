"""`renewal robust`: in how many good plans of a run a village is chosen, by when, with which use."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language
from data.catalogue import text


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "robust", robust, "command_robust")


def robust(
    *,
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_out_folder")],
    within: Annotated[float, typer.Option(min=0.0, max=1.0, metavar="SHARE", help="option_robust_within")] = 0.02,
    walks: Annotated[int, typer.Option(min=0, max=200, metavar="N", help="option_robust_walks")] = 8,
    walk_evaluations: Annotated[
        int, typer.Option(min=2, max=100_000, metavar="N", help="option_robust_walk_evaluations")
    ] = 200,
    samples: Annotated[int, typer.Option(min=0, max=1_000, metavar="N", help="option_robust_samples")] = 12,
    evaluations: Annotated[
        int, typer.Option(min=1, max=1_000_000, metavar="N", help="option_robust_evaluations")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, metavar="N", help="option_robust_seed")] = 0,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_evaluate_city")] = None,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
) -> None:
    """Count the villages of good plans: the front, plans nearly as good, and those of other parameters."""
    from app.files.atomic import check_new_folder
    from app.robust.robust_folder import write_robust
    from app.robust.robust_text import robust_text
    from app.robust.robust_villages import RobustRequest, robust_villages
    from app.runs.run_folder import load_run

    check_new_folder(out)
    loaded = load_run(run, city=city)
    request = RobustRequest(
        within=within,
        walks=walks,
        walk_evaluations=walk_evaluations,
        samples=samples,
        evaluations=evaluations,
        seed=seed,
        threads=threads,
    )
    found = robust_villages(loaded, request, progress=_show)
    language = reader_language()
    write_robust(out, found, city=city or loaded.record.city.source, language=language)
    print(robust_text(found, out, language))


def _show(source: str, done: int, of: int) -> None:
    """Tell a person who waits how far it is."""
    if sys.stderr.isatty():
        said = text(f"robust_progress_{source}", reader_language(), done=done, of=of)
        sys.stderr.write(f"\r{said}" + ("\n" if done == of else ""))
        sys.stderr.flush()
