"""Scale, need and what is weak: by hand, against plain loops, and what must hold of any numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envs.diagnosis.need import need_of, scale_of, weak_mask
from oracles import diagnosis as oracle

CELL = st.one_of(st.just(math.nan), st.integers(-50, 50).map(float))
TABLES = st.integers(1, 4).flatmap(lambda k: st.lists(st.lists(CELL, min_size=k, max_size=k), min_size=1, max_size=9))


def test_senses_by_hand() -> None:
    """Values 1, 2, 3: where more is worse the third is worst, mirrored the first; a constant tells nobody apart."""
    values = np.array([[1.0, 1.0, 7.0], [2.0, 2.0, 7.0], [3.0, 3.0, 7.0]])
    scale = scale_of(values, np.array([True, False, False]))
    assert scale.worse(values).tolist() == [[0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]
    assert scale.tells_apart.tolist() == [True, True, False]


def test_what_is_not_known_is_never_zero() -> None:
    """A gap leaves the mean of the rest; half of the weight must be known; the count says how many gaps there are."""
    scaled = np.array([[0.2, 0.6, np.nan], [np.nan, np.nan, 0.9], [0.2, 0.6, 0.0]])
    told = need_of(scaled, np.array([0.4, 0.2, 0.4]), 0.5)
    assert told.points[[0, 2]] == pytest.approx([100 * (0.08 + 0.12) / 0.6, 20.0])
    assert math.isnan(told.points[1])
    assert told.n_unknown.tolist() == [1, 2, 0]
    assert told.known_weight == pytest.approx([0.6, 0.4, 1.0])
    assert told.shares.sum(axis=1)[[0, 2]] == pytest.approx(told.points[[0, 2]])


def test_an_area_beyond_the_villages_is_cut_to_their_range() -> None:
    scale = scale_of(np.array([[1.0], [3.0]]), np.array([True]))
    assert scale.worse(np.array([[0.0], [9.0], [np.nan]])).ravel().tolist()[:2] == [0.0, 1.0]


@settings(max_examples=60, deadline=None)
@given(TABLES, st.data())
def test_against_plain_loops(rows: list[list[float]], data: st.DataObject) -> None:
    k = len(rows[0])
    senses = data.draw(st.lists(st.booleans(), min_size=k, max_size=k))
    weights = np.array(data.draw(st.lists(st.integers(1, 5), min_size=k, max_size=k)), dtype=float)
    weights /= weights.sum()
    values = np.array(rows)
    scaled = scale_of(values, np.array(senses)).worse(values)
    expected = oracle.scaled(rows, senses)
    np.testing.assert_allclose(scaled, expected, rtol=0, atol=1e-12)
    told = need_of(scaled, weights, 0.5)
    np.testing.assert_allclose(told.points, oracle.need(expected, weights.tolist(), 0.5), rtol=0, atol=1e-9)
    known = told.points[~np.isnan(told.points)]
    assert ((known >= -1e-9) & (known <= 100.0 + 1e-9)).all()
    assert weak_mask(scaled, 0.25).tolist() == oracle.weak(scaled.tolist(), 0.25)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=8, unique=True), st.floats(0.5, 50), st.floats(-100, 100))
def test_units_do_not_matter(values: list[float], factor: float, shift: float) -> None:
    """Degrees or meters, thousands or ones: the scale is the same."""
    column = np.array(values)[:, None]
    other = factor * column + shift
    sense = np.array([True])
    spread = float(np.ptp(column))
    if spread < 1e-3:
        return
    np.testing.assert_allclose(
        scale_of(column, sense).worse(column), scale_of(other, sense).worse(other), rtol=0, atol=1e-7
    )
