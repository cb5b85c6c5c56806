"""The day of residents before a plan and in a year of it, by the evaluator's own numbers."""

from __future__ import annotations

from dataclasses import dataclass

from data.errors import refuse
from envs.kernel import REPORT, Plans, ResolvedScenario
from envs.kernel.plans import canonical, empty_plan
from envs.kernel.trace import Trace
from envs.people.day.day import Day, day_of
from envs.people.day.habits import habits_of
from envs.people.day.situation import situation_of, ways_of


@dataclass(frozen=True, eq=False)
class PlanDay:
    """A working day as it is, and as a plan leaves it.

    Attributes:
        resolved: scenario resolved against a city.
        before: of the base year.
        after: of the plan in `year`; None without a plan.
        year: state year of `after`.
    """

    resolved: ResolvedScenario
    before: Day
    after: Day | None = None
    year: int | None = None

    @property
    def states(self) -> dict[str, Day]:
        """Before and, where there is a plan, after."""
        return {"before": self.before} | ({} if self.after is None else {"after": self.after})


def plan_day(resolved: ResolvedScenario, plan: Plans | None = None, year: int | None = None) -> PlanDay:
    """The day of all residents.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan; None for the base year alone.
        year: state year after the plan; None = the last.

    Raises:
        InputError: the year has no state, or the book's distances between modes do not rise.
    """
    last = resolved.clock.horizon
    if year is not None and not 0 <= year <= last:
        raise refuse("state_year_outside", layer="--year", year=year, last=last)
    habits, ways = habits_of(resolved.book), ways_of(resolved)

    def state(of: Plans, held: int) -> Day:
        trace = Trace(resolved.without_bargaining, canonical(of), REPORT, from_year=held)
        return day_of(habits, situation_of(trace, held), ways)

    before = state(empty_plan(resolved.city.n_villages), last)  # every year of it is the base year
    if plan is None:
        return PlanDay(resolved, before)
    held = last if year is None else year
    return PlanDay(resolved, before, state(plan, held), held)
