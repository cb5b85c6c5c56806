"""Indicators of well-being: who gains and who loses, over types of persons in the state year told (the last).

Persons are residents of the base year. A measure of a fate has the shape of the fate, (n_places, n_plans).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from envs.kernel.computing.backend import Array
from envs.kernel.indicators.indicator import Indicator, of_plans
from envs.kernel.indicators.measures import district_membership, ratio
from envs.kernel.people.fates import (
    Fate,
    PersonTypes,
    losing_share,
    mean_change_cny_per_yr,
    mean_of_worst,
    winning_share,
)
from envs.kernel.services.accessibility import gini
from envs.kernel.trace import Trace

WORST_SHARE = 0.1
"""Of persons: the worst-off tenth."""

OfFate = Callable[[Fate, PersonTypes], Array | float]
FatesOf = Callable[[Trace], tuple[Fate, ...]]


def registered(trace: Trace) -> tuple[Fate, ...]:
    """Fates of registered residents of all villages."""
    return trace.registered_fates


def tenants(trace: Trace) -> tuple[Fate, ...]:
    """Fates of tenants of all villages."""
    return trace.tenant_fates


def villagers(trace: Trace) -> tuple[Fate, ...]:
    """Fates of both."""
    return trace.registered_fates + trace.tenant_fates


def everybody(trace: Trace) -> tuple[Fate, ...]:
    """Fates of them and of the residents of the zones."""
    return villagers(trace) + trace.zone_fates


def each_counts_one(fate: Fate, types: PersonTypes) -> float:
    """Weight of a person: everybody's."""
    del fate, types
    return 1.0


def mean_care_weight(fate: Fate, types: PersonTypes) -> float:
    """Mean weight of care of the persons of a fate."""
    return float(np.mean(types.care_weight[fate.group]))


def cared_for_change_cny_per_yr(fate: Fate, types: PersonTypes) -> Array:
    """Mean of weight of care x change."""
    return mean_change_cny_per_yr(fate, types, types.care_weight[fate.group])


@dataclass(frozen=True)
class MeanOverPersons:
    """Mean of a measure over the persons of some fates.

    Attributes:
        measure: of each fate, multiplied by the weight where persons do not count alike.
        fates: whose.
        weight: mean weight of the persons of a fate.
    """

    measure: OfFate
    fates: FatesOf
    weight: OfFate = each_counts_one

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans,); NaN without persons."""
        xp = trace.xp

        def of_city(fate: Fate, by_place: Array) -> Array:
            del fate
            return xp.sum(by_place, axis=0, dtype=xp.float64)

        return self.divided(trace, of_city)

    def divided(self, trace: Trace, total: Callable[[Fate, Array], Array]) -> Array:
        """The mean of sums: `total` sums what places of a fate have, (n_places, n_plans)."""
        above, below = 0.0, 0.0
        for fate in self.fates(trace):
            above = above + total(fate, fate.persons * self.measure(fate, trace.person_types))
            below = below + total(fate, fate.persons * self.weight(fate, trace.person_types))
        return ratio(above, below)


@dataclass(frozen=True)
class DistrictMeans:
    """The same of the persons who lived in each district in the base year; NaN where nobody did."""

    mean: MeanOverPersons

    def __call__(self, trace: Trace) -> Array:
        """Shape (n_plans, n_districts)."""
        xp, n_zones, member = trace.xp, trace.resolved.city.n_zones, district_membership(trace)
        zones, villages = member[:, :n_zones], member[:, n_zones:]

        def of_districts(fate: Fate, by_place: Array) -> Array:
            return (zones if fate.is_of_zones else villages) @ xp.astype(by_place, xp.float64)

        return xp.permute_dims(self.mean.divided(trace, of_districts), (1, 0))


def worst_tenth_wellbeing_cny_per_yr(trace: Trace) -> Array:
    """Mean change of the worst-off tenth of registered residents and tenants; shape (n_plans,) [CNY/yr]."""
    types = trace.village_types
    return mean_of_worst(types.change_cny_per_yr, types.persons, WORST_SHARE)


def wellbeing_gini_change(trace: Trace) -> Array:
    """Gini coefficient of income + change over all residents, less that of income; shape (n_plans,)."""
    xp, parts = trace.xp, (trace.village_types, trace.zone_types)
    after = xp.concat([types.income_cny_per_yr + types.change_cny_per_yr for types in parts], axis=1)
    persons = xp.concat([types.persons for types in parts], axis=1)
    values, weights = (xp.permute_dims(array, (1, 0)) for array in (xp.clip(after, 0.0, None), persons))
    return gini(values, weights) - trace.person_types.income_gini


def _mean_over_persons(name: str, mean: MeanOverPersons) -> Indicator:
    return of_plans(mean, name=name, by_district=DistrictMeans(mean))


WELLBEING = (
    _mean_over_persons("losers_share", MeanOverPersons(losing_share, villagers)),
    _mean_over_persons("winners_share", MeanOverPersons(winning_share, villagers)),
    _mean_over_persons("losers_share_registered", MeanOverPersons(losing_share, registered)),
    _mean_over_persons("losers_share_tenants", MeanOverPersons(losing_share, tenants)),
    _mean_over_persons("losers_share_city", MeanOverPersons(losing_share, everybody)),
    _mean_over_persons("mean_wellbeing_change_cny_per_yr", MeanOverPersons(mean_change_cny_per_yr, villagers)),
    _mean_over_persons(
        "care_wellbeing_change_cny_per_yr", MeanOverPersons(cared_for_change_cny_per_yr, villagers, mean_care_weight)
    ),
    of_plans(worst_tenth_wellbeing_cny_per_yr),
    of_plans(wellbeing_gini_change),
)
