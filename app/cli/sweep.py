"""`renewal sweep`: many runs from one file, on this machine or a cluster, each done once, and one table of all."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands import add_command
from app.runs.names import ExitCode
from app.words.language import reader_language
from data.errors import refuse

if TYPE_CHECKING:
    from app.sweeps.sweep_file import SweepFile
    from app.sweeps.swept_run import SweptRun


def register(renewal: typer.Typer) -> None:
    """Add the command."""
    add_command(renewal, "sweep", sweep, "command_sweep")


def sweep(
    *,
    file: Annotated[Path | None, typer.Argument(metavar="F.yaml", help="option_sweep_file")] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="option_sweep_out")],
    listed: Annotated[bool, typer.Option("--list", help="option_sweep_list")] = False,
    shown: Annotated[bool, typer.Option("--show", help="option_sweep_show")] = False,
    measure: Annotated[str | None, typer.Option(metavar="NAME", help="option_sweep_measure")] = None,
    workers: Annotated[int | None, typer.Option(min=1, max=1024, metavar="K", help="option_sweep_workers")] = None,
    scheduler: Annotated[str | None, typer.Option(metavar="ADDRESS", help="option_sweep_scheduler")] = None,
    checkpoint_seconds: Annotated[float, typer.Option(metavar="S", help="option_checkpoint_seconds")] = 10.0,
) -> None:
    """Every run of a file, each once; the table of all; medians, quartiles and a rank test over seeds."""
    if not (math.isfinite(checkpoint_seconds) and checkpoint_seconds > 0.0):
        raise refuse("number_not_positive", layer="--checkpoint-seconds", number=checkpoint_seconds)
    if workers is not None and scheduler is not None:
        raise refuse("options_exclude", first="--workers", second="--scheduler", layer="--workers, --scheduler")
    if shown:
        if file is not None or listed:
            raise refuse("sweep_show_alone", layer="--show")
        _show(out, measure)
        return
    if measure is not None:
        raise refuse("sweep_measure_of_show", layer="--measure")
    if file is None:
        raise refuse("sweep_file_missing", layer="F.yaml")
    from app.sweeps.planned_runs import planned_runs
    from app.sweeps.sweep_file import read_sweep_file

    wanted = read_sweep_file(file)
    runs = planned_runs(wanted, file)
    if listed:
        from app.sweeps.sweep_text import list_of_runs_text

        print(list_of_runs_text(out, runs, reader_language()))
        return
    _carry_out(out, wanted, runs, workers or _cores(), scheduler, checkpoint_seconds)


def _carry_out(
    out: Path,
    wanted: SweepFile,
    runs: tuple[SweptRun, ...],
    workers: int,
    scheduler: str | None,
    checkpoint_seconds: float,
) -> None:
    """Do what is not done, and say what became of it."""
    from app.sweeps.sweep_text import report_text
    from app.sweeps.sweep_work import SweepOptions, carry_out_sweep

    options = SweepOptions(workers, scheduler, reader_language(), checkpoint_seconds)
    report = carry_out_sweep(out, wanted, runs, options)
    print(report_text(out, report, reader_language()))
    if report.interrupted:
        raise typer.Exit(ExitCode.INTERRUPTED)
    if report.failed:
        raise typer.Exit(ExitCode.RUNS_FAILED)


def _show(out: Path, measure: str | None) -> None:
    """Medians, quartiles and the rank test."""
    from app.sweeps.sweep_folder import read_sweep_list
    from app.sweeps.sweep_table import HYPERVOLUME, read_table
    from app.sweeps.sweep_text import levels_text

    listed = read_sweep_list(out)
    print(levels_text(listed, read_table(out), measure or HYPERVOLUME, reader_language()))


def _cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
