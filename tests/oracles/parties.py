"""What the parties of a project gain by a package (people page, P4), by plain loops, in CNY per m2 of site.

Read where the page leaves room:
- one project does not move prices: factors of prices and rents are those of the whole plan;
- what the government values counts once: floor and filled jobs at the completion of the part they belong to, jobs and
  tenants lost at the start; all carbon of works over the years of construction, that of use from the completion of
  what is built to the last money year;
- tenants who move find the zones as they are today, full or not; who stays or returns has the services of the option.
  What is so every year is worth what it is a year over the discount rate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.city import City
from data.scenario import Scenario
from oracles.accessibility import decay_tables, place_scores
from oracles.capital import Site, account, village_cash_flow
from oracles.case import Case, Outcome, read_case
from oracles.commute import row_means
from oracles.consent import Consent, village_consent
from oracles.evaluate import evaluate_plan
from oracles.finance import net_present_value
from oracles.form import Choice, Form, Parameter, built_form, read_choice
from oracles.indicators import embodied_carbon_tco2e, operational_carbon_tco2e
from oracles.market import Market, density_factor, market_of, met_share_with_option
from oracles.residents import village_flows
from oracles.settling import settling_shares
from oracles.timing import read_phases
from oracles.travel import Matrix
from oracles.wellbeing import commuting_gain_cny, mean_over


@dataclass(frozen=True)
class Setting:
    """The plan within which a village bargains."""

    case: Case
    outcome: Outcome  # of the plan
    decays: list[Matrix]
    market: Market


@dataclass(frozen=True)
class Package:
    """One way to renew a village, and what it means there."""

    site: Site
    consent: Consent
    met_share: float  # of services in the village
    existing: Form  # of the village as it is


@dataclass(frozen=True)
class Gains:
    """Utilities of one package [CNY/m2 of site]; the land payment is in those of the developer and the government."""

    villagers_offer: float  # without what they give up
    villagers_give_up: float  # for each unit of the pivotal household's a exp(e)
    developer: float
    government: float
    tenants: float


def setting_of(city: City, scenario: Scenario, parameter: Parameter, plan: Sequence[Mapping[str, Any]]) -> Setting:
    """The plan as it stands: its outcome, and its prices and rents."""
    case = read_case(city, scenario, parameter, plan)
    market = market_of(city, case.choices, case.forms, case.flows, case.phases, case.horizon.last_money_year, parameter)
    outcome = evaluate_plan(city, scenario, parameter, plan)
    return Setting(case, outcome, decay_tables(city, parameter), market)


def package_of(setting: Setting, n: int, entry: Mapping[str, Any], usual_onsite: float) -> Package:
    """A package of village n.

    Args:
        setting: the plan within which it bargains.
        n: the village.
        entry: its row of a plan.
        usual_onsite: share resettled on site where the entry gives none.
    """
    city, parameter, outcome = setting.case.city, setting.case.parameter, setting.outcome
    choice = read_choice(entry)
    onsite = usual_onsite if choice.onsite_share is None else choice.onsite_share
    form = built_form(city, n, choice, onsite, parameter)
    flows = village_flows(city, n, choice, form, onsite, parameter)
    split, persons = outcome["category_split"][n].tolist(), outcome["residents"][0].tolist()
    weights = outcome["category_weights"].tolist()
    met = met_share_with_option(city, n, choice, form, split, persons, setting.decays, weights, parameter)
    services = 1.0 + parameter("hedonic.services") * (met - float(outcome["met_share_before"][n]))
    price = float(city.villages.sale_price_cny_per_m2[n]) * services
    price *= density_factor(choice.rho, choice.floor_area_ratio, parameter)
    consent = village_consent(city, n, choice, onsite, price, parameter)
    phases = read_phases(parameter, choice.delay_yr)
    site = Site(n, choice, form, flows, split, consent.multiplier, onsite, price, phases)
    kept = built_form(city, n, Choice(0, 0.0, "public_service", 0.0, 0.0), onsite, parameter)
    return Package(site, consent, met, kept)


def worth(amount: float, years: Sequence[int], last: int, parameter: Parameter) -> float:
    """Present value of an amount spread evenly over years; what falls after the last one is left out."""
    series = [0.0] * (last + 1)
    for year in years:
        if year <= last:
            series[year] += amount / len(years)
    return net_present_value(series, parameter("finance.discount_rate"))


def valued_by_government(city: City, package: Package, last: int, parameter: Parameter) -> float:
    """Facilities, jobs and rental floor, less displaced tenants and carbon [CNY, present value]."""
    site, form = package.site, package.site.form
    start, phases = site.choice.start_year, site.phases
    built, works = [start + phases.lag], [start + phases.lag_rehabilitation]
    facility_value = parameter("shadow.facility_floor")
    job_value = parameter("shadow.job") * parameter("jobs.fill")
    facility_value += job_value / parameter("density.facility_job_m2")
    jobs = (form.employment_m2 + form.industrial_m2) / parameter("density.job_m2")
    lost = site.choice.rho * float(city.villages.jobs[site.n]) * parameter("shadow.job")
    value = worth(form.facility_new_m2 * facility_value + jobs * job_value, built, last, parameter)
    value += worth(form.facility_converted_m2 * facility_value, works, last, parameter)
    value -= worth(lost, [start], last, parameter)
    value += worth(form.rental_m2 * parameter("shadow.rental_floor"), built, last, parameter)
    displaced = (site.flows.tenants_left - site.flows.tenants_back) * parameter("shadow.displaced_tenant")
    value -= worth(displaced, [start], last, parameter)
    return value - parameter("shadow.carbon") * carbon_worth_tco2e(package, last, parameter)


def carbon_worth_tco2e(package: Package, last: int, parameter: Parameter) -> float:
    """Carbon of building and of use beyond today's, discounted as money is."""
    site, form, phases = package.site, package.site.form, package.site.phases
    years = [site.choice.start_year + year for year in phases.construction_offsets]
    total = worth(embodied_carbon_tco2e([site.choice], [form], parameter), years, last, parameter)
    more = operational_carbon_tco2e([form], parameter) - operational_carbon_tco2e([package.existing], parameter)
    return total + sum(
        worth(more, [year], last, parameter) for year in range(site.choice.start_year + phases.lag, last + 1)
    )


def tenants_gain_cny(setting: Setting, package: Package) -> float:
    """Change in well-being of a village's tenants, worth of all years [CNY]."""
    case, outcome, site = setting.case, setting.outcome, package.site
    city, parameter, place = case.city, case.parameter, case.city.n_zones + site.n
    back, away = site.flows.tenants_back, site.flows.tenants_left - site.flows.tenants_back
    to_zones = settling_shares(city, site.n, case.distance_km, parameter)
    minutes = row_means(outcome["trips"][0].tolist(), case.minutes)
    met = place_scores(outcome["met_share"][0].tolist(), outcome["category_weights"].tolist())
    rents, before = city.zones.rent_cny_per_m2_month.tolist(), float(city.villages.rent_cny_per_m2_month[site.n])
    dearer = back * (rents[int(city.villages.zone_idx[site.n])] - before) + away * (mean_over(to_zones, rents) - before)
    yearly = -12.0 * parameter("uv.floor_per_migrant") * dearer
    commute = minutes[place], mean_over(to_zones, minutes)
    yearly += away * commuting_gain_cny(
        *commute, parameter("income.worker_tenant"), parameter("employment.tenant"), parameter
    )
    better = away * (mean_over(to_zones, met) - met[place])
    better += (float(city.villages.tenants[site.n]) - away) * (package.met_share - met[place])
    yearly += parameter("wtp.services") * better
    moves = (away + 2.0 * back) * parameter("moving.cost") / parameter("built.household_size")
    return float(yearly / parameter("finance.discount_rate") - moves)


def gains_of(setting: Setting, packages: Sequence[Package]) -> list[Gains]:
    """Utilities of the packages of one village, of which the first is the plan's own and sets the land payment."""
    city, parameter, last = setting.case.city, setting.case.parameter, setting.case.horizon.last_money_year
    gains, land_cny = [], None
    for package in packages:
        site, consent = package.site, package.consent
        area_m2 = float(city.villages.site_area_m2[site.n])
        flow = village_cash_flow(city, site, setting.market, parameter, last)
        books = account(city, site, flow, parameter)
        sales_cny = net_present_value(flow["commodity_sales"], parameter("finance.discount_rate"))
        spare = (1.0 - parameter("bargain.reserve_margin")) * parameter("finance.developer_margin") * sales_cny
        land_cny = books.residual_land_value if land_cny is None else land_cny
        more_land_cny = land_cny - books.residual_land_value
        government = books.government + more_land_cny + valued_by_government(city, package, last, parameter)
        voters = site.choice.rho * float(city.villages.registered_residents[site.n]) / area_m2
        offer = voters * (consent.house_cny + consent.multiplier * consent.cash_cny)
        give_up = voters * consent.reservation_cny
        tenants = tenants_gain_cny(setting, package)
        per_m2 = [cny / area_m2 for cny in (spare - more_land_cny, government, tenants)]
        gains.append(Gains(offer, give_up, *per_m2))
    return gains
