"""What drawing residents needs of a resolved scenario, computed once: shares of the book, workers, the trip matrix."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import FloatArray, IntArray
from data.city import City
from data.errors import refuse
from data.parameter_book import Book
from envs.kernel.people.ages import by_age_band, employment_rates, pensions_cny_per_month, wages_cny_per_month
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.people.categories import (
    AGE_BANDS,
    COLLECTIVE,
    GROUPS,
    OTHER,
    OWNED,
    REGISTERED,
    RENTED,
    TENANT,
    TENURES,
)
from envs.people.household_types import household_types, persons_by_district, persons_by_place


@dataclass(frozen=True, eq=False)
class PeopleModel:
    """Residents as a resolved scenario has them on average.

    Attributes:
        resolved: scenario resolved against a city.
        persons: whole residents by place and group, shape (n_places, 3).
        workers: expected workers, same shape.
        employment_rate: by group and age band, shape (3, 6); fitted to the groups' rates.
        long_share: households of long stay by tenure, shape (3,).
        registered_share: registered households by group and tenure, shape (3, 3).
        wage_cny: mean by group, shape (3,) [CNY/month].
        pension_cny: mean by group, shape (3,) [CNY/month].
        head_rate: inclination of each age band to be the householder, shape (6,).
        head_ages: least and largest age of the householders with whom people of each age band live, shape (6,) each.
        job_weight: b_j D_j of the balanced base year, shape (n_zones,).
    """

    resolved: ResolvedScenario
    persons: IntArray
    workers: FloatArray
    employment_rate: FloatArray
    long_share: FloatArray
    registered_share: FloatArray
    wage_cny: FloatArray
    pension_cny: FloatArray
    head_rate: FloatArray
    head_ages: tuple[IntArray, IntArray]
    job_weight: FloatArray

    @property
    def city(self) -> City:
        """What is given."""
        return self.resolved.city

    @property
    def book(self) -> Book:
        """Parameters with the scenario's overrides."""
        return self.resolved.book

    @cached_property
    def first_person(self) -> IntArray:
        """Number of the first resident of each place, counting the whole city place by place; shape (n_places,)."""
        by_place = self.persons.sum(axis=1)
        return np.cumsum(by_place) - by_place

    @cached_property
    def district_persons(self) -> IntArray:
        """Residents of every district by group, shape (n_districts, 3)."""
        return persons_by_district(self.city, self.persons)

    def types_of_district(self, district: int) -> FloatArray:
        """Fitted household types of a district, shape TABLE_SHAPE [persons]; computed once."""
        if district not in self._types:
            self._types[district] = household_types(self.district_persons[district], self.book)
        return self._types[district]

    @cached_property
    def _types(self) -> dict[int, FloatArray]:
        return {}

    def trips(self, place: int) -> FloatArray:
        """T_ij of a place in the base year, shape (n_zones,) [workers]; the same numbers whoever else is asked for."""
        attracted = self.resolved.constants.gravity.kernel[place] * self.job_weight
        return self.workers[place].sum() * (attracted / attracted.sum())

    def minutes(self, place: int) -> FloatArray:
        """Mean minutes from a place to every zone that anybody commutes to, shape (n_zones,); 0 elsewhere."""
        gravity = self.resolved.constants.gravity
        kernel = gravity.kernel[place]
        return np.divide(gravity.kernel_min[place], kernel, out=np.zeros_like(kernel), where=kernel > 0.0)


def people_model(resolved: ResolvedScenario) -> PeopleModel:
    """What drawing residents needs.

    Args:
        resolved: scenario resolved against a city; its commute is the base year's. Whether it counts bargaining does
            not matter: residents are whole, and live by plans as if all were agreed on.

    Raises:
        InputError: the ages of householders in the book leave nobody.
    """
    resolved = resolved.without_bargaining
    city, book, base = resolved.city, resolved.book, resolved.constants.base
    jobs = base.jobs * (base.workers.sum() / base.jobs.sum())
    return PeopleModel(
        resolved=resolved,
        persons=persons_by_place(city),
        workers=workers_by_place(city, book),
        employment_rate=employment_rates(book),
        long_share=_long_shares(book),
        registered_share=_registered_shares(book),
        wage_cny=wages_cny_per_month(book),
        pension_cny=pensions_cny_per_month(book),
        head_rate=by_age_band(book, "household.head_by_age"),
        head_ages=_head_ages(book),
        job_weight=resolved.constants.gravity.base_balance[:, 0] * jobs,
    )


def workers_by_place(city: City, book: Book) -> FloatArray:
    """Expected workers of every place by group, shape (n_places, 3); rows add up to the kernel's origins."""
    workers = np.zeros((city.n_places, len(GROUPS)))
    workers[: city.n_zones, OTHER] = city.zones.residents * book.number("employment.other")
    workers[city.n_zones :, REGISTERED] = city.villages.registered_residents * book.number("employment.registered")
    workers[city.n_zones :, TENANT] = city.villages.tenants * book.number("employment.tenant")
    return workers


def _head_ages(book: Book) -> tuple[IntArray, IntArray]:
    """First and last age of the householders with whom people of each band live, whole years, the last excluded."""
    keys = ("household.head_age_from", "household.head_age_to")
    least, most = (np.array([int(book.table(key)[band]) for band in AGE_BANDS]) for key in keys)
    if np.any(least >= most):
        wrong = int(np.argmax(least >= most))
        raise refuse("people_head_ages", layer=keys[1], band=AGE_BANDS[wrong], least=least[wrong], most=most[wrong])
    return least, most


def _long_shares(book: Book) -> FloatArray:
    shares = np.zeros(len(TENURES))
    shares[OWNED] = book.number("stay.long_share_owner")
    shares[RENTED] = book.number("stay.long_share_tenant")
    shares[COLLECTIVE] = book.number("stay.long_share_registered")
    return shares


def _registered_shares(book: Book) -> FloatArray:
    """Villagers are registered, their tenants are not."""
    shares = np.zeros((len(GROUPS), len(TENURES)))
    shares[REGISTERED] = 1.0
    shares[OTHER, OWNED] = book.number("registered.share_owner")
    shares[OTHER, RENTED] = book.number("registered.share_renter")
    return shares
