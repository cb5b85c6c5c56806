"""Catchments, decay and Gini coefficient of a few places, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import sparse

from envs.kernel.computing.backend import SparseMatrix
from envs.kernel.services.accessibility import access_per_person, gini, mean_over_residents, met_share, pair_decay


def test_two_step_catchment() -> None:
    """The places are two homes and the facility, where nobody lives."""
    decay = SparseMatrix(sparse.csr_array(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.5], [1.0, 0.5, 0.0]])))
    persons, supply = np.array([[1000.0], [3000.0], [0.0]]), np.array([[0.0], [0.0], [800.0]])
    reached = decay.product(persons)
    assert supply[2, 0] / reached[2, 0] == pytest.approx(0.32)
    access = access_per_person(supply, reached, decay)
    assert 1000.0 * access[:2, 0] == pytest.approx([320.0, 160.0])
    met = met_share(access, 0.2)
    assert met[:2, 0] == pytest.approx([1.0, 0.8])
    assert mean_over_residents(met, persons) == pytest.approx([0.85])
    assert met[:2].mean() == pytest.approx(0.90)  # wrong: not weighted by residents
    assert mean_over_residents(access / 0.2, persons) == pytest.approx([1.0])  # wrong: not capped
    assert (persons * access).sum() == pytest.approx(800.0)


def test_facility_that_reaches_nobody_serves_nobody() -> None:
    decay = SparseMatrix(sparse.csr_array(np.eye(1)))
    assert access_per_person(np.array([[800.0]]), np.array([[0.0]]), decay) == pytest.approx(np.array([[0.0]]))


def test_expected_decay() -> None:
    distance, spread = np.array([0.0, 1.0, 0.0, 3.01]), np.array([0.0, 0.0, 0.5, 0.0])
    assert pair_decay(distance, spread, 1.0, 3.0) == pytest.approx([1.0, math.exp(-0.5), 1.0 / 1.5, 0.0])


def test_gini_of_half_with_nothing() -> None:
    values, weights = np.array([[0.0, 0.3], [1.0, 0.3]]), np.array([[50.0, 10.0], [50.0, 90.0]])
    assert gini(values, weights) == pytest.approx([0.5, 0.0])
