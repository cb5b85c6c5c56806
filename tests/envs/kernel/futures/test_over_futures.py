"""What is read over futures: by hand, and weights as derivatives of it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from envs.kernel.futures.over_futures import (
    chance,
    rank_weights,
    read_over_futures,
    weights_of_chance,
    weights_of_futures,
)

TEN = np.array([[3.0, -5.0, 7.0, 0.0, 1.0, -2.0, 2.0, 4.0, 6.0, 5.0]])
"""Futures page, by hand 2, in another order."""


@pytest.mark.parametrize(
    ("statistic", "share", "value"),
    [("mean", 0.2, 2.1), ("worst_decile", 0.2, -2.3), ("tail_mean", 0.2, -3.5), ("tail_mean", 0.15, -4.0)],
)
def test_ten_futures_by_hand(statistic: str, share: float, value: float) -> None:
    assert read_over_futures(TEN, statistic, tail_share=share, more_is_better=True) == pytest.approx([value])
    assert read_over_futures(-TEN, statistic, tail_share=share, more_is_better=False) == pytest.approx([-value])


def test_the_whole_is_its_own_tail_and_one_future_is_every_statistic() -> None:
    assert read_over_futures(TEN, "tail_mean", tail_share=1.0, more_is_better=False) == pytest.approx([2.1])
    for statistic in ("mean", "tail_mean", "worst_decile"):
        assert read_over_futures(TEN[:, :1], statistic, tail_share=0.1, more_is_better=True) == pytest.approx([3.0])


def test_chances_count_the_futures_in_which_all_targets_hold() -> None:
    assert chance(TEN, [(0.0, np.inf)]) == pytest.approx([0.8])
    assert chance(TEN, [(0.0, np.inf), (-np.inf, 4.0)]) == pytest.approx([0.5])
    assert np.isnan(chance(TEN, [])).all()


@pytest.mark.parametrize("statistic", ["mean", "tail_mean", "worst_decile"])
@pytest.mark.parametrize("more_is_better", [True, False])
def test_weights_are_derivatives(statistic: str, more_is_better: bool) -> None:
    values = np.random.default_rng(1).normal(size=(3, 37))
    read = partial(read_over_futures, statistic=statistic, tail_share=0.13, more_is_better=more_is_better)
    weights = weights_of_futures(values, statistic, tail_share=0.13, more_is_better=more_is_better)
    assert weights.sum(axis=1) == pytest.approx(np.ones(3))
    assert (weights * values).sum(axis=1) == pytest.approx(read(values))
    for future in range(37):
        ends = []
        for sign in (1.0, -1.0):
            moved = values.copy()
            moved[:, future] += sign * 1e-7
            ends.append(read(moved))
        assert weights[:, future] == pytest.approx((ends[0] - ends[1]) / 2e-7, abs=1e-6)


def test_a_wide_decile_counts_its_neighbors_alike() -> None:
    weights = rank_weights("worst_decile", 1001, tail_share=0.1, width=0.05)
    assert weights.sum() == pytest.approx(1.0)
    assert weights @ np.arange(1001) == pytest.approx(100.0)
    assert (weights > 0.0).sum() == pytest.approx(100, abs=2)


def test_chances_are_smoothed_towards_the_target() -> None:
    values = np.vstack([np.linspace(-3.0, 3.0, 601), np.full(601, 2.0)])
    assert not weights_of_chance(values, [(0.0, np.inf)], width=0.0).any()
    least = weights_of_chance(values, [(0.0, np.inf)], width=1.0)
    assert (least[0] > 0.0).all()
    assert least[0].sum() == pytest.approx(1.0 / 6.0, rel=0.02)  # the density of the sample at 0: 601 of 6 wide
    assert not least[1].any()  # no spread, no slope
    assert weights_of_chance(values, [(-np.inf, 0.0)], width=1.0) == pytest.approx(-least)
