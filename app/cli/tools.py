"""`renewal doctor` and `renewal bench`: is the installation sound, and how fast is it?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from app.cli.commands import add_command
from app.files.atomic import check_new_file
from app.runs.names import ExitCode
from app.words.language import reader_language
from data.catalogue import shown, text
from data.errors import refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from optimizers.bench.runs import BenchRuns

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
    keep: Annotated[Path | None, typer.Option(metavar="F.json", help="option_keep")] = None,
    env: Annotated[bool, typer.Option("--env", help="option_bench_env")] = False,
    policy: Annotated[Path | None, typer.Option(metavar="DIR", help="option_bench_policy")] = None,
    room: Annotated[bool, typer.Option("--app", help="option_bench_app")] = False,
) -> None:
    """Print the benchmark table: speed, error and quality, with ratios measured in this one run."""
    for value, name in ((minutes, "--minutes"), (extend_minutes, "--extend-minutes")):
        if value is not None and not (math.isfinite(value) and value > 0.0):
            raise refuse("number_not_positive", layer=name, number=value)
    if keep is not None:
        check_new_file(keep, layer="--keep")
    names = tuple(name.strip() for name in algorithms.split(",") if name.strip())
    request = BenchRequest(
        city=city,
        scenario=scenario,
        minutes=minutes,
        threads=threads,
        algorithms=names,
        seeds=tuple(range(1, seeds + 1)),
        keep=keep,
    )
    if env:
        _print_rows(_environment_rows(request))
    elif room:
        _print_rows(_room_rows(request))
    elif policy is not None:
        _print_rows(_policy_rows(policy, request))
    elif extend_minutes is not None:
        _extend_union(request, extend_minutes)
    elif search:
        _print_rows(_search_rows(request))
    else:
        _print_rows(_evaluator_rows(request))


@dataclass(frozen=True)
class BenchRequest:
    """What a benchmark measures.

    Attributes:
        city: of the searches, name or path.
        scenario: of the searches, preset or file.
        minutes: of each search.
        threads: worker threads.
        algorithms: compared; empty = all.
        seeds: of the searches.
        keep: file in which each search is kept; None = none.
    """

    city: str
    scenario: str
    minutes: float
    threads: int
    algorithms: tuple[str, ...]
    seeds: tuple[int, ...]
    keep: Path | None

    def kept(self) -> BenchRuns:
        """The searches that are kept already."""
        from optimizers.bench.runs import BenchRuns, read_bench_runs

        return BenchRuns() if self.keep is None else read_bench_runs(self.keep)


def _evaluator_rows(request: BenchRequest) -> Iterable[Measured]:
    from app.runs.loading import load_checked_scenario
    from data.files.cities import load_city
    from optimizers.bench.table import bench

    city, scenario = load_city(request.city), load_checked_scenario(request.scenario)
    return bench(city, scenario, minutes=request.minutes, threads=request.threads)


def _environment_rows(request: BenchRequest) -> Iterable[Measured]:
    from envs.environment_speed import environment_rates

    return environment_rates(threads=request.threads)


def _room_rows(request: BenchRequest) -> Iterable[Measured]:
    from app.cli.web_speed import room_rows

    return room_rows(request.city, request.scenario)


def _policy_rows(folder: Path, request: BenchRequest) -> Iterable[Measured]:
    from agents.policy.files import SHIPPED, read_policy
    from app.runs.anchor_store import cache_folder
    from app.studies.policy_bench import policy_bench

    return policy_bench(
        read_policy(SHIPPED if str(folder) == "shipped" else folder),
        seeds=request.seeds,
        minutes=request.minutes,
        threads=request.threads,
        cache=cache_folder(),
        kept=request.kept(),
    )


def _search_rows(request: BenchRequest) -> Iterable[Measured]:
    from app.runs.anchor_store import known_anchors
    from app.runs.loading import load_resolved
    from optimizers.algorithms.registry import refuse_unknown_algorithm
    from optimizers.bench.searches import COMPARED, search_bench

    for name in request.algorithms:
        refuse_unknown_algorithm(name)
    kept = request.kept()
    resolved = load_resolved(request.city, request.scenario)
    return search_bench(
        resolved,
        known_anchors(resolved, threads=request.threads),
        algorithms=request.algorithms or COMPARED,
        seeds=request.seeds,
        minutes=request.minutes,
        threads=request.threads,
        kept=kept,
    )


def _extend_union(request: BenchRequest, minutes: float) -> None:
    """Run each method so long, and add its front to the union that ships with the project."""
    from app.runs.anchor_store import known_anchors
    from app.runs.loading import load_resolved
    from optimizers.algorithms.registry import refuse_unknown_algorithm
    from optimizers.algorithms.request import Budget, SearchRequest
    from optimizers.bench.reference_front import extend_reference
    from optimizers.bench.searches import COMPARED

    for name in request.algorithms:
        refuse_unknown_algorithm(name)
    resolved = load_resolved(request.city, request.scenario)
    anchors = known_anchors(resolved, threads=request.threads)
    for name in request.algorithms or COMPARED:
        search = SearchRequest(
            algorithm=name, seed=request.seeds[0], budget=Budget(minutes=minutes), threads=request.threads
        )
        union = extend_reference(resolved, search, anchors=anchors)
        print(
            text(
                "union_extended",
                reader_language(),
                algorithm=name,
                minutes=minutes,
                n=len(union.values),
                hypervolume=union.hypervolume(anchors),
            )
        )


def _print_rows(rows: Iterable[Measured]) -> None:
    """A line for each row, as soon as it is measured."""
    for row in rows:
        verdict = "" if row.holds is None else text(VERDICTS[row.holds], reader_language())
        cells = (shown(cell, reader_language()) for cell in (row.what, row.value, row.gate))
        print(" | ".join((*map(str, cells), verdict)), flush=True)
