"""City and scenario as the commands take them: read, checked against each other, resolved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from app.runs.agreement_store import resolve_with_agreements
from data.city import City
from data.errors import InputError, refuse
from data.files.cities import embedded_city_names, load_city
from data.scenario import Scenario
from data.scenario_files import load_scenario, scenario_from_mapping
from envs.kernel import ResolvedScenario, evaluate
from envs.kernel.futures.robust_names import CHANCE, ROBUST, wanted_of
from envs.kernel.indicators.registry import objective_signs
from envs.kernel.plans import empty_plan
from envs.rules.check import refuse_unknown_rules
from envs.rules.coherence import refuse_contradictions, refuse_unreachable_bounds
from envs.rules.targets import refuse_unknown_targets


def load_checked_scenario(name_or_path: str | Path) -> Scenario:
    """Read a scenario and check the rule and indicator names in it.

    Raises:
        InputError: as `data.scenario_files.load_scenario`, or an unknown rule, objective or target.
    """
    scenario = load_scenario(name_or_path)
    try:
        check_scenario(scenario)
    except InputError as error:
        raise error.within(file=name_or_path) from None
    return scenario


def check_scenario(scenario: Scenario) -> None:
    """Refuse rules, objectives and targets that nothing in the model is called or can serve, and contradictions."""
    refuse_unknown_rules(scenario)
    refuse_contradictions(scenario)
    objective_signs(scenario.objectives)
    refuse_unknown_targets(scenario)


def load_resolved(city: str, scenario: str, *, objectives: Sequence[str] = ()) -> ResolvedScenario:
    """Read both and resolve the scenario against the city.

    Args:
        city: embedded name or GeoPackage.
        scenario: preset or YAML file.
        objectives: replace the scenario's, if any are given.

    Raises:
        InputError: either cannot be read, or they do not fit each other.
    """
    wanted = load_checked_scenario(scenario)
    if objectives:
        wanted = with_objectives(wanted, objectives)
    placed = load_city(city)
    try:
        resolved = resolve_with_agreements(wanted, placed)
        refuse_unreachable_bounds(resolved)
        return resolved
    except InputError as error:
        raise error.within(file=scenario) from None


def load_searchable(city: str, scenario: str, *, objectives: Sequence[str] = ()) -> ResolvedScenario:
    """As load_resolved, for whoever looks for plans: there must be one that the limits leave.

    Raises:
        InputError: as load_resolved, or the villages that must begin need more than the hard limits allow.
    """
    from optimizers.bounds.feasibility import refuse_short_of_means

    resolved = load_resolved(city, scenario, objectives=objectives)
    try:
        refuse_short_of_means(resolved)
    except InputError as error:
        raise error.within(file=scenario) from None
    return resolved


def with_objectives(scenario: Scenario, objectives: Sequence[str], *, given_by: str = "--objectives") -> Scenario:
    """The scenario with other objectives; preferences of those that remain are kept, else all weigh the same.

    Args:
        scenario: as it was read.
        objectives: names.
        given_by: option that messages name; empty = none.

    Raises:
        InputError: unknown indicator, one without a better side, or one given twice.
    """
    try:
        objective_signs(objectives)
    except InputError as error:
        raise error.within(layer=given_by) from None
    kept = {name: scenario.preferences.get(name, 0.0) for name in objectives}
    if not sum(kept.values()) > 0.0:
        kept = dict.fromkeys(objectives, 1.0 / len(objectives))
    content = scenario.model_dump(mode="json") | {"objectives": list(objectives), "preferences": kept}
    return scenario_from_mapping(content, file=given_by)


def refuse_chances_of_nothing(scenario: Scenario) -> None:
    """Refuse a chance as an objective where nothing says what is wanted.

    Raises:
        InputError: names the objective.
    """
    for name in scenario.objectives:
        measure, statistic = ROBUST.get(name, ("", ""))
        if statistic == CHANCE and not wanted_of(scenario, measure):
            raise refuse("chance_without_target", layer="objectives", name=name, measure=measure)


def refuse_undefined_objectives(resolved: ResolvedScenario) -> None:
    """Refuse to search for an indicator that has no value where nothing is renewed, such as a payback.

    Raises:
        InputError: names the objectives.
    """
    base = evaluate(resolved, empty_plan(resolved.city.n_villages), indicators=())
    scenario = resolved.scenario
    refuse_chances_of_nothing(scenario)
    undefined = [name for name in scenario.objectives if np.isnan(base[name]).any()]
    if undefined:
        raise refuse("objectives_undefined", layer="objectives", objectives=undefined)


def city_file(name_or_path: str) -> Path | None:
    """Absolute path of a city that is a file; None for an embedded one."""
    return None if name_or_path in embedded_city_names() else Path(name_or_path).resolve()


def data_notes(city: City) -> dict[str, str]:
    """Layer or column -> what is synthetic about it."""
    return dict(city.synthetic)
