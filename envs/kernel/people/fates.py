"""What becomes of residents of the base year under a plan, and what it changes for them.

A fate is shared by residents of a place: they stay, come back or live in a zone. Within it they differ by wage band,
and where they voted on an offer, by their group of voters and their valuation e of the home. Arrays are place-first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from data.arrays import FloatArray
from envs.kernel.computing.backend import Array, array_namespace
from envs.kernel.consent import Voters
from envs.kernel.people.ages import OTHER
from envs.kernel.wellbeing import Values, commuting_gain_cny_per_yr, log_normal_means, share_below

N_BANDS = 5
"""Equal shares of the persons of a group, by wage."""
N_VALUATIONS = 8
"""Equally likely valuations of the home, where a distribution over persons is wanted."""


@dataclass(frozen=True, eq=False)
class PersonTypes:
    """Residents by group and wage band, each array of shape (3, N_BANDS).

    Attributes:
        wage_cny_per_month: mean wage of a worker of the band.
        wage_per_head_cny_per_month: the same over all persons of the band, workers or not.
        income_cny_per_yr: wages and pensions per head.
        care_weight: expected, 1 = as everybody's.
        income_gini: Gini coefficient of the incomes of all residents.
        values: what changes are worth.
        voters: groups of registered households.
    """

    wage_cny_per_month: FloatArray
    wage_per_head_cny_per_month: FloatArray
    income_cny_per_yr: FloatArray
    care_weight: FloatArray
    income_gini: float
    values: Values
    voters: Voters


@dataclass(frozen=True, eq=False)
class LivesBefore:
    """Lives of the base year.

    Attributes:
        minutes: mean door-to-door minutes of the workers of each place, shape (n_places,).
        met: category-weighted met share of each place, shape (n_places,).
        zone_rent_cny_per_m2_month: shape (n_zones,).
        room_rent_cny_per_m2_month: of village rooms, shape (n_villages,).
    """

    minutes: Array
    met: Array
    zone_rent_cny_per_m2_month: Array
    room_rent_cny_per_m2_month: Array


@dataclass(frozen=True, eq=False)
class Fate:
    """Residents with one fate, each array of shape (n_places, n_plans).

    Attributes:
        group: position in RESIDENT_GROUPS.
        persons: how many share it.
        gain_cny_per_yr: what it brings each, but for the way to work and the home given up.
        more_minutes: of one way to work.
        home_cny_per_yr: worth of the home given up, before attachment and valuation; None where none is.
    """

    group: int
    persons: Array
    gain_cny_per_yr: Array
    more_minutes: Array
    home_cny_per_yr: Array = None

    @property
    def is_of_zones(self) -> bool:
        """Whether its places are zones, not villages."""
        return self.group == OTHER

    def each(self, function: Callable[[Array], Array]) -> Fate:
        """The same of other places: a function of every array."""
        arrays = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "group"}
        return replace(self, **{name: function(array) for name, array in arrays.items() if array is not None})


def mean_change_cny_per_yr(fate: Fate, types: PersonTypes, weight: FloatArray | None = None) -> Array:
    """Mean change over the bands, the voters and the valuations of a fate; same shape [CNY/yr].

    Args:
        fate: any shape.
        types: of persons.
        weight: of the bands, shape (N_BANDS,), a mean of weight x change then; None = 1.
    """
    weights = np.ones(N_BANDS) if weight is None else weight
    voters, wages = types.voters, types.wage_per_head_cny_per_month[fate.group]
    change = float(np.mean(weights)) * fate.gain_cny_per_yr
    change = change + commuting_gain_cny_per_yr(fate.more_minutes, float(np.mean(weights * wages)), types.values)
    if fate.home_cny_per_yr is None:
        return change
    attachment = float(np.dot(voters.weights, voters.attachments) * np.exp(0.5 * voters.sigma**2))
    return change - float(np.mean(weights)) * attachment * fate.home_cny_per_yr


def losing_share(fate: Fate, types: PersonTypes) -> Array:
    """Share of the persons of a fate who lose more than the threshold; same shape [0..1]."""
    limit = -types.values.threshold_cny_per_yr
    if fate.home_cny_per_yr is None:
        return _mean_over_bands(fate, types, lambda change: change < limit)
    return _where_somebody(fate, lambda some: 1.0 - _share_content(some, types, limit))


def winning_share(fate: Fate, types: PersonTypes) -> Array:
    """Share of the persons of a fate who gain more than the threshold; same shape [0..1]."""
    limit = types.values.threshold_cny_per_yr
    if fate.home_cny_per_yr is None:
        return _mean_over_bands(fate, types, lambda change: change > limit)
    return _where_somebody(fate, lambda some: _share_content(some, types, limit))


def _band_change(fate: Fate, types: PersonTypes, band: int) -> Array:
    """Change of a band, but for the home given up."""
    wage = float(types.wage_per_head_cny_per_month[fate.group, band])
    return fate.gain_cny_per_yr + commuting_gain_cny_per_yr(fate.more_minutes, wage, types.values)


def _mean_over_bands(fate: Fate, types: PersonTypes, counted: Callable[[Array], Array]) -> Array:
    xp, dtype = array_namespace(fate.persons), fate.persons.dtype
    total = xp.zeros_like(fate.persons)
    for band in range(N_BANDS):
        total = total + xp.astype(counted(_band_change(fate, types, band)), dtype)
    return total / N_BANDS


def _share_content(fate: Fate, types: PersonTypes, limit: float) -> Array:
    """Share of voters whose change is above a limit: those who value the home less than what is left of the offer."""
    xp, voters, home = array_namespace(fate.persons), types.voters, fate.home_cny_per_yr
    has_home = home > 0.0
    home = xp.where(has_home, home, xp.ones_like(home))
    share = xp.zeros_like(fate.persons)
    for band in range(N_BANDS):
        left = _band_change(fate, types, band) - limit
        for weight, attachment in zip(voters.weights, voters.attachments, strict=True):
            content = share_below(left / (attachment * home), voters.sigma)
            share = share + weight * xp.where(has_home, content, xp.astype(left > 0.0, share.dtype))
    return share / N_BANDS


def _where_somebody(fate: Fate, measure: Callable[[Fate], Array]) -> Array:
    """A measure of the cells with persons, 0 elsewhere: most villages are not rebuilt."""
    xp, inhabited = array_namespace(fate.persons), fate.persons > 0.0
    share = xp.zeros_like(fate.persons)
    share[inhabited] = measure(fate.each(lambda array: array[inhabited]))
    return share


@dataclass(frozen=True, eq=False)
class TypesOfPersons:
    """Every type of some fates, each array of shape (n_plans, n_types), float64.

    Attributes:
        persons: of the type.
        change_cny_per_yr: in well-being.
        income_cny_per_yr: per head, in the base year.
    """

    persons: Array
    change_cny_per_yr: Array
    income_cny_per_yr: Array


def types_of_persons(fates: Sequence[Fate], types: PersonTypes) -> TypesOfPersons:
    """The types of fates, one by one.

    The valuation of the home takes N_VALUATIONS equally likely values, the means of its eighths, so that the mean is
    kept. Places without persons are left out where they are so for every plan.
    """
    xp = array_namespace(fates[0].persons)
    blocks = [block for fate in fates for block in _blocks(_dense(fate), types)]
    return TypesOfPersons(*(xp.concat(list(part), axis=1) for part in zip(*blocks, strict=True)))


def _blocks(fate: Fate, types: PersonTypes) -> Iterator[tuple[Array, Array, Array]]:
    """Persons, change and income of every band, group of voters and valuation, (n_plans, n_places) each."""
    xp = array_namespace(fate.persons)
    homes = ((1.0, 0.0),) if fate.home_cny_per_yr is None else _home_values(types)
    for band in range(N_BANDS):
        change = _band_change(fate, types, band)
        income = xp.full_like(change, float(types.income_cny_per_yr[fate.group, band]))
        for share, attachment in homes:
            given_up = 0.0 if fate.home_cny_per_yr is None else attachment * fate.home_cny_per_yr
            yield fate.persons * (share / N_BANDS), change - given_up, income


def _home_values(types: PersonTypes) -> tuple[tuple[float, float], ...]:
    """Share of persons and worth of the home over its reservation, for every group of voters and valuation."""
    voters = types.voters
    values = np.exp(0.5 * voters.sigma**2) * log_normal_means(N_VALUATIONS, voters.sigma)
    return tuple(
        (weight / N_VALUATIONS, attachment * float(value))
        for weight, attachment in zip(voters.weights, voters.attachments, strict=True)
        for value in values
    )


def _dense(fate: Fate) -> Fate:
    """The places of each plan with persons before the others, as many as any plan has; (n_plans, n_places), float64."""
    xp = array_namespace(fate.persons)
    empty = xp.astype(fate.persons <= 0.0, xp.int32)
    n_rows = max(1, int(xp.max(xp.sum(1 - empty, axis=0))))
    first = xp.argsort(empty, axis=0, stable=True)[:n_rows]

    def rows(array: Array) -> Array:
        kept = xp.take_along_axis(xp.astype(array, xp.float64), first, axis=0)
        return xp.asarray(xp.permute_dims(kept, (1, 0)), copy=True)

    return fate.each(rows)


def mean_of_worst(change: Array, persons: Array, share: float) -> Array:
    """Mean change of the worst-off share of persons.

    Args:
        change: of every type, shape (n_plans, n_types) [CNY/yr].
        persons: of every type, same shape.
        share: of all persons, above 0.

    Returns:
        shape (n_plans,) [CNY/yr]; a type on the edge counts in part.

    Example:
        The worst-off half of 3 + 5 + 2 persons.

        >>> change, persons = np.array([[10.0, 0.0, -40.0]]), np.array([[3.0, 5.0, 2.0]])
        >>> mean_of_worst(change, persons, 0.5)
        array([-16.])
    """
    xp = array_namespace(change)
    order = xp.argsort(change, axis=1, stable=False)  # among equals any order will do
    weight = xp.take_along_axis(persons, order, axis=1)
    counted = share * xp.sum(weight, axis=1)
    before = xp.cumulative_sum(weight, axis=1) - weight
    taken = xp.clip(counted[:, None] - before, 0.0, None)
    taken = xp.where(taken < weight, taken, weight)
    total = xp.sum(taken * xp.take_along_axis(change, order, axis=1), axis=1)
    return total / xp.where(counted > 0.0, counted, xp.full_like(counted, float("nan")))
