"""Concave functions that no plan's travel, services or even areas exceed, and their slopes.

A plan enters by what its villages add. Where the model multiplies or divides two such sums, the product is replaced by
the least concave function above it on the ranges of both (McCormick 1976): for 0 <= a <= A and 0 <= b <= B, a b is at
most A b and at most B a.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray
from optimizers.bench.published.model import LEAST_AREA, MOST_AREA, PublishedModel
from optimizers.bench.published.ranges import DistanceRanges, Interval, most_added
from optimizers.bench.published.terms import REACH, within_reach


@dataclass(frozen=True, eq=False)
class Added:
    """What villages add, or the slope of a function by it.

    Attributes:
        residents: newcomers of each village, shape (n_villages,).
        poi: its points of interest, same shape.
        own: sum over villages of newcomers times POI of the same village.
        area_m2: area started in each year, shape (plan_years,).
    """

    residents: FloatArray
    poi: FloatArray
    own: float
    area_m2: FloatArray

    def times(self, other: Added) -> float:
        """Slope times what is added."""
        return float(
            self.residents @ other.residents
            + self.poi @ other.poi
            + self.own * other.own
            + self.area_m2 @ other.area_m2
        )

    def mixed(self, other: Added, share: float) -> Added:
        """This, with a share of another."""
        return Added(
            *(
                (1.0 - share) * mine + share * theirs
                for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)
            )
        )


def nothing(model: PublishedModel) -> Added:
    """Nothing is added."""
    none = np.zeros(model.city.n_villages)
    return Added(none, none, 0.0, np.zeros(model.quota.size))


class TravelEnvelope:
    """At most so much does the mean distance fall by, if newcomers are within their interval."""

    def __init__(self, model: PublishedModel, ranges: DistanceRanges) -> None:
        """See the class; ranges are those of the interval."""
        self.model, self.travel, self.ranges = model, model.travel[np.float64], ranges

    def __call__(self, added: Added) -> tuple[float, FloatArray]:
        """The envelope, and its slope by newcomers of each village.

        With p residents and d = over / under of a cell, p d is at least the larger of two planes through the ends of
        the ranges of p and d, and d likewise of two planes in over and under.
        """
        city, ranges, travel = self.model.city, self.ranges, self.travel
        cells = _in_cells(self.model, added.residents)
        residents, (over, under) = travel.residents(cells), travel.sums(cells)
        near, far = ranges.distance
        by_near, by_far = (
            end + (over - end * under) / weight for end, weight in zip((near, far), ranges.weight[::-1], strict=True)
        )
        is_near = by_near >= by_far
        distance = np.where(is_near, by_near, by_far)
        low, high = (p * distance + (residents - p) * d for p, d in zip(ranges.residents, (near, far), strict=True))
        is_low, everybody = low >= high, residents.sum()
        by_residents = np.where(is_low, near, far) / everybody
        by_over = np.where(is_low, *ranges.residents) / np.where(is_near, *ranges.weight[::-1]) / everybody
        by_sums = by_over, -by_over * np.where(is_near, near, far)
        leaving = (travel.residents_outside * by_residents).sum() + sum(
            (slope * outside).sum() for slope, outside in zip(by_sums, travel.outside, strict=True)
        )
        slope = by_residents[city.grid_in_all] + travel.gathered(by_sums) - leaving / travel.n_outside
        fall = travel.before_km - float(np.maximum(low, high).sum() / everybody)
        return fall, -slope[city.row, city.column]


class ServicesEnvelope:
    """At most so much do services rise by, if newcomers are within their interval.

    The rise u of the mean over P + Q residents obeys (P + Q) u = E, where E is linear in what villages add but for the
    products of one village's newcomers and another's points of interest. At either end q of the interval of newcomers
    (P + q) u = E - (Q - q) u, which is at most E - (Q - q) times that end of the interval of rises.
    """

    def __init__(self, model: PublishedModel, newcomers: Interval, most_rise: float = np.inf) -> None:
        """Prepare; no plan's rise is above the given one."""
        city = model.city
        self.newcomers, self.before = newcomers, float(city.residents.sum())
        served = within_reach(city.poi)
        mean = float((city.residents * served).sum()) / self.before
        nobody_is_served = -mean * newcomers[1] / (self.before + newcomers[1])
        everything_is_near = city.poi.sum() + most_added(model)[2].sum()
        self.rise = nobody_is_served, min(most_rise, everything_is_near)
        place = city.row, city.column
        self.by_residents, self.by_poi = served[place] - mean, within_reach(city.residents)[place]
        self.one, self.other = _neighbors(model)
        _, self.most_residents, self.most_poi = most_added(model)

    def __call__(self, added: Added) -> tuple[float, Added]:
        """The envelope and its slope."""
        one, other = self.one, self.other
        by_poi, by_residents = self.most_residents[one] * added.poi[other], self.most_poi[other] * added.residents[one]
        is_by_poi, n = by_poi <= by_residents, added.poi.size
        excess = self.by_residents @ added.residents + self.by_poi @ added.poi + added.own
        excess += np.minimum(by_poi, by_residents).sum()
        of_residents = self.by_residents + np.bincount(one, self.most_poi[other] * ~is_by_poi, minlength=n)
        of_poi = self.by_poi + np.bincount(other, self.most_residents[one] * is_by_poi, minlength=n)
        ways = []
        for newcomers, rise in zip(self.newcomers, self.rise, strict=True):
            residents = self.before + newcomers
            value = (excess - rise * (added.residents.sum() - newcomers)) / residents
            slope = Added((of_residents - rise) / residents, of_poi / residents, 1.0 / residents, 0.0 * added.area_m2)
            ways.append((float(value), slope))
        return min(ways, key=lambda way: way[0])


def band_envelope(model: PublishedModel, added: Added) -> tuple[float, FloatArray]:
    """The negative of what leaves the band of areas [m2], concave as it is, and its slope by each year's area."""
    mean = model.mean_area_m2
    above, below = added.area_m2 - MOST_AREA * mean, LEAST_AREA * mean - added.area_m2
    slope = np.where(below > 0.0, 1.0, np.where(above > 0.0, -1.0, 0.0))
    return -float(np.maximum(np.maximum(above, below), 0.0).sum()), slope


def _in_cells(model: PublishedModel, amount: FloatArray) -> FloatArray:
    """Amounts of villages summed by cell, shape (n_rows, n_columns)."""
    shape = model.city.residents.shape
    return np.bincount(model.cell, amount, minlength=shape[0] * shape[1]).astype(np.float64).reshape(shape)


def _neighbors(model: PublishedModel) -> tuple[IntArray, IntArray]:
    """Ordered pairs of different villages of which the second's services reach the first."""
    rows, columns = (abs(np.subtract.outer(place, place)) for place in (model.city.row, model.city.column))
    is_pair = rows + columns <= REACH
    np.fill_diagonal(is_pair, val=False)
    one, other = np.nonzero(is_pair)
    return one, other
