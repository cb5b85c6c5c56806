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
from oracles.travel import Matrix, impedance_of, travel_tables

Outcome = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """Everything that the years need and that does not change with them."""

    city: City
    parameter: Parameter
    onsite: list[float]  # of each village: the plan's, else the scenario's, else the book's
    phases: list[Phases]  # of each village, its delay included
    horizon: Horizon
    choices: list[Choice]
    forms: list[Form]
    flows: list[Flows]
    distance_km: Matrix
    minutes: Matrix
    deterrence: str
    impedance: Matrix  # what the decay multiplies: km, or their square root

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
    usual = float(parameter("comp.return_share")) if given is None else float(given)
    choices = [read_choice(entry) for entry in plan]
    onsite = [usual if choice.onsite_share is None else choice.onsite_share for choice in choices]
    phases = [read_phases(parameter, choice.delay_yr) for choice in choices]
    forms = [built_form(city, n, choices[n], onsite[n], parameter) for n in range(city.n_villages)]
    flows = [village_flows(city, n, choices[n], forms[n], onsite[n], parameter) for n in range(city.n_villages)]
    distance_km, minutes = travel_tables(city, parameter)
    horizon = read_horizon(scenario.plan_years, read_phases(parameter), parameter)
    refuse_late_sales(choices, phases, parameter)
    deterrence = str(scenario.commute_deterrence)
    impedance = impedance_of(distance_km, deterrence)
    tables = distance_km, minutes, deterrence, impedance
    return Case(city, parameter, onsite, phases, horizon, choices, forms, flows, *tables)


def refuse_late_sales(choices: Sequence[Choice], phases: Sequence[Phases], parameter: Parameter) -> None:
    """Refuse a delay by which a village's sales would end after the last year of the cash flow.

    Raises:
        ValueError: lag + years of absorption - 1 > operation_years in a rebuilt village with a delay.
    """
    more_years = len(parameter("sale.absorption")) - 1
    for n, choice in enumerate(choices):
        late = phases[n].lag + more_years > int(parameter("finance.operation_years"))
        if choice.rho > 0.0 and choice.delay_yr > 0.0 and late:
            msg = f"village {n}: its delay of {choice.delay_yr} years puts sales after the last year of the account"
            raise ValueError(msg)


def mean_after_base_year(series: Sequence[float]) -> float:
    """Mean of years 1..H of a series that starts in year 0."""
    return sum(series[1:]) / len(series[1:])
