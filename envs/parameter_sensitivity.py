"""What each uncertain parameter does to a finished plan: one at a time over its range, by the one evaluator.

The plan is held; the scenario is resolved anew for every value, so calibration, consent and prices follow. That
says nothing of parameters that move together, and ranges are the book's own, plausible and not probable.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from data.errors import InputError
from data.levers import with_lever
from data.parameter_book import Book
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.indicators.registry import INDICATORS, indicator
from envs.kernel.plans import canonical
from envs.rules.check import measured_with_rules


@dataclass(frozen=True)
class Measured:
    """A plan at one set of parameters.

    Attributes:
        outcomes: indicator -> value in its unit; NaN where undefined. Empty if refused.
        n_broken: hard rules that the plan breaks there.
        refused: why the numbers cannot work together there; empty if they do.
    """

    outcomes: Mapping[str, float]
    n_broken: int = 0
    refused: str = ""


@dataclass(frozen=True)
class Effect:
    """One parameter at the ends of its range, everything else as in the scenario.

    Attributes:
        key: of the parameter book.
        value: in the scenario [its unit].
        low: low end of its range.
        high: high end.
        at_low: the plan there.
        at_high: the plan there.
    """

    key: str
    value: float
    low: float
    high: float
    at_low: Measured
    at_high: Measured


@dataclass(frozen=True)
class Bar:
    """One bar of a tornado.

    Attributes:
        key: of the parameter book.
        value: in the scenario.
        low: low end of its range.
        high: high end.
        at_low: the indicator there; NaN if undefined or refused.
        at_high: the same at the high end.
        swing: largest less smallest of the indicator at low end, scenario and high end.
        n_broken: most hard rules that the plan breaks at an end.
    """

    key: str
    value: float
    low: float
    high: float
    at_low: float
    at_high: float
    swing: float
    n_broken: int


def ranged_parameters(book: Book) -> tuple[str, ...]:
    """Keys of the single numbers with a range that the evaluator reads, second names left out."""
    return tuple(
        key
        for key, entry in book.items()
        if isinstance(entry.value, float)
        and entry.is_read
        and not entry.read_by
        and not entry.same_as
        and entry.low is not None
        and entry.high is not None
        and entry.low < entry.high
    )


def measured(resolved: ResolvedScenario, plan: Plans) -> Measured:
    """Every indicator of a plan (batch of one) at report precision, and how many hard rules it breaks."""
    names = tuple(INDICATORS)
    values, excess, _ = measured_with_rules(resolved, canonical(plan), names)
    return Measured(dict(zip(names, values[0].tolist(), strict=True)), int((excess[0] > 0.0).sum()))


def parameter_effects(resolved: ResolvedScenario, plan: Plans, keys: Sequence[str], base: Measured) -> Iterator[Effect]:
    """The effect of each parameter in turn, as soon as it is known.

    Args:
        resolved: scenario resolved against a city.
        plan: batch of one plan.
        keys: among `ranged_parameters` of its book.
        base: `measured` of both, which an end that is the scenario's own value need not compute again.
    """
    book = resolved.book
    for key in keys:
        entry, value = book[key], book.number(key)
        low, high = entry.low, entry.high
        if low is None or high is None:
            msg = f"{key} has no range"
            raise ValueError(msg)
        at_low, at_high = (base if end == value else _measured_with(resolved, plan, key, end) for end in (low, high))
        yield Effect(key, value, low, high, at_low=at_low, at_high=at_high)


def _measured_with(resolved: ResolvedScenario, plan: Plans, key: str, value: float) -> Measured:
    """The plan with one parameter changed; a value that the model cannot work with is told, not raised.

    What the parties agree to is held: the table of the scenario as it is.
    """
    try:
        scenario = with_lever(resolved.scenario, resolved.book, key, value)
        changed = resolve(scenario, resolved.city)
        return measured(changed if resolved.agreements is None else changed.with_agreements(resolved.agreements), plan)
    except InputError as error:
        return Measured({}, refused=str(error))


def tornado(base: Measured, effects: Sequence[Effect], name: str) -> list[Bar]:
    """Bars of one indicator, the widest first; parameters that move it not at all come last.

    Args:
        base: the plan in the scenario.
        effects: of any parameters.
        name: indicator.

    Raises:
        InputError: unknown indicator.
    """
    name = indicator(name).name
    center = base.outcomes[name]
    bars = []
    for effect in effects:
        low, high = (end.outcomes.get(name, math.nan) for end in (effect.at_low, effect.at_high))
        defined = [value for value in (center, low, high) if math.isfinite(value)]
        swing = max(defined) - min(defined) if defined else 0.0
        n_broken = max(effect.at_low.n_broken, effect.at_high.n_broken)
        bars.append(
            Bar(
                key=effect.key,
                value=effect.value,
                low=effect.low,
                high=effect.high,
                at_low=low,
                at_high=high,
                swing=swing,
                n_broken=n_broken,
            )
        )
    return sorted(bars, key=lambda bar: -bar.swing)
