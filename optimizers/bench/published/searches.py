"""The ladder's searches: each on one thread and for processor seconds, so that other work takes nothing from it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.errors import InputError
from optimizers.algorithms.request import FRONT_SPACING, Budget, SearchRequest
from optimizers.bench.published.cases import Case, read_cities
from optimizers.bench.published.city import PublishedCity
from optimizers.bench.published.linearize import linearize_and_assign
from optimizers.bench.published.model import PublishedModel
from optimizers.search.loop import Hooks
from optimizers.search.run_search import search_model

LINEARIZE = "linearize and assign"
PUBLISHED_WEIGHTS = (1.0, 1.0, 1.0)
WITHOUT_PLAN = ("search_without_valid_plan", "search_without_exactly_valid_plan")
"""Refusals of a search that came to no valid plan in its time."""


@dataclass(frozen=True)
class Asked:
    """One search of the ladder.

    Attributes:
        case: which city, quota and weights.
        algorithm: LINEARIZE, which ends by itself, or one of optimizers.algorithms.registry.
        seconds: of processor time, the last plans' report not counted.
        seed: of its random choices.
        by_total: whether the total is searched; else the three terms are.
        front_spacing: of the front, in anchor ranges.
        times: weights of money, travel and services, relative to the published.
    """

    case: Case
    algorithm: str
    seconds: float
    seed: int
    by_total: bool = True
    front_spacing: float = FRONT_SPACING
    times: tuple[float, float, float] = PUBLISHED_WEIGHTS

    def model(self, city: PublishedCity) -> PublishedModel:
        """What is searched."""
        money, travel, services = (a * b for a, b in zip(self.case.weights.terms, self.times, strict=True))
        weights = replace(self.case.weights, terms=(money, travel, services))
        return replace(self.case, weights=weights).model(city, by_total=self.by_total)


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a search found.

    Attributes:
        terms: money, travel and services of its plans, shape (n_plans, 3); no plan where none was valid in time.
        total: of these plans, by the weights that it searched with, shape (n_plans,).
        evaluations: plans evaluated.
        processor_seconds: with the report of its plans.
        wall_seconds: likewise.
    """

    terms: FloatArray
    total: FloatArray
    evaluations: int
    processor_seconds: float
    wall_seconds: float


def outcomes(folder: Path, asked: Sequence[Asked], *, threads: int = 1) -> Iterator[Outcome]:
    """Search, several side by side in processes of their own.

    Args:
        folder: the published data.
        asked: the searches.
        threads: how many at once.

    Yields:
        An outcome for each, in their order.
    """
    if threads == 1:
        yield from map(partial(outcome, folder), asked)
        return
    with ProcessPoolExecutor(threads, mp_context=get_context("spawn")) as pool:
        yield from pool.map(partial(outcome, folder), asked)


_cities = cache(read_cities)


def outcome(folder: Path, asked: Asked) -> Outcome:
    """Search, and measure the plans found."""
    model = asked.model(_cities(folder)[asked.case])
    wall, processor = time.perf_counter(), time.process_time()
    start_year, option, evaluations = _plans(model, asked)
    terms = model.plan_terms(start_year, option)
    valid = _keeps_quota(model, start_year)
    return Outcome(
        terms[valid],
        model.total(start_year, terms)[valid],
        evaluations,
        time.process_time() - processor,
        time.perf_counter() - wall,
    )


def _plans(model: PublishedModel, asked: Asked) -> tuple[IntArray, IntArray, int]:
    """Start years and options of the plans found, shape (n_plans, n_villages) each, and the evaluations."""
    if asked.algorithm == LINEARIZE:
        start, best_option, evaluations = linearize_and_assign(model)
        return start[None], best_option[None], evaluations
    request = SearchRequest(
        asked.algorithm,
        seed=asked.seed,
        budget=Budget(minutes=asked.seconds / 60.0, clock=time.process_time),
        front_spacing=asked.front_spacing,
    )
    done = [0.0]
    try:
        found = search_model(model, request, hooks=Hooks(progress=lambda row: done.append(row["evaluations"])))
    except InputError as error:
        if error.refusals[0].message.key not in WITHOUT_PLAN:
            raise
        none = np.zeros((0, model.city.n_villages), dtype=np.int64)
        return none, none, int(done[-1])
    return found.start_year, found.option, found.evaluations


def _keeps_quota(model: PublishedModel, start_year: IntArray) -> BoolArray:
    """True for plans that start exactly so many villages in each year, shape (n_plans,)."""
    years = np.arange(1, model.quota.size + 1)
    kept: BoolArray = ((start_year[:, :, None] == years).sum(axis=1) == model.quota).all(axis=1)
    return kept
