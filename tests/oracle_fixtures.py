"""Pairs of the kernel and the loop oracle: plans and scenarios, small and random cities, seen by both sides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from data.city import ObservedCommute
from data.parameter_book import Book, load_book
from data.scenario import CategoryWeights, Scenario
from envs.kernel import REPORT, Plans, ResolvedScenario, evaluate, resolve
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from oracles.evaluate import evaluate_plan
from oracles.small_book import BOOK
from oracles.small_city import PLANS, decision, small_city
from oracles.varied import BARGAINED, LATE_REHABILITATION, Variant, random_plan, random_variant, varied
from plan_fixtures import entries_of, plans_of, random_plans

TOLERANCE = 1e-8
"""Relative; both sides balance the commute to 1e-11 or better."""


@dataclass(frozen=True, eq=False)
class Both:
    """One plan seen by both sides."""

    resolved: ResolvedScenario
    plans: Plans  # a batch of one

    @cached_property
    def trace(self) -> Trace:
        return Trace(self.resolved, canonical(self.plans), REPORT)

    @cached_property
    def values(self) -> dict[str, float]:
        return {name: float(value[0]) for name, value in evaluate(self.resolved, self.plans).values.items()}

    @cached_property
    def oracle(self) -> dict[str, Any]:
        book = self.resolved.book
        plan = entries_of(self.plans, 0)
        return evaluate_plan(self.resolved.city, self.resolved.scenario, lambda key: book[key].value, plan)

    @property
    def start_year(self) -> np.ndarray:
        return self.plans.start_year[0]


def close(value: object, expected: object, *, rel: float = TOLERANCE, floor: float = 1e-12) -> object:
    """Equality to a relative error, of the largest entry for arrays, so that exact zeros may be rounding."""
    scale = float(np.nanmax(np.abs(np.asarray(expected, dtype=float)), initial=0.0))
    return np.testing.assert_allclose(value, expected, rtol=rel, atol=max(floor, rel * scale))


def varied_scenarios() -> dict[str, ResolvedScenario]:
    """The small city under books and scenarios that touch every branch."""
    book, city = load_book().override(BOOK), small_city()
    observed = small_city(observed=ObservedCommute(mean_km=4.2, districts=("West",), source="test"))
    waits = {"settle.outflow_cap": 0.002, "consent.legal_discount": 0.9, "comp.resettlement_area": 35.0}
    phases = {"time.approval": 0.1, "time.land_assembly": 2.7, "time.construction": 0.2, "time.upgrade_works": 2.4}
    of_zone = replace(city, villages=replace(city.villages, price_of_zone=np.array([False, True, True])))
    manual = CategoryWeights(method="manual", weights={"education": 3.0, "health": 1.0, "green_space": 2.0})
    return {
        "plain": resolve(Scenario(plan_years=10), city, book),
        "observed": resolve(Scenario(plan_years=10, category_weights=manual), observed, book),
        "waiting": resolve(Scenario(plan_years=10, onsite_resettlement_share=0.8), of_zone, book.override(waits)),
        "phases": resolve(Scenario(plan_years=10), city, book.override(phases)),
        "whole_book": resolve(Scenario(plan_years=10), city),
    }


RANDOM_CITIES = {f"random_city_{seed}": random_variant(seed) for seed in range(12)}


def book_of(variant: Variant) -> Book:
    """The small book with the variant's changes."""
    return load_book().override(BOOK).override(variant.changes)


SCENARIOS = varied_scenarios() | {
    name: resolve(variant.scenario, variant.city, book_of(variant))
    for name, variant in (varied() | RANDOM_CITIES).items()
}
ALL_PLANS = PLANS | {
    "nobody_left": [decision(2, "rebuild", "mixed_use", 2.4, 0.1)] * 3,
    "bargained": [
        decision(2, "rebuild", "commodity_housing", 2.6, 0.08) | {"compensation_multiplier": 1.3, "delay_yr": 0.7},
        decision(4, "mixed", "mixed_use", 2.4, 0.1) | {"onsite_share": 0.3, "delay_yr": 2.1},
        decision(1, facility_ratio=0.2) | {"delay_yr": 1.0},
    ],
}
"""In years 2 to 6 of `nobody_left` nobody lives in a village."""
PLANS_WITH_COLUMNS = {"all_columns": BARGAINED, "late_rehabilitation": LATE_REHABILITATION}
SMALL_CASES = [(scenario, plan) for scenario in varied_scenarios() for plan in (*ALL_PLANS, "random_1", "random_2")]
SMALL_CASES += [(scenario, plan) for scenario in varied() for plan in ("all_kinds", "all_columns")]
SMALL_CASES += [(scenario, f"random_entries_{seed}") for seed, scenario in enumerate(RANDOM_CITIES)]
SMALL_CASES += [(scenario, "late_rehabilitation") for scenario in ("plain", "growing_prices")]


def pair_of(scenario: str, plan: str) -> Both:
    """The pair of one of `SMALL_CASES`."""
    resolved = SCENARIOS[scenario]
    if plan.startswith("random_entries"):
        seed = int(plan.rsplit("_", 1)[1])
        return Both(resolved, plans_of([random_plan(RANDOM_CITIES[scenario], seed, columns=seed % 3 > 0)]))
    if plan.startswith("random"):
        return Both(resolved, random_plans(resolved, 1, seed=int(plan[-1])))
    return Both(resolved, plans_of([(ALL_PLANS | PLANS_WITH_COLUMNS)[plan]]))
