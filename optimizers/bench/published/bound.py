"""A certified bound: no plan's published total is above it.

The total is money, which is linear once prices are at the most that they can reach, and concave envelopes of travel,
services and even areas. Where a concave function is touched, its tangent is above it everywhere; so is any mean of such
tangents. The best plan of a mean of tangents is an assignment of villages to years, solved exactly, and its worth is a
bound. The next tangent is taken at the mean of the plans so met (dual averaging, Nesterov 2009). The interval of
newcomers on which the envelopes rest is halved where the bound is highest (branch and bound, Land & Doig 1960).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

import numpy as np
from scipy.optimize import linear_sum_assignment

from data.arrays import IntArray
from optimizers.bench.published.envelopes import Added, ServicesEnvelope, TravelEnvelope, band_envelope, nothing
from optimizers.bench.published.model import PublishedModel
from optimizers.bench.published.ranges import Interval, distance_ranges, newcomers_range, price_level_range

ROUNDS, HALVINGS = 15, 4
Envelope = Callable[[Added], tuple[float, Added]]


def bound(model: PublishedModel, *, rounds: int = ROUNDS, halvings: int = HALVINGS) -> float:
    """What no plan's total is above, up to rounding.

    Args:
        model: the published model; every plan that keeps its quota exactly is covered.
        rounds: tangents for each interval of newcomers.
        halvings: of these intervals.

    Returns:
        The bound, in units of the published total.
    """
    choices, newcomers = _Choices(model), newcomers_range(model)
    most_rise = _least_bound(choices, _services_alone(model, newcomers), 0.0, rounds)

    def bounded(interval: Interval) -> tuple[float, Interval]:
        return -_least_bound(choices, _Total(model, interval, most_rise), model.weights.terms[0], rounds), interval

    open_intervals = [bounded(newcomers)]
    for _ in range(halvings):
        value, (low, high) = heapq.heappop(open_intervals)
        for half in ((low, 0.5 * (low + high)), (0.5 * (low + high), high)):
            tighter, interval = bounded(half)
            heapq.heappush(open_intervals, (max(value, tighter), interval))  # the whole's bound holds, too
    return -open_intervals[0][0]


def _services_alone(model: PublishedModel, newcomers: Interval) -> Envelope:
    return ServicesEnvelope(model, newcomers)


class _Total:
    """The envelope of the total less its money."""

    def __init__(self, model: PublishedModel, newcomers: Interval, most_rise: float) -> None:
        self.model, self.newcomers = model, newcomers
        self.travel = TravelEnvelope(model, distance_ranges(model, newcomers))
        self.services = ServicesEnvelope(model, newcomers, most_rise)

    def __call__(self, added: Added) -> tuple[float, Added]:
        _, of_travel, of_services = self.model.weights.terms
        fall, by_residents = self.travel(added)
        rise, slope = self.services(added)
        beyond, by_area = band_envelope(self.model, added)
        of_area = self.model.weights.area_per_m2
        return of_travel * fall + of_services * rise + of_area * beyond, Added(
            of_travel * by_residents + of_services * slope.residents,
            of_services * slope.poi,
            of_services * slope.own,
            of_area * by_area,
        )


def _least_bound(choices: _Choices, envelope: Envelope, of_money: float, rounds: int) -> float:
    """The lowest of the bounds that means of tangents give."""
    met = slope = nothing(choices.model)
    constant, best = 0.0, np.inf
    for turn in range(rounds):
        share = 2.0 / (turn + 2.0)
        value, tangent = envelope(met)
        constant = (1.0 - share) * constant + share * (value - tangent.times(met))
        slope = slope.mixed(tangent, share)
        worth, added = choices.best(slope, of_money)
        best = min(best, constant + worth)
        met = met.mixed(added, share)
    return best


class _Choices:
    """Every village, year and option with what it adds."""

    def __init__(self, model: PublishedModel) -> None:
        value, self.residents, self.poi = model.amounts
        self.model, self.own = model, self.residents * self.poi
        least, most = price_level_range(model)
        level = np.where(value[:, None] > 0.0, most[:, :, None], least[:, None])
        self.money = value[:, None] * level
        self.allowed = np.where(model.option_mask, 0.0, -np.inf)
        self.year = np.repeat(np.arange(model.quota.size), model.quota)

    def best(self, slope: Added, of_money: float) -> tuple[float, Added]:
        """What the best plan of a linear function is worth, and what it adds."""
        timeless = slope.residents[:, None] * self.residents + slope.poi[:, None] * self.poi + slope.own * self.own
        gain = (timeless + self.allowed)[:, None] + of_money * self.money
        option = np.argmax(gain, axis=2)
        worth = np.take_along_axis(gain, option[:, :, None], axis=2)[:, :, 0]
        worth += np.outer(self.model.city.area_m2, slope.area_m2)
        village, place = linear_sum_assignment(worth[:, self.year], maximize=True)
        year = self.year[place]
        return float(worth[village, year].sum()), self._added(village, year, option[village, year])

    def _added(self, village: IntArray, year: IntArray, option: IntArray) -> Added:
        none = nothing(self.model)
        residents, poi = none.residents.copy(), none.poi.copy()
        residents[village], poi[village] = self.residents[village, option], self.poi[village, option]
        area_m2 = np.bincount(year, self.model.city.area_m2[village], minlength=self.model.quota.size)
        return Added(residents, poi, float(self.own[village, option].sum()), area_m2.astype(np.float64))
