"""Fitting and integers against numbers on paper, the loop oracle, and an outside tool."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.parameter_book import load_book
from envs.people.categories import COLLECTIVE, OTHER, TABLE_SHAPE
from envs.people.composition import whole_households
from envs.people.fitting import fit_table, whole_numbers
from envs.people.household_types import district_margins, household_types, persons_by_district, seed_table
from envs.people.people_model import PeopleModel
from oracles.people import district_margins as oracle_margins
from oracles.people import ipf, truncate_replicate_sample
from oracles.people import seed_table as oracle_seed


def test_fitting_by_hand() -> None:
    """[[1, 2], [3, 4]] to rows (50, 50) and columns (40, 60)."""
    seed = np.array([[1.0, 2.0], [3.0, 4.0]])
    table = fit_table(seed, [((0,), np.array([50.0, 50.0])), ((1,), np.array([40.0, 60.0]))])
    assert table == pytest.approx(np.array([[17.5765, 32.4235], [22.4235, 27.5765]]), abs=5e-5)
    assert table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]) == pytest.approx(2.0 / 3.0)


@pytest.mark.parametrize("district", [0, 1])
def test_household_types_are_the_oracles(model: PeopleModel, district: int) -> None:
    book = model.book
    expected = ipf(oracle_seed(book.table), oracle_margins(model.city, district, book.number, book.table))
    persons = persons_by_district(model.city, model.persons)[district]
    found = household_types(persons, book)
    for cell in np.ndindex(*TABLE_SHAPE):
        assert found[cell] == pytest.approx(expected.get(cell, 0.0), rel=1e-6, abs=1e-6), cell


def test_an_outside_tool_fits_the_same_table() -> None:
    """A district without villages, whose table has one group; the tool divides by the zeros of the others."""
    tool = pytest.importorskip("ipfn.ipfn")
    book, persons = load_book(), np.array([0, 0, 100_000])
    tenures, ages, sizes = (totals for _, totals in district_margins(persons, book))
    margins = [tenures[OTHER, :COLLECTIVE], ages[OTHER], sizes]
    fit = tool.ipfn(
        seed_table(book)[OTHER, :COLLECTIVE], margins, [[0], [2], [1]], convergence_rate=1e-9, max_iteration=2_000
    )
    assert fit.iteration() == pytest.approx(household_types(persons, book)[OTHER, :COLLECTIVE], rel=1e-5, abs=1e-4)


def test_margins_that_contradict_are_refused() -> None:
    """Everybody lives alone, and every eighth is a child: nobody can be both."""
    sizes = {"one": 1.0, "two": 0.0, "three": 0.0, "four": 0.0, "five_or_more": 0.0}
    with pytest.raises(InputError, match=r"household\.\*"):
        household_types(np.array([0, 0, 1000]), load_book().override({"household.size": sizes}))


def test_integers_by_hand() -> None:
    """Remainders .5, .7, .8: from .3 the sample meets the second and the third, from .6 the first and the third."""
    expected = np.array([1.5, 0.7, 2.8])
    assert whole_numbers(expected, 5, 0.3).tolist() == [1, 1, 3]
    assert whole_numbers(np.stack([expected, expected]), np.array([5, 5]), np.array([0.3, 0.6])).tolist() == [
        [1, 1, 3],
        [2, 0, 3],
    ]


@given(
    st.lists(st.integers(0, 400).map(lambda hundredths: hundredths / 128.0), min_size=1, max_size=30),
    st.integers(0, 127).map(lambda part: part / 128.0),
)
def test_integers_are_the_oracles(expected: list[float], start: float) -> None:
    """Parts of 128 add up without rounding, so that both walk over the same points."""
    total = int(sum(expected) + start)
    found = whole_numbers(np.array(expected), total, start).tolist()
    assert found == truncate_replicate_sample(expected, start)
    assert sum(found) == total


def test_chances_are_the_remainders() -> None:
    """Over starts spread evenly, a cell gets what was expected on the average."""
    expected, starts = np.array([0.2, 1.9, 0.4, 2.5]), (np.arange(1000) + 0.5) / 1000
    found = whole_numbers(np.tile(expected, (1000, 1)), np.full(1000, 5), starts)
    assert found.mean(axis=0) == pytest.approx(expected, abs=2e-3)


@given(
    st.lists(st.floats(-3.0, 60.0), min_size=5, max_size=5),
    st.integers(0, 200),
    st.lists(st.floats(0.0, 0.99), min_size=5, max_size=5),
)
def test_households_hold_exactly_the_persons(expected: list[float], persons: int, start: list[float]) -> None:
    (found,) = whole_households([expected], persons, [start])
    assert min(found) >= 0
    assert sum(size * n for size, n in enumerate(found, start=1)) == persons
