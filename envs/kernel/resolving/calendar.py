"""Calendar of a scenario, and what it cannot hold."""

from __future__ import annotations

from data.errors import refuse
from data.parameter_book import Book
from data.scenario import Intensity, Scenario
from envs.kernel.timing import Clock, Phases


def make_clock(scenario: Scenario, book: Book) -> Clock:
    """Calendar of a scenario."""
    return Clock(
        phases=Phases(
            approval_yr=book.number("time.approval"),
            land_assembly_yr=book.number("time.land_assembly"),
            construction_yr=book.number("time.construction"),
            upgrade_works_yr=book.number("time.upgrade_works"),
        ),
        plan_years=scenario.plan_years,
        tail_years=round(book.number("indicator.tail_years")),
        operation_years=round(book.number("finance.operation_years")),
        absorption=book.series("sale.absorption"),
    )


def refuse_short_operation(clock: Clock) -> None:
    """Refuse flow years that end before the last home is sold."""
    needed = clock.phases.rebuild_lag_yr + len(clock.absorption) - 1
    if clock.operation_years < needed:
        raise refuse(
            "operation_years_too_few",
            layer="parameter finance.operation_years",
            years=clock.operation_years,
            least=needed,
        )


def refuse_late_sales(scenario: Scenario, clock: Clock) -> None:
    """Refuse a fixed delay by which sales would end after the last flow year."""
    late = [
        name
        for name, village in scenario.fixed.items()
        if village.start_year and village.intensity is not Intensity.REHABILITATE
        if (village.delay_yr or 0.0) > clock.longest_delay_yr
    ]
    if late:
        raise refuse("fixed_delay_too_long", layer="scenario fixed", rows=late, most=clock.longest_delay_yr)
