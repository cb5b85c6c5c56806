"""The bench of the table of agreements: plans counted by it, against bargaining over the plans themselves."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from app.runs.loading import load_checked_scenario
from data.arrays import FloatArray
from data.catalogue import Message, message
from data.city import City
from data.scenario import Bargaining
from envs.choices.anchors import Anchors
from envs.choices.bargained_options import with_agreements
from envs.choices.options import OptionSpace, option_space
from envs.kernel import REPORT, SEARCH, Plans, Precision, ResolvedScenario, resolve
from envs.kernel.evaluate import measure_plans
from envs.kernel.indicators.registry import indicator
from envs.kernel.plans import canonical, concatenate
from envs.people.bargaining.projects import Projects, projects_of
from envs.people.bargaining.prospects import N_DRAWS, Prospects, prospects
from envs.people.bargaining.protocol import NOBODY
from envs.people.bargaining.table import TABLE_SEED, expected_terms
from optimizers.algorithms.request import DEFAULT_ALGORITHM, Budget, SearchRequest
from optimizers.search.compute_anchors import anchors_within
from optimizers.search.run_search import search

N_PLANS = 8
"""Of a front that are compared, evenly by the first objective."""
N_REALIZED = 50
"""Draws in which a plan is carried out as it is agreed on."""
MOST_ERROR = 0.02
"""Of an anchor range."""


@dataclass(frozen=True)
class Line:
    """A line of the bench, as optimizers.bench.table.Row, in words of both languages."""

    what: object
    value: object
    gate: object = ""
    holds: bool | None = None


@dataclass(frozen=True, eq=False)
class Bargained:
    """A plan bargained over by itself: at its own options, start years, prices and rents.

    Attributes:
        plan: batch of one.
        projects: terms alone on the table.
        promised: over the draws.
    """

    plan: Plans
    projects: Projects
    promised: Prospects

    def expected(self) -> tuple[Plans, FloatArray]:
        """The plan on the expected terms, and the probability of each village, (1, n_villages)."""
        village, shape = self.projects.village_idx, self.plan.start_year.shape
        multiplier, onsite, delay, share = (np.full(shape, np.nan) for _ in range(4))
        share[...] = 1.0
        share[0, village] = self.promised.probability[0]
        multiplier[0, village], onsite[0, village] = expected_terms(self.projects, self.promised)
        delay[0, village] = np.nan_to_num(self.promised.expected(self.promised.delay_yr)[0])
        terms = {"compensation_multiplier": multiplier, "onsite_share": onsite, "delay_yr": delay}
        return canonical(replace(self.plan, **terms)), share

    def realized(self, n_draws: int) -> Plans:
        """The plan as it is agreed on in each of the first draws, a batch; who does not agree is kept."""
        row = np.arange(len(self.projects.village_idx))
        plans = []
        for draw in range(n_draws):
            nearest, agreed = self.promised.nearest[:, draw], self.promised.agrees[:, draw]
            package = np.where(agreed, self.promised.package[row, nearest], NOBODY)
            delay_yr = np.nan_to_num(self.promised.delay_yr[row, nearest])
            plans.append(self.projects.agreed_plan(package, agreed, delay_yr))
        return concatenate(plans)


def bargain_over(resolved: ResolvedScenario, plan: Plans, options: OptionSpace) -> Bargained:
    """Bargain over the terms of a plan, as the table does over those of every option."""
    projects = projects_of(resolved, plan, options, option_fixed=True)
    return Bargained(plan, projects, prospects(projects.stakes, projects.pivotal_ratios(TABLE_SEED, N_DRAWS)))


def bargaining_bench(city: City, scenario: str, *, minutes: float, threads: int) -> Iterator[Line]:
    """Make the table, search for plans with it and without it, and compare their outcomes.

    Args:
        city: where.
        scenario: preset or file; what it says of bargaining does not matter.
        minutes: of each search, and of the anchors.
        threads: worker threads.

    Yields:
        Time of the table; for the plans of each search and each objective the mean and largest error, in shares of the
        anchor range of the counted scenario.
    """
    base = load_checked_scenario(scenario).model_copy(update={"bargaining": Bargaining.OFF})
    off = resolve(base, city)
    counted = replace(off, scenario=base.model_copy(update={"bargaining": Bargaining.COUNTED}))
    begun = time.process_time()
    counted = with_agreements(counted)
    seconds, table = time.process_time() - begun, counted.agreements
    assert table is not None
    told = message("bench_bargaining_seconds", seconds=seconds, n=int(table.legal.sum()))
    yield Line(message("bench_bargaining_table"), told)
    anchors = anchors_within(counted, 60.0 * minutes, threads=threads)[0]
    options = option_space(off)
    for name, resolved in (("off", off), ("counted", counted)):
        budget = Budget(minutes=minutes)
        found = search(resolved, SearchRequest(algorithm=DEFAULT_ALGORITHM, seed=1, budget=budget, threads=threads))
        plans = evenly(found.plans, found.values[:, 0])
        yield from _compared(name, off, counted, plans, options, anchors)


def evenly(plans: Plans, values: FloatArray) -> Plans:
    """Some plans of a front, evenly by a value."""
    order = np.argsort(values, kind="stable")
    return canonical(plans[order[np.unique(np.linspace(0, order.size - 1, N_PLANS).round().astype(int))]])


def _compared(
    name: str, off: ResolvedScenario, counted: ResolvedScenario, plans: Plans, options: OptionSpace, anchors: Anchors
) -> Iterator[Line]:
    measures = [indicator(objective).value for objective in anchors.objectives]

    def by_table(precision: Precision) -> FloatArray:
        return np.stack(measure_plans(counted, plans, measures, precision=precision), axis=1)

    expected, realized = [], []
    for row in range(plans.n_plans):
        own = bargain_over(off, plans[row : row + 1], options)
        terms, share = own.expected()
        expected.append(np.concatenate(measure_plans(off, terms, measures, precision=REPORT, counted_share=share)))
        carried_out = measure_plans(off, own.realized(N_REALIZED), measures, precision=SEARCH)
        realized.append([float(column.mean()) for column in carried_out])
    against = {
        "expected": by_table(REPORT) - np.stack(expected),
        "realized": by_table(SEARCH) - np.array(realized),  # many plans: at the precision of searches on both sides
    }
    for what, apart in against.items():
        for objective, errors in zip(anchors.objectives, np.abs(apart / anchors.ranges).T, strict=True):
            value = message("bench_bargaining_errors", mean=float(errors.mean()), largest=float(errors.max()))
            is_gate = what == "expected"
            gate = message("bench_bargaining_gate", most=MOST_ERROR) if is_gate else ""
            yield Line(_what(name, what, objective), value, gate, bool(errors.mean() < MOST_ERROR) if is_gate else None)


def _what(name: str, against: str, objective: str) -> Message:
    return message(
        "bench_bargaining_error", plans=message(f"bench_bargaining_{name}"),
        against=message(f"bench_bargaining_{against}"), objective=message(f"{objective}.label"),
    )  # fmt: skip
