"""The ladder: hand-made plans, rules and the published algorithms beside our searches, on the published model.

Every plan is scored by the published total, and each search is asked for it alone, in equal processor time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from data.arrays import FloatArray
from data.errors import InputError
from optimizers.algorithms.request import DEFAULT_ALGORITHM
from optimizers.bench.published.bound import bound
from optimizers.bench.published.cases import CASES, WHOLE_CITY, Case, read_cities
from optimizers.bench.published.city import PublishedCity
from optimizers.bench.published.model import TERMS
from optimizers.bench.published.plans import read_plan
from optimizers.bench.published.searches import LINEARIZE, PUBLISHED_WEIGHTS, Asked, Outcome, outcomes
from optimizers.bench.reference_front import machine
from optimizers.bench.table import Row

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
LEAST, MIDDLE, MOST = 1.0 / 60.0, 1.0 / 6.0, 1.0
"""Of the minutes that are given, when our search is looked at; at MIDDLE the baselines, too."""
BASELINE_SEEDS, LONG_SEEDS = 1, 2
"""Seeds of the baselines and of the longest searches, the first of those given."""
FRONT_PLANS, LADDER_SPACING, FRONT_SHARE = 300, 0.005, 0.9
"""Plans of the front, how far apart, and the share of the time after which they are reported."""
TIMES = (1.0, 0.8, 1.15)
"""Weights, relative to the published, at which a plan beyond the genetic algorithm's in all terms is sought."""


@dataclass(frozen=True)
class Rung:
    """Searches that make one row.

    Attributes:
        asked: the searches.
        row: of their outcomes.
    """

    asked: tuple[Asked, ...]
    row: Callable[[Sequence[Outcome]], Row]


def ladder(folder: Path, *, minutes: float = 1.0, threads: int = 1, seeds: Sequence[int] = (1, 2, 3)) -> Iterator[Row]:
    """Measure everybody on the published model, yielding rows as they come.

    Args:
        folder: the published data.
        minutes: of processor time, of the longest searches.
        threads: searches side by side, each on one thread.
        seeds: of the searches.

    Yields:
        Rows of the table.

    Raises:
        InputError: the folder lacks a file, or one of them is wrong; a plan that cannot be scored gets a row that
            says so.
    """
    cities, began = read_cities(folder), time.perf_counter()
    genetic = read_plan(folder / "plans" / f"{GENETIC}.csv", cities[WHOLE_CITY])
    beyond = genetic.terms(WHOLE_CITY.model(cities[WHOLE_CITY], by_total=False))
    yield Row("machine", f"{machine()}, {threads} searches at once, seeds {', '.join(map(str, seeds))}, {_load()}")
    rungs = {case: _rungs(case, 60.0 * minutes, seeds) for case in CASES}
    rungs[WHOLE_CITY] += _rungs_in_terms(60.0 * minutes, seeds, beyond)
    asked = [search for case in CASES for rung in rungs[case] for search in rung.asked]
    found = outcomes(folder, asked, threads=threads)
    for case in CASES:
        yield from given_plans(folder, case, cities[case])
        best = -np.inf
        for rung in rungs[case]:
            each = list(islice(found, len(rung.asked)))
            best = max(best, *map(_published_total, rung.asked, each))
            yield rung.row(each)
        yield _bound_row(case, cities[case], best)
    yield Row("the whole ladder", f"{time.perf_counter() - began:,.0f} s wall, {_load()}")


def _load() -> str:
    """Processes that want a core, over the last minute."""
    return f"load {os.getloadavg()[0]:.1f}"


def given_plans(folder: Path, case: Case, city: PublishedCity) -> Iterator[Row]:
    """A row for each plan that others made; one that cannot be read says why, and the others go on."""
    for path in case.plan_files(folder):
        what = f"{case.name}, plan {path.stem}"
        try:
            yield _given(what, path, case, city)
        except InputError as error:
            yield Row(what, f"not scored: {'; '.join(refusal.text() for refusal in error.refusals)}")


def _given(what: str, path: Path, case: Case, city: PublishedCity) -> Row:
    model, plan, known = case.model(city, by_total=True), read_plan(path, city), RESTATED.get(path.stem)
    total, told = plan.total(model), _told(plan.terms(model))
    if plan.left_out.size:
        told += f"; without {plan.left_out.size} villages that lie in no cell: {', '.join(map(str, plan.left_out))}"
    gate, holds = ("", None) if known is None else (f"restated {known:,.2f}", abs(total - known) <= 0.01)
    return Row(what, f"{total:,.2f} ({told})", gate, holds)


def _rungs(case: Case, seconds: float, seeds: Sequence[int]) -> list[Rung]:
    """The baselines and our search, each asked for the total alone."""
    several = [(LINEARIZE, seconds, seeds[:1])]
    several += [(algorithm, MIDDLE * seconds, seeds[:BASELINE_SEEDS]) for algorithm in BASELINES]
    several += [(DEFAULT_ALGORITHM, share * seconds, seeds) for share in (LEAST, MIDDLE)]
    several += [(DEFAULT_ALGORITHM, MOST * seconds, seeds[:LONG_SEEDS])]
    rungs = []
    for algorithm, each_seconds, chosen in several:
        asked = tuple(Asked(case, algorithm, each_seconds, seed) for seed in chosen)
        gate = (
            f"must {case.must:,.0f}, aim {case.aim:,.0f}"
            if (algorithm, each_seconds) == (DEFAULT_ALGORITHM, seconds)
            else ""
        )
        rungs.append(Rung(asked, partial(_total_row, asked[0], gate)))
    return rungs


def _total_row(asked: Asked, gate: str, found: Sequence[Outcome]) -> Row:
    case, totals = asked.case, np.array([each.total.max(initial=-np.inf) for each in found])
    reached = f"{np.median(totals):,.2f} ({totals.min():,.2f}..{totals.max():,.2f})"
    if np.isneginf(totals).all():
        reached = "no valid plan in this time"
    return Row(
        f"{case.name}, {asked.algorithm}" + ("" if asked.algorithm == LINEARIZE else f", {asked.seconds:g} s"),
        f"{reached}, {np.median([each.evaluations for each in found]):,.0f} evaluations, {_took(found)}",
        gate,
        bool(np.median(totals) >= case.must) if gate else None,
    )


def _published_total(asked: Asked, found: Outcome) -> float:
    """Best total of a search that was asked for the published one; else -inf."""
    is_published = asked.by_total and asked.times == PUBLISHED_WEIGHTS
    return float(found.total.max(initial=-np.inf)) if is_published else -np.inf


def _bound_row(case: Case, city: PublishedCity, best: float) -> Row:
    """What no plan exceeds, beside the best plan of this table."""
    began = time.process_time()
    above = bound(case.model(city, by_total=True))
    return Row(
        f"{case.name}, certified upper bound",
        f"{above:,.2f}, {above / best - 1.0:.1%} above the best plan found, "
        f"{time.process_time() - began:.1f} s of processor; the aim of {case.aim:,.0f} is "
        + ("not excluded" if above >= case.aim else "out of reach"),
    )


def _took(found: Sequence[Outcome]) -> str:
    """How long each search took with all that belongs to it."""
    processor, wall = (
        np.median([getattr(each, name) for each in found]) for name in ("processor_seconds", "wall_seconds")
    )
    return f"{processor:.1f} s of processor, {wall:.1f} s wall"


def _rungs_in_terms(seconds: float, seeds: Sequence[int], beyond: FloatArray) -> list[Rung]:
    """The front in the three terms, and a single plan that leads the genetic algorithm's in all of them."""
    asked = Asked(WHOLE_CITY, DEFAULT_ALGORITHM, seconds, seeds[0])
    front = replace(asked, seconds=FRONT_SHARE * seconds, by_total=False, front_spacing=LADDER_SPACING)
    lead = replace(asked, seconds=seconds / 3.0, times=TIMES)
    return [
        Rung((front,), partial(_front_row, seconds, beyond)),
        Rung((lead,), partial(_lead_row, lead, beyond)),
    ]


def _front_row(seconds: float, beyond: FloatArray, found: Sequence[Outcome]) -> Row:
    (front,) = found
    leads = (front.terms / beyond - 1.0).min(axis=1)
    ends = np.array([front.terms[np.argmax(front.terms[:, k])] for k in range(len(TERMS))])
    return Row(
        f"Beijing, {DEFAULT_ALGORITHM}, front in three terms, plans {LADDER_SPACING:.1%} of a range apart",
        f"{len(front.terms)} valid plans, {_took(found)}; ends: {'; '.join(map(_told, ends))}; "
        f"plan closest to the genetic algorithm's or beyond it: {leads.max():+.1%} in its least term",
        f"must {FRONT_PLANS} plans in {seconds:g} s",
        len(front.terms) >= FRONT_PLANS and front.processor_seconds <= seconds,
    )


def _lead_row(asked: Asked, beyond: FloatArray, found: Sequence[Outcome]) -> Row:
    terms = found[0].terms[np.argmax(found[0].total)]
    lead = terms / beyond - 1.0
    return Row(
        f"Beijing, one plan, {asked.seconds:g} s, {', '.join(TERMS)} weighed {', '.join(map(str, asked.times))} times, "
        "against the genetic algorithm's",
        f"{lead[0]:+.1%}, {lead[1]:+.1%}, {lead[2]:+.1%}: {_told(terms)}",
        "aim above 0 in all terms",
        bool(lead.min() > 0.0),
    )


def _told(terms: FloatArray) -> str:
    """Money, travel and services on one line."""
    money, travel, served = terms
    return f"{TERMS[0]} {money:.4g}, {TERMS[1]} {travel:.5f}, {TERMS[2]} {served:.3f}"
