"""Who gains and who loses (people page, P2), by plain loops: where people of the base year live, and what it is worth.

Read where the pages leave room:
- people are cells: place of the base year, group, tenure, income band and fate; in the rebuilt part also the consent
  group. What a cell gains is sure - stake x exp(e), e normal with consent.sigma; without a stake it is sure alone;
- who finds no room anywhere lives where all displaced of his group asked to live, so that the zones' residents hold;
- rents of a state year after the last year of the cash flow are those of that last year;
- a village tenant who returned has as many m2 as before, at his zone's rent; so has who found a room elsewhere;
- the income of a cell is that of its group and band: the place does not change it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

from oracles.accessibility import place_scores
from oracles.case import Case
from oracles.commute import row_means
from oracles.consent import Consent
from oracles.form import Parameter
from oracles.residents import Population, away_in_year
from oracles.settling import turned_away_spread, zone_rooms, zone_weights

REGISTERED, TENANT, OTHER = "registered", "tenant", "other"
CONSENT_GROUPS = ("owner", "long_stay", "elderly")
N_BANDS = 5


@dataclass(frozen=True)
class Cell:
    """People alike: where they lived in the base year, who they are, and what they gain [CNY a year a person]."""

    place: int  # of the base year
    district: int
    group: str
    band: int
    persons: float
    sure_cny: float
    stake_cny: float = 0.0  # what exp(e) multiplies and is lost

    def mean_cny(self, sigma: float) -> float:
        """Mean over e."""
        return self.sure_cny - self.stake_cny * math.exp(sigma**2 / 2.0)

    def share_below(self, limit_cny: float, sigma: float) -> float:
        """Share of the people whose gain is below a limit."""
        if self.stake_cny <= 0.0:
            return 1.0 if self.sure_cny < limit_cny else 0.0
        if self.sure_cny <= limit_cny:
            return 1.0
        return 1.0 - NormalDist().cdf(math.log((self.sure_cny - limit_cny) / self.stake_cny) / sigma)


@dataclass(frozen=True)
class Surroundings:
    """What a place offers in the base year and in the year asked for; lists run over places, zones or districts."""

    minutes_before: list[float]
    minutes_after: list[float]
    met_before: list[float]
    met_after: list[float]
    rent_factor: list[float]  # of the year, by district


def slices_of_log_normal(log_sd: float, n: int) -> list[float]:
    """Means of n equally likely slices of a log-normal variable of mean 1; their mean is 1."""
    normal = NormalDist()
    edges = [-math.inf, *(normal.inv_cdf(i / n) for i in range(1, n)), math.inf]
    above = [1.0 if edge == -math.inf else 0.0 if edge == math.inf else normal.cdf(log_sd - edge) for edge in edges]
    return [n * (above[i] - above[i + 1]) for i in range(n)]


def band_wages(group: str, parameter: Parameter) -> list[float]:
    """Mean wage of a worker in each fifth of a group [CNY a month]."""
    mean = float(parameter(f"income.worker_{group}"))
    return [mean * factor for factor in slices_of_log_normal(parameter("income.log_sd"), N_BANDS)]


def commuting_gain_cny(
    minutes_before: float, minutes_after: float, wage_cny: float, rate: float, parameter: Parameter
) -> float:
    """Worth of the hours of commuting saved by a person who works with this rate [CNY a year]."""
    hours = 2.0 * (minutes_after - minutes_before) / 60.0 * parameter("commute.days") * rate
    hourly_wage = wage_cny / parameter("value_of_time.hours_per_month")
    return float(-parameter("value_of_time.share") * hourly_wage * hours)


def destinations(case: Case, population: Population, year: int) -> list[list[list[float]]]:
    """Share of a village's displaced who live in each zone in a year: by group (registered, tenants), village, zone."""
    villages, zones = range(case.city.n_villages), range(case.city.n_zones)
    settling, away = population.settling, away_in_year(case.choices, case.flows, case.phases, year)
    asked = [[sum(of_group[n] * settling[n][z] for n in villages) for z in zones] for of_group in away]
    room, weight = zone_rooms(case.city, case.parameter), zone_weights(case.city, settling)
    kept, spread, _ = turned_away_spread(asked, room, weight)
    shares = []
    for of_group in spread:
        table = []
        for n in villages:
            turned_away = sum(settling[n][z] * (1.0 - kept[z]) for z in zones)
            table.append([settling[n][z] * kept[z] + turned_away * of_group[z] for z in zones])
        shares.append(table)
    return shares


def surroundings_of(case: Case, result: dict[str, Any], year: int) -> Surroundings:
    """Minutes, met shares and rents of a year and of the base year."""
    weights = result["category_weights"].tolist()
    minutes = [row_means(result["trips"][y].tolist(), case.minutes) for y in (0, year)]
    met = [place_scores(result["met_share"][y].tolist(), weights) for y in (0, year)]
    factors = result["rent_factor"]
    return Surroundings(*minutes, *met, factors[min(year, len(factors) - 1)].tolist())


def mean_over(shares: list[float], values: Sequence[float]) -> float:
    """Sum of shares x values; a value that nobody meets is not read."""
    return sum(share * value for share, value in zip(shares, values, strict=False) if share > 0.0)


@dataclass(frozen=True)
class Home:
    """Where people live in the year."""

    place_shares: list[float]  # of them in each place (zones, then villages)
    moves: float  # of each


def at_place(case: Case, place: int, moves: float = 0.0) -> Home:
    """All in one place."""
    return Home([1.0 if i == place else 0.0 for i in range(case.city.n_places)], moves)


def in_zones(case: Case, shares: list[float]) -> Home:
    """Spread over the zones."""
    return Home([*shares, *(0.0 for _ in case.choices)], 1.0)


def moving_and_commuting_cny(
    case: Case, around: Surroundings, group: str, wage_cny: float, place: int, home: Home
) -> float:
    """Worth of the moves and of the commute of a person from `place` [CNY a year]."""
    parameter = case.parameter
    move = parameter("moving.cost") / parameter("built.household_size")
    minutes = around.minutes_before[place], mean_over(home.place_shares, around.minutes_after)
    commuting = commuting_gain_cny(*minutes, wage_cny, parameter(f"employment.{group}"), parameter)
    return float(commuting - parameter("finance.discount_rate") * move * home.moves)


def services_cny(case: Case, around: Surroundings, place: int, home: Home) -> float:
    """Worth of the services at home for a person from `place` [CNY a year]."""
    better = mean_over(home.place_shares, around.met_after) - around.met_before[place]
    return float(case.parameter("wtp.services") * better)


def persons_by_fate(
    case: Case, n: int, year: int, persons: float, left: float, back: float
) -> tuple[float, float, float]:
    """Persons who have not moved, who came back, and who live in a zone."""
    choice = case.choices[n]
    if not choice.renewed or year < choice.start_year:
        return persons, 0.0, 0.0
    if year < choice.start_year + case.phases[n].lag:
        return persons - left, 0.0, left
    return persons - left, back, left - back


def registered_cells(
    case: Case, around: Surroundings, n: int, to_zones: list[float], consent: Consent, year: int
) -> list[Cell]:
    """Registered residents of village n."""
    parameter, flow = case.parameter, case.flows[n]
    place, district = case.city.n_zones + n, int(case.city.villages.district_idx[n])
    registered = float(case.city.villages.registered_residents[n])
    still, *moved = persons_by_fate(case, n, year, registered, flow.registered_left, flow.registered_back)
    rate, weights = parameter("finance.discount_rate"), parameter("consent.weights")
    offer = rate * (consent.house_cny + consent.multiplier * consent.cash_cny)
    stakes = [rate * consent.reservation_cny * parameter(f"consent.attachment_{name}") for name in CONSENT_GROUPS]
    here, cells = at_place(case, place), []
    for band, wage in enumerate(band_wages(REGISTERED, parameter)):
        gain = moving_and_commuting_cny(case, around, REGISTERED, wage, place, here)
        gain += services_cny(case, around, place, here)
        cells.append(Cell(place, district, REGISTERED, band, still / N_BANDS, gain))
        for of_fate, home in zip(moved, (at_place(case, place, 2.0), in_zones(case, to_zones)), strict=True):
            gain = offer + moving_and_commuting_cny(case, around, REGISTERED, wage, place, home)
            for name, stake in zip(CONSENT_GROUPS, stakes, strict=True):
                persons = of_fate / N_BANDS * weights[name] / sum(weights[g] for g in CONSENT_GROUPS)
                cells.append(Cell(place, district, REGISTERED, band, persons, gain, stake))
    return [cell for cell in cells if cell.persons > 0.0]


def tenant_homes(case: Case, around: Surroundings, n: int, to_zones: list[float]) -> list[tuple[Home, float]]:
    """Home and rent [CNY/m2/month] of tenants of village n who remain, came back, live in a zone."""
    city, place = case.city, case.city.n_zones + n
    factor = around.rent_factor[int(city.villages.district_idx[n])]
    room_rent = float(city.villages.rent_cny_per_m2_month[n])
    market_rent = float(city.zones.rent_cny_per_m2_month[int(city.villages.zone_idx[n])])
    zone_rents = [
        float(city.zones.rent_cny_per_m2_month[z]) * around.rent_factor[int(city.zones.district_idx[z])]
        for z in range(city.n_zones)
    ]
    return [
        (at_place(case, place), room_rent * factor),
        (at_place(case, place, 2.0), market_rent * factor),
        (in_zones(case, to_zones), mean_over(to_zones, zone_rents)),
    ]


def tenant_cells(case: Case, around: Surroundings, n: int, to_zones: list[float], year: int) -> list[Cell]:
    """Tenants of village n."""
    city, parameter, flow = case.city, case.parameter, case.flows[n]
    place, district = city.n_zones + n, int(city.villages.district_idx[n])
    before = float(city.villages.rent_cny_per_m2_month[n])
    by_fate = persons_by_fate(case, n, year, float(city.villages.tenants[n]), flow.tenants_left, flow.tenants_back)
    cells = []
    for persons, (home, rent) in zip(by_fate, tenant_homes(case, around, n, to_zones), strict=True):
        same = services_cny(case, around, place, home)
        same -= 12.0 * (rent - before) * parameter("uv.floor_per_migrant")
        for band, wage in enumerate(band_wages(TENANT, parameter)):
            gain = same + moving_and_commuting_cny(case, around, TENANT, wage, place, home)
            cells.append(Cell(place, district, TENANT, band, persons / N_BANDS, gain))
    return [cell for cell in cells if cell.persons > 0.0]


def zone_cells(case: Case, around: Surroundings, z: int) -> list[Cell]:
    """Residents of zone z, those who have moved into a village since among them: renters, then owners."""
    city, parameter = case.city, case.parameter
    district, rented = int(city.zones.district_idx[z]), float(parameter("market.rented_share"))
    dearer = 12.0 * float(city.zones.rent_cny_per_m2_month[z]) * (around.rent_factor[district] - 1.0)
    dearer *= parameter("settle.m2_per_person")
    here, cells = at_place(case, z), []
    for band, wage in enumerate(band_wages(OTHER, parameter)):
        gain = moving_and_commuting_cny(case, around, OTHER, wage, z, here) + services_cny(case, around, z, here)
        persons = float(city.zones.residents[z]) / N_BANDS
        cells.append(Cell(z, district, OTHER, band, persons * rented, gain - dearer))
        cells.append(Cell(z, district, OTHER, band, persons * (1.0 - rented), gain))
    return [cell for cell in cells if cell.persons > 0.0]


def wellbeing_cells(
    case: Case, population: Population, consents: Sequence[Consent], result: dict[str, Any], year: int
) -> list[Cell]:
    """What a plan is worth to everybody of the base year in one state year.

    Args:
        case: the plan and what its years share.
        population: who lives where.
        consents: one per village.
        result: trips, met_share, category_weights, rent_factor.
        year: state year.
    """
    around = surroundings_of(case, result, year)
    registered, tenants = destinations(case, population, year)
    cells = [cell for z in range(case.city.n_zones) for cell in zone_cells(case, around, z)]
    for n in range(case.city.n_villages):
        cells += registered_cells(case, around, n, registered[n], consents[n], year)
        cells += tenant_cells(case, around, n, tenants[n], year)
    return cells
