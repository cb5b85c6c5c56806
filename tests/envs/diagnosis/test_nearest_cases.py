"""Documented projects most like a village: against plain loops, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from data.diagnosis.cases import FEATURES, documented_cases
from envs.diagnosis.nearest_cases import case_features, likeness
from oracles import diagnosis as oracle

NAN = math.nan


def test_against_plain_loops() -> None:
    rng = np.random.default_rng(5)
    villages, cases = np.exp(rng.normal(5, 2, (7, 4))), np.exp(rng.normal(5, 2, (6, 4)))
    cases[rng.random(cases.shape) < 0.4] = NAN
    villages[0, 2] = 0.0  # nobody lives there: not known
    told = likeness(villages, cases)
    spreads = [float(np.nanstd(np.log(column))) or 1.0 for column in cases.T]
    spreads = [spread if np.isfinite(spread) else 1.0 for spread in spreads]
    for i, village in enumerate(villages.tolist()):
        row = [value if value > 0.0 else NAN for value in village]
        for j, case in enumerate(cases.tolist()):
            distance, shared = oracle.likeness(row, case, spreads)
            assert told.n_shared[i, j] == shared
            assert told.distance[i, j] == pytest.approx(distance, abs=1e-9)


def test_who_shares_one_feature_comes_after_others() -> None:
    """The first case is alike in the one number it gives, the second less so in two, the third shares none."""
    villages = np.array([[10.0, 100.0, NAN, NAN]])
    cases = np.array([[10.0, NAN, NAN, 5.0], [20.0, 200.0, NAN, NAN], [NAN, NAN, 7.0, NAN]])
    told = likeness(villages, cases)
    assert told.n_shared.tolist() == [[1, 2, 0]]
    assert told.nearest(0, 5) == [1, 0]


def test_programs_count_by_village() -> None:
    """Eighteen villages of Daxing: 5,000 households are 278 each."""
    cases = {case.case_id: k for k, case in enumerate(documented_cases())}
    features = case_features(documented_cases())
    daxing = features[cases["daxing18"], FEATURES.index("households")]
    assert daxing == pytest.approx(5000 / 18)
    assert len(documented_cases()) >= 10
    assert {case.confidence for case in documented_cases()} <= {"S", "M"}
    assert not np.isnan(features).all(axis=1).any()
