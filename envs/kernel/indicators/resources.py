"""Indicators of economic output, carbon, water and electricity.

A function without another shape in its docstring measures villages, shape (n_plans, n_villages).
"""

from __future__ import annotations

from envs.kernel import resources
from envs.kernel.computing.backend import Array
from envs.kernel.indicators.floors import renewed_area_m2
from envs.kernel.indicators.indicator import SumSince, mean_over_years, of_plans, sum_by_year, sum_over_villages
from envs.kernel.indicators.measures import over_villages, ratio
from envs.kernel.indicators.people import population_after_persons, population_by_year_persons
from envs.kernel.trace import Trace

M2_PER_KM2 = 1e6
TRAVEL_MODES = ("rail", "bus", "car_taxi_other", "bicycle", "walk")
CARBON_KEYS = {"rail": "carbon.rail", "bus": "carbon.bus", "car_taxi_other": "carbon.car"}
"""Mode -> parameter of its carbon per person and km; the others emit nothing."""

WATER_KEYS = ("water.domestic", "water.employment")
ELECTRICITY_KEYS = ("electricity.domestic", "electricity.employment")
"""Parameters of use per resident, and per m2 of working floor."""


def land_economic_output_cny_per_yr(trace: Trace) -> Array:
    """Economic output of new employment floor."""
    return trace.form.employment * trace.resolved.book.number("output.employment")


def land_economic_output_cny_per_km2_yr(trace: Trace) -> Array:
    """The same over the renewed area; shape (n_plans,), NaN for the empty plan."""
    output_cny_per_yr = over_villages(land_economic_output_cny_per_yr(trace))
    return M2_PER_KM2 * ratio(output_cny_per_yr, over_villages(renewed_area_m2(trace)))


def land_output_by_year_cny_per_km2_yr(trace: Trace) -> Array:
    """Output of the employment floor that is complete by year, over all the area that the plan renews."""
    output_cny_per_yr = sum_by_year(land_economic_output_cny_per_yr(trace), trace.completed)
    area_m2 = over_villages(renewed_area_m2(trace))[:, None] + trace.xp.zeros_like(output_cny_per_yr)
    return M2_PER_KM2 * ratio(output_cny_per_yr, area_m2)


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
    form = trace.form
    public_m2 = form.facility_new + form.facility_converted + form.employment + form.industrial
    return _operation_tco2e_per_yr(trace, form.new_floor + form.retained - public_m2, public_m2)


def operational_carbon_by_year_tco2e_per_yr(trace: Trace) -> Array:
    """Operational carbon of what stands in the renewed villages by year, existing homes before they go included."""
    form, completed, rehabilitated = trace.form, trace.completed, trace.rehabilitated
    new_public_m2 = sum_by_year(form.facility_new + form.employment + form.industrial, completed)
    converted_m2 = sum_by_year(form.facility_converted, rehabilitated)
    existing_m2 = over_villages(form.demolished + form.retained)[:, None] - sum_by_year(form.demolished, trace.started)
    housing_m2 = existing_m2 - converted_m2 + sum_by_year(form.new_floor, completed) - new_public_m2
    return _operation_tco2e_per_yr(trace, housing_m2, new_public_m2 + converted_m2)


def _operation_tco2e_per_yr(trace: Trace, housing_m2: Array, public_m2: Array) -> Array:
    book = trace.resolved.book
    kg = housing_m2 * book.number("carbon.operation_residential") + public_m2 * book.number("carbon.operation_public")
    return kg / resources.KG_PER_T


def commuting_carbon_tco2e_per_yr(trace: Trace) -> Array:
    """Carbon of going to work and back by year; shape (n_plans, n_years)."""
    return trace.commute_km * commuting_carbon_tco2e_per_km_yr(trace)


def commuting_carbon_tco2e_per_km_yr(trace: Trace) -> float:
    """The same for a mean commute of a km; a number."""
    book = trace.resolved.book
    kg = resources.mode_weighted_kg_per_person_km(
        {mode: book.number(f"mode.{mode}") for mode in TRAVEL_MODES},
        {mode: book.number(key) for mode, key in CARBON_KEYS.items()},
    )
    workers = float(trace.xp.sum(trace.constants.base.workers))
    return resources.commuting_carbon_tco2e_per_km_yr(
        workers, days_per_yr=book.number("commute.days"), kg_per_person_km=kg
    )


def water_m3_per_yr(trace: Trace) -> Array:
    """Water of the residents of the last state year and of the working floor."""
    return _use(trace, WATER_KEYS, population_after_persons(trace), _working_floor_m2(trace))


def water_by_year_m3_per_yr(trace: Trace) -> Array:
    """Water of each year's residents and of the working floor complete by then; shape (n_plans, n_years)."""
    return _use_by_year(trace, WATER_KEYS)


def electricity_kwh_per_yr(trace: Trace) -> Array:
    """Electricity of the residents of the last state year and of the working floor."""
    return _use(trace, ELECTRICITY_KEYS, population_after_persons(trace), _working_floor_m2(trace))


def electricity_by_year_kwh_per_yr(trace: Trace) -> Array:
    """Electricity of each year's residents and of the working floor complete by then; shape (n_plans, n_years)."""
    return _use_by_year(trace, ELECTRICITY_KEYS)


def _use_by_year(trace: Trace, keys: tuple[str, str]) -> Array:
    working_m2 = sum_by_year(_working_floor_m2(trace), trace.completed)
    return _use(trace, keys, population_by_year_persons(trace), working_m2)


def _use(trace: Trace, keys: tuple[str, str], persons: Array, working_m2: Array) -> Array:
    """Use of a good by persons and by working floor, any shape [its unit per year]."""
    per_person, per_m2 = (trace.resolved.book.number(key) for key in keys)
    return persons * per_person + working_m2 * per_m2


def _working_floor_m2(trace: Trace) -> Array:
    return trace.form.employment + trace.form.industrial


RESOURCES = (
    sum_over_villages(land_economic_output_cny_per_yr, yearly=SumSince(land_economic_output_cny_per_yr, "completed")),
    of_plans(land_economic_output_cny_per_km2_yr, yearly=land_output_by_year_cny_per_km2_yr),
    sum_over_villages(embodied_carbon_tco2e),
    sum_over_villages(operational_carbon_tco2e_per_yr, yearly=operational_carbon_by_year_tco2e_per_yr),
    mean_over_years(commuting_carbon_tco2e_per_yr),
    sum_over_villages(water_m3_per_yr, yearly=water_by_year_m3_per_yr),
    sum_over_villages(electricity_kwh_per_yr, yearly=electricity_by_year_kwh_per_yr),
)
