"""The population that effects of plans are counted on: prepared once, whatever the plans."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import CodeArray, FloatArray
from data.parameter_book import Book
from envs.kernel.services.accessibility import gini
from envs.kernel.wellbeing import MONTHS_PER_YR, care_excess, care_weight
from envs.people.effects.families import Families, Sample, city_families, draw_sample
from envs.people.effects.lots import evenly_spread
from envs.people.people_model import PeopleModel

N_TENTHS = 10


@dataclass(frozen=True, eq=False)
class Population:
    """All residents of a city as rows of Families; those of the villages, who are drawn, come first.

    Attributes:
        seed: of the draw.
        n_drawn: households of the villages.
        families: rows.
        leaves: lot that says whether a household leaves and returns, shape (n_drawn,) [0..1].
        settles: lot that says in which zone it settles, same shape.
        tenth_idx: tenth of all persons by income per head to which each row belongs, 0 the lowest; shape (n_rows,).
        care_excess: care weight less 1, same shape.
        gini: Gini coefficient of the yearly incomes per head.
    """

    seed: int
    n_drawn: int
    families: Families
    leaves: FloatArray
    settles: FloatArray
    tenth_idx: CodeArray
    care_excess: FloatArray
    gini: float

    def gini_with(self, change_cny_per_yr: FloatArray) -> float:
        """Gini coefficient of income and change, where sums below 0 count as 0; a change for each row."""
        yearly = MONTHS_PER_YR * self.families.income_cny_per_month + change_cny_per_yr
        return _gini(np.clip(yearly, 0.0, None), self.families.persons)


def draw_population(model: PeopleModel, seed: int, *, threads: int = 1) -> Population:
    """Draw the residents that effects are counted on.

    Args:
        model: residents on average.
        seed: of the draw; equal seeds give equal residents.
        threads: places drawn side by side.

    Raises:
        InputError: the book's margins contradict each other.
    """
    return population_of(model, draw_sample(model, seed, threads=threads))


def population_of(model: PeopleModel, sample: Sample) -> Population:
    """The population of drawn residents.

    Args:
        model: residents on average.
        sample: drawn, or read from a draw.
    """
    n_drawn, n_zones = len(sample.villagers.households), model.city.n_zones
    families = city_families(model, sample, model.resolved.constants.lives.minutes)
    village = families.place_idx[:n_drawn].astype(np.int64) - n_zones
    leaves, settles = evenly_spread(model, village, families.group_idx[:n_drawn].astype(np.int64), sample.seed)
    order = np.argsort(families.income_cny_per_month)
    income, persons = families.income_cny_per_month[order], families.persons[order]
    reached = np.cumsum(persons)
    tenth_idx = np.empty(len(order), dtype=np.int8)
    tenth_idx[order] = N_TENTHS * (reached - 0.5 * persons) / reached[-1]
    median = float(income[np.searchsorted(reached, 0.5 * reached[-1])])
    return Population(
        seed=sample.seed,
        n_drawn=n_drawn,
        families=families,
        leaves=leaves,
        settles=settles,
        tenth_idx=tenth_idx,
        care_excess=_care_excess(model.book, families, median),
        gini=_gini(income, persons),
    )


def _care_excess(book: Book, families: Families, median_cny_per_month: float) -> FloatArray:
    """Care weight less 1 of every row."""
    weight = care_weight(
        elderly=families.has_elderly,
        low_income=families.income_cny_per_month < book.number("care.low_income") * median_cny_per_month,
        disabled=families.has_disabled,
        excess=care_excess(book),
    )
    return np.asarray(weight) - 1.0


def _gini(values: FloatArray, persons: FloatArray) -> float:
    return float(gini(values[:, None], persons[:, None])[0])
