"""Fates: each household of a village stays, comes back, or lives in a zone, and in which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import CodeArray, FloatArray, IntArray
from envs.people.effects.families import Families
from envs.people.effects.places import PlacesUnderPlan
from envs.people.effects.population import Population

FATES = ("stays", "returns", "moves")
"""Lives where it did; left and came back; lives in a zone. In the order of the kernel's fates of a group."""
STAYS, RETURNS, MOVES = range(3)


@dataclass(frozen=True, eq=False)
class Fates:
    """Of every row of Families.

    Attributes:
        fate_idx: into FATES, int8.
        home_idx: where it lives in the state year, among zones, then villages.
    """

    fate_idx: CodeArray
    home_idx: CodeArray

    def take(self, rows: CodeArray | slice) -> Fates:
        """Some of the rows."""
        return Fates(self.fate_idx[rows], self.home_idx[rows])


def fates_of(population: Population, places: PlacesUnderPlan) -> Fates:
    """What becomes of every household; who lives in a zone in the base year stays.

    Args:
        population: households and their lots.
        places: the plan.
    """
    families, n_drawn = population.families, population.n_drawn
    n_zones = len(places.zone_rent_before)
    fate, home = np.full(len(families), STAYS, np.int8), families.place_idx.copy()
    village = families.place_idx[:n_drawn].astype(np.int64) - n_zones
    group = families.group_idx[:n_drawn].astype(np.int64)
    back, moved = (places.fate_shares[group, which, village] for which in (RETURNS, MOVES))
    leaves = population.leaves
    fate[:n_drawn] = np.where(leaves < back, RETURNS, np.where(leaves < back + moved, MOVES, STAYS))
    movers = np.flatnonzero(fate[:n_drawn] == MOVES)
    home[movers] = zones_drawn(places.zone_shares, group[movers], village[movers], population.settles[movers])
    return Fates(fate, home)


def moved_km(families: Families, fates: Fates, places: PlacesUnderPlan) -> FloatArray:
    """Distance between the village and the zone in which a household lives; 0 of those who do not move."""
    movers = np.flatnonzero(fates.fate_idx == MOVES)
    km = np.zeros(len(families))
    km[movers] = places.zone_km[families.place_idx[movers] - len(places.zone_rent_before), fates.home_idx[movers]]
    return km


def away_yr(families: Families, fates: Fates, places: PlacesUnderPlan) -> FloatArray:
    """Years away, until the household came back or up to the state year; 0 of those who stay."""
    leavers = np.flatnonzero(fates.fate_idx != STAYS)
    village = families.place_idx[leavers] - len(places.zone_rent_before)
    until = np.where(fates.fate_idx[leavers] == RETURNS, places.away_until[village], places.year)
    years = np.zeros(len(families))
    years[leavers] = until - places.away_from[village]
    return years


def zones_drawn(zone_shares: FloatArray, group: IntArray, village: IntArray, settles: FloatArray) -> IntArray:
    """The zone of each mover: the one in which the shares, added up zone by zone, pass its number.

    Args:
        zone_shares: by group, village and zone; sums over zones are 1.
        group: of each mover.
        village: of each mover.
        settles: its number, 0..1, 1 excluded.

    Returns:
        Shape (n_movers,).

    Example:
        >>> share = np.array([[[0.25, 0.0, 0.75]]])
        >>> nobody = np.zeros(3, int)
        >>> zones_drawn(share, nobody, nobody, np.array([0.2, 0.25, 0.9]))
        array([0, 2, 2])
    """
    n_groups, n_villages, n_zones = zone_shares.shape
    reached = np.cumsum(zone_shares, axis=2).reshape(n_groups * n_villages, n_zones)
    rows = np.arange(len(reached))[:, None]
    row = group * n_villages + village
    found = np.searchsorted((rows + reached / reached[:, -1:]).ravel(), row + settles, side="right")
    return np.minimum(found - row * n_zones, n_zones - 1)
