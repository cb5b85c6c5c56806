"""The one evaluator: plans in, outcomes out, for environment, optimizers, app and command line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.indicators.registry import INDICATORS, indicator, measured_indicators
from envs.kernel.markets import until_last_year
from envs.kernel.plans import Plans, canonical
from envs.kernel.project_account import ITEMS, REVENUE
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, SEARCH, Precision, Trace

PLANS_PER_CHUNK = 16
"""Plans computed at once: enough columns for matrix products to run at full speed."""
LEAST_CELLS_PER_CHUNK = 24_000
"""Places x plans that are computed at once in small cities, where the calls themselves cost most."""
MOST_CELLS_PER_CHUNK = 112_000
"""Places x plans that are computed at once in large cities, so that they find room in memory."""
FEW_MEASURES = 20
"""Up to this many measures, the accessibility of every place is not kept."""

__all__ = [
    "REPORT",
    "SEARCH",
    "Outcomes",
    "Precision",
    "evaluate",
    "evaluate_by_district",
    "evaluate_yearly",
    "evaluate_yearly_by_district",
    "measure_plans",
]


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Measured outcomes of a batch of plans.

    Attributes:
        objectives: names, in the scenario's order.
        values: indicator name -> shape (n_plans,).
        exact: True if computed at REPORT precision.
    """

    objectives: tuple[str, ...]
    values: dict[str, Array]
    exact: bool

    def __getitem__(self, name: str) -> Array:
        """Values of one indicator, shape (n_plans,)."""
        return self.values[indicator(name).name]

    def objective_matrix(self) -> Array:
        """Objectives in natural units, shape (n_plans, n_objectives)."""
        columns = [self.values[name] for name in self.objectives]
        return array_namespace(columns[0]).stack(columns, axis=1)


def evaluate(
    scenario: ResolvedScenario,
    plans: Plans,
    *,
    indicators: Iterable[str] | None = None,
    precision: Precision = REPORT,
    threads: int = 1,
) -> Outcomes:
    """Evaluate a batch of plans.

    Args:
        scenario: resolved against a city.
        plans: shape (n_plans, n_villages), on any array library.
        indicators: names wanted besides the objectives; None = all, robust ones where the scenario looks at futures.
        precision: REPORT (balanced, float64) or SEARCH (fast; its error is measured by `renewal bench`).
        threads: worker threads, one BLAS thread each.

    Returns:
        Outcomes; an indicator that is undefined for a plan is NaN there.

    Raises:
        InputError: unknown indicator.
    """
    objectives = scenario.scenario.objectives
    wanted = list(
        dict.fromkeys([*objectives, *(measured_indicators(scenario.scenario) if indicators is None else indicators)])
    )
    measures = [indicator(name).value for name in wanted]
    columns = measure_plans(scenario, canonical(plans), measures, precision=precision, threads=threads)
    return Outcomes(objectives, dict(zip(wanted, columns, strict=True)), exact=precision == REPORT)


def measure_plans(
    scenario: ResolvedScenario,
    plans: Plans,
    measures: Sequence[Callable[[Trace], Array]],
    *,
    precision: Precision,
    threads: int = 1,
    counted_share: Array | None = None,
) -> list[Array]:
    """Apply measures to a batch, a few plans at a time.

    Args:
        scenario: resolved against a city.
        plans: shape (n_plans, n_villages).
        measures: trace -> shape (n_plans, ...); all see the same trace, so shared quantities are computed once.
        precision: REPORT or SEARCH.
        threads: worker threads, one BLAS thread each.
        counted_share: share of what each village moves which counts, shape (n_plans, n_villages); None = all (see
            envs.kernel.trace.Trace).

    Returns:
        One float64 array of shape (n_plans, ...) per measure.
    """

    def measured(rows: slice) -> list[Array]:
        share = None if counted_share is None else counted_share[rows]
        trace = _trace(scenario, plans[rows], precision, keeps_access=len(measures) > FEW_MEASURES, share=share)
        return [measure(trace) for measure in measures]

    n_places = scenario.city.n_places
    size = min(max(PLANS_PER_CHUNK, LEAST_CELLS_PER_CHUNK // n_places), max(1, MOST_CELLS_PER_CHUNK // n_places))
    by_chunk = in_parallel(measured, chunks(plans.n_plans, size, threads=threads), threads=threads)
    return [_concat(of_measure) for of_measure in zip(*by_chunk, strict=True)]


def evaluate_yearly(scenario: ResolvedScenario, plans: Plans) -> dict[str, Array]:
    """Yearly series at report precision: name -> (n_plans, n_years), state years 0..horizon or flow years 0..last.

    Flow series (costs, net cash flow) run over the cash flow's years, which may be more than the state years. They are
    called as indicators are (envs.kernel.indicators.registry.YEARLY), but that of the net present value, which is the
    undiscounted net cash flow of each year.
    """
    trace = Trace(scenario, canonical(plans), REPORT)
    series = {item.yearly_name: item.yearly(trace) for item in INDICATORS.values() if item.yearly is not None}
    return series | {item.yearly_name: item.flow(trace) for item in INDICATORS.values() if item.flow is not None}


def evaluate_by_district(scenario: ResolvedScenario, plans: Plans) -> dict[str, Array]:
    """Indicators by district at report precision: name -> (n_plans, n_districts), in the order of city.districts."""
    trace = Trace(scenario, canonical(plans), REPORT)
    return {item.name: item.by_district(trace) for item in INDICATORS.values() if item.by_district is not None}


def evaluate_yearly_by_district(scenario: ResolvedScenario, plans: Plans) -> dict[str, Array]:
    """Account and markets of each district at report precision: name -> (n_plans, n_districts, n_flow_years).

    Every item of the account (revenues above zero, costs below) and their sum `net_cash_flow_cny`; `commodity_sold_m2`
    in the year beside `normal_sales_m2`, what the district's market takes in a normal year; `housing_supply_m2` and
    `net_rental_places` [persons] up to last year; the `sale_price_factor` and `rent_factor` that follow from these,
    relative to the base year. District order as in city.districts; flow years 0..last.
    """
    trace = Trace(scenario, canonical(plans), REPORT)
    normal = trace.constants.markets.flow.size[:, None]
    signed = {
        item.name: flow if item.kind == REVENUE else 0.0 - flow
        for item, flow in zip(ITEMS, trace.flows_by_district_cny.values(), strict=True)
    }
    return signed | {
        "net_cash_flow_cny": trace.net_cash_flow_by_district_cny,
        "commodity_sold_m2": trace.commodity_sold_m2,
        "normal_sales_m2": normal + trace.xp.zeros_like(trace.commodity_sold_m2),
        "housing_supply_m2": until_last_year(trace.housing_supply_m2),
        "net_rental_places": until_last_year(trace.net_rental_places),
        "sale_price_factor": trace.price_factor,
        "rent_factor": trace.rent_factor,
    }


def _trace(
    scenario: ResolvedScenario, plans: Plans, precision: Precision, *, keeps_access: bool, share: Array | None
) -> Trace:
    trace = Trace(scenario, plans, precision, keeps_access=keeps_access, counted_share=share)
    if precision.all_years or not trace.away.waiting:
        return trace
    every_year = replace(precision, all_years=True)
    return Trace(scenario, plans, every_year, keeps_access=keeps_access, counted_share=share)


def _concat(arrays: Sequence[Array]) -> Array:
    xp = array_namespace(arrays[0])
    return xp.concat([xp.astype(array, xp.float64) for array in arrays])
