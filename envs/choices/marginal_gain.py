"""Marginal gains: what every open choice of every village would add to weighted objectives, at a plan as it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from data.scenario import RuleMode
from envs.choices.additive_limits import AdditiveLimit, additive_limits
from envs.choices.linear_model import LinearGains
from envs.choices.options import CELLS_PER_CHUNK, OptionSpace
from envs.choices.service_saturation import serving_supply
from envs.choices.target_limits import sloped_targets, target_limits
from envs.kernel.adjoint import (
    DELAYED,
    SLOPES,
    calendar_of_choices,
    choice_clocks,
    quantity_names,
    village_quantities,
)
from envs.kernel.computing.backend import Array, device
from envs.kernel.computing.parallel_chunks import chunks, in_parallel
from envs.kernel.plans import Plans
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import SEARCH, Trace
from envs.rules.check import rule_mode

CAP_WIDTH = 1.0
"""How far the cap of the met share is smoothed when gains are to foretell steps of many villages at once."""
SERVING = ("facility_new", "facility_converted", "green_land")
"""Quantities that serve less the more there is of them: new supply of services."""


@dataclass(frozen=True, eq=False)
class MarginalGains(LinearGains):
    """The linear model of a scenario: quantities of every option, ready to meet the slopes of a plan.

    Attributes:
        resolved: scenario resolved against a city.
        space: legal options.
        objectives: names, in the order of the weights.
        names: of the quantities: those of the objectives (envs.kernel.adjoint.quantity_names), and where limits on
            the whole plan are to be foretold those of capital and what each of `limits` counts. Where options follow
            several calendars, what a delay moves follows once more for each calendar but the first (`columns_of`).
        unit: size of each quantity, so that single precision suffices, shape (n_quantities,).
        quantities: what each option contributes, in these units, shape (n_villages, n_quantities, n_options).
        limits: hard limits that add up by option alone, where they are to be foretold.
    """

    resolved: ResolvedScenario
    space: OptionSpace
    objectives: tuple[str, ...]
    names: tuple[str, ...]
    unit: FloatArray
    quantities: SingleArray
    limits: tuple[AdditiveLimit, ...] = ()

    @property
    def option_mask(self) -> BoolArray:  # type: ignore[override]
        """See LinearGains."""
        return self.space.option_mask

    @property
    def start_mask(self) -> BoolArray:  # type: ignore[override]
        """See LinearGains."""
        return self.space.start_mask

    @property
    def fixed_mask(self) -> BoolArray:  # type: ignore[override]
        """See LinearGains."""
        return self.space.fixed_mask

    def slopes_at(self, start_year: IntArray, option: IntArray, weights: FloatArray) -> SingleArray:
        """See LinearGains; objectives without known slopes count as flat."""
        return self.weighted_slopes(self.space.decode(start_year, option), weights)

    def slopes_by_term(self, start_year: IntArray, option: IntArray, worth: FloatArray) -> SingleArray:
        """See LinearGains; the plan is traced once for all objectives."""
        plan = self.space.decode(start_year[None], option[None])
        return np.asarray(self.slopes_by_objective(plan, worth)[:, 0])

    def weighted_slopes(self, plans: Plans, weights: FloatArray, *, cap_width: float = CAP_WIDTH) -> SingleArray:
        """Derivative of each plan's weighted sum of objectives by quantity and start year.

        Args:
            plans: shape (n_plans, n_villages).
            weights: of the objectives in natural units, signed so that more is better, shape (n_plans, n_objectives).
            cap_width: see envs.kernel.adjoint.accessibility_slope.

        Returns:
            shape (n_plans, n_villages, plan_years, n_quantities), per unit; objectives without known
            slopes count as flat.
        """
        trace = Trace(self.resolved, plans, SEARCH, keeps_access=False)
        n_years = self.resolved.clock.plan_years
        table = np.zeros((self.unit.size, *plans.start_year.shape, n_years), dtype=np.float32)
        for name, weight in zip(self.objectives, weights.T, strict=True):
            if name not in SLOPES or not weight.any():
                continue
            for column, slope in self.slopes_of(trace, name, cap_width):
                table[column] += weight[:, None, None] * slope
        return np.ascontiguousarray(np.moveaxis(table, 0, -1))

    def slopes_by_objective(
        self,
        plans: Plans,
        per_unit: FloatArray,
        *,
        from_year: int = 1,
        cap_width: float = CAP_WIDTH,
        threads: int = 1,
    ) -> Array:
        """Derivative of each objective by quantity and start year, not summed.

        Args:
            plans: shape (n_plans, n_villages), in any array library.
            per_unit: worth of a natural unit of each objective, signed so that more is better, shape (n_objectives,).
            from_year: first start year of interest; state years before it, which no such start changes, are left out.
            cap_width: as in weighted_slopes.
            threads: objectives computed side by side.

        Returns:
            shape (n_objectives, n_plans, n_villages, plan_years, n_quantities), float32, in the library of the plans;
            start years before `from_year` mean nothing.
        """
        trace = Trace(self.resolved, plans, SEARCH, keeps_access=False, from_year=from_year if from_year > 1 else None)
        xp, n_years = trace.xp, self.resolved.clock.plan_years
        shape = (len(self.objectives), *plans.start_year.shape, n_years, self.unit.size)
        table = xp.zeros(shape, dtype=xp.float32, device=device(plans.start_year))

        def fill(k: int) -> None:
            for column, slope in self.slopes_of(trace, self.objectives[k], cap_width):
                table[k, ..., column] = xp.astype(float(per_unit[k]) * slope, xp.float32)

        with_slopes = [k for k, name in enumerate(self.objectives) if name in SLOPES]
        in_parallel(fill, with_slopes, threads=threads)
        return table

    def slopes_of(self, trace: Trace, indicator: str, cap_width: float = CAP_WIDTH) -> Iterator[tuple[int, Array]]:
        """Column and slope by each quantity, per unit, shape (n_plans, n_villages, plan_years), where it has slopes."""
        n_starts = self.resolved.clock.plan_years + 1
        for quantity, slope in SLOPES[indicator](trace, cap_width).items():
            for calendar, column in enumerate(self.columns_of(quantity)):
                first = calendar * n_starts
                yield column, float(self.unit[column]) * slope[..., first + 1 : first + n_starts]

    def columns_of(self, quantity: str) -> list[int]:
        """Columns of a quantity: one for each calendar that moves it, or a single one."""
        of_calendars = (
            quantity_of_calendar(quantity, n) for n in range(self.n_calendars if quantity in DELAYED else 1)
        )
        return [self.names.index(name) for name in of_calendars]

    @property
    def n_calendars(self) -> int:
        """Calendars that options may follow."""
        return len(choice_clocks(self.resolved))


def marginal_gains(
    resolved: ResolvedScenario,
    space: OptionSpace,
    objectives: Sequence[str],
    *,
    with_limits: bool = False,
    threads: int = 1,
) -> MarginalGains:
    """Compute what each option of each village contributes to the model.

    Args:
        resolved: scenario resolved against a city.
        space: legal options.
        objectives: names.
        with_limits: hold also what hard limits on the whole plan count.
        threads: worker threads.

    Returns:
        The linear model.
    """
    limits = hard_limits(resolved) if with_limits else ()
    wanted = [target.indicator for target in sloped_targets(resolved)] if with_limits else []
    counted = quantity_names((*objectives, *wanted), with_limits=with_limits)
    amounts, calendar = _amounts(resolved, space, counted, limits, threads=threads)
    columns = dict.fromkeys(limit_column(limits, limit) for limit in limits)
    names = (*counted, *columns)
    if calendar is not None:
        names, amounts = _by_calendar(names, amounts, calendar, len(choice_clocks(resolved)))
    largest = np.maximum(amounts.max(axis=(0, 2), initial=0.0), -amounts.min(axis=(0, 2), initial=0.0))
    unit = np.where(largest > 0.0, largest, 1.0)
    quantities = np.empty(amounts.shape, dtype=np.float32)
    np.divide(amounts, unit[:, None], out=quantities, casting="same_kind")
    return MarginalGains(
        resolved=resolved,
        space=space,
        objectives=tuple(objectives),
        names=names,
        unit=unit,
        quantities=quantities,
        limits=limits,
    )


def hard_limits(resolved: ResolvedScenario) -> tuple[AdditiveLimit, ...]:
    """Limits of the hard rules, targets among them, that add up over villages by option alone."""
    every = additive_limits(resolved)
    hard = (limit for limit in every if rule_mode(resolved.scenario, limit.rule) is RuleMode.HARD)
    return (*hard, *target_limits(resolved))


def limit_column(limits: Sequence[AdditiveLimit], limit: AdditiveLimit) -> str:
    """Name of the quantity that a limit counts; limits of all districts that count the same share it."""
    same = [other for other in limits if other.rule == limit.rule and (other is limit or (other.local and limit.local))]
    return f"limit {limits.index(same[0])}"


def quantity_of_calendar(quantity: str, position: int) -> str:
    """Name of what options of one calendar contribute of a quantity that a delay moves.

    Example:
        >>> quantity_of_calendar("jobs_new", 0), quantity_of_calendar("jobs_new", 2)
        ('jobs_new', 'jobs_new by calendar 2')
    """
    return f"{quantity} by calendar {position}" if position else quantity


def _by_calendar(
    names: tuple[str, ...], amounts: FloatArray, calendar: IntArray, n_calendars: int
) -> tuple[tuple[str, ...], FloatArray]:
    """Names and amounts with a column for each calendar of what a delay moves; an option counts in that of its own."""
    delayed = [column for column, name in enumerate(names) if name in DELAYED]
    later = [
        (quantity_of_calendar(names[column], n), np.where(calendar == n, amounts[:, column], 0.0))
        for n in range(1, n_calendars)
        for column in delayed
    ]
    first = amounts.copy()
    first[:, delayed] = np.where((calendar == 0)[:, None], amounts[:, delayed], 0.0)
    return (
        (*names, *(name for name, _ in later)),
        np.concatenate([first, np.stack([values for _, values in later], axis=1)], axis=1),
    )


def _amounts(
    resolved: ResolvedScenario,
    space: OptionSpace,
    counted: Sequence[str],
    limits: Sequence[AdditiveLimit],
    *,
    threads: int,
) -> tuple[FloatArray, IntArray | None]:
    """What every option of every village contributes, shape (n_villages, n_quantities, n_options); 0 if not legal.

    New facilities count as they serve (envs.choices.service_saturation). Besides, the position of the calendar that
    each option follows, (n_villages, n_options); None where there is but one.
    """
    n_villages = space.option_mask.shape[0]
    needs = {limit_column(limits, limit): limit.need for limit in limits}
    amounts = np.zeros((n_villages, len(counted) + len(needs), space.n_options))
    several = len(choice_clocks(resolved)) > 1
    calendar = np.zeros((n_villages, space.n_options), dtype=np.int64) if several else None

    def fill(columns: slice) -> None:
        trace = Trace(resolved, space.every_option(columns), SEARCH)
        quantities = village_quantities(trace, counted) + [need(trace) for need in needs.values()]
        if calendar is not None:
            calendar[:, columns] = calendar_of_choices(trace).T
        legal = space.option_mask[:, columns].T
        for row, values in enumerate(quantities):
            amounts[:, row, columns] = np.where(legal, values, 0.0).T

    in_parallel(fill, chunks(space.n_options, CELLS_PER_CHUNK // max(n_villages, 1)), threads=threads)
    for name in SERVING:
        row = list(counted).index(name)
        is_land = name == "green_land"
        amounts[:, row] = serving_supply(resolved, amounts[:, row], is_land=is_land, cap_width=CAP_WIDTH)
    return amounts, calendar
