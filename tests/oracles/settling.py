"""Section 5, settling: in which zones displaced people live, and what a full zone does.

Read where the pages leave room: where those who look for a home are more than all rooms, what is left of each group's
pool after every zone is full is spread as that group asked; those are the unhoused.
"""

from __future__ import annotations

import math

from data.city import City
from oracles.form import Parameter
from oracles.travel import Matrix


def normalized(weights: list[float], what: str) -> list[float]:
    total = sum(weights)
    if not total > 0.0:
        msg = f"{what}: no zone has any"
        raise ValueError(msg)
    return [w / total for w in weights]


def settling_shares(city: City, n: int, distance_km: Matrix, parameter: Parameter) -> list[float]:
    """P_nz: where those who leave village n settle; sums to 1 over the zones."""
    zones = city.zones
    weights = []
    for z in range(city.n_zones):
        vacant_m2 = float(zones.housing_floor_area_m2[z]) * float(zones.vacant_share[z])
        decay = math.exp(-parameter("settle.lambda") * distance_km[city.n_zones + n][z])
        weights.append(vacant_m2 * decay * float(zones.rent_cny_per_m2_month[z]) ** -parameter("settle.mu"))
    return normalized(weights, "vacant housing")


def zone_rooms(city: City, parameter: Parameter) -> list[float]:
    """room_z: displaced persons a zone holds, its vacant base-year housing over settle.m2_per_person."""
    return [
        float(city.zones.housing_floor_area_m2[z])
        * float(city.zones.vacant_share[z])
        / parameter("settle.m2_per_person")
        for z in range(city.n_zones)
    ]


def filled_zones(asked: list[float], room: list[float], weight: list[float]) -> list[float]:
    """x_z = min(room_z, asked_z + kappa w_z) with sum x = sum asked; all rooms where these are too few.

    Args:
        asked: persons who want to live in each zone.
        room: persons each zone holds.
        weight: w_z; what exceeds goes to zones with a weight alone.
    """
    full = [asked[z] > room[z] for z in range(len(asked))]
    while True:
        takes = [z for z in range(len(asked)) if not full[z] and weight[z] > 0.0]
        excess = sum(asked[z] - room[z] for z in range(len(asked)) if full[z])
        if not takes or excess <= 0.0:
            return [room[z] if full[z] else asked[z] for z in range(len(asked))]
        kappa = excess / sum(weight[z] for z in takes)
        newly = [z for z in takes if asked[z] + kappa * weight[z] > room[z]]
        if not newly:
            return [
                room[z] if full[z] else asked[z] + (kappa * weight[z] if z in takes else 0.0) for z in range(len(asked))
            ]
        for z in newly:
            full[z] = True


def turned_away_spread(
    asked: list[list[float]], room: list[float], weight: list[float]
) -> tuple[list[float], list[list[float]], float]:
    """Share of its askers that each zone keeps, where those turned away live by group, and how many found no room.

    Args:
        asked: persons by group and zone, as P_nz sends them.
        room: persons each zone holds.
        weight: w_z.

    Returns:
        Kept shares by zone; shares of the turned away by group and zone (sums are 1, or 0 where nobody is); persons.
    """
    zones, groups = range(len(room)), range(len(asked))
    total = [sum(asked[g][z] for g in groups) for z in zones]
    kept = [min(1.0, room[z] / total[z]) if total[z] > 0.0 else 1.0 for z in zones]
    turned_away = sum(total[z] - min(total[z], room[z]) for z in zones)
    if not turned_away > 0.0:
        return kept, [[0.0 for _ in zones] for _ in groups], 0.0
    filled = filled_zones(total, room, weight)
    received = [filled[z] - total[z] if total[z] <= room[z] else 0.0 for z in zones]
    unhoused = max(0.0, sum(total) - sum(filled))
    if unhoused <= 1e-9 * sum(total):
        unhoused = 0.0
    spread = []
    for g in groups:
        wish = [a / sum(asked[g]) if sum(asked[g]) > 0.0 else 0.0 for a in asked[g]]
        spread.append([(received[z] + unhoused * wish[z]) / turned_away for z in zones])
    return kept, spread, unhoused


def settled_by_room(
    asked: list[list[float]], room: list[float], weight: list[float]
) -> tuple[list[list[float]], float]:
    """Where displaced groups live once no zone holds more than its room, and how many persons found none."""
    zones = range(len(room))
    kept, spread, unhoused = turned_away_spread(asked, room, weight)
    settled = []
    for of_group, shares in zip(asked, spread, strict=True):
        pool = sum(of_group[z] * (1.0 - kept[z]) for z in zones)
        settled.append([of_group[z] * kept[z] + pool * shares[z] for z in zones])
    return settled, unhoused


def zone_weights(city: City, settling: Matrix) -> list[float]:
    """w_z: how many would settle in each zone if everybody left every village."""
    registered, tenants = city.villages.registered_residents, city.villages.tenants
    return [
        sum((float(registered[n]) + float(tenants[n])) * settling[n][z] for n in range(city.n_villages))
        for z in range(city.n_zones)
    ]
