"""Names of robust indicators: a measure of money, and what is read of it over futures."""

from __future__ import annotations

from collections.abc import Iterable

from data.scenario import Scenario

MEASURES: tuple[str, ...] = (
    "net_present_value_cny",
    "total_profit_cny",
    "total_cost_cny",
    "max_annual_cost_cny",
    "peak_funding_cny",
    "government_npv_cny",
)
"""Indicators of money that prices, costs and rents alone move, and that every plan has in every future."""
MEAN, TAIL_MEAN, WORST_DECILE, CHANCE = "mean", "tail_mean", "worst_decile", "chance"
STATISTICS: tuple[str, ...] = (MEAN, TAIL_MEAN, WORST_DECILE, CHANCE)
"""What is read of a measure over the futures: mean, mean of the worst tail, P10 on the bad side, chance of a target."""
TARGET_SLACK = 1e-6
"""By which a target may be missed and still be met, relative to it, as rules have it."""
WANTED_BY_DEFAULT = ("net_present_value_cny", "total_profit_cny", "government_npv_cny")
"""Measures whose chance is that nothing is lost, where the scenario has no target for them."""


def robust_name(measure: str, statistic: str) -> str:
    """Name of an indicator over futures.

    Example:
        >>> robust_name("net_present_value_cny", "tail_mean"), robust_name("peak_funding_cny", "chance")
        ('net_present_value_tail_mean_cny', 'peak_funding_chance')
    """
    stem = measure.removesuffix("_cny")
    return f"{stem}_{statistic}" if statistic == CHANCE else f"{stem}_{statistic}_cny"


ROBUST: dict[str, tuple[str, str]] = {
    robust_name(measure, statistic): (measure, statistic) for measure in MEASURES for statistic in STATISTICS
}
"""Robust indicator -> its measure and what is read of it."""


def measures_named(names: Iterable[str]) -> tuple[str, ...]:
    """Measures that some indicators are read of, each once; those that are no robust indicators are passed over."""
    return tuple(dict.fromkeys(ROBUST[name][0] for name in names if name in ROBUST))


def wanted_of(scenario: Scenario, measure: str) -> tuple[tuple[float, float], ...]:
    """What a chance asks of a measure: (least, most) of each target that the scenario has for it in no single year.

    Returns:
        At least 0 where it has none and the measure is a gain; nothing where it is a cost.
    """
    targets = [t for t in scenario.targets if t.indicator == measure and t.year is None]
    bounds = [
        (
            float("-inf") if t.at_least is None else t.at_least - TARGET_SLACK * abs(t.at_least),
            float("inf") if t.at_most is None else t.at_most + TARGET_SLACK * abs(t.at_most),
        )
        for t in targets
    ]
    return tuple(bounds) if bounds else ((0.0, float("inf")),) if measure in WANTED_BY_DEFAULT else ()


def looks_at_futures(scenario: Scenario, names: Iterable[str] = ()) -> bool:
    """Whether outcomes of a scenario read futures: by its objectives, its targets, or these names."""
    named = (*scenario.objectives, *(target.indicator for target in scenario.targets), *names)
    return any(name in ROBUST for name in named) or scenario.futures != type(scenario.futures)()


def robust_told(scenario: Scenario) -> tuple[str, ...]:
    """Robust indicators that plans of a scenario are told by: all of the measures that it names, that have a value."""
    if not looks_at_futures(scenario):
        return ()
    named = (*scenario.objectives, *(target.indicator for target in scenario.targets))
    measures = measures_named(named) or MEASURES[:1]
    return tuple(
        name
        for name, (measure, statistic) in ROBUST.items()
        if measure in measures and (statistic != CHANCE or wanted_of(scenario, measure))
    )
