"""What the years of one plan share: city, book, choices, built form, flows, travel and horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.city import City
from data.scenario import Scenario
from oracles.form import Choice, Form, Parameter, built_form, read_choice
from oracles.residents import Flows, village_flows
from oracles.timing import Horizon, Phases, read_horizon, read_phases
from oracles.travel import Matrix, travel_tables

Outcome = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Everything that the years need and that does not change with them."""

    city: City
    parameter: Parameter
    onsite: float
    phases: Phases
    horizon: Horizon
    choices: list[Choice]
    forms: list[Form]
    flows: list[Flows]
    distance_km: Matrix
    minutes: Matrix

    @property
    def years(self) -> range:
        """State years 0..H."""
        return range(self.horizon.last_state_year + 1)


def read_case(city: City, scenario: Scenario, parameter: Parameter, plan: Sequence[Mapping[str, Any]]) -> Case:
    """Read the plan, and compute form, flows and travel."""
    if len(plan) != city.n_villages:
        msg = f"{len(plan)} decisions for {city.n_villages} villages"
        raise ValueError(msg)
    given = scenario.onsite_resettlement_share
    onsite = float(parameter("comp.return_share")) if given is None else float(given)
    phases = read_phases(parameter)
    choices = [read_choice(entry) for entry in plan]
    forms = [built_form(city, n, choices[n], onsite, parameter) for n in range(city.n_villages)]
    flows = [village_flows(city, n, choices[n], forms[n], onsite, parameter) for n in range(city.n_villages)]
    distance_km, minutes = travel_tables(city, parameter)
    horizon = read_horizon(scenario.plan_years, phases, parameter)
    return Case(city, parameter, onsite, phases, horizon, choices, forms, flows, distance_km, minutes)


def mean_after_base_year(series: Sequence[float]) -> float:
    """Mean of years 1..H of a series that starts in year 0."""
    return sum(series[1:]) / len(series[1:])
