"""Shares of good plans by hand: four plans, three villages."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from optimizers.robust.village_shares import (
    ALWAYS_FROM,
    GoodPlans,
    Standing,
    standard_error,
    standing_of,
    village_shares,
)

FRONT = GoodPlans(
    start_year=np.array([[1, 0, 3], [2, 0, 3], [1, 0, 0], [1, 2, 0]]),
    use=np.array([[0, 0, 1], [0, 0, 1], [2, 0, 0], [0, 1, 0]]),
    draw=np.zeros(4, dtype=np.int64),
)
NEAR = GoodPlans(
    start_year=np.array([[1, 0, 0], [1, 0, 2], [3, 0, 2]]),
    use=np.array([[0, 0, 0], [2, 0, 0], [2, 0, 1]]),
    draw=np.array([5, 5, 9]),
)


def test_shares_by_hand() -> None:
    found = village_shares({"front": FRONT, "near": NEAR}, n_years=3, n_uses=3)
    np.testing.assert_allclose(found.by_source["front"], [1.0, 0.25, 0.5])
    np.testing.assert_allclose(found.by_source["near"], [1.0, 0.0, 0.75])  # draw 5: a half, draw 9: whole
    np.testing.assert_allclose(found.share, [1.0, 0.125, 0.625])
    assert [str(each) for each in found.standing] == ["always", "toss_up", "toss_up"]
    assert found.no_regret.tolist() == [True, False, False]
    # village 0: by year 1 (3/4 + 1/2)/2 = 0.625, by year 2 (1 + 1/2)/2 = 0.75, by year 3 all
    assert found.by_year.tolist() == [3, 2, 3]
    np.testing.assert_allclose(found.share_by_year, [1.0, 0.125, 0.625])
    # village 0: use 0 in 3/4 and 1/4, use 2 in 1/4 and 3/4: the first of equals; village 2: use 1 in 2/4 and 1/2
    assert found.use.tolist() == [0, 1, 1]
    np.testing.assert_allclose(found.use_share, [0.5, 1.0, 0.5 / 0.625])
    assert np.isnan(found.error_by_source["front"]).all()
    np.testing.assert_allclose(found.error, standard_error(found.by_source["near"], 2) / 2.0)


def test_one_draw_has_no_error() -> None:
    found = village_shares({"front": FRONT}, n_years=3, n_uses=3)
    assert np.isnan(found.error).all()
    assert np.isnan(found.use_share).sum() == 0


def test_a_village_that_nobody_chooses() -> None:
    kept = GoodPlans(np.zeros((2, 1), dtype=np.int64), np.zeros((2, 1), dtype=np.int64), np.arange(2))
    found = village_shares({"near": kept}, n_years=2, n_uses=1)
    assert found.standing == [Standing.NEVER]
    assert found.by_year.tolist() == [0]
    assert found.use.tolist() == [-1]
    assert np.isnan(found.use_share).all()
    assert found.share_by_year.tolist() == [0.0]


@given(st.lists(st.floats(0.0, 1.0), min_size=2, max_size=60))
def test_the_error_is_no_less_than_that_of_the_draws(shares: list[float]) -> None:
    """No draws within 0..1 scatter more than their mean allows: sd / sqrt(n) is at most sqrt(p (1 - p) / n)."""
    values = np.array(shares)
    bound = np.sqrt(values.mean() * (1.0 - values.mean()) / values.size)
    assert values.std() / np.sqrt(values.size) <= bound + 1e-9
    error = float(standard_error(values.mean(), values.size))
    assert error > 0.0
    assert error >= bound * np.sqrt(values.size / (values.size + 2.0)) * 0.99


def test_thresholds() -> None:
    assert standing_of(ALWAYS_FROM) is Standing.ALWAYS
    assert standing_of(0.0) is Standing.NEVER
    assert standing_of(0.3) is Standing.TOSS_UP
