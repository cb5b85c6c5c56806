"""`renewal doctor` and `renewal bench`: is the installation sound, and how fast is it?"""

from __future__ import annotations

import math
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from app.cli.commands import add_command
from app.runs.names import ExitCode
from app.words.language import reader_language
from data.errors import refuse


def register(renewal: typer.Typer) -> None:
    """Add the commands."""
    add_command(renewal, "doctor", doctor, "command_doctor")
    add_command(renewal, "bench", run_bench, "command_bench")


def doctor() -> None:
    """Versions, device, threads and a self-check; exit 1 if the self-check fails."""
    from app.cli.doctor import doctor_text, self_check

    results = self_check()
    print(doctor_text(results, reader_language()))
    if not all(result.holds for result in results):
        raise typer.Exit(ExitCode.DEFECT)


def run_bench(
    city: Annotated[str, typer.Option(metavar="CITY", help="option_bench_city")] = "beijing",
    scenario: Annotated[str, typer.Option(metavar="SCENARIO", help="option_bench_scenario")] = "balanced",
    minutes: Annotated[float, typer.Option(metavar="M", help="option_bench_minutes")] = 1.0,
    threads: Annotated[int, typer.Option(min=1, metavar="K", help="option_threads")] = 2,
    search: Annotated[bool, typer.Option("--search", help="option_bench_search")] = False,
    algorithms: Annotated[str, typer.Option(metavar="A,B", help="option_bench_algorithms")] = "",
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="option_bench_seeds")] = 5,
    extend_minutes: Annotated[float | None, typer.Option(metavar="M", help="option_extend_minutes")] = None,
    keep: Annotated[Path | None, typer.Option(metavar="F.json", help="option_keep")] = None,
    env: Annotated[bool, typer.Option("--env", help="option_bench_env")] = False,
    train: Annotated[bool, typer.Option("--train", help="option_bench_train")] = False,
    policy: Annotated[Path | None, typer.Option(metavar="DIR", help="option_bench_policy")] = None,
    limits: Annotated[bool, typer.Option("--limits", help="option_bench_limits")] = False,
    published: Annotated[Path | None, typer.Option(metavar="DIR", help="option_bench_published")] = None,
    room: Annotated[bool, typer.Option("--app", help="option_bench_app")] = False,
    bargaining: Annotated[bool, typer.Option("--bargaining", help="option_bench_bargaining")] = False,
    why_not: Annotated[bool, typer.Option("--why-not", help="option_bench_why_not")] = False,
) -> None:
    """Print the benchmark table: speed, error and quality, with ratios measured in this one run."""
    from app.cli import bench

    _refuse_wrong_bench(minutes, extend_minutes, keep)
    request = bench.BenchRequest(
        city=city,
        scenario=scenario,
        minutes=minutes,
        threads=threads,
        algorithms=tuple(name.strip() for name in algorithms.split(",") if name.strip()),
        seeds=tuple(range(1, seeds + 1)),
        keep=keep,
    )
    if extend_minutes is not None:
        bench.extend_union(request, extend_minutes)
        return
    kinds = (
        (env, bench.environment_rows),
        (train, bench.training_rows),
        (room, bench.room_rows),
        (bargaining, bench.bargaining_rows),
        (why_not, bench.why_not_rows),
        (published is not None, partial(bench.published_rows, published)),
        (limits, partial(bench.limits_rows, policy)),
        (policy is not None, partial(bench.policy_rows, policy)),
        (search, bench.search_rows),
        (True, bench.evaluator_rows),
    )
    bench.print_rows(next(rows for asked, rows in kinds if asked)(request))


def _refuse_wrong_bench(minutes: float, extend_minutes: float | None, keep: Path | None) -> None:
    """Refuse times that are not above 0, and a file to keep rows in that exists or cannot be written."""
    from app.files.atomic import check_new_file

    for value, name in ((minutes, "--minutes"), (extend_minutes, "--extend-minutes")):
        if value is not None and not (math.isfinite(value) and value > 0.0):
            raise refuse("number_not_positive", layer=name, number=value)
    if keep is not None:
        check_new_file(keep, layer="--keep")
