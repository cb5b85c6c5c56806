"""The loop oracle: one plan at a time on a small city, every quantity by plain loops.

It follows the model page and the choices page and shares no code with the simulator. Each module says at its top what
it read where the pages leave room. `evaluate_plan` returns every intermediate and final quantity by name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from data.city import City
from data.scenario import Scenario
from oracles import capital as cap
from oracles import finance as fin
from oracles import indicators as ind
from oracles import market as mar
from oracles.case import Case, Outcome, mean_after_base_year, read_case
from oracles.consent import Consent, village_consent
from oracles.form import Parameter
from oracles.residents import Population
from oracles.travel import Matrix
from oracles.wellbeing import wellbeing_cells
from oracles.wellbeing_measures import wellbeing_indicators
from oracles.yearly import accessibility_of, commute_of, residents_of

FORM_FIELDS = (
    "net_site_m2",
    "existing_m2",
    "demolished_m2",
    "new_floor_m2",
    "retained_m2",
    "facility_new_m2",
    "facility_converted_m2",
    "resettlement_m2",
    "industrial_m2",
    "rest_m2",
    "commodity_m2",
    "rental_m2",
    "employment_m2",
    "green_sports_land_m2",
)
FLOW_FIELDS = (
    "registered_left",
    "tenants_left",
    "registered_back",
    "tenants_back",
    "rental_capacity",
    "newcomers",
)


def _prices(case: Case, result: Outcome) -> Outcome:
    """Price of each village's option: base price x services x density [CNY/m2]."""
    prices, services, densities = [], [], []
    for n, choice in enumerate(case.choices):
        gain = float(result["met_share_with_option"][n]) - float(result["met_share_before"][n])
        services.append(1.0 + case.parameter("hedonic.services") * gain)
        densities.append(mar.density_factor(choice.rho, choice.floor_area_ratio, case.parameter))
        prices.append(float(case.city.villages.sale_price_cny_per_m2[n]) * services[n] * densities[n])
    return {
        "hedonic_services_factor": np.array(services),
        "hedonic_density_factor": np.array(densities),
        "option_price_cny_per_m2": np.array(prices),
    }


def _consent(case: Case, prices: list[float]) -> tuple[list[Consent], Outcome]:
    consents = [
        village_consent(case.city, n, case.choices[n], case.onsite[n], prices[n], case.parameter)
        for n in range(case.city.n_villages)
    ]
    rebuilt = [choice.rho > 0.0 for choice in case.choices]
    fields = (
        "reservation_cny",
        "house_cny",
        "cash_cny",
        "consent_at_1_share",
        "multiplier",
        "consent_share",
        "flagged",
    )
    result: Outcome = {f"consent_{name.removeprefix('consent_')}": [] for name in fields}
    for consent in consents:
        for name in fields:
            result[f"consent_{name.removeprefix('consent_')}"].append(getattr(consent, name))
    result = {name: np.array(values) for name, values in result.items()}
    result["consent_missed"] = np.array([r and c.flagged for r, c in zip(rebuilt, consents, strict=True)])
    return consents, result


def _project(net: list[float], total: cap.Account, tables: list[cap.CashFlow]) -> Outcome:
    gross = [sum(t[item][y] for t in tables for item in cap.COST_ITEMS) for y in range(len(net))]
    return {
        "net_cash_flow_by_year": np.array(net),
        "gross_cost_by_year": np.array(gross),
        "net_present_value_cny": total.project,
        "net_present_value_developer_cny": total.developer,
        "net_present_value_government_cny": total.government,
        "present_value_taxes_cny": total.taxes,
        "residual_land_value_cny": total.residual_land_value,
        "rental_subsidy_cny": total.subsidy,
        "present_value_revenue_cny": total.revenue,
        "present_value_cost_cny": total.cost,
        "return_on_cost_ratio": ind.ratio(total.revenue, total.cost) - 1.0,
        "internal_rate_of_return": fin.internal_rate_of_return(net),
        "payback_year": fin.payback_year(net),
        "peak_funding_cny": fin.peak_funding(net),
        "total_profit_cny": sum(net),
        "total_cost_cny": sum(gross),
        "max_annual_cost_cny": max(gross),
    }


def _market(case: Case) -> tuple[mar.Market, Outcome]:
    market = mar.market_of(
        case.city, case.choices, case.forms, case.flows, case.phases, case.horizon.last_money_year, case.parameter
    )
    growth = (1.0 + case.parameter("price.growth")) ** np.arange(case.horizon.last_money_year + 1.0)
    return market, {
        "stock_factor": np.array(market.stock_factor),
        "flow_factor": np.array(market.flow_factor),
        "price_factor": np.array(market.stock_factor) * np.array(market.flow_factor) * growth[:, None],
        "rent_factor": np.array(market.rent_factor),
        "commodity_sold_m2": np.array(market.sold_m2),
        "rental_places_net_persons": np.array(market.places_persons),
        "housing_stock_m2": np.array(market.stock_m2),
        "normal_sales_m2": np.array(market.normal_m2),
        "rental_places_persons": np.array(market.rental_places_persons),
        "rent_growth_per_yr": mar.largest_growth(market.rent_factor),
    }


def _by_district(city: City, by_village: np.ndarray) -> np.ndarray:
    """Sums of (villages, years) over districts: (years, districts)."""
    table = np.zeros((by_village.shape[1], len(city.districts)))
    for n in range(city.n_villages):
        table[:, int(city.villages.district_idx[n])] += by_village[n]
    return table


def _capital(case: Case, consents: list[Consent], prices: list[float], splits: Matrix, market: mar.Market) -> Outcome:
    city, last = case.city, case.horizon.last_money_year
    tables, accounts = [], []
    for n in range(city.n_villages):
        site = cap.Site(
            n,
            case.choices[n],
            case.forms[n],
            case.flows[n],
            splits[n],
            consents[n].multiplier,
            case.onsite[n],
            prices[n],
            case.phases[n],
        )
        table = cap.village_cash_flow(city, site, market, case.parameter, last)
        tables.append(table)
        accounts.append(cap.account(city, site, table, case.parameter))
    nets = [cap.net_cash_flow(table) for table in tables]
    net = [sum(nets[n][year] for n in range(city.n_villages)) for year in range(last + 1)]
    result = _project(net, cap.add_accounts(accounts), tables)
    result["cash_flow"] = {
        item: np.array([table[item] for table in tables]) for item in (*cap.COST_ITEMS, *cap.REVENUE_ITEMS)
    }
    for item in cap.REVENUE_ITEMS:
        result[f"{item}_by_district_year"] = _by_district(city, result["cash_flow"][item])
    result["net_cash_flow_by_village"] = np.array(nets)
    result["accounts_by_village"] = accounts
    result["net_present_value_by_district_cny"] = np.array(
        [
            sum(accounts[n].project for n in range(city.n_villages) if int(city.villages.district_idx[n]) == d)
            for d in range(len(city.districts))
        ]
    )
    return result


def _form(case: Case) -> Outcome:
    result: Outcome = {name: np.array([getattr(form, name) for form in case.forms]) for name in FORM_FIELDS}
    for name in FLOW_FIELDS:
        key = "newcomers_potential" if name == "newcomers" else name
        result[key] = np.array([getattr(flow, name) for flow in case.flows])
    result["form_valid"] = np.array([form.valid for form in case.forms])
    result["lag_years"] = np.array([phases.lag for phases in case.phases])
    result["lag_rehabilitation_years"] = np.array([phases.lag_rehabilitation for phases in case.phases])
    result["onsite_share"] = np.array(case.onsite)
    result["last_state_year"] = case.horizon.last_state_year
    result["last_money_year"] = case.horizon.last_money_year
    result["distance_km"] = np.array(case.distance_km)
    result["minutes"] = np.array(case.minutes)
    return result


def _indicators(case: Case, population: Population, result: Outcome) -> Outcome:
    first, last = case.city.n_zones, case.horizon.last_state_year
    more: Outcome = ind.floor_indicators(case.city, case.choices, case.forms)
    more |= ind.people_indicators(
        case.city,
        case.flows,
        population.registered[last][first:],
        population.tenants[last][first:],
        population.newcomers[last],
    )
    carbon = [
        ind.commuting_carbon_tco2e(km, sum(workers), case.parameter)
        for km, workers in zip(result["mean_commute_km_by_year"].tolist(), result["workers"].tolist(), strict=True)
    ]
    output = ind.employment_output_cny(case.forms, case.parameter)
    series = ind.yearly_series(
        case.choices, case.forms, case.phases, result["residents"][:, first:].tolist(), case.parameter
    )
    more |= {name: np.array(values) for name, values in series.items()}
    more["tenant_rent_ratio"] = ind.tenant_rent_ratio(
        case.city, case.choices, case.flows, case.phases, result["rent_factor"].tolist(), case.parameter
    )
    more |= {
        "embodied_carbon_tco2e": ind.embodied_carbon_tco2e(case.choices, case.forms, case.parameter),
        "operational_carbon_tco2e_per_year": ind.operational_carbon_tco2e(case.forms, case.parameter),
        "commuting_carbon_tco2e_by_year": np.array(carbon),
        "commuting_carbon_tco2e_per_year": mean_after_base_year(carbon),
        "employment_output_cny_per_year": output,
        "employment_output_cny_per_year_km2": ind.ratio(output, more["renewed_area_m2"] / 1e6),
    }
    for name, key in (("water_m3_per_year", "water"), ("electricity_kwh_per_year", "electricity")):
        rates = case.parameter(f"{key}.domestic"), case.parameter(f"{key}.employment")
        more[name] = ind.yearly_use(more["population_after_persons"], case.forms, *rates)
    return more


def _wellbeing(case: Case, population: Population, consents: list[Consent], result: Outcome, year: int) -> Outcome:
    cells = wellbeing_cells(case, population, consents, result, year)
    return wellbeing_indicators(cells, len(case.city.districts), case.parameter) | {"wellbeing_cells": cells}


def evaluate_plan(
    city: City,
    scenario: Scenario,
    parameter: Parameter,
    plan: Sequence[Mapping[str, Any]],
    wellbeing_year: int | None = None,
) -> Outcome:
    """Every quantity of one plan.

    Args:
        city: a small city.
        scenario: bounds of the plan; plan_years, on-site share, category weights and deterrence are read.
        parameter: key of the parameter book -> value (number, table or series), overrides applied.
        plan: one entry per village in the city's order: start_year, intensity, land_use, floor_area_ratio,
            facility_ratio, and the three optional columns.
        wellbeing_year: state year of who gains and who loses; the last where None.

    Returns:
        name -> number or array. Arrays run over villages, or years 0..H (by_year), then places or zones; cash_flow
        holds item -> (villages, money years). Names carry units; persons, jobs and workers carry none.
    """
    case = read_case(city, scenario, parameter, plan)
    result = _form(case)
    population, people = residents_of(case)
    result |= people
    result |= commute_of(case, population, people["workers"].tolist())
    result |= accessibility_of(case, scenario, people["residents"].tolist())
    result |= _prices(case, result)
    prices = result["option_price_cny_per_m2"].tolist()
    consents, consent = _consent(case, prices)
    result |= consent
    market, factors = _market(case)
    result |= factors
    result |= _capital(case, consents, prices, result["category_split"].tolist(), market)
    result |= _indicators(case, population, result)
    year = case.horizon.last_state_year if wellbeing_year is None else wellbeing_year
    result |= _wellbeing(case, population, consents, result, year)
    result["valid"] = bool(all(form.valid for form in case.forms))
    if not math.isfinite(result["mean_commute_km"]):
        raise ValueError("the commute has no mean")
    return result
