"""Grades: natural breaks are the best of all divisions, quantiles hold equal numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.diagnosis.grades import GRADINGS, UNGRADED, grade_bounds, grades_of, natural_bounds
from oracles import diagnosis as oracle


def test_natural_breaks_by_hand() -> None:
    assert natural_bounds(np.array([1.0, 2.0, 10.0, 11.0, 12.0, 30.0]), 3).tolist() == [10.0, 30.0]
    assert natural_bounds(np.array([4.0, 4.0, 4.0]), 3).tolist() == []
    assert natural_bounds(np.array([4.0, 9.0]), 5).tolist() == [9.0]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-30, 30).map(float), min_size=2, max_size=11), st.integers(2, 4))
def test_natural_breaks_are_the_best_of_all_divisions(values: list[float], n: int) -> None:
    bounds = natural_bounds(np.array(values), n).tolist()
    assert len(bounds) == min(n, len(set(values))) - 1
    if bounds:
        assert oracle.squares_within(values, bounds) == pytest.approx(oracle.best_squares(values, n), abs=1e-9)


def test_quantiles_hold_equal_numbers() -> None:
    values = np.random.default_rng(1).permutation(100).astype(float)
    grade = grades_of(values, grade_bounds(values, 5, "quantile"))
    assert np.bincount(grade).tolist() == [20] * 5


def test_equal_values_share_a_grade_and_gaps_have_none() -> None:
    values = np.array([1.0, 1.0, 1.0, 1.0, np.nan, 5.0])
    for grading in GRADINGS:
        grade = grades_of(values, grade_bounds(values, 5, grading))
        assert grade.tolist() == [0, 0, 0, 0, UNGRADED, 1]


def test_nothing_to_grade() -> None:
    assert grade_bounds(np.array([np.nan, 2.0]), 5, "natural").tolist() == []
    assert grade_bounds(np.array([np.nan]), 5, "quantile").tolist() == []
