"""Limits under which policies and searches are measured and trained, for any city from what plans use without them.

A case is a few limits, each a kind and an amount. Amounts of money, floor and people are shares of what good plans use
where nothing limits them, so that a limit binds alike in every city.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.city import City
from data.scenario import RuleMode, Scenario
from data.scenario_files import scenario_from_mapping
from envs.kernel import Plans, ResolvedScenario, evaluate

USED = ("max_annual_cost_cny", "peak_funding_cny", "new_commodity_floor_m2", "displaced_tenants_persons")
"""Indicators of what plans use."""


@dataclass(frozen=True)
class Use:
    """What good plans use where nothing limits them, the largest of each.

    Attributes:
        annual_cost_cny: gross cost of the most expensive year.
        peak_funding_cny: deepest cumulative deficit.
        commodity_m2: new commodity floor.
        displaced_persons: tenants who do not return.
    """

    annual_cost_cny: float
    peak_funding_cny: float
    commodity_m2: float
    displaced_persons: float


def use_of(resolved: ResolvedScenario, plans: Plans, *, threads: int = 1) -> Use:
    """What some plans use at most, each of its amounts for itself."""
    measured = evaluate(resolved, plans, indicators=USED, threads=threads)
    return Use(*(float(np.max(measured[name])) for name in USED))


def _villages(city: City, which: int | tuple[str, ...]) -> tuple[str, ...]:
    """Those named, or so many, evenly spaced over the list; those that may be rebuilt come first."""
    if not isinstance(which, int):
        return which
    ids = np.concatenate([city.villages.village_id[city.villages.rebuild_allowed == may] for may in (True, False)])
    among = ids[: max(which, int(city.villages.rebuild_allowed.sum()))]
    return tuple(among[np.linspace(0, among.size - 1, min(which, among.size)).astype(np.int64)].tolist())


def _hard(rule: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - fields of a scenario
    return {"rules": {rule: RuleMode.HARD.value}, **fields}


def _by_book(rule: str, parameter: str, amount: float | None) -> dict[str, Any]:
    """A hard rule whose limit is a number of the parameter book, or another one."""
    return _hard(rule, parameters={} if amount is None else {parameter: amount})


def _displacement(_city: City, use: Use, share: float | None) -> dict[str, Any]:
    cap = None if share is None else max(share * use.displaced_persons, 1.0)
    return _hard("displacement", displaced_tenants_cap_persons=cap)


def _district_floor(city: City, _use: Use, growth: float) -> dict[str, Any]:
    """Each district's new floor, net, is at most a share of what its villages have."""
    floor = np.bincount(
        city.villages.district_idx, weights=city.villages.gross_floor_area_m2, minlength=len(city.districts)
    )
    caps = {
        name: {"new_floor_area_m2": growth * float(m2)}
        for name, m2 in zip(city.districts, floor, strict=True)
        if m2 > 0.0
    }
    return {"district_limits": caps}


Limit = Callable[[City, Use, Any], Mapping[str, Any]]
"""City, use without limits, amount -> fields of a scenario."""
LIMITS: Mapping[str, Limit] = {
    "annual_capital": lambda _, use, share: {"capital_limit_annual_cny": share * use.annual_cost_cny},
    "peak_capital": lambda _, use, share: {"capital_limit_peak_cny": share * use.peak_funding_cny},
    "commodity_cap": lambda _, use, share: {"commodity_housing_cap_m2": max(share * use.commodity_m2, 1.0)},
    "displacement": _displacement,
    "district_floor_area": _district_floor,
    "rental_share": lambda _, __, least: _by_book("rental_share", "rule.rental_share_min", least),
    "demolished_share": lambda _, __, most: _by_book("demolished_share", "rule.demolished_share_max", most),
    "new_to_demolished": lambda _, __, most: _by_book("new_to_demolished", "rule.new_to_demolished_max", most),
    "onsite_resettlement": lambda _, __, least: _by_book("onsite_resettlement", "rule.onsite_resettlement_min", least),
    "rent_growth": lambda _, __, most: _by_book("rent_growth", "rule.rent_growth_max", most),
    "minimum_facility_ratio": lambda _, __, least: _by_book("minimum_facility_ratio", "rule.facility_ratio_min", least),
    "consent": lambda _, __, least: _by_book("consent", "consent.threshold", least),
    "locked": lambda city, _, which: {"locked": _villages(city, which)},
    "forbidden": lambda city, _, which: {"forbidden": _villages(city, which)},
    "renewal_ratio": lambda _, __, most: {"renewal_ratio": {"low": 0.0, "high": most}},
    "villages_per_year": lambda _, __, n: {"villages_per_year": n},
    "plan_years": lambda _, __, n: {"plan_years": n},
    "intensities": lambda _, __, names: {"intensities": names},
    "floor_area_ratio": lambda _, __, ends: {"floor_area_ratio": dict(zip(("low", "high"), ends, strict=True))},
    "facility_ratio": lambda _, __, ends: {"facility_ratio": dict(zip(("low", "high"), ends, strict=True))},
}
"""Kind -> the limit; None as an amount leaves the number of the parameter book."""
LimitCase = tuple[tuple[str, Any], ...]
CASES: Mapping[str, LimitCase] = {
    "none": (),
    "binding": (
        ("annual_capital", 0.3),
        ("peak_capital", 0.3),
        ("rental_share", 0.4),
        ("minimum_facility_ratio", None),
        ("consent", None),
    ),
    "peak": (("peak_capital", 0.05),),
    "annual": (("annual_capital", 0.15),),
    "rental": (("rental_share", 0.4),),
    "commodity": (("commodity_cap", 0.3),),
    "locked": (("locked", 10), ("annual_capital", 0.3)),
    "displaced": (("displacement", 0.25),),
    "shares": (
        ("demolished_share", None),
        ("new_to_demolished", None),
        ("onsite_resettlement", None),
        ("rental_share", None),
    ),
    "one village a year": (("villages_per_year", 1),),
    "one year": (("plan_years", 1),),
    "three years": (("plan_years", 3),),
    "twenty years": (("plan_years", 20),),
    "rehabilitation only": (("intensities", ("rehabilitate",)),),
    "low density": (("floor_area_ratio", (0.5, 1.2)),),
    "high density": (("floor_area_ratio", (2.5, 3.5)),),
    "many facilities": (("facility_ratio", (0.5, 0.6)),),
}
"""Name -> the limits of a case."""
PREPARED_EVALUATIONS, PREPARED_SEED = 400, 5
"""Of the search without limits whose plans say what is used."""


def limited(scenario: Scenario, city: City, use: Use, case: LimitCase) -> Scenario:
    """A scenario with the limits of a case besides its own.

    Raises:
        InputError: together they contradict each other.
    """
    fields = scenario.model_dump(mode="json")
    for kind, amount in case:
        for name, value in LIMITS[kind](city, use, amount).items():
            merges = name in ("rules", "parameters", "district_limits")
            fields[name] = {**fields[name], **value} if merges else value
    return scenario_from_mapping(fields)


def limit_cases(scenario: Scenario, city: City, use: Use, names: Iterable[str] = CASES) -> dict[str, Scenario]:
    """The named cases as scenarios of a city."""
    return {name: limited(scenario, city, use, CASES[name]) for name in names}
