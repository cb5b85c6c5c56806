"""Section 5, residents: who lives where in every year, by group.

Read where the pages leave room: the outflow cap of a zone is never more than the "other" residents still there; what
waits for room is added to the village's demand of the next year.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from data.city import City
from oracles.form import Choice, Form, Parameter
from oracles.settling import normalized, settled_by_room, settling_shares, zone_rooms, zone_weights
from oracles.timing import Phases
from oracles.travel import Matrix


@dataclass(frozen=True)
class Flows:
    """How many persons leave a village at s, return at c, and may come new from c on."""

    registered_left: float
    tenants_left: float
    registered_back: float
    tenants_back: float
    rental_capacity: float
    newcomers: float  # once absorption is complete


def population_flows(
    *,
    registered: float,
    tenants: float,
    rho: float,
    facility_ratio: float,
    rehab_loss: float,
    onsite: float,
    rental_floor_m2: float,
    rental_m2_per_person: float,
    sublet_m2_per_person: float,
    return_share: float,
    commodity_floor_m2: float,
    housing_m2_per_person: float,
    occupancy: float,
) -> Flows:
    """Flows of one renewed village [persons].

    Args:
        registered: registered residents of the base year.
        tenants: tenants of the base year.
        rho: rebuilt share.
        facility_ratio: share of the retained floor turned into facilities.
        rehab_loss: share of the retained part's tenants that rehabilitation drives out.
        onsite: share of the leaving registered residents that return.
        rental_floor_m2: new rental floor.
        rental_m2_per_person: rental floor of one tenant.
        sublet_m2_per_person: floor that a returned registered resident sublets.
        return_share: share of the tenants who left that would return.
        commodity_floor_m2: new commodity floor.
        housing_m2_per_person: commodity floor of one resident.
        occupancy: of commodity floor and spare rental capacity.
    """
    registered_left = rho * registered
    stay_in_retained = (1.0 - rehab_loss) * (1.0 - facility_ratio)
    tenants_left = rho * tenants + (1.0 - rho) * tenants * (1.0 - stay_in_retained)
    registered_back = onsite * registered_left
    capacity = (rental_floor_m2 + registered_back * max(0.0, sublet_m2_per_person)) / rental_m2_per_person
    tenants_back = min(capacity, return_share * tenants_left)
    newcomers = occupancy * (commodity_floor_m2 / housing_m2_per_person + (capacity - tenants_back))
    return Flows(registered_left, tenants_left, registered_back, tenants_back, capacity, newcomers)


def village_residents(
    *,
    year: int,
    start: int,
    completion: int,
    registered: float,
    tenants: float,
    flows: Flows,
    absorption: list[float],
) -> tuple[float, float, float]:
    """Registered residents, tenants and newcomers of one renewed village in one year, without the outflow cap."""
    newcomers = 0.0
    if year >= start:
        registered -= flows.registered_left
        tenants -= flows.tenants_left
    if year >= completion:
        registered += flows.registered_back
        tenants += flows.tenants_back
    for j, share in enumerate(absorption):
        if year >= completion + j:
            newcomers += share * flows.newcomers
    return registered, tenants, newcomers


def village_flows(city: City, n: int, choice: Choice, form: Form, onsite: float, parameter: Parameter) -> Flows:
    """Flows of village n; all 0 where it is kept."""
    if not choice.renewed:
        return Flows(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    return population_flows(
        registered=float(city.villages.registered_residents[n]),
        tenants=float(city.villages.tenants[n]),
        rho=choice.rho,
        facility_ratio=choice.facility_ratio,
        rehab_loss=parameter("tenant.rehab_loss"),
        onsite=onsite,
        rental_floor_m2=form.rental_m2,
        rental_m2_per_person=parameter("density.rental_m2"),
        sublet_m2_per_person=parameter("comp.resettlement_area") - parameter("built.own_use_m2"),
        return_share=parameter("tenant.return_share"),
        commodity_floor_m2=form.commodity_m2,
        housing_m2_per_person=parameter("density.housing_m2"),
        occupancy=parameter("housing.occupancy"),
    )


def origin_shares(city: City, n: int, distance_km: Matrix, parameter: Parameter) -> list[float]:
    """Q_nz: where newcomers to village n come from; sums to 1 over the zones."""
    weights = []
    for z in range(city.n_zones):
        decay = math.exp(-parameter("settle.lambda") * distance_km[city.n_zones + n][z])
        weights.append(float(city.zones.residents[z]) * decay)
    return normalized(weights, "residents")


def outflow_of_a_year(wish: list[float], cap: list[float]) -> tuple[list[float], float]:
    """What every zone sends in one year, and the share of the demand that is served.

    Args:
        wish: persons asked from each zone.
        cap: persons each zone can send.
    """
    sent = [min(w, c) for w, c in zip(wish, cap, strict=True)]
    missing = sum(wish) - sum(sent)
    if missing <= 0.0:
        return sent, 1.0
    room = [c - s for c, s in zip(cap, sent, strict=True)]
    from_rooms = min(missing, sum(room))
    if from_rooms > 0.0:
        sent = [s + from_rooms * r / sum(room) for s, r in zip(sent, room, strict=True)]
    return sent, min(1.0, sum(sent) / sum(wish))


@dataclass(frozen=True)
class Population:
    """Residents of every year; lists run over years, then places (or villages)."""

    registered: Matrix  # (n_years, n_places)
    tenants: Matrix
    other: Matrix
    newcomers: Matrix  # (n_years, n_villages), part of `other` of the villages
    waiting: Matrix  # (n_years, n_villages), newcomers who found no room in the outflow caps
    sent: Matrix  # (n_years, n_zones), newcomers sent by each zone in that year
    unhoused: list[float]  # by year: displaced persons beyond all rooms
    settling: Matrix  # P_nz, (n_villages, n_zones)


def newcomer_years(
    city: City,
    choices: list[Choice],
    flows: list[Flows],
    phases: list[Phases],
    origins: Matrix,
    last_year: int,
    parameter: Parameter,
) -> tuple[Matrix, Matrix, Matrix]:
    """Cumulative newcomers and waiting newcomers by year and village, and persons sent by year and zone."""
    absorption = list(parameter("sale.absorption"))
    villages, zones = range(city.n_villages), range(city.n_zones)
    arrived = [0.0 for _ in villages]
    waiting = [0.0 for _ in villages]
    left = [float(r) for r in city.zones.residents]
    newcomers, waits, sends = [], [], []
    for year in range(last_year + 1):
        demand = list(waiting)
        for n in villages:
            offset = year - choices[n].start_year - phases[n].lag
            if choices[n].renewed and 0 <= offset < len(absorption):
                demand[n] += absorption[offset] * flows[n].newcomers
        wish = [sum(demand[n] * origins[n][z] for n in villages) for z in zones]
        cap = [min(parameter("settle.outflow_cap") * float(city.zones.residents[z]), left[z]) for z in zones]
        sent, served = outflow_of_a_year(wish, cap)
        for n in villages:
            arrived[n] += served * demand[n]
            waiting[n] = (1.0 - served) * demand[n]
        left = [left[z] - sent[z] for z in zones]
        newcomers.append(list(arrived))
        waits.append(list(waiting))
        sends.append(sent)
    return newcomers, waits, sends


def away_in_year(
    choices: list[Choice], flows: list[Flows], phases: list[Phases], year: int
) -> tuple[list[float], list[float]]:
    """Registered residents and tenants of each village who live in the zones in a year."""
    registered, tenants = [0.0 for _ in choices], [0.0 for _ in choices]
    for n, choice in enumerate(choices):
        if choice.renewed and year >= choice.start_year:
            registered[n] += flows[n].registered_left
            tenants[n] += flows[n].tenants_left
        if choice.renewed and year >= choice.start_year + phases[n].lag:
            registered[n] -= flows[n].registered_back
            tenants[n] -= flows[n].tenants_back
    return registered, tenants


def resident_years(
    city: City,
    choices: list[Choice],
    flows: list[Flows],
    phases: list[Phases],
    distance_km: Matrix,
    last_year: int,
    parameter: Parameter,
) -> Population:
    """Residents by group, place and year 0..last_year."""
    villages, zones = range(city.n_villages), range(city.n_zones)
    settling = [settling_shares(city, n, distance_km, parameter) for n in villages]
    origins = [origin_shares(city, n, distance_km, parameter) for n in villages]
    newcomers, waiting, sent = newcomer_years(city, choices, flows, phases, origins, last_year, parameter)
    registered, tenants, other, unhoused = [], [], [], []
    room = zone_rooms(city, parameter)
    weight = zone_weights(city, settling)
    gone = [0.0 for _ in zones]
    for year in range(last_year + 1):
        registered_away, tenants_away = away_in_year(choices, flows, phases, year)
        gone = [gone[z] + sent[year][z] for z in zones]
        asked = [
            [sum(settling[n][z] * away[n] for n in villages) for z in zones] for away in (registered_away, tenants_away)
        ]
        settled, without_room = settled_by_room(asked, room, weight)
        unhoused.append(without_room)
        registered.append(
            settled[0] + [float(city.villages.registered_residents[n]) - registered_away[n] for n in villages]
        )
        tenants.append(settled[1] + [float(city.villages.tenants[n]) - tenants_away[n] for n in villages])
        other.append([float(city.zones.residents[z]) - gone[z] for z in zones] + newcomers[year])
    return Population(registered, tenants, other, newcomers, waiting, sent, unhoused, settling)
