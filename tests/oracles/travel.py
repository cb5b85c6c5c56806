"""Sections 1 and 6, travel: distance and minutes from places (zones, then villages) to zones, and what deters.

Read where the pages leave room: own distances replace the disc's under both deterrences; with a skim nothing is
replaced.
"""

from __future__ import annotations

import math

from data.city import City
from oracles.form import Parameter

Matrix = list[list[float]]


def radius_km(area_km2: float) -> float:
    """Radius of the disc that has the place's area."""
    return math.sqrt(area_km2 / math.pi)


def centroid_distance_km(city: City, i: int, j: int) -> float:
    """Straight line between the centroids of two places."""
    dx = float(city.place_x_km[i]) - float(city.place_x_km[j])
    dy = float(city.place_y_km[i]) - float(city.place_y_km[j])
    return math.sqrt(dx * dx + dy * dy)


def place_distance_km(city: City, i: int, j: int, detour: float) -> float:
    """Detour x root-mean-square distance between two discs."""
    d_km = centroid_distance_km(city, i, j)
    r_i = radius_km(float(city.place_area_km2[i]))
    r_j = radius_km(float(city.place_area_km2[j]))
    return detour * math.sqrt(d_km**2 + (r_i**2 + r_j**2) / 2.0)


def own_distance_km(area_km2: float, parameter: Parameter) -> float:
    """Travelled distance of trips that stay in a zone: detour x min(a x r^b, 2 r)."""
    r_km = radius_km(area_km2)
    within_km = parameter("travel.own_distance") * r_km ** parameter("travel.own_exponent")
    return float(parameter("travel.detour") * min(within_km, 2.0 * r_km))


def travelled_km(city: City, i: int, z: int, parameter: Parameter) -> float:
    """Travelled distance from place i to zone z, where there is no skim."""
    between_km = place_distance_km(city, i, z, parameter("travel.detour"))
    if i == z:
        return own_distance_km(float(city.zones.area_km2[z]), parameter)
    if i >= city.n_zones and int(city.villages.zone_idx[i - city.n_zones]) == z:
        return max(own_distance_km(float(city.zones.area_km2[z]), parameter), between_km)
    return between_km


def impedance_of(distance_km: Matrix, deterrence: str) -> Matrix:
    """What the decay multiplies: the distance under "exponential", its square root under "square_root"."""
    if deterrence == "exponential":
        return distance_km
    if deterrence != "square_root":
        msg = f"no such deterrence: {deterrence}"
        raise ValueError(msg)
    return [[math.sqrt(km) for km in row] for row in distance_km]


def near_station(city: City, i: int, walk_km: float) -> bool:
    """True where a station lies within walk_km of the place's centroid, in a straight line."""
    for s in range(len(city.stations)):
        dx = float(city.place_x_km[i]) - float(city.stations.x_km[s])
        dy = float(city.place_y_km[i]) - float(city.stations.y_km[s])
        if math.sqrt(dx * dx + dy * dy) <= walk_km:
            return True
    return False


def travel_tables(city: City, parameter: Parameter) -> tuple[Matrix, Matrix]:
    """Distance [km] and minutes, (n_places, n_zones): the skim if there is one, else computed."""
    if city.skim is not None:
        return city.skim.distance_km.tolist(), city.skim.minutes.tolist()
    walk_km = parameter("travel.rail_walk_km")
    near = [near_station(city, i, walk_km) for i in range(city.n_places)]
    distance_km: Matrix = []
    minutes: Matrix = []
    for i in range(city.n_places):
        distance_km.append([travelled_km(city, i, j, parameter) for j in range(city.n_zones)])
        row = []
        for j in range(city.n_zones):
            rail = parameter("travel.rail_factor") if near[i] and near[j] else 1.0
            row.append(parameter("travel.intercept") + parameter("travel.slope") * distance_km[i][j] * rail)
        minutes.append(row)
    return distance_km, minutes
