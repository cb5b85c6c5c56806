"""The ladder: hand-made plans, rules and the published algorithms beside our searches, on the published model.

Two cases: all of Beijing (1,451 villages, 30 a year) and Chaoyang (312 villages, 6 a year). Every plan is scored by
the published total, and each search is asked for it alone, in equal time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.arrays import FloatArray
from optimizers.algorithms.request import DEFAULT_ALGORITHM, Budget, SearchRequest
from optimizers.bench.published.city import PublishedCity, read_published_city, read_table
from optimizers.bench.published.model import BEIJING, CHAOYANG, TERMS, PublishedModel, Weights
from optimizers.bench.published.plans import read_plan
from optimizers.bench.reference_front import machine
from optimizers.bench.table import Row
from optimizers.search.run_search import search_model

CHAOYANG_VILLAGES = "chaoyang_villages.csv"
GENETIC = "ga_10000"
"""The published genetic algorithm's plan after 10,000 generations, about 1.9 million evaluations."""
RESTATED = {
    "human_a": 35_006.77,
    "human_b": -2_134.92,
    "human_d": 48_864.37,
    "rule_1": 68_604.14,
    "rule_2": 45_865.14,
    GENETIC: 182_910.49,
    "chaoyang_ga": 2_406.63,
}
"""Totals of the published plans by an independent restatement."""
BASELINES = ("random", "local", "greedy", "nsga2")
SHARES_OF_TIME = (1.0 / 60.0, 1.0 / 6.0, 1.0)
"""Of the minutes that are given, when our search is looked at."""
FRONT_PLANS = 300
TIMES_SERVICES = (1.13, 1.15, 1.17)
"""Weights of services, relative to the published, at which a plan beyond the genetic algorithm's is sought."""


@dataclass(frozen=True)
class Case:
    """One of the two published cases.

    Attributes:
        name: as it is printed.
        prefix: of its plans' files, in plans/.
        yearly: villages of each year.
        weights: of the total.
        must: total that our search must reach.
        aim: total that it aims at.
    """

    name: str
    prefix: str
    yearly: int
    weights: Weights
    must: float
    aim: float

    def model(self, city: PublishedCity, *, by_total: bool) -> PublishedModel:
        """The published model of the case."""
        return PublishedModel(city, yearly=self.yearly, weights=self.weights, by_total=by_total)


WHOLE_CITY = Case("Beijing", "", 30, BEIJING, must=188_885.0, aim=189_500.0)
ONE_DISTRICT = Case("Chaoyang", "chaoyang", 6, CHAOYANG, must=2_489.0, aim=2_500.0)


def ladder(
    folder: Path, *, minutes: float = 1.0, threads: int = 1, seeds: Sequence[int] = (1, 2, 3, 4, 5)
) -> Iterator[Row]:
    """Measure everybody on the published model, yielding rows as they come.

    Args:
        folder: the published data.
        minutes: of each search.
        threads: worker threads.
        seeds: of the searches.

    Yields:
        Rows of the table.

    Raises:
        InputError: the folder lacks a file, or one of them is wrong.
    """
    city = read_published_city(folder)
    chosen = read_table(folder / CHAOYANG_VILLAGES, ("village_id",))["village_id"].to_numpy(dtype=np.int64)
    yield Row("machine", f"{machine()}, {threads} threads, seeds {', '.join(map(str, seeds))}")
    request = SearchRequest(budget=Budget(minutes=minutes), threads=threads)
    for case, villages in ((WHOLE_CITY, city), (ONE_DISTRICT, city.of(chosen))):
        yield from _given_plans(folder, case, villages)
        yield from _searches(case, villages, request, seeds)
    yield from _front(folder, city, request, seeds)
    yield from _leads(folder, city, request, seeds[0])


def _given_plans(folder: Path, case: Case, city: PublishedCity) -> Iterator[Row]:
    """A row for each plan that others made."""
    model = case.model(city, by_total=True)
    district = ONE_DISTRICT.prefix
    for path in sorted((folder / "plans").glob("*.csv")):
        if path.stem.startswith(district) == (case.prefix == district):
            plan = read_plan(path, city)
            total, known = plan.total(model), RESTATED.get(path.stem)
            yield Row(
                f"{case.name}, plan {path.stem}",
                f"{total:,.2f} ({_told(plan.terms(model))})",
                "" if known is None else f"restated {known:,.2f}",
                None if known is None else abs(total - known) <= 0.01,
            )


def _searches(case: Case, city: PublishedCity, request: SearchRequest, seeds: Sequence[int]) -> Iterator[Row]:
    """Rows of the baselines and of our search, each asked for the total alone."""
    minutes = request.budget.minutes
    assert minutes is not None
    for algorithm in BASELINES:
        yield _searched(case, city, request, algorithm, minutes, seeds)
    for share in SHARES_OF_TIME:
        yield _searched(case, city, request, DEFAULT_ALGORITHM, share * minutes, seeds)


def _searched(
    case: Case, city: PublishedCity, request: SearchRequest, algorithm: str, minutes: float, seeds: Sequence[int]
) -> Row:
    model = case.model(city, by_total=True)
    totals, evaluations = [], []
    for seed in seeds:
        asked = SearchRequest(algorithm, seed=seed, budget=Budget(minutes=minutes), threads=request.threads)
        found = search_model(model, asked)
        totals.append(float(found.values[:, 0].max()))
        evaluations.append(found.evaluations)
    gated = algorithm == DEFAULT_ALGORITHM and minutes == request.budget.minutes
    return Row(
        f"{case.name}, {algorithm}, {60.0 * minutes:g} s",
        f"{np.median(totals):,.2f} ({min(totals):,.2f}..{max(totals):,.2f}), {np.median(evaluations):,.0f} evaluations",
        f"must {case.must:,.0f}, aim {case.aim:,.0f}" if gated else "",
        bool(np.median(totals) >= case.must) if gated else None,
    )


def _front(folder: Path, city: PublishedCity, request: SearchRequest, seeds: Sequence[int]) -> Iterator[Row]:
    """Rows of the front in the three terms: its size, and its plan that is farthest beyond the genetic algorithm's."""
    model = WHOLE_CITY.model(city, by_total=False)
    genetic = read_plan(folder / "plans" / f"{GENETIC}.csv", city).terms(model)
    sizes, leads, best = [], [], []
    for seed in seeds:
        found = search_model(model, SearchRequest(seed=seed, budget=request.budget, threads=request.threads))
        valid = (found.start_year > 0).sum(axis=1) == model.quota.sum()
        lead = (found.values / genetic - 1.0).min(axis=1)
        sizes.append(int(valid.sum()))
        leads.append(float(lead.max()))
        best.append(found.values[int(np.argmax(lead))])
    middle = int(np.argsort(leads)[(len(leads) - 1) // 2])
    yield Row(
        f"Beijing, {DEFAULT_ALGORITHM}, three terms, valid plans of the front",
        f"{np.median(sizes):,.0f} ({min(sizes)}..{max(sizes)})",
        f"must {FRONT_PLANS}",
        bool(np.median(sizes) >= FRONT_PLANS),
    )
    yield Row(
        f"Beijing, {DEFAULT_ALGORITHM}, three terms, plan beyond the genetic algorithm's in all of them",
        f"by {leads[middle]:+.1%} in the least ({min(leads):+.1%}..{max(leads):+.1%}): {_told(best[middle])}",
        "aim above 0",
        bool(leads[middle] > 0.0),
    )


def _leads(folder: Path, city: PublishedCity, request: SearchRequest, seed: int) -> Iterator[Row]:
    """A row for each weight of services by which one plan was sought, with its lead over the genetic algorithm's."""
    minutes = request.budget.minutes
    assert minutes is not None
    genetic = read_plan(folder / "plans" / f"{GENETIC}.csv", city).terms(WHOLE_CITY.model(city, by_total=False))
    money, travel, served = BEIJING.terms
    for times in TIMES_SERVICES:
        model = PublishedModel(city, weights=Weights((money, travel, times * served)), by_total=True)
        asked = SearchRequest(seed=seed, budget=Budget(minutes=minutes / len(TIMES_SERVICES)), threads=request.threads)
        found = search_model(model, asked)
        terms = model.plan_terms(found.start_year[:1], found.option[:1])[0]
        lead = terms / genetic - 1.0
        yield Row(
            f"Beijing, one plan, services weighed {times:g} times, against the genetic algorithm's",
            f"{lead[0]:+.1%}, {lead[1]:+.1%}, {lead[2]:+.1%}: {_told(terms)}",
            "aim above 0 in all terms",
            bool(lead.min() > 0.0),
        )


def _told(terms: FloatArray) -> str:
    """Money, travel and services on one line."""
    money, travel, served = terms
    return f"{TERMS[0]} {money:.4g}, {TERMS[1]} {travel:.5f}, {TERMS[2]} {served:.3f}"
