"""Travel between places: distances and door-to-door minutes, computed from geometry where no skim is given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from data.arrays import BoolArray, FloatArray
from data.city import City
from data.parameter_book import Book


@dataclass(frozen=True)
class Travel:
    """Travel from every place (zones, then villages) to every zone.

    Attributes:
        distance_km: shape (n_places, n_zones).
        minutes: door to door, shape (n_places, n_zones).
    """

    distance_km: FloatArray
    minutes: FloatArray


def disc_distance_km(centroid_km: FloatArray, from_area_km2: FloatArray, to_area_km2: FloatArray) -> FloatArray:
    r"""Root-mean-square straight distance between the points of two discs of the same areas.

    $$ \sqrt{D^2 + (r_i^2 + r_j^2)/2}, \quad r = \sqrt{area / \pi} $$ For an area and itself, D = 0.

    Args:
        centroid_km: distance between the centroids, any shape [km].
        from_area_km2: area of the origin, broadcastable [km2].
        to_area_km2: area of the destination, broadcastable [km2].

    Returns:
        The same shape [km].
    """
    return np.sqrt(centroid_km**2 + (from_area_km2 + to_area_km2) / (2.0 * np.pi))


def own_distance_km(area_km2: FloatArray, *, coefficient: float, exponent: float) -> FloatArray:
    r"""Straight distance of a commute inside a place, at most across it.

    $$ \min(a r^b, 2 r), \quad r = \sqrt{area / \pi} $$ Observed on the subdistricts of Shenzhen: commutes inside are
    shorter than between two random points of a large disc, for homes and jobs cluster.

    Args:
        area_km2: any shape [km2].
        coefficient: a, key travel.own_distance [km^(1 - b)].
        exponent: b, key travel.own_exponent [-].

    Returns:
        The same shape [km].

    Example:
        >>> own_distance_km(np.array([4.0 * np.pi]), coefficient=1.21, exponent=0.52).round(6)
        array([1.735086])
    """
    radius_km = np.sqrt(area_km2 / np.pi)
    return np.minimum(coefficient * radius_km**exponent, 2.0 * radius_km)


def near_station_mask(city: City, walk_km: float) -> BoolArray:
    """Places whose centroid lies within walk_km of a station; shape (n_places,)."""
    if len(city.stations) == 0:
        return np.zeros(city.n_places, dtype=bool)
    tree = cKDTree(np.column_stack([city.stations.x_km, city.stations.y_km]))
    nearest_km, _ = tree.query(np.column_stack([city.place_x_km, city.place_y_km]))
    return nearest_km <= walk_km


def compute_travel(city: City, book: Book) -> Travel:
    """Travel of the city: its skim if it has one, else the model of docs/model-choices.md, "Commute".

    Args:
        city: the city.
        book: parameters `travel.*`.

    Returns:
        Distances and minutes from every place to every zone.
    """
    if city.skim is not None:
        return Travel(city.skim.distance_km, city.skim.minutes)
    n_zones = city.n_zones
    centroid_km = np.hypot(
        city.place_x_km[:, None] - city.place_x_km[None, :n_zones],
        city.place_y_km[:, None] - city.place_y_km[None, :n_zones],
    )
    area, zone = city.place_area_km2, np.arange(n_zones)
    straight_km = disc_distance_km(centroid_km, area[:, None], area[None, :n_zones])
    own_km = own_distance_km(
        area[:n_zones],
        coefficient=book.number("travel.own_distance"),
        exponent=book.number("travel.own_exponent"),
    )
    straight_km[zone, zone] = own_km
    village, around = np.arange(n_zones, city.n_places), city.villages.zone_idx
    straight_km[village, around] = np.maximum(straight_km[village, around], own_km[around])
    distance_km = book.number("travel.detour") * straight_km
    near = near_station_mask(city, book.number("travel.rail_walk_km"))
    by_rail = near[:, None] & near[None, :n_zones]
    factor = np.where(by_rail, book.number("travel.rail_factor"), 1.0)
    minutes = book.number("travel.intercept") + book.number("travel.slope") * distance_km * factor
    return Travel(distance_km, minutes)
