"""A portrait of drawn residents: ages, households, tenure, stay, work and income, counted from the rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, CodeArray, FloatArray, IntArray
from envs.people.categories import AGE_BANDS, GROUPS, SEXES, SIZES, TENURES
from envs.people.residents import Residents

INCOME_PERCENTILES = (10, 50, 90)


@dataclass(frozen=True, eq=False)
class Portrait:
    """Counts of one place or of several together.

    Attributes:
        ages: persons by group and age band, shape (3, 6).
        sexes: persons by group and sex, shape (3, 2).
        workers: by group, shape (3,).
        mean_wage_cny: of workers by group, shape (3,); NaN without any [CNY/month].
        income_per_head_cny: 10th, 50th and 90th percentile over the persons of a group of their household's income per
            head, shape (3, 3); NaN without any [CNY/month].
        sizes: households by group and size, shape (3, 5).
        tenures: households by group and tenure, shape (3, 3).
        long_stay: households of long stay by group, shape (3,).
        registered: registered households by group, shape (3,).
        work_zones: workers by work zone, shape (n_zones,).
        mean_minutes: of those who work in a zone, shape (n_zones,); NaN without any [min].
        all_minutes: mean of all workers; NaN without any [min].
    """

    ages: IntArray
    sexes: IntArray
    workers: IntArray
    mean_wage_cny: FloatArray
    income_per_head_cny: FloatArray
    sizes: IntArray
    tenures: IntArray
    long_stay: IntArray
    registered: IntArray
    work_zones: IntArray
    mean_minutes: FloatArray
    all_minutes: float

    @property
    def persons(self) -> IntArray:
        """By group, shape (3,)."""
        return self.ages.sum(axis=1)

    @property
    def households(self) -> IntArray:
        """By group, shape (3,)."""
        return self.sizes.sum(axis=1)


def portrait_of(residents: Residents, n_zones: int) -> Portrait:
    """Count drawn residents.

    Args:
        residents: of one place, or of several together.
        n_zones: zones of the city.
    """
    persons, homes = residents.persons, residents.households
    at_work = persons.is_employed
    zone, minutes = persons.work_zone_idx[at_work], persons.commute_min[at_work]
    workers = _count(persons.group_idx[at_work], len(GROUPS))
    wages = np.bincount(persons.group_idx[at_work], persons.income_cny_per_month[at_work], minlength=len(GROUPS))
    arrivals = _count(zone, n_zones)
    return Portrait(
        ages=_table(persons.group_idx, persons.age_idx, len(AGE_BANDS)),
        sexes=_table(persons.group_idx, persons.sex_idx, len(SEXES)),
        workers=workers,
        mean_wage_cny=_mean(wages, workers),
        income_per_head_cny=_percentiles(residents),
        sizes=_table(homes.group_idx, homes.size - 1, len(SIZES)),
        tenures=_table(homes.group_idx, homes.tenure_idx, len(TENURES)),
        long_stay=_marked(homes.group_idx, homes.is_long_stay),
        registered=_marked(homes.group_idx, homes.is_registered),
        work_zones=arrivals,
        mean_minutes=_mean(np.bincount(zone, minutes, minlength=n_zones), arrivals),
        all_minutes=float(minutes.mean()) if len(minutes) else float("nan"),
    )


def _percentiles(residents: Residents) -> FloatArray:
    """Of the household's income per head, each household counted once for each member."""
    homes = residents.households
    found = np.full((len(GROUPS), len(INCOME_PERCENTILES)), np.nan)
    for group in np.unique(homes.group_idx).tolist():
        here = homes.group_idx == group
        per_head = homes.income_cny_per_month[here] / homes.size[here]
        found[group] = np.percentile(np.repeat(per_head, homes.size[here]), INCOME_PERCENTILES)
    return found


def _count(codes: CodeArray, n: int) -> IntArray:
    return np.bincount(codes, minlength=n)


def _table(group: CodeArray, codes: CodeArray, n: int) -> IntArray:
    return np.bincount(group.astype(np.int64) * n + codes, minlength=len(GROUPS) * n).reshape(len(GROUPS), n)


def _marked(group: CodeArray, mark: BoolArray) -> IntArray:
    return np.bincount(group[mark], minlength=len(GROUPS))


def _mean(total: FloatArray | IntArray, count: IntArray) -> FloatArray:
    return np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0)
