"""What `renewal bench` measures and prints: evaluator, searches, policy, environment, room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from app.words.language import reader_language
from data.catalogue import shown, text

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


def evaluator_rows(request: BenchRequest) -> Iterable[Measured]:
    """Speed and error of the evaluator, and what a search of the same run reaches."""
    from app.runs.loading import load_checked_scenario
    from data.files.cities import load_city
    from optimizers.bench.table import bench

    city, scenario = load_city(request.city), load_checked_scenario(request.scenario)
    return bench(city, scenario, minutes=request.minutes, threads=request.threads)


def environment_rows(request: BenchRequest) -> Iterable[Measured]:
    """Steps per second of the environment."""
    from envs.environment_speed import environment_rates

    return environment_rates(threads=request.threads)


def training_rows(request: BenchRequest) -> Iterable[Measured]:
    """Decisions per second of every engine of training, and where the time goes."""
    from importlib.util import find_spec

    from agents.training.engines import DEFAULT_ENGINE, ENGINES
    from data.errors import refuse

    if not all(find_spec(package) for package in ENGINES[DEFAULT_ENGINE].needs):
        raise refuse("extra_train_missing")
    import torch

    from agents.training.cities import drawn_cities, sizes_from
    from app.runs.loading import load_checked_scenario
    from app.runs.training_config import TrainingConfig
    from app.studies.training_bench import training_bench

    torch.set_num_threads(request.threads)
    config = TrainingConfig()
    sizes = sizes_from(config.generate)
    draw = drawn_cities(sizes, load_checked_scenario(request.scenario))
    return training_bench(draw, config.setting(request.seeds[0], sizes.most))


def room_rows(request: BenchRequest) -> Iterable[Measured]:
    """Start, first page and edit of the room."""
    from app.cli.web_speed import room_rows

    return room_rows(request.city, request.scenario)


def policy_rows(folder: Path | None, request: BenchRequest) -> Iterable[Measured]:
    """A policy beside the searches."""
    from agents.policy.policy_files import SHIPPED, read_policy
    from app.files.kept import cache_folder
    from app.studies.policy_bench import policy_bench

    return policy_bench(
        read_policy(SHIPPED if folder is None or str(folder) == "shipped" else folder),
        seeds=request.seeds,
        minutes=request.minutes,
        threads=request.threads,
        cache=cache_folder(),
        kept=request.kept(),
    )


def limits_rows(folder: Path | None, request: BenchRequest) -> Iterable[Measured]:
    """Search, policy and baselines under limits; a city for each seed, as far as there are such."""
    from agents.policy.policy_files import SHIPPED, read_policy
    from app.files.kept import cache_folder
    from app.studies.limits_bench import HELD_OUT, limits_bench

    return limits_bench(
        read_policy(SHIPPED if folder is None or str(folder) == "shipped" else folder),
        cities=HELD_OUT[: len(request.seeds)],
        minutes=request.minutes,
        threads=request.threads,
        cache=cache_folder(),
        kept=request.kept(),
    )


def bargaining_rows(request: BenchRequest) -> Iterable[Measured]:
    """The table of what bargaining brings against bargaining over the plans themselves."""
    from app.studies.bargaining_bench import bargaining_bench
    from data.files.cities import load_city

    return bargaining_bench(load_city(request.city), request.scenario, minutes=request.minutes, threads=request.threads)


def published_rows(folder: Path | None, request: BenchRequest) -> Iterable[Measured]:
    """The searches beside hand-made plans, rules and published algorithms, on the published model of Beijing."""
    from optimizers.bench.published.ladder import ladder

    assert folder is not None
    return ladder(folder, minutes=request.minutes, threads=request.threads, seeds=request.seeds)


def search_rows(request: BenchRequest) -> Iterable[Measured]:
    """The search methods over several seeds."""
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


def why_not_rows(request: BenchRequest) -> Iterable[Measured]:
    """How often answers to "why not this village?" are right when the city is searched again."""
    from app.runs.anchor_store import known_anchors
    from app.runs.loading import load_checked_scenario
    from data.files.cities import load_city
    from envs.kernel import resolve
    from optimizers.whatif.bench import scarce, why_not_bench

    city = load_city(request.city)
    resolved = resolve(scarce(load_checked_scenario(request.scenario), city.n_villages), city)
    anchors = known_anchors(resolved, threads=request.threads)
    return why_not_bench(
        resolved, anchors, seed=request.seeds[-1], threads=request.threads, plan_seconds=60.0 * request.minutes
    )


def extend_union(request: BenchRequest, minutes: float) -> None:
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


def print_rows(rows: Iterable[Measured]) -> None:
    """A line for each row, as soon as it is measured."""
    for row in rows:
        verdict = "" if row.holds is None else text(VERDICTS[row.holds], reader_language())
        cells = (shown(cell, reader_language()) for cell in (row.what, row.value, row.gate))
        print(" | ".join((*map(str, cells), verdict)), flush=True)
