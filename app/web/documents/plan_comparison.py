"""Comparing plans: which ones the address names, in what they differ, what they have in common; no page."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from app.plans.tables import PlanTables, plan_rows
from app.web.documents.workspace import checked_id
from data.arrays import BoolArray, IntArray
from data.errors import refuse
from data.parameter_book import load_book
from data.scenario import Scenario
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.check import RULES, rule_mode
from optimizers.fronts.common_reference import renewed_by_all

KEEP = "keep"
"""Stands for the plan that renews nothing."""
MIN_PLANS, MAX_PLANS = 2, 5
LETTERS = "ABCDE"
BETWEEN, WITHIN = ",", "~"
SAME_RELATIVE = 1e-6
"""Reported commutes are balanced to this; values nearer to each other count as equal."""
NOT_COMPARED = ("name", "label", "parameters", "rules")
"""Names are no difference; parameters and rules are compared with those that a scenario leaves as they are."""
DECISIONS = ("start_year", "intensity", "land_use", "floor_area_ratio", "facility_ratio")


@dataclass(frozen=True)
class PlanRef:
    """A plan of a run, perhaps edited by hand.

    Attributes:
        run_id: of the run.
        plan_id: of its front, or KEEP.
        edit: document of the edits; empty for none.
    """

    run_id: str
    plan_id: str
    edit: str = ""

    def __str__(self) -> str:
        """As in the address."""
        return WITHIN.join(name for name in (self.run_id, self.plan_id, self.edit) if name)


@dataclass(frozen=True)
class Difference:
    """A number or choice in which scenarios differ.

    Attributes:
        key: field (`facility_ratio.high`) or key of the parameter book.
        is_parameter: whether it is of the book.
        by_scenario: one value per scenario.
    """

    key: str
    is_parameter: bool
    by_scenario: tuple[Any, ...]


@dataclass(frozen=True)
class IndicatorRow:
    """An indicator of several plans.

    Attributes:
        name: of the indicator.
        amounts: one value per plan.
        best: positions of the plans that are best in it; none where neither direction is better.
    """

    name: str
    amounts: tuple[float, ...]
    best: tuple[int, ...]


def parse_refs(text: str) -> tuple[PlanRef, ...]:
    """Plans of an address: run~plan, run~keep or run~plan~edit, with commas between; each counts once.

    Raises:
        InputError: malformed, an id that could lead out of the workspace, or more than MAX_PLANS.
    """
    refs = []
    for ref in filter(None, text.split(BETWEEN)):
        ids = ref.split(WITHIN)
        if len(ids) not in (2, 3):
            raise refuse("compared_plan_malformed", layer="compare", found=ref[:60])
        refs.append(PlanRef(*(checked_id(name) for name in ids)))
    unique = tuple(dict.fromkeys(refs))
    if len(unique) > MAX_PLANS:
        raise refuse("compared_plans_too_many", layer="compare", most=MAX_PLANS, n=len(unique))
    return unique


def refs_text(refs: Sequence[PlanRef]) -> str:
    """The plans as the address names them."""
    return BETWEEN.join(str(ref) for ref in refs)


def scenario_differences(scenarios: Sequence[Scenario]) -> list[Difference]:
    """Bounds, rules, targets and parameters in which scenarios differ, as they take effect."""
    fields = [
        _flat(scenario.model_dump(mode="json", exclude=set(NOT_COMPARED))) | _rules(scenario) for scenario in scenarios
    ]
    books = [load_book().override(scenario.parameters).values_by_key() for scenario in scenarios]
    return [*_differences(fields, is_parameter=False), *_differences(books, is_parameter=True)]


def _flat(content: Mapping[str, Any]) -> dict[str, Any]:
    """Fields, those of ranges and of mappings by name one by one."""
    flat: dict[str, Any] = {}
    for name, value in content.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{key}": entry for key, entry in value.items()}
        else:
            flat[name] = value
    return flat


def _rules(scenario: Scenario) -> dict[str, str]:
    """Mode of every rule that has one, those included that the scenario does not name."""
    return {f"rules.{name}": str(rule_mode(scenario, name)) for name, rule in RULES.items() if not rule.built_in}


def _differences(contents: Sequence[Mapping[str, Any]], *, is_parameter: bool) -> list[Difference]:
    keys = dict.fromkeys(key for content in contents for key in content)
    rows = [Difference(key, is_parameter, tuple(content.get(key) for content in contents)) for key in keys]
    return [row for row in rows if any(value != row.by_scenario[0] for value in row.by_scenario)]


def indicator_rows(values: Sequence[Mapping[str, float]], *, differing: bool = True) -> list[IndicatorRow]:
    """Indicators of several plans.

    Args:
        values: indicator -> value, one mapping per plan; NaN where it is undefined.
        differing: leave out those in which the plans do not differ.
    """
    rows = [_indicator_row(name, tuple(plan[name] for plan in values)) for name in values[0]]
    return [row for row in rows if not (differing and _all_equal(row.amounts))]


def _indicator_row(name: str, values: tuple[float, ...]) -> IndicatorRow:
    sense = INDICATORS[name].sense
    known = [value for value in values if not math.isnan(value)]
    if not sense or not known or _all_equal(values):
        return IndicatorRow(name, values, ())
    top = max(known) if sense == "max" else min(known)
    return IndicatorRow(name, values, tuple(k for k, value in enumerate(values) if _close(value, top)))


def _close(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=SAME_RELATIVE) or (math.isnan(one) and math.isnan(other))


def _all_equal(values: Sequence[float]) -> bool:
    return all(_close(value, values[0]) for value in values)


def renewing_plan_count(start_years: IntArray) -> IntArray:
    """How many plans renew each village, shape (n_villages,).

    Args:
        start_years: shape (n_plans, n_villages), 0 = keep.
    """
    return np.asarray((start_years > 0).sum(axis=0))


def villages_by_renewing_plans(start_years: IntArray) -> list[tuple[tuple[int, ...], BoolArray]]:
    """Which plans renew which villages: positions of the plans, and the villages that just these renew.

    Args:
        start_years: shape (n_plans, n_villages), 0 = keep.

    Returns:
        Most villages first; villages that no plan renews are left out.
    """
    renewed = start_years > 0
    code = (renewed * (1 << np.arange(len(renewed)))[:, None]).sum(axis=0)
    groups = [
        (tuple(k for k in range(len(renewed)) if number >> k & 1), code == number)
        for number in np.unique(code).tolist()
        if number
    ]
    return sorted(groups, key=lambda group: -int(group[1].sum()))


def start_differences(one: IntArray, other: IntArray) -> dict[str, BoolArray]:
    """Villages by how two plans differ in their start, each in one class at most; those both keep are in none.

    Args:
        one: start years, shape (n_villages,), 0 = keep.
        other: the same of another plan.
    """
    both = (one > 0) & (other > 0)
    later = other - one
    return {
        "only_first": (one > 0) & (other == 0),
        "only_second": (one == 0) & (other > 0),
        "same_year": both & (later == 0),
        "first_earlier": both & (later > 0),
        "second_earlier": both & (later < 0),
    }


def shared_villages(tables: Sequence[PlanTables]) -> pd.DataFrame:
    """Villages that every plan renews, with what each of them decides there.

    Args:
        tables: of plans of one city.

    Returns:
        village_id, name, town, district, and for each plan "A: start_year" and the other decisions.
    """
    villages = tables[0].resolved.city.villages
    kept = renewed_by_all([np.asarray(item.plan.start_year[0]) for item in tables])
    columns: dict[str, Any] = {
        "village_id": villages.village_id[kept],
        "name": villages.name[kept],
        "town": villages.town[kept],
        "district": tables[0].district[kept],
    }
    for letter, item in zip(LETTERS, tables, strict=False):
        rows = plan_rows(item.plan, villages.village_id)[kept]
        columns |= {f"{letter}: {name}": rows[name].to_numpy() for name in (*DECISIONS, *item.plan.given)}
    return pd.DataFrame(columns)


def comparison_frame(values: Sequence[Mapping[str, float]]) -> pd.DataFrame:
    """Every indicator in natural units for a file: indicator, unit, better, one column per plan."""
    rows = [
        {"indicator": row.name, "unit": INDICATORS[row.name].unit, "better": INDICATORS[row.name].sense}
        | dict(zip(LETTERS, row.amounts, strict=False))
        for row in indicator_rows(values, differing=False)
    ]
    return pd.DataFrame(rows)
