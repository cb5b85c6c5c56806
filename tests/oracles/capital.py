"""Section 8, capital return: the cash-flow table of one village, the district's prices, and who pays and gets.

Read where the pages leave room: what falls after the last money year is left out; the cost in the return on cost
includes the sales cost, its revenue the resettlement sales and the terminal value; compensation and monetary
resettlement are at base-year prices (no price index, no district factor, no price of the option), and move with the
costs; the rental subsidy moves with nothing, and is lost where completion falls after the last year.
"""

from __future__ import annotations

from dataclasses import dataclass

from data.city import CATEGORIES, City
from oracles.accessibility import FLOOR_IDX
from oracles.finance import net_present_value
from oracles.form import Choice, Form, Parameter
from oracles.market import Market
from oracles.residents import Flows
from oracles.timing import Phases

COST_ITEMS = (
    "compensation",
    "monetary_resettlement",
    "transition_allowance",
    "demolition",
    "construction",
    "basement_parking",
    "infrastructure",
    "rehabilitation",
    "soft_cost",
    "contingency",
    "sales_cost",
)
REVENUE_ITEMS = (
    "resettlement_sales",
    "commodity_sales",
    "housing_rent",
    "employment_rent",
    "terminal_value_housing",
    "terminal_value_employment",
)
CashFlow = dict[str, list[float]]


@dataclass(frozen=True)
class Site:
    """One village as the account sees it."""

    n: int
    choice: Choice
    form: Form
    flows: Flows
    split: list[float]  # of new floor over CATEGORIES
    multiplier: float  # consent
    onsite: float  # share resettled on site
    price_cny_per_m2: float  # of the option's commodity floor: base price x services x density
    phases: Phases


def _spread(series: list[float], amount: float, start: int, offsets: tuple[int, ...]) -> None:
    """Add an amount evenly over the years start + offset."""
    for offset in offsets:
        if start + offset < len(series):
            series[start + offset] += amount / len(offsets)


def _put(series: list[float], amount: float, year: int) -> None:
    if year < len(series):
        series[year] += amount


def facility_unit_cost(split: list[float], parameter: Parameter) -> float:
    """Mean construction cost of new facility floor by its split over the floor categories [CNY/m2]."""
    return sum(split[k] * float(parameter(f"cost.facility.{CATEGORIES[k]}")) for k in FLOOR_IDX)


def people_costs(city: City, site: Site, parameter: Parameter, flow: CashFlow) -> None:
    """Compensation, monetary resettlement and transition allowance."""
    villages, n, rho, start = city.villages, site.n, site.choice.rho, site.choice.start_year
    floor_m2, registered = float(villages.gross_floor_area_m2[n]), float(villages.registered_residents[n])
    legal_m2 = floor_m2 * float(villages.legal_share[n])
    households = registered / parameter("built.household_size")
    compensation = legal_m2 * parameter("comp.replacement_price")
    compensation += (floor_m2 - legal_m2) * parameter("comp.unregistered_floor")
    compensation += households * parameter("comp.early_reward")
    _put(flow["compensation"], rho * compensation * site.multiplier, start)
    money = (
        rho * registered * (1.0 - site.onsite) * parameter("comp.resettlement_area") * parameter("comp.monetary_equiv")
    )
    money *= float(villages.sale_price_cny_per_m2[n])
    _put(flow["monetary_resettlement"], money * site.multiplier, start)
    for year in range(start, start + site.phases.lag):
        allowance = site.flows.registered_back * parameter("comp.turnover_subsidy") * 12.0
        _put(flow["transition_allowance"], allowance, year)


def works_costs(city: City, site: Site, parameter: Parameter, flow: CashFlow) -> None:
    """Demolition, construction, basement, infrastructure, rehabilitation, soft cost and contingency."""
    form, start, rho, phases = site.form, site.choice.start_year, site.choice.rho, site.phases
    _spread(
        flow["demolition"],
        form.demolished_m2 * parameter("cost.demolition_and_clearing"),
        start,
        phases.assembly_offsets,
    )
    construction = form.resettlement_m2 * parameter("cost.resettlement_housing")
    construction += form.commodity_m2 * parameter("cost.residential_highrise")
    construction += form.rental_m2 * parameter("cost.affordable_rental")
    construction += (form.employment_m2 + form.industrial_m2) * parameter("cost.office_commercial")
    construction += form.facility_new_m2 * facility_unit_cost(site.split, parameter)
    _spread(flow["construction"], construction, start, phases.construction_offsets)
    under_m2 = parameter("cost.basement_ratio") * (form.new_floor_m2 - form.facility_new_m2)
    basement = under_m2 * parameter("cost.basement_parking")
    _spread(flow["basement_parking"], basement, start, phases.construction_offsets)
    infrastructure = rho * float(city.villages.site_area_m2[site.n]) * parameter("cost.municipal_infrastructure")
    infrastructure += form.green_sports_land_m2 * parameter("cost.park")
    _spread(flow["infrastructure"], infrastructure, start, phases.construction_offsets)
    rehabilitation = form.retained_m2 * parameter("cost.rehabilitation")
    _spread(flow["rehabilitation"], rehabilitation, start, phases.works_offsets)
    for year in range(len(flow["soft_cost"])):
        built = sum(flow[item][year] for item in ("construction", "basement_parking", "infrastructure"))
        flow["soft_cost"][year] = parameter("finance.soft_cost") * (built + flow["rehabilitation"][year])
        hard = built + flow["rehabilitation"][year] + flow["demolition"][year]
        flow["contingency"][year] = parameter("finance.contingency") * (hard + flow["soft_cost"][year])


def market_revenue(city: City, site: Site, market: Market, parameter: Parameter, flow: CashFlow) -> None:
    """Sales and their cost, rents and terminal value."""
    n, form, completion = site.n, site.form, site.choice.start_year + site.phases.lag
    last, d = len(flow["housing_rent"]) - 1, int(city.villages.district_idx[n])
    _put(flow["resettlement_sales"], form.resettlement_m2 * parameter("comp.resettlement_price"), completion)
    for j, share in enumerate(parameter("sale.absorption")):
        year = completion + j
        if year > last:
            continue
        price = site.price_cny_per_m2 * (1.0 + parameter("price.growth")) ** year
        price *= market.stock_factor[year][d] * market.flow_factor[year][d]
        _put(flow["commodity_sales"], form.commodity_m2 * price * share, year)
        _put(flow["sales_cost"], parameter("finance.sales_cost") * form.commodity_m2 * price * share, year)
    zone_rent = float(city.zones.rent_cny_per_m2_month[int(city.villages.zone_idx[n])])
    net_of = 12.0 * (1.0 - parameter("rent.vacancy")) * (1.0 - parameter("rent.opex"))
    for year in range(completion, last + 1):
        factor = min(1.0, market.rent_factor[year][d])
        flow["housing_rent"][year] = form.rental_m2 * zone_rent * net_of * factor
        flow["employment_rent"][year] = form.employment_m2 * zone_rent * parameter("rent.employment_ratio") * net_of
    flow["terminal_value_housing"][last] = flow["housing_rent"][last] / parameter("finance.cap_rate_rental")
    flow["terminal_value_employment"][last] = flow["employment_rent"][last] / parameter("finance.cap_rate")


def grown(series: list[float], parameter: Parameter) -> list[float]:
    """Costs at the prices of their years: x (1 + cost.growth)^t."""
    return [cost * (1.0 + parameter("cost.growth")) ** year for year, cost in enumerate(series)]


def village_cash_flow(city: City, site: Site, market: Market, parameter: Parameter, last_year: int) -> CashFlow:
    """The cash-flow table of one village: item -> amount by year, all amounts positive [CNY].

    Args:
        city: the city.
        site: the village.
        market: price and rent factors.
        parameter: the parameter book.
        last_year: last money year.
    """
    flow = {item: [0.0] * (last_year + 1) for item in (*COST_ITEMS, *REVENUE_ITEMS)}
    if not site.choice.renewed:
        return flow
    people_costs(city, site, parameter, flow)
    works_costs(city, site, parameter, flow)
    for item in COST_ITEMS:
        flow[item] = grown(flow[item], parameter)
    market_revenue(city, site, market, parameter, flow)
    return flow


def rental_subsidy(site: Site, parameter: Parameter, n_years: int) -> list[float]:
    """What the government adds to rental floor in the year of its completion, outside the project account [CNY]."""
    series = [0.0] * n_years
    if site.choice.renewed:
        amount = site.form.rental_m2 * parameter("policy.rental_subsidy")
        _put(series, amount, site.choice.start_year + site.phases.lag)
    return series


def net_cash_flow(flow: CashFlow) -> list[float]:
    """Revenue less cost by year [CNY]."""
    n_years = len(flow["housing_rent"])
    return [
        sum(flow[item][t] for item in REVENUE_ITEMS) - sum(flow[item][t] for item in COST_ITEMS) for t in range(n_years)
    ]


def developer_works(site: Site, parameter: Parameter, n_years: int) -> list[float]:
    """What the developer builds: commodity, rental and employment floor, basement, soft cost, contingency [CNY]."""
    form = site.form
    hard = form.commodity_m2 * parameter("cost.residential_highrise")
    hard += form.rental_m2 * parameter("cost.affordable_rental")
    hard += form.employment_m2 * parameter("cost.office_commercial")
    floor_m2 = form.commodity_m2 + form.rental_m2 + form.employment_m2
    hard += parameter("cost.basement_ratio") * floor_m2 * parameter("cost.basement_parking")
    with_soft = hard * (1.0 + parameter("finance.soft_cost"))
    series = [0.0] * n_years
    if site.choice.renewed:
        total = with_soft * (1.0 + parameter("finance.contingency"))
        _spread(series, total, site.choice.start_year, site.phases.construction_offsets)
    return grown(series, parameter)


def government_works(city: City, site: Site, parameter: Parameter, n_years: int) -> list[float]:
    """What the government builds and clears, with soft cost and contingency, from its own components [CNY]."""
    form, start, phases = site.form, site.choice.start_year, site.phases
    series = [0.0] * n_years
    if not site.choice.renewed:
        return series
    built = form.resettlement_m2 * parameter("cost.resettlement_housing")
    built += form.industrial_m2 * parameter("cost.office_commercial")
    built += form.facility_new_m2 * facility_unit_cost(site.split, parameter)
    under_m2 = parameter("cost.basement_ratio") * (form.resettlement_m2 + form.industrial_m2)
    built += under_m2 * parameter("cost.basement_parking")
    site_m2 = float(city.villages.site_area_m2[site.n])
    built += site.choice.rho * site_m2 * parameter("cost.municipal_infrastructure")
    built += form.green_sports_land_m2 * parameter("cost.park")
    soft, contingency = 1.0 + parameter("finance.soft_cost"), 1.0 + parameter("finance.contingency")
    _spread(series, built * soft * contingency, start, phases.construction_offsets)
    rehabilitation = form.retained_m2 * parameter("cost.rehabilitation")
    _spread(series, rehabilitation * soft * contingency, start, phases.works_offsets)
    demolition = form.demolished_m2 * parameter("cost.demolition_and_clearing")
    _spread(series, demolition * contingency, start, phases.assembly_offsets)
    return grown(series, parameter)


@dataclass(frozen=True)
class Account:
    """Present values of one village, or sums over villages [CNY]."""

    project: float
    developer: float
    government: float
    taxes: float
    residual_land_value: float
    subsidy: float
    revenue: float
    cost: float


def account(city: City, site: Site, flow: CashFlow, parameter: Parameter) -> Account:
    """Who pays and who gets, for one village."""
    rate = parameter("finance.discount_rate")
    pv = {item: net_present_value(flow[item], rate) for item in flow}
    n_years = len(flow["housing_rent"])
    developer_cost = net_present_value(developer_works(site, parameter, n_years), rate)
    rents = pv["housing_rent"] + pv["employment_rent"]
    rents += pv["terminal_value_housing"] + pv["terminal_value_employment"]
    subsidy = net_present_value(rental_subsidy(site, parameter, n_years), rate)
    developer_revenue = pv["commodity_sales"] - pv["sales_cost"] + rents + subsidy
    margin = parameter("finance.developer_margin") * pv["commodity_sales"]
    land_value = developer_revenue - developer_cost - margin
    taxes = parameter("finance.tax_and_fees") * pv["commodity_sales"]
    government_cost = pv["compensation"] + pv["monetary_resettlement"] + pv["transition_allowance"]
    government_cost += net_present_value(government_works(city, site, parameter, n_years), rate)
    return Account(
        project=net_present_value(net_cash_flow(flow), rate),
        developer=developer_revenue - developer_cost - land_value,
        government=land_value + taxes + pv["resettlement_sales"] - government_cost - subsidy,
        taxes=taxes,
        residual_land_value=land_value,
        subsidy=subsidy,
        revenue=sum(pv[item] for item in REVENUE_ITEMS),
        cost=sum(pv[item] for item in COST_ITEMS),
    )


def add_accounts(accounts: list[Account]) -> Account:
    """City-wide (or district-wide) sums."""
    return Account(
        project=sum(a.project for a in accounts),
        developer=sum(a.developer for a in accounts),
        government=sum(a.government for a in accounts),
        taxes=sum(a.taxes for a in accounts),
        residual_land_value=sum(a.residual_land_value for a in accounts),
        subsidy=sum(a.subsidy for a in accounts),
        revenue=sum(a.revenue for a in accounts),
        cost=sum(a.cost for a in accounts),
    )
