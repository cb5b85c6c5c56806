"""Section 10, further indicators, each with its recipe.

Read where the pages leave room:
- villages in "population in villages" and in water, electricity and operational carbon are all listed villages, kept
  ones too, with newcomers, in the final year H;
- a ratio whose denominator is 0 is absent (NaN): new_to_demolished_ratio without demolition, shares without villages;
- new floor is G (basements are not in the embodied carbon); retained floor counts only in renewed villages;
- water and electricity: residents of the villages, and non-residential floor (facilities new and converted, employment
  and industrial floor) at the rates of employment floor;
- operational carbon: homes are resettlement, commodity, rental and retained floor without conversions; public floor is
  facilities (new and converted), employment and industrial floor;
- the yearly series are of renewed villages and count floor that stands in the year; before the start that is the
  existing floor, as homes.
"""

from __future__ import annotations

import math

from data.city import City
from oracles.form import Choice, Form, Parameter
from oracles.residents import Flows
from oracles.timing import Phases

CARBON_OF_MODE = {"rail": "rail", "bus": "bus", "car_taxi_other": "car"}
"""Mode of the commute -> its carbon key; walking and cycling emit nothing."""


def ratio(numerator: float, denominator: float) -> float:
    """Quotient; NaN where the denominator is 0."""
    return numerator / denominator if denominator != 0.0 else math.nan


def floor_indicators(city: City, choices: list[Choice], forms: list[Form]) -> dict[str, float]:
    """Areas renewed, built and demolished."""
    villages = range(city.n_villages)
    renewed = [n for n in villages if choices[n].renewed]
    legal = [float(city.villages.legal_share[n]) for n in villages]
    existing_m2 = sum(forms[n].existing_m2 for n in villages)
    demolished_m2 = sum(forms[n].demolished_m2 for n in villages)
    new_m2 = sum(forms[n].new_floor_m2 for n in villages)
    return {
        "renewed_area_m2": sum(float(city.villages.site_area_m2[n]) for n in renewed),
        "renewed_existing_floor_m2": sum(forms[n].existing_m2 for n in renewed),
        "rehabilitated_floor_m2": sum(forms[n].retained_m2 for n in renewed),
        "demolished_floor_m2": demolished_m2,
        "total_new_floor_m2": new_m2,
        "new_commodity_floor_m2": sum(forms[n].commodity_m2 for n in villages),
        "new_rental_floor_m2": sum(forms[n].rental_m2 for n in villages),
        "new_employment_floor_m2": sum(forms[n].employment_m2 for n in villages),
        "new_resettlement_floor_m2": sum(forms[n].resettlement_m2 for n in villages),
        "new_industrial_floor_m2": sum(forms[n].industrial_m2 for n in villages),
        "new_facility_floor_m2": sum(forms[n].facility_new_m2 for n in villages),
        "converted_facility_floor_m2": sum(forms[n].facility_converted_m2 for n in villages),
        "demolished_share": ratio(demolished_m2, existing_m2),
        "demolished_legal_share": ratio(
            sum(forms[n].demolished_m2 * legal[n] for n in villages),
            sum(forms[n].existing_m2 * legal[n] for n in villages),
        ),
        "new_to_demolished_ratio": ratio(new_m2, demolished_m2),
        "heritage_floor_lost_m2": sum(
            forms[n].demolished_m2 for n in villages if not bool(city.villages.rebuild_allowed[n])
        ),
    }


def people_indicators(
    city: City, flows: list[Flows], registered: list[float], tenants: list[float], newcomers: list[float]
) -> dict[str, float]:
    """Population in villages, displacement, social ties.

    Args:
        city: the city.
        flows: one per village.
        registered: in each village in the final year.
        tenants: likewise.
        newcomers: likewise.
    """
    base = [float(r) for r in city.villages.registered_residents]
    left = sum(f.registered_left for f in flows)
    back = sum(f.registered_back for f in flows)
    return {
        "population_before_persons": sum(base) + float(sum(city.villages.tenants.tolist())),
        "population_after_persons": sum(registered) + sum(tenants) + sum(newcomers),
        "displaced_tenants_persons": sum(f.tenants_left - f.tenants_back for f in flows),
        "social_tie_share": ratio(sum(base) - left + back, sum(base)),
    }


def embodied_carbon_tco2e(choices: list[Choice], forms: list[Form], parameter: Parameter) -> float:
    """New floor, demolition and retrofit, once [tCO2e]."""
    kg = 0.0
    for choice, form in zip(choices, forms, strict=True):
        if choice.renewed:
            kg += form.new_floor_m2 * parameter("carbon.embodied_new")
            kg += form.demolished_m2 * parameter("carbon.demolition")
            kg += form.retained_m2 * parameter("carbon.retrofit")
    return kg / 1000.0


def non_residential_floor_m2(form: Form) -> float:
    """Facilities, new and converted, employment and industrial floor [m2]."""
    return form.facility_new_m2 + form.facility_converted_m2 + form.employment_m2 + form.industrial_m2


def yearly_use(persons: float, forms: list[Form], per_person: float, per_m2: float) -> float:
    """Water [m3] or electricity [kWh] of a year, of residents and of non-residential floor."""
    return persons * per_person + sum(non_residential_floor_m2(form) for form in forms) * per_m2


def operational_carbon_tco2e(forms: list[Form], parameter: Parameter) -> float:
    """Floor of all villages once every completion has passed [tCO2e a year]."""
    kg = 0.0
    for form in forms:
        homes_m2 = form.resettlement_m2 + form.commodity_m2 + form.rental_m2
        homes_m2 += form.retained_m2 - form.facility_converted_m2
        kg += homes_m2 * parameter("carbon.operation_residential")
        kg += non_residential_floor_m2(form) * parameter("carbon.operation_public")
    return kg / 1000.0


def standing_floor_m2(choice: Choice, form: Form, phases: Phases, year: int) -> tuple[float, float, float]:
    """Homes, public and working floor of a renewed village in one year: what stands, before, during and after works."""
    if year < choice.start_year:
        return form.existing_m2, 0.0, 0.0
    homes_m2, public_m2, working_m2 = form.retained_m2, 0.0, 0.0
    if year >= choice.start_year + phases.lag_rehabilitation:
        homes_m2 -= form.facility_converted_m2
        public_m2 += form.facility_converted_m2
    if year >= choice.start_year + phases.lag:
        homes_m2 += form.resettlement_m2 + form.commodity_m2 + form.rental_m2
        public_m2 += form.facility_new_m2
        working_m2 += form.employment_m2 + form.industrial_m2
    return homes_m2, public_m2, working_m2


def yearly_series(
    choices: list[Choice],
    forms: list[Form],
    phases: list[Phases],
    residents: list[list[float]],
    parameter: Parameter,
) -> dict[str, list[float]]:
    """Land output, operational carbon, water and electricity of the renewed villages by state year.

    Args:
        choices: one per village.
        forms: one per village.
        phases: one per village.
        residents: by year and village [persons].
        parameter: the parameter book.
    """
    names = ("employment_output_cny", "operational_carbon_tco2e", "water_m3", "electricity_kwh")
    series: dict[str, list[float]] = {f"{name}_by_year": [] for name in names}
    for year, persons in enumerate(residents):
        output, kg, water, electricity = 0.0, 0.0, 0.0, 0.0
        for n, choice in enumerate(choices):
            if not choice.renewed:
                continue
            homes_m2, public_m2, working_m2 = standing_floor_m2(choice, forms[n], phases[n], year)
            if year >= choice.start_year + phases[n].lag:
                output += forms[n].employment_m2 * parameter("output.employment")
            kg += homes_m2 * parameter("carbon.operation_residential")
            kg += (public_m2 + working_m2) * parameter("carbon.operation_public")
            water += persons[n] * parameter("water.domestic") + working_m2 * parameter("water.employment")
            electricity += persons[n] * parameter("electricity.domestic")
            electricity += working_m2 * parameter("electricity.employment")
        for name, value in zip(names, (output, kg / 1000.0, water, electricity), strict=True):
            series[f"{name}_by_year"].append(value)
    return series


def tenant_rent_ratio(
    city: City,
    choices: list[Choice],
    flows: list[Flows],
    phases: list[Phases],
    rent_factor: list[list[float]],
    parameter: Parameter,
) -> float:
    """New rent over the old one, mean over tenants who return, at the rent factor of the year in which they do."""
    total, persons, last = 0.0, 0.0, len(rent_factor) - 1
    for n, choice in enumerate(choices):
        if flows[n].tenants_back <= 0.0:
            continue
        year = min(choice.start_year + phases[n].lag, last)
        zone_rent = float(city.zones.rent_cny_per_m2_month[int(city.villages.zone_idx[n])])
        new = zone_rent * parameter("density.rental_m2") * rent_factor[year][int(city.villages.district_idx[n])]
        old = float(city.villages.rent_cny_per_m2_month[n]) * parameter("uv.floor_per_migrant")
        total += flows[n].tenants_back * new / old
        persons += flows[n].tenants_back
    return ratio(total, persons)


def commuting_kg_per_km(parameter: Parameter) -> float:
    """Emissions of one kilometer by the mode shares of trips, taken as shares of kilometers [kgCO2e/km]."""
    total = 0.0
    for mode, carbon in CARBON_OF_MODE.items():
        total += float(parameter(f"mode.{mode}")) * float(parameter(f"carbon.{carbon}"))
    return total


def commuting_carbon_tco2e(mean_km: float, workers: float, parameter: Parameter) -> float:
    """Both ways on every working day [tCO2e a year]."""
    km = 2.0 * mean_km * workers * parameter("commute.days")
    return float(km * commuting_kg_per_km(parameter) / 1000.0)


def employment_output_cny(forms: list[Form], parameter: Parameter) -> float:
    """Output of new employment floor [CNY a year]."""
    return float(sum(form.employment_m2 * parameter("output.employment") for form in forms))
