"""`renewal compare` and `renewal sensitivity`: runs beside each other; which parameters move a plan's outcome most."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.words.language import reader_language


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    add_command(renewal, "compare", compare, "command_compare")
    add_command(renewal, "sensitivity", sensitivity, "command_sensitivity")


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


def sensitivity(
    run: Annotated[Path, typer.Option(metavar="DIR", help="option_run")],
    plan: Annotated[str, typer.Option(metavar="ID", help="option_plan_id")],
    indicator: Annotated[list[str] | None, typer.Option(metavar="NAME", help="option_indicator")] = None,
    out: Annotated[Path | None, typer.Option(metavar="F.csv", help="option_tornado_out")] = None,
    city: Annotated[str | None, typer.Option(metavar="CITY", help="option_city_moved")] = None,
) -> None:
    """Set every parameter to the ends of its range, one at a time, and show what that does to one plan."""
    from app.files.atomic import check_new_file, new_file
    from app.files.names import without_formulas
    from app.runs.run_folder import load_run
    from app.studies.tornado_file import tornado_frame, tornado_of
    from app.studies.tornado_text import tornado_text
    from envs.kernel.indicators.registry import indicator as find_indicator

    if out is not None:
        check_new_file(out, ".csv", layer="--out")
    loaded = load_run(run, city=city)
    names = [find_indicator(name).name for name in indicator or loaded.resolved.scenario.objectives]
    result = tornado_of(loaded.resolved, loaded.plan(plan), progress=_show)
    if out is not None:
        with new_file(out) as draft:
            without_formulas(tornado_frame(result, loaded.resolved, names)).to_csv(
                draft, index=False, encoding="utf-8-sig"
            )
    print(tornado_text(result, loaded.resolved, names, reader_language()))
    if out is not None:
        print(f"\n{out}")


def _show(done: int, of: int) -> None:
    """Tell a person who waits how far it is."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done}/{of}" + ("\n" if done == of else ""))
        sys.stderr.flush()
