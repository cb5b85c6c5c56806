"""Numbers that goal seeking may move, the range offered for each, and the target sought."""

from __future__ import annotations

from data.levers import FIELDS, Lever, find_lever
from data.parameter_book import Book
from data.scenario import Scenario, Target
from envs.kernel.indicators.registry import INDICATORS

LONGEST_PLAN_YEARS = 50.0


def levers(scenario: Scenario, book: Book) -> dict[str, Lever]:
    """Every lever of a scenario, its bounds first."""
    keys = [*FIELDS, *(key for key, entry in book.items() if isinstance(entry.value, float))]
    return {key: find_lever(scenario, book, key) for key in keys}


def offered_range(lever: Lever) -> tuple[float | None, float | None]:
    """The range that is offered at first: plausible values where stated, else around the present value.

    Args:
        lever: what is moved.

    Returns:
        Least and largest value; None where nothing can be offered.
    """
    if lever.low is not None and lever.high is not None and lever.low < lever.high:
        return lever.low, lever.high
    return (None, None) if lever.current is None else _around(lever, lever.current)


def _around(lever: Lever, now: float) -> tuple[float, float]:
    """A range around the present value of a bound, as far as it can mean something."""
    if lever.key.endswith(".low"):
        return 0.0, now
    if lever.key.endswith(".high"):
        top = min(1.0, 2.0 * now) if lever.unit == "share" else 1.5 * now
        return (now if top > now else now / 2.0), top
    if lever.key == "plan_years":
        return max(1.0, now // 2), min(LONGEST_PLAN_YEARS, 2.0 * now)
    if lever.unit == "share":
        return 0.0, 1.0
    return (now // 2 if lever.whole else now / 2.0), 2.0 * now


def target_of(name: str, side: str, value: float, year: int | None) -> Target:
    """A target as the scenario writes it; side is at_least or at_most."""
    at_least, at_most = (value, None) if side == "at_least" else (None, value)
    return Target(indicator=name, year=year, at_least=at_least, at_most=at_most)


def has_years(name: str) -> bool:
    """Whether a target on an indicator may name a year."""
    return INDICATORS[name].has_years


def usual_side(name: str) -> str:
    """at_most where less is better, else at_least."""
    return "at_most" if INDICATORS[name].sense == "min" else "at_least"


def with_target(scenario: Scenario, target: Target, *, others: bool) -> Scenario:
    """The scenario with a target first, and with its own targets after it or in their place.

    Args:
        scenario: everything else.
        target: what is sought.
        others: keep the scenario's own targets on other quantities.
    """
    same = (target.indicator, target.year)
    kept = [item for item in scenario.targets if (item.indicator, item.year) != same] if others else []
    return scenario.model_copy(update={"targets": (target, *kept)})
