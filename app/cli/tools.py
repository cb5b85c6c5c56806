"""`renewal doctor` and `renewal bench`: is the installation sound, and how fast is it?"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from app.cli.commands import add_command
from app.runs.names import ExitCode
from app.words.language import reader_language
from data.catalogue import shown, text
from data.errors import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

VERDICTS = {True: "bench_reached", False: "bench_missed"}


class Measured(Protocol):
    """A line of a benchmark: what was measured, its figure, what it must reach ("" where nothing), whether it does."""

    @property
    def what(self) -> object: ...  # noqa: D102
    @property
    def value(self) -> object: ...  # noqa: D102
    @property
    def gate(self) -> object: ...  # noqa: D102
    @property
    def holds(self) -> bool | None: ...  # noqa: D102


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
    keep: Annotated[
        Path | None,
        typer.Option(metavar="F.json", help="option_keep"),
    ] = None,
    env: Annotated[bool, typer.Option("--env", help="option_bench_env")] = False,
    policy: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="option_bench_policy"),
    ] = None,
    room: Annotated[bool, typer.Option("--app", help="option_bench_app")] = False,
) -> None:
    """Print the benchmark table: speed, error and quality, with ratios measured in this one run."""
    if env:
        _print_environment_rates(threads)
        return
    if room:
        _print_room_rows(city, scenario)
        return
    for value, name in ((minutes, "--minutes"), (extend_minutes, "--extend-minutes")):
        if value is not None and not (math.isfinite(value) and value > 0.0):
            raise refuse("number_not_positive", layer=name, number=value)
    if policy is not None:
        _print_policy(policy, list(range(1, seeds + 1)), minutes, threads, keep)
        return
    if search or extend_minutes is not None:
        names = [name.strip() for name in algorithms.split(",") if name.strip()]
        _print_searches(city, scenario, names, list(range(1, seeds + 1)), minutes, threads, extend_minutes, keep)
        return
    from app.runs.loading import load_checked_scenario
    from data.files.cities import load_city
    from optimizers.bench.table import bench

    _print_rows(bench(load_city(city), load_checked_scenario(scenario), minutes=minutes, threads=threads))


def _print_policy(folder: Path, seeds: list[int], minutes: float, threads: int, keep: Path | None) -> None:
    from agents.policy.files import SHIPPED, read_policy
    from app.runs.anchor_store import cache_folder
    from app.studies.policy_bench import policy_bench
    from optimizers.bench.runs import BenchRuns, read_bench_runs

    stored = read_policy(SHIPPED if str(folder) == "shipped" else folder)
    kept = BenchRuns() if keep is None else read_bench_runs(keep)
    _print_rows(policy_bench(stored, seeds=seeds, minutes=minutes, threads=threads, cache=cache_folder(), kept=kept))


def _print_environment_rates(threads: int) -> None:
    from envs.environment_speed import environment_rates

    _print_rows(environment_rates(threads=threads))


def _print_room_rows(city: str, scenario: str) -> None:
    from app.cli.web_speed import room_rows

    _print_rows(room_rows(city, scenario))


def _print_searches(
    city: str,
    scenario: str,
    names: list[str],
    seeds: list[int],
    minutes: float,
    threads: int,
    extend_minutes: float | None,
    keep: Path | None,
) -> None:
    from app.runs.anchor_store import known_anchors
    from app.runs.loading import load_resolved
    from app.runs.optimize import refuse_unknown_algorithm
    from optimizers.algorithms.request import Budget, SearchRequest
    from optimizers.bench.reference_front import extend_reference
    from optimizers.bench.runs import BenchRuns, read_bench_runs
    from optimizers.bench.searches import COMPARED, search_bench

    for name in names:
        refuse_unknown_algorithm(name)
    kept = BenchRuns() if keep is None else read_bench_runs(keep)
    resolved = load_resolved(city, scenario)
    anchors = known_anchors(resolved, threads=threads)
    if extend_minutes is None:
        _print_rows(
            search_bench(
                resolved,
                anchors,
                algorithms=names or COMPARED,
                seeds=seeds,
                minutes=minutes,
                threads=threads,
                kept=kept,
            )
        )
        return
    for name in names or COMPARED:
        request = SearchRequest(algorithm=name, seed=seeds[0], budget=Budget(minutes=extend_minutes), threads=threads)
        union = extend_reference(resolved, request, anchors=anchors)
        volume = union.hypervolume(anchors)
        print(
            text(
                "union_extended",
                reader_language(),
                algorithm=name,
                minutes=extend_minutes,
                n=len(union.values),
                hypervolume=volume,
            )
        )


def _print_rows(rows: Iterable[Measured]) -> None:
    """A line for each row, as soon as it is measured."""
    for row in rows:
        verdict = "" if row.holds is None else text(VERDICTS[row.holds], reader_language())
        cells = (shown(cell, reader_language()) for cell in (row.what, row.value, row.gate))
        print(" | ".join((*map(str, cells), verdict)), flush=True)
