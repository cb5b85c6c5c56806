"""Section 8, markets: what stock, sales of a year and lost rooms do to prices and rents, and what an option's price is.

Read where the pages leave room:
- a district takes the city's factor where it has no housing stock or no rental places of its own, and the flow factor
  also where the sales it gives are 0; where the whole city has none, the factor is 1; the city's normal sales are the
  sum of its districts'; a district without zones gives no sales;
- the factors run over the years of the cash flow; what falls into year t is read from them alone;
- a village's own met share with an option is that of its place at base-year residents everywhere.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from data.city import CATEGORIES, City
from oracles.accessibility import LAND_IDX, access_of_year, base_supply, place_scores
from oracles.form import Choice, Form, Parameter
from oracles.residents import Flows
from oracles.timing import Phases
from oracles.travel import Matrix


@dataclass(frozen=True)
class Market:
    """Factors and what they are made of; lists run over money years, then districts."""

    stock_factor: Matrix
    flow_factor: Matrix
    rent_factor: Matrix
    sold_m2: Matrix  # commodity floor sold in the year
    places_persons: Matrix  # net rental places up to the year before, which the rent factor reads
    stock_m2: list[float]
    normal_m2: list[float]  # yearly sales the market is used to
    rental_places_persons: list[float]  # base year


def power_factor(change: float, stock: float, elasticity: float, least_share: float) -> float:
    """(1 + change / stock)^-elasticity, with 1 + change / stock at least least_share; 1 without a stock."""
    if not stock > 0.0:
        return 1.0
    return float(max(least_share, 1.0 + change / stock) ** -elasticity)


def factors_of_a_year(
    change: list[float], stock: list[float], own: list[bool], elasticity: float, least_share: float
) -> list[float]:
    """Factor of each district; one without a stock of its own takes that of the city's sums."""
    city = power_factor(sum(change), sum(stock), elasticity, least_share)
    return [power_factor(change[d], stock[d], elasticity, least_share) if own[d] else city for d in range(len(change))]


def housing_stock_m2(city: City, parameter: Parameter) -> list[float]:
    """Housing of the zones, and village floor by the share in which rooms count as housing, by district."""
    stock = [0.0 for _ in city.districts]
    for z in range(city.n_zones):
        stock[int(city.zones.district_idx[z])] += float(city.zones.housing_floor_area_m2[z])
    for n in range(city.n_villages):
        rooms_m2 = float(city.villages.gross_floor_area_m2[n])
        stock[int(city.villages.district_idx[n])] += parameter("market.rooms_as_housing") * rooms_m2
    return stock


def normal_sales_m2(city: City, stock_m2: list[float], parameter: Parameter) -> list[float]:
    """Yearly sales by district: of its zones where every one gives them, else a share of the stock."""
    normal = []
    for d in range(len(city.districts)):
        members = [z for z in range(city.n_zones) if int(city.zones.district_idx[z]) == d]
        sales = [float(city.zones.yearly_sales_m2[z]) for z in members]
        if sales and not any(math.isnan(s) for s in sales):
            normal.append(sum(sales))
        else:
            normal.append(parameter("sale.normal_share_of_stock") * stock_m2[d])
    return normal


def rental_places(city: City, parameter: Parameter) -> list[float]:
    """Base-year places in rented homes of the zones, and tenants of the villages, by district [persons]."""
    places = [0.0 for _ in city.districts]
    per_m2 = parameter("market.rented_share") / parameter("density.housing_m2")
    for z in range(city.n_zones):
        places[int(city.zones.district_idx[z])] += float(city.zones.housing_floor_area_m2[z]) * per_m2
    for n in range(city.n_villages):
        places[int(city.villages.district_idx[n])] += float(city.villages.tenants[n])
    return places


def market_of(
    city: City,
    choices: list[Choice],
    forms: list[Form],
    flows: list[Flows],
    phases: list[Phases],
    last_year: int,
    parameter: Parameter,
) -> Market:
    """Prices and rents of every district and year 0..last_year."""
    absorption = [float(share) for share in parameter("sale.absorption")]
    least_share = parameter("market.least_stock_share")
    stock = housing_stock_m2(city, parameter)
    normal, places = normal_sales_m2(city, stock, parameter), rental_places(city, parameter)
    own_stock, own_places = [size > 0.0 for size in stock], [size > 0.0 for size in places]
    own_normal = [housed and sales > 0.0 for housed, sales in zip(own_stock, normal, strict=True)]
    market = Market([], [], [], [], [], stock, normal, places)
    for year in range(last_year + 1):
        supply, sold, net = ([0.0 for _ in city.districts] for _ in range(3))
        for n, choice in enumerate(choices):
            if not choice.renewed:
                continue
            d, completion = int(city.villages.district_idx[n]), choice.start_year + phases[n].lag
            if choice.start_year <= year - 1:
                supply[d] -= parameter("market.rooms_as_housing") * forms[n].demolished_m2
                net[d] -= flows[n].tenants_left
            if completion <= year - 1:
                supply[d] += forms[n].commodity_m2 + forms[n].resettlement_m2
                net[d] += flows[n].rental_capacity
            if 0 <= year - completion < len(absorption):
                sold[d] += absorption[year - completion] * forms[n].commodity_m2
        elasticity = parameter("price.elasticity")
        market.stock_factor.append(factors_of_a_year(supply, stock, own_stock, elasticity, least_share))
        market.flow_factor.append(factors_of_a_year(sold, normal, own_normal, parameter("sale.flow_elasticity"), 0.0))
        market.rent_factor.append(factors_of_a_year(net, places, own_places, parameter("rent.elasticity"), least_share))
        market.sold_m2.append(sold)
        market.places_persons.append(net)
    return market


def largest_growth(rent_factor: Matrix) -> float:
    """Largest yearly growth of a district's rents."""
    return max(
        rent_factor[year][d] / rent_factor[year - 1][d] - 1.0
        for year in range(1, len(rent_factor))
        for d in range(len(rent_factor[0]))
    )


def density_factor(rho: float, floor_area_ratio: float, parameter: Parameter) -> float:
    """What density does to an option's price: (FAR / reference, clipped)^-elasticity; 1 where nothing is rebuilt."""
    if rho == 0.0:
        return 1.0
    ratio = floor_area_ratio / parameter("hedonic.far_reference")
    ratio = min(max(ratio, parameter("hedonic.far_least_ratio")), parameter("hedonic.far_most_ratio"))
    return float(ratio ** -parameter("hedonic.density"))


def met_share_with_option(
    city: City,
    n: int,
    choice: Choice,
    form: Form,
    split: list[float],
    persons: list[float],
    decays: list[Matrix],
    weights: list[float],
    parameter: Parameter,
) -> float:
    """Weighted met share of village n once its own option stands and nobody else's, at base-year residents."""
    supply, place = base_supply(city), city.n_zones + n
    for k in range(len(CATEGORIES)):
        supply[k][place] *= 1.0 - choice.rho
        if k in LAND_IDX:
            supply[k][place] += split[k] * form.green_sports_land_m2
        else:
            supply[k][place] += split[k] * (form.facility_new_m2 + form.facility_converted_m2)
    _, met = access_of_year(persons, supply, decays, parameter)
    return place_scores(met, weights)[place]


def met_share_before(city: City, n: int, base_scores: list[float]) -> float:
    """Weighted met share that a village's base price is read to mean: its own, or its zone's where the price is."""
    if bool(city.villages.price_of_zone[n]):
        return base_scores[int(city.villages.zone_idx[n])]
    return base_scores[city.n_zones + n]
