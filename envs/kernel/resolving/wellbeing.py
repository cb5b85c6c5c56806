"""Lives of the base year, and types of persons: what residents of each group earn, in equal bands, and care owed."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from data.city import City
from data.parameter_book import Book
from envs.kernel.commute import Balance, GravityModel, mean_by_place
from envs.kernel.consent import Voters
from envs.kernel.people.ages import (
    RESIDENT_GROUPS,
    elderly_shares,
    pension_per_head_cny_per_month,
    wages_cny_per_month,
)
from envs.kernel.people.fates import N_BANDS, LivesBefore, PersonTypes
from envs.kernel.resolved_scenario import Base
from envs.kernel.services.accessibility import AccessModel, FacilityStates, each_access, gini, mean_met_share
from envs.kernel.wellbeing import MONTHS_PER_YR, care_excess, care_weight, log_normal_means, values_of


def lives_before(city: City, base: Base, gravity: GravityModel, access: AccessModel) -> LivesBefore:
    """Minutes, services and rents of every place in the base year, float64."""
    weight = gravity.base_balance * (base.jobs * (base.workers.sum() / base.jobs.sum()))[:, None]
    minutes = mean_by_place(Balance(weight, gravity.kernel @ weight, None), gravity.kernel_min)
    standing = np.ones((city.n_villages, 1))
    states = FacilityStates(standing, 0.0 * standing, 0.0 * standing)
    return LivesBefore(
        minutes=minutes[:, 0],
        met=mean_met_share(each_access(base.residents[:, None], access, states), access)[:, 0],
        zone_rent_cny_per_m2_month=city.zones.rent_cny_per_m2_month,
        room_rent_cny_per_m2_month=city.villages.rent_cny_per_m2_month,
    )


def person_types(city: City, book: Book, voters: Voters) -> PersonTypes:
    """Types of a city: its median income decides who is poor, the rest comes from the book."""
    rates = np.array([book.number(f"employment.{group}") for group in RESIDENT_GROUPS])
    wages = wages_cny_per_month(book)[:, None] * log_normal_means(N_BANDS, book.number("income.log_sd"))
    per_head = rates[:, None] * wages
    income = MONTHS_PER_YR * (per_head + pension_per_head_cny_per_month(book)[:, None])
    villages, zones = city.villages, city.zones
    by_group = np.array([villages.registered_residents.sum(), villages.tenants.sum(), zones.residents.sum()])
    persons = np.repeat(by_group, N_BANDS) / N_BANDS
    is_poor = income < book.number("care.low_income") * weighted_median(income.ravel(), persons)
    return PersonTypes(
        wage_cny_per_month=wages,
        wage_per_head_cny_per_month=per_head,
        income_cny_per_yr=income,
        care_weight=np.asarray(
            care_weight(
                elderly=elderly_household_shares(book)[:, None],
                low_income=is_poor.astype(np.float64),
                disabled=disabled_household_share(book),
                excess=care_excess(book),
            )
        ),
        income_gini=float(gini(income.reshape(-1, 1), persons[:, None])[0]),
        values=values_of(book),
        voters=voters,
    )


def elderly_household_shares(book: Book) -> FloatArray:
    """Persons of each group who live with somebody of 60 and more, shape (3,) [0..1]."""
    return np.minimum(1.0, book.number("care.persons_per_elderly") * elderly_shares(book))


def disabled_household_share(book: Book) -> float:
    """Persons who live with somebody disabled, in a household of mean size [0..1]."""
    return float(1.0 - (1.0 - book.number("care.disabled_share")) ** book.number("built.household_size"))


def weighted_median(values: FloatArray, weights: FloatArray) -> float:
    """Least value that at least half of the weight does not exceed; shape (n,) each.

    Example:
        >>> weighted_median(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 3.0]))
        2.0
    """
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, 0.5 * reached[-1])])
