"""The residents of one place, from its whole numbers: who lives with whom, and what each does and earns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from data.arrays import BoolArray, CodeArray, FloatArray, IntArray
from envs.people.categories import (
    AGE_BANDS,
    AGE_FROM,
    AGE_TO,
    CHILDREN,
    CLASSES,
    ELDERLY_FROM,
    GROUPS,
    PENSION_FROM,
    REGISTERED,
    SIZES,
)
from envs.people.composition import Composition
from envs.people.fitting import whole_numbers
from envs.people.generator import Stream, place_generator
from envs.people.people_model import PeopleModel
from envs.people.residents import Households, Persons, Residents
from envs.people.trait_drawing import Traits, draw_traits


@dataclass(frozen=True, eq=False)
class _Homes:
    """Households of a place, class after class and size after size, and the ages of those who live in them."""

    age: CodeArray  # of each person, householders first in each household
    size: CodeArray  # of each household
    class_idx: CodeArray  # of each household, into CLASSES

    @cached_property
    def group(self) -> CodeArray:
        """Of each household, into GROUPS."""
        return np.array(CLASSES, dtype=np.uint8)[self.class_idx, 0]

    @cached_property
    def tenure(self) -> CodeArray:
        """Of each household, into TENURES."""
        return np.array(CLASSES, dtype=np.uint8)[self.class_idx, 1]

    @cached_property
    def head(self) -> IntArray:
        """Position of each householder among the persons."""
        return np.cumsum(self.size, dtype=np.int64) - self.size


def draw_place(model: PeopleModel, composed: Composition, place: int, seed: int) -> Residents:
    """Draw the residents of one place.

    Args:
        model: residents on average.
        composed: the place's whole numbers.
        place: position among zones, then villages.
        seed: of the draw.
    """
    generator = place_generator(seed, str(model.city.place_id[place]), Stream.PERSONS)
    homes = _homes(model, composed, generator)
    group = np.repeat(homes.group, homes.size)
    employed = _employed(model, composed, homes.age, group, generator)
    income = _incomes(model, homes.age, group, employed, generator)
    work_zone, minutes = _workplaces(model, composed, place, employed, generator)
    first = int(model.first_person[place])
    household_id = (first + homes.head).astype(np.uint32)
    place_type = np.min_scalar_type(-model.city.n_places)
    is_male = _chosen(len(group), composed.men, generator)
    is_long_stay, is_registered = (
        _by_class(homes, marked, generator) for marked in (composed.long_stay, composed.registered)
    )
    traits = _traits(model, homes, is_long_stay, int(composed.workers.sum()), place, seed)
    time_value = np.zeros(len(group), np.uint16)
    time_value[employed] = traits.time_value_percent
    persons = Persons(
        person_id=np.arange(first, first + len(group), dtype=np.uint32),
        household_id=np.repeat(household_id, homes.size),
        place_idx=np.full(len(group), place, dtype=place_type),
        group_idx=group,
        age_idx=homes.age,
        sex_idx=is_male.view(np.uint8),
        is_employed=employed,
        income_cny_per_month=income,
        work_zone_idx=work_zone.astype(place_type),
        commute_min=minutes,
        time_value_percent=time_value,
    )
    households = Households(
        household_id=household_id,
        place_idx=np.full(len(homes.size), place, dtype=place_type),
        group_idx=homes.group,
        size=homes.size,
        tenure_idx=homes.tenure,
        is_long_stay=is_long_stay,
        is_registered=is_registered,
        n_workers=_by_household(employed.view(np.uint8), homes.head),
        income_cny_per_month=_by_household(income, homes.head),
        has_disabled=traits.has_disabled,
        consent_group_idx=traits.consent_group_idx,
        valuation=traits.valuation,
        service_value_percent=traits.service_value_percent,
    )
    return Residents(persons, households)


def _traits(
    model: PeopleModel, homes: _Homes, is_long_stay: BoolArray, n_workers: int, place: int, seed: int
) -> Traits:
    return draw_traits(
        model,
        place,
        seed,
        size=homes.size,
        has_elderly=_by_household((homes.age >= ELDERLY_FROM).view(np.uint8), homes.head) > 0,
        is_long_stay=is_long_stay,
        is_villager=homes.group == REGISTERED,
        n_workers=n_workers,
    )


def _homes(model: PeopleModel, composed: Composition, generator: np.random.Generator) -> _Homes:
    """Households of every class and size, filled with people of the right ages."""
    nobody: CodeArray = np.zeros(0, np.uint8)
    ages, sizes, classes = [nobody], [nobody], [nobody]
    for class_idx, (group, tenure) in enumerate(CLASSES):
        for size, n in zip(SIZES.tolist(), composed.households[group, tenure].tolist(), strict=True):
            if n:
                persons = composed.persons[group, tenure, size - 1]
                ages.append(_live_together(model, persons, n, size, generator))
                sizes.append(np.full(n, size, np.uint8))
                classes.append(np.full(n, class_idx, np.uint8))
    return _Homes(np.concatenate(ages), np.concatenate(sizes), np.concatenate(classes))


def _live_together(
    model: PeopleModel, persons: IntArray, n: int, size: int, generator: np.random.Generator
) -> CodeArray:
    """Ages of the members of `n` households of one size, householders first.

    Householders are drawn among the adults. The others look for one of an age that suits theirs; both are ranked by
    that age, and live together in this order.

    Args:
        model: residents on average.
        persons: by age band, shape (6,); at least `n` adults.
        n: households.
        size: of each.
        generator: random numbers.

    Returns:
        Shape (n x size,), uint8.
    """
    heads = adults_by_age(persons, model.head_rate, n, generator.random())
    members = np.empty((n, size), dtype=np.uint8)
    members[:, 0] = _ranked(heads, np.array(AGE_FROM), np.array(AGE_TO), generator)
    if size > 1:
        members[:, 1:] = _ranked(persons - heads, *model.head_ages, generator).reshape(n, size - 1)
    return members.reshape(-1)


def _ranked(counts: IntArray, least: IntArray, most: IntArray, generator: np.random.Generator) -> CodeArray:
    """Age bands of so many people, ranked by an age drawn for each between the bounds of its band."""
    years = [
        generator.integers(low, high, n, dtype=np.uint8)
        for n, low, high in zip(counts.tolist(), least.tolist(), most.tolist(), strict=True)
    ]
    bands = np.repeat(np.arange(len(AGE_BANDS), dtype=np.uint8), counts)
    return bands[np.argsort(np.concatenate(years), kind="stable")]


def _employed(
    model: PeopleModel, composed: Composition, age: CodeArray, group: CodeArray, generator: np.random.Generator
) -> BoolArray:
    """Who works: so many of each group as the place has workers, by the rates of the ages."""
    employed = np.zeros(len(age), dtype=bool)
    code = group * np.uint8(len(AGE_BANDS)) + age
    persons = composed.persons.sum(axis=(1, 2))
    for g in np.flatnonzero(composed.workers).tolist():
        workers = adults_by_age(persons[g], model.employment_rate[g], int(composed.workers[g]), generator.random())
        for band in np.flatnonzero(workers).tolist():
            who = np.flatnonzero(code == g * len(AGE_BANDS) + band)
            employed[who] = _chosen(len(who), int(workers[band]), generator)
    return employed


def adults_by_age(persons: IntArray, rate: FloatArray, adults: int, start: float) -> IntArray:
    """So many adults in proportion to the rates of their ages, whole and no more of an age than there are.

    Args:
        persons: by age band, shape (6,); at least `adults` of them adults.
        rate: inclination of each band, shape (6,); 0 of children.
        adults: of all ages.
        start: of the rounding, 0..1.

    Returns:
        Shape (6,); sums to `adults`.
    """
    expected = persons * rate
    if expected.sum() > 0.0:
        expected *= adults / expected.sum()
    counts = np.minimum(whole_numbers(expected, adults, start), persons)
    counts[CHILDREN] = 0
    spare = persons - counts
    spare[CHILDREN] = 0
    return counts + np.diff(np.minimum(np.cumsum(spare), adults - counts.sum()), prepend=0)


def _incomes(
    model: PeopleModel, age: CodeArray, group: CodeArray, employed: BoolArray, generator: np.random.Generator
) -> CodeArray:
    """Wages of workers and pensions of the old who do not work, log-normal around the group's mean [CNY/month]."""
    income = np.zeros(len(age), dtype=np.int32)
    log_sd = model.book.number("income.log_sd")
    retired = ~employed & (age >= PENSION_FROM)
    for g in range(len(GROUPS)):
        for earns, mean in ((employed, model.wage_cny[g]), (retired, model.pension_cny[g])):
            who = np.flatnonzero(earns & (group == g))
            income[who] = np.rint(mean * _log_normal(len(who), log_sd, generator))
    return income


def _workplaces(
    model: PeopleModel, composed: Composition, place: int, employed: BoolArray, generator: np.random.Generator
) -> tuple[CodeArray, CodeArray]:
    """Work zone of every person (-1 without work) and whole minutes of the way there (0 without)."""
    n_workers = int(composed.workers.sum())
    zone = np.full(len(employed), -1, dtype=np.int32)
    minutes = np.zeros(len(employed), dtype=np.uint16)
    if n_workers:
        trips = whole_numbers(model.trips(place), n_workers, composed.work_start)
        to = np.repeat(np.arange(len(trips), dtype=np.int32), trips)
        generator.shuffle(to)
        spread = _log_normal(n_workers, model.book.number("travel.log_sd"), generator)
        zone[employed] = to
        minutes[employed] = np.minimum(np.rint(model.minutes(place)[to] * spread), np.iinfo(np.uint16).max)
    return zone, minutes


def _log_normal(n: int, log_sd: float, generator: np.random.Generator) -> FloatArray:
    r"""Log-normal numbers of mean 1 in random order: the mean of each n-th of the distribution.

    $$ n [\Phi(z_{k+1} - \sigma) - \Phi(z_k - \sigma)], \quad \Phi(z_k) = k / n $$ However few there are, their mean
    is exactly 1.

    Args:
        n: how many.
        log_sd: standard deviation of the logarithm [-].
        generator: random numbers.

    Returns:
        Shape (n,).
    """
    if n == 0:
        return np.zeros(0)
    below = special.ndtr(special.ndtri(np.linspace(0.0, 1.0, n + 1)) - log_sd)
    return generator.permutation(n * np.diff(below))


def _chosen(n: int, n_chosen: int, generator: np.random.Generator) -> BoolArray:
    """True for so many of n, in random order."""
    chosen = np.zeros(n, dtype=np.uint8)
    chosen[:n_chosen] = 1
    generator.shuffle(chosen)
    return chosen.view(bool)


def _by_class(homes: _Homes, marked: IntArray, generator: np.random.Generator) -> BoolArray:
    """True for so many households of each class; `marked` by group and tenure, shape (3, 3)."""
    counts = np.bincount(homes.class_idx, minlength=len(CLASSES)).tolist()
    marks = [int(marked[group, tenure]) for group, tenure in CLASSES]
    return np.concatenate([_chosen(n, m, generator) for n, m in zip(counts, marks, strict=True)])


def _by_household(values: CodeArray, head: IntArray) -> CodeArray:
    """Sums over the members of each household."""
    return np.add.reduceat(values, head, dtype=values.dtype) if len(head) else values[:0]
