"""The rest planned again: what has happened is fixed, its years are over, the search begins with the plan's own rest.

A village that was started before the year is fixed with the year and the option as they were. One that the plan wanted
to start before the year, and that was not, is free from the year on. The evaluator takes what the model says of the
fixed villages: their costs count as capital spent; costs that were reported stand beside and are not computed with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from app.plans.decisions import plan_decision
from app.runs.agreement_store import resolve_with_agreements
from app.runs.loading import check_scenario
from app.runs.run_folder import Run
from data.arrays import BoolArray, IntArray
from data.catalogue import message
from data.errors import refuse
from data.importing.plans.actuals import Actuals
from data.importing.plans.asked_plan import UNSAID
from data.scenario import INTENSITIES, LAND_USES, FixedVillage, Intensity, Scenario
from data.scenario_files import scenario_from_mapping
from envs.choices.options import OptionSpace, option_space
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import canonical, choose, concatenate, empty_plan
from envs.rules.check import check
from envs.rules.coherence import refuse_unreachable_bounds
from envs.rules.single_villages import VILLAGE_RULES

OPEN_RULES = ("locked_villages",)
"""Rules about single villages that later decisions can still meet."""
LONGEST_NAME = 40


@dataclass(frozen=True, eq=False)
class Replan:
    """What is searched when the rest of a plan is planned again.

    Attributes:
        resolved: the run's scenario with what has happened fixed, and the years before `year` over.
        year: first year that is open.
        seeds: plans to begin with: what has happened and the plan's own rest, with the late villages and without.
        happened: what was begun before the year, by village id.
        otherwise: of these, begun in another year or with another option than planned.
        late: ids that the plan wanted to begin before the year, and that were not.
    """

    resolved: ResolvedScenario
    year: int
    seeds: Plans
    happened: Mapping[str, FixedVillage]
    otherwise: tuple[str, ...]
    late: tuple[str, ...]


def replan(run: Run, plan: Plans, year: int, actuals: Actuals | None = None) -> Replan:
    """What is to be searched so that a plan goes on from a year, whatever happened before it.

    Args:
        run: of the plan.
        plan: batch of one plan of its scenario.
        year: first programme year whose decisions are open, 2..plan_years.
        actuals: what has happened, all before the year; None = all went as planned.

    Raises:
        InputError: no such year, rows of actuals that are not over then, a village that was started without a known
            option, or what has happened breaks a rule that nothing can mend.
    """
    plan, city = canonical(plan), run.resolved.city
    last = run.resolved.scenario.plan_years
    if not 2 <= year <= last:
        raise refuse("replan_year", layer="--year", last=last, year=year)
    ids = [str(name) for name in city.villages.village_id]
    before = {ids[i]: plan_decision(plan, int(i)) for i in np.flatnonzero(_within(plan, year))}
    happened = before if actuals is None else _happened(plan, ids, actuals, year)
    scenario = _going_on(run.resolved.scenario, happened, year)
    check_scenario(scenario)
    resolved = resolve_with_agreements(scenario, city)
    refuse_unreachable_bounds(resolved)
    begun = np.isin(ids, list(happened))
    kept = replace(plan, start_year=np.where(begun | _within(plan, year), 0, plan.start_year))
    space = option_space(resolved)
    _refuse_broken_past(resolved, _with_past(empty_plan(len(ids)), space), happened)
    late = tuple(name for name in before if name not in happened)
    return Replan(
        resolved=resolved,
        year=year,
        seeds=_with_past(_seeds(kept, plan, np.isin(ids, late), scenario), space),
        happened=happened,
        otherwise=tuple(name for name, decision in happened.items() if before.get(name) != decision),
        late=late,
    )


def _within(plan: Plans, year: int) -> BoolArray:
    """True where the plan begins before the year, shape (n_villages,)."""
    return np.asarray((plan.start_year[0] > 0) & (plan.start_year[0] < year))


def _happened(plan: Plans, ids: list[str], actuals: Actuals, year: int) -> dict[str, FixedVillage]:
    """What was begun, with its option: what a row says, else what the plan says."""
    late = actuals.year >= year
    if late.any():
        rows = [ids[i] for i in actuals.village_idx[late]]
        found = int(actuals.year[late].max())
        raise refuse("replan_actuals_later", layer="--year", rows=rows, found=found, year=year, next=found + 1)
    happened, unknown = {}, []
    for row in np.flatnonzero(actuals.started):
        village = int(actuals.village_idx[row])
        decision = _decision(plan, village, actuals, int(row))
        if decision is None:
            unknown.append(ids[village])
        else:
            happened[ids[village]] = decision
    if unknown:
        raise refuse("replan_option_missing", layer="--actuals", rows=unknown)
    return happened


def _decision(plan: Plans, village: int, actuals: Actuals, row: int) -> FixedVillage | None:
    """With what a village was begun; None where neither the row nor the plan says."""
    planned = plan_decision(plan, village)
    said = {
        "intensity": None if actuals.intensity[row] == UNSAID else INTENSITIES[int(actuals.intensity[row])],
        "land_use": None if actuals.land_use[row] == UNSAID else LAND_USES[int(actuals.land_use[row])],
        "floor_area_ratio": _said(float(actuals.floor_area_ratio[row])),
        "facility_ratio": _said(float(actuals.facility_ratio[row])),
    }
    given = {name: value for name, value in said.items() if value is not None}
    decision = planned.model_copy(update={"start_year": int(actuals.year[row]), **given})
    needed = {"intensity", "facility_ratio"} if planned.start_year == 0 else set()
    rebuilds = decision.intensity is not Intensity.REHABILITATE
    if rebuilds and (planned.start_year == 0 or planned.intensity is Intensity.REHABILITATE):
        needed |= {"land_use", "floor_area_ratio"}
    if not needed <= set(given):
        return None
    if not rebuilds:
        blank = FixedVillage(start_year=decision.start_year, facility_ratio=decision.facility_ratio)
        return blank.model_copy(update={"delay_yr": decision.delay_yr})
    return decision


def _said(number: float) -> float | None:
    return None if np.isnan(number) else number


def _going_on(scenario: Scenario, happened: Mapping[str, FixedVillage], year: int) -> Scenario:
    """The scenario with what has happened fixed and the years before `year` over, their quotas spent."""
    begun = [decision.start_year for decision in happened.values()]
    others = {
        name: decision
        for name, decision in scenario.fixed.items()
        if name not in happened and not 0 < decision.start_year < year
    }
    quotas = {y: quota for y, quota in scenario.villages_per_year_by_year.items() if y >= year}
    spent = {y: begun.count(y) for y in range(1, year)}
    content = scenario.model_dump(mode="json") | {
        "name": f"{scenario.name[:LONGEST_NAME]}-from-year-{year}",
        "fixed": {name: decision.model_dump(mode="json") for name, decision in {**others, **happened}.items()},
        "forbidden": [name for name in scenario.forbidden if name not in happened],
        "first_open_year": year,
        "villages_per_year_by_year": {str(y): quota for y, quota in (spent | quotas).items()},
    }
    return scenario_from_mapping(content)


def _refuse_broken_past(resolved: ResolvedScenario, past: Plans, happened: Mapping[str, FixedVillage]) -> None:
    """Refuse what has happened where it lies outside bounds of the scenario: no search would find a valid plan."""
    names = [rule.name for rule in VILLAGE_RULES if rule.name not in OPEN_RULES]
    for finding in check(resolved, past):
        villages = [name for name in finding.villages if name in happened]
        if finding.rule in names and villages:
            label = message(f"rule_{finding.rule}")
            raise refuse("replan_past_breaks", layer="--actuals", rows=villages, label=label)


def _with_past(plans: Plans, space: OptionSpace) -> Plans:
    """Plans with what the scenario fixes."""
    return canonical(choose(space.fixed_mask, space.fixed, plans))


def _seeds(kept: Plans, plan: Plans, late: BoolArray, scenario: Scenario) -> Plans:
    """The rest with the late villages begun as soon as the quotas have room, and without them."""
    caught_up = np.array(kept.start_year[0], dtype=np.int64)
    room = dict(enumerate(scenario.yearly_quotas, start=1))
    for y in range(scenario.first_open_year, scenario.plan_years + 1):
        fixed = sum(decision.start_year == y for decision in scenario.fixed.values())
        room[y] -= max(int((caught_up == y).sum()), fixed)
    for village in _by_planned_year(plan, late):
        year = next((y for y in range(scenario.first_open_year, scenario.plan_years + 1) if room[y] > 0), 0)
        caught_up[village] = year
        if year:
            room[year] -= 1
    with_late = replace(plan, start_year=caught_up[None, :])
    return canonical(concatenate([with_late, kept]))


def _by_planned_year(plan: Plans, mask: BoolArray) -> IntArray:
    chosen = np.flatnonzero(mask)
    return chosen[np.argsort(np.asarray(plan.start_year[0])[chosen], kind="stable")]
