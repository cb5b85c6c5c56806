"""Indicators of economic output, carbon, water and electricity.

A function without another shape in its docstring measures villages, shape (n_plans, n_villages).
"""

from __future__ import annotations

from envs.kernel import resources
from envs.kernel.computing.backend import Array
from envs.kernel.indicators.floors import renewed_area_m2
from envs.kernel.indicators.indicator import mean_over_years, of_plans, sum_over_villages
from envs.kernel.indicators.measures import over_villages, ratio
from envs.kernel.indicators.people import population_after_persons
from envs.kernel.trace import Trace

M2_PER_KM2 = 1e6
TRAVEL_MODES = ("rail", "bus", "car_taxi_other", "bicycle", "walk")
CARBON_KEYS = {"rail": "carbon.rail", "bus": "carbon.bus", "car_taxi_other": "carbon.car"}
"""Mode -> parameter of its carbon per person and km; the others emit nothing."""


def land_economic_output_cny_per_yr(trace: Trace) -> Array:
    """Economic output of new employment floor."""
    return trace.form.employment * trace.resolved.book.number("output.employment")


def land_economic_output_cny_per_km2_yr(trace: Trace) -> Array:
    """The same over the renewed area; shape (n_plans,), NaN for the empty plan."""
    output_cny_per_yr = over_villages(land_economic_output_cny_per_yr(trace))
    return M2_PER_KM2 * ratio(output_cny_per_yr, over_villages(renewed_area_m2(trace)))


def embodied_carbon_tco2e(trace: Trace) -> Array:
    """Carbon of building, demolishing and rehabilitating."""
    book = trace.resolved.book
    return resources.embodied_carbon_tco2e(
        trace.form.new_floor,
        trace.form.demolished,
        trace.form.retained,
        new_kg_per_m2=book.number("carbon.embodied_new"),
        demolition_kg_per_m2=book.number("carbon.demolition"),
        retrofit_kg_per_m2=book.number("carbon.retrofit"),
    )


def operational_carbon_tco2e_per_yr(trace: Trace) -> Array:
    """Operational carbon of the renewed villages once complete."""
    form, book = trace.form, trace.resolved.book
    public = form.facility_new + form.facility_converted + form.employment + form.industrial
    housing = form.new_floor + form.retained - public
    kg = housing * book.number("carbon.operation_residential") + public * book.number("carbon.operation_public")
    return kg / resources.KG_PER_T


def commuting_carbon_tco2e_per_yr(trace: Trace) -> Array:
    """Carbon of going to work and back by year; shape (n_plans, n_years)."""
    book = trace.resolved.book
    kg = resources.mode_weighted_kg_per_person_km(
        {mode: book.number(f"mode.{mode}") for mode in TRAVEL_MODES},
        {mode: book.number(key) for mode, key in CARBON_KEYS.items()},
    )
    workers = float(trace.xp.sum(trace.constants.base.workers))
    return resources.commuting_carbon_tco2e_per_yr(
        trace.commute_km, workers, days_per_yr=book.number("commute.days"), kg_per_person_km=kg
    )


def water_m3_per_yr(trace: Trace) -> Array:
    """Water of the residents of the last state year and of the working floor."""
    return _domestic_and_work(trace, "water.domestic", "water.employment")


def electricity_kwh_per_yr(trace: Trace) -> Array:
    """Electricity of the residents of the last state year and of the working floor."""
    return _domestic_and_work(trace, "electricity.domestic", "electricity.employment")


def _domestic_and_work(trace: Trace, per_person_key: str, per_m2_key: str) -> Array:
    book, working_m2 = trace.resolved.book, trace.form.employment + trace.form.industrial
    return population_after_persons(trace) * book.number(per_person_key) + working_m2 * book.number(per_m2_key)


RESOURCES = (
    sum_over_villages(land_economic_output_cny_per_yr),
    of_plans(land_economic_output_cny_per_km2_yr),
    sum_over_villages(embodied_carbon_tco2e),
    sum_over_villages(operational_carbon_tco2e_per_yr),
    mean_over_years(commuting_carbon_tco2e_per_yr),
    sum_over_villages(water_m3_per_yr),
    sum_over_villages(electricity_kwh_per_yr),
)
