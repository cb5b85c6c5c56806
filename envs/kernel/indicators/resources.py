"""Indicators of economic output, carbon, water and electricity."""

from __future__ import annotations

from collections.abc import Callable

from envs.kernel import resources
from envs.kernel.backend import Array
from envs.kernel.indicators.measures import (
    ratio_of,
    register_sum,
    village_total,
    yearly_mean,
)
from envs.kernel.indicators.places import population_after_persons, site_area_m2
from envs.kernel.indicators.registry import Measure, register
from envs.kernel.trace import Trace


def _number(key: str) -> Callable[[Trace], float]:
    return lambda trace: trace.resolved.book.number(key)


def _economic_output(trace: Trace) -> Array:
    return trace.form.employment * _number("output.employment")(trace)


def _embodied(trace: Trace) -> Array:
    book = trace.resolved.book
    return resources.embodied_carbon_tco2e(
        trace.form.new_floor,
        trace.form.demolished,
        trace.form.retained,
        new_kg_per_m2=book.number("carbon.embodied_new"),
        demolition_kg_per_m2=book.number("carbon.demolition"),
        retrofit_kg_per_m2=book.number("carbon.retrofit"),
    )


def _operational(trace: Trace) -> Array:
    """Operational carbon of the renewed villages once complete."""
    form, book = trace.form, trace.resolved.book
    public = form.facility_new + form.facility_converted + form.employment + form.industrial
    housing = form.new_floor + form.retained - public
    kg = housing * book.number("carbon.operation_residential") + public * book.number("carbon.operation_public")
    return kg / resources.KG_PER_T


def _commuting_carbon(trace: Trace) -> Array:
    book = trace.resolved.book
    kg = resources.mode_weighted_kg_per_person_km(
        {mode: book.number(f"mode.{mode}") for mode in ("rail", "bus", "car_taxi_other", "bicycle", "walk")},
        {
            mode: book.number(f"carbon.{name}")
            for mode, name in (("rail", "rail"), ("bus", "bus"), ("car_taxi_other", "car"))
        },
    )
    workers = float(trace.xp.sum(trace.constants.base.workers))
    return resources.commuting_carbon_tco2e_per_yr(
        trace.commute_km, workers, days_per_yr=book.number("commute.days"), kg_per_person_km=kg
    )


def _domestic(key: str, work_key: str) -> Measure:
    def by_village(trace: Trace) -> Array:
        working_floor = trace.form.employment + trace.form.industrial
        return population_after_persons(trace) * _number(key)(trace) + working_floor * _number(work_key)(trace)

    return by_village


register_sum(
    "land_economic_output_cny_per_yr",
    "CNY/yr",
    "max",
    "Economic output of new employment floor",
    "新增产业年产出",
    "New employment floor x output.employment; the villagers' collective industrial floor is not counted.",
    _economic_output,
    bias="Output per m2 is an estimate.",
)
register(
    "land_economic_output_cny_per_km2_yr",
    "CNY/km2/yr",
    "max",
    "Land economic output",
    "土地经济产出",
    "Economic output of new employment floor / renewed area; absent for the empty plan.",
    lambda trace: 1e6 * ratio_of(village_total(_economic_output), village_total(site_area_m2))(trace),
    bias="Output per m2 is an estimate.",
)
register_sum(
    "embodied_carbon_tco2e",
    "tCO2e",
    "min",
    "Embodied carbon",
    "隐含碳排放",
    "New, demolished and rehabilitated floor x carbon.embodied_new, .demolition, .retrofit.",
    _embodied,
    bias="One factor per m2 whatever the structure; basements and infrastructure are left out.",
)
register_sum(
    "operational_carbon_tco2e_per_yr",
    "tCO2e/yr",
    "min",
    "Operational carbon of the renewed villages",
    "运行碳排放",
    "Floor of the renewed villages once complete x carbon.operation_residential or _public.",
    _operational,
    bias="Emissions the displaced cause elsewhere are not counted.",
)
register(
    "commuting_carbon_tco2e_per_yr",
    "tCO2e/yr",
    "min",
    "Commuting carbon",
    "通勤碳排放",
    "Two trips a day x mean distance x workers x commute.days x mode-weighted carbon per km, mean over years.",
    yearly_mean(_commuting_carbon),
    bias="Mode shares of the central city and of today.",
    yearly=_commuting_carbon,
)
register_sum(
    "water_m3_per_yr",
    "m3/yr",
    "min",
    "Water use of the renewed villages",
    "用水量",
    "Residents of the last state year x water.domestic + working floor x water.employment.",
    _domestic("water.domestic", "water.employment"),
    bias="The city's domestic use is constant: residents only move.",
)
register_sum(
    "electricity_kwh_per_yr",
    "kWh/yr",
    "min",
    "Electricity use of the renewed villages",
    "用电量",
    "Residents of the last state year x electricity.domestic + working floor x electricity.employment.",
    _domestic("electricity.domestic", "electricity.employment"),
    bias="The city's domestic use is constant: residents only move.",
)
