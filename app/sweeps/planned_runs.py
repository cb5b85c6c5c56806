"""From the file of a sweep to its runs: every combination, its scenario checked, its digest known beforehand."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agents.policy.policy_files import read_policy
from app.runs.loading import (
    check_scenario,
    load_checked_scenario,
    refuse_chances_of_nothing,
    with_objectives,
)
from app.runs.policy_plans import POLICY
from app.runs.record import bounds_digest
from app.sweeps.sweep_file import SweepFile, SweepMethod
from app.sweeps.swept_run import SweptRun, determining_versions, level_text
from data.errors import InputError, refuse
from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario import Bargaining, Scenario
from data.scenario_files import scenario_from_mapping
from optimizers.algorithms.request import DEFAULT_ALGORITHM

MOST_RUNS = 20_000
LONGEST_NAME = 120
CITY, SCENARIO, METHOD, SEED = "city", "scenario", "method", "seed"
"""Factors that every sweep has."""


def planned_runs(sweep: SweepFile, file: Path) -> tuple[SweptRun, ...]:
    """Every run of a sweep, in the order of its file, the seeds in turn innermost.

    Args:
        sweep: what is crossed.
        file: where it was read, for messages.

    Raises:
        InputError: a city or a scenario cannot be read, a level is not allowed in it, or there are too many runs.
    """
    n_runs = _count(sweep)
    if n_runs > MOST_RUNS:
        raise refuse("sweep_too_many_runs", file=file, n=n_runs, most=MOST_RUNS)
    called = _called(sweep.cities)
    cities = [(source, called[source], load_city(source).digest) for source in sweep.cities]
    scenarios = list(_scenarios(sweep, file))
    policy, found = read_policy().digest, determining_versions()
    return tuple(
        _run(sweep, city, (levels, scenario), (method, seed), (policy, found))
        for city in cities
        for levels, scenario in scenarios
        for method in sweep.methods
        for seed in _seeds(sweep, method)
    )


def _count(sweep: SweepFile) -> int:
    """How many runs there are."""
    n_scenarios = len(sweep.scenarios)
    for levels in (*sweep.bounds.values(), *sweep.parameters.values()):
        n_scenarios *= len(levels)
    return len(sweep.cities) * n_scenarios * sum(len(_seeds(sweep, method)) for method in sweep.methods)


def _seeds(sweep: SweepFile, method: SweepMethod) -> Sequence[int]:
    """Seeds of a method; the policy draws no numbers, so that one run says all."""
    return sweep.seeds[:1] if method.algorithm == POLICY else sweep.seeds


def _scenarios(sweep: SweepFile, file: Path) -> Iterator[tuple[dict[str, Any], Scenario]]:
    """Levels and scenario of every combination of scenarios, bounds and parameters."""
    names, called = [*sweep.bounds, *sweep.parameters], _called(sweep.scenarios)
    combinations = list(itertools.product(*sweep.bounds.values(), *sweep.parameters.values()))
    for source in sweep.scenarios:
        base = load_checked_scenario(source)
        if sweep.objectives:
            base = _with_objectives(base, sweep.objectives, file)
        for levels in combinations:
            given = dict(zip(names, levels, strict=True))
            yield {SCENARIO: called[source], **given}, _with_levels(base, sweep, given, file)


def _with_objectives(base: Scenario, objectives: Sequence[str], file: Path) -> Scenario:
    try:
        return with_objectives(base, objectives, given_by="")
    except InputError as error:
        raise error.within(file=file, layer="objectives") from None


def _called(sources: Sequence[str]) -> dict[str, str]:
    """What the table calls cities or scenarios: files by their names where those are unique, else by their paths."""
    stems = [Path(source).stem if Path(source).is_absolute() else source for source in sources]
    return {source: stem if stems.count(stem) == 1 else source for source, stem in zip(sources, stems, strict=True)}


def _with_levels(base: Scenario, sweep: SweepFile, given: Mapping[str, Any], file: Path) -> Scenario:
    """A scenario with the fields of the sweep and one combination of levels.

    Its name tells the levels that are not its own, so that what a scenario is called hangs on what it is alone.
    """
    content, told = base.model_dump(mode="json"), []
    for name, value in sweep.fields.items():
        _set(content, name, value)
    before = {name: _value(content, name) for name in sweep.bounds} | load_book().override(
        base.parameters
    ).values_by_key()
    for name in sweep.bounds:
        _set(content, name, given[name])
    content["parameters"] = content["parameters"] | {key: given[key] for key in sweep.parameters}
    told = [f"{name}={level_text(level)}" for name, level in sorted(given.items()) if level != before[name]]
    content["name"] = " ".join([base.name[:40], *told])[:LONGEST_NAME]
    try:
        scenario = scenario_from_mapping(content, file="")
        check_scenario(scenario)
        refuse_chances_of_nothing(scenario)
    except InputError as error:
        where = ", ".join([base.name, *(f"{name}={level_text(level)}" for name, level in given.items())])
        raise error.within(file=file, layer=where) from None
    return scenario


def _value(content: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any field of a scenario
    """A field, or one inside another by its dotted name; None where there is none."""
    first, _, rest = name.partition(".")
    inner = content.get(first)
    if not rest:
        return inner
    return _value(inner, rest) if isinstance(inner, Mapping) else None


def _set(content: dict[str, Any], name: str, value: Any) -> None:  # noqa: ANN401 - any field of a scenario
    """Set a field, or one inside another by its dotted name; a table, as that of the rules, is added to."""
    first, _, rest = name.partition(".")
    inner = content.get(first)
    if rest:
        content[first] = dict(inner) if isinstance(inner, Mapping) else {}
        _set(content[first], rest, value)
    else:
        content[first] = {**inner, **value} if isinstance(inner, Mapping) and isinstance(value, Mapping) else value


def _run(
    sweep: SweepFile,
    city: tuple[str, str, str],
    asked: tuple[dict[str, Any], Scenario],
    how: tuple[SweepMethod, int],
    made_by: tuple[str, dict[str, str]],
) -> SweptRun:
    """One run of a city (source, name, digest) under a scenario by a method with a seed."""
    (source, called, city_digest), (levels, scenario), (method, seed), (policy, found) = city, asked, how, made_by
    book, budget = load_book().override(scenario.parameters), sweep.budget_of(method)
    plans_first = method.policy and method.algorithm == DEFAULT_ALGORITHM
    is_policy = method.algorithm == POLICY
    factors = {CITY: called, **levels, METHOD: method.title, SEED: seed}
    return SweptRun(
        factors={name: level_text(level) for name, level in factors.items()},
        city=source,
        city_digest=city_digest,
        scenario=scenario.model_dump(mode="json"),
        scenario_digest=bounds_digest(scenario),
        parameters_digest=book.digest,
        bargaining_digest="" if scenario.bargaining is Bargaining.OFF else book.bargaining_digest,
        objectives=scenario.objectives,
        algorithm=method.algorithm,
        with_policy=plans_first,
        policy=policy if plans_first or is_policy else "",
        plans=method.plans if is_policy else 0,
        evaluations=None if is_policy else budget.evaluations,
        minutes=None if is_policy else budget.minutes,
        seed=0 if is_policy else seed,
        versions=found,
    )
