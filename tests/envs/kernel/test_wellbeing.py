"""Change in well-being, term by term, against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from data.parameter_book import load_book
from envs.kernel.wellbeing import (
    Values,
    care_excess,
    care_weight,
    commuting_gain_cny_per_yr,
    log_normal_means,
    loses,
    moving_gain_cny_per_yr,
    offer_gain_cny_per_yr,
    rent_gain_cny_per_yr,
    services_gain_cny_per_yr,
    share_below,
    value_of_time_cny_per_h,
    values_of,
    wins,
)

VALUES = Values(
    discount_rate_per_yr=0.05,
    moving_cost_cny=3000.0,
    value_of_time_share=0.5,
    work_hours_per_month=174.0,
    commuting_days_per_yr=250.0,
    services_cny_per_yr=3000.0,
    threshold_cny_per_yr=100.0,
)


def test_ten_minutes_more_each_way_by_hand() -> None:
    """10,000 CNY a month over 174 h, half of it: 28.74 CNY/h; 250 days x 2 x 1/6 h = 83.33 h: 2,394.64 CNY."""
    wage = np.array([10_000.0])
    assert value_of_time_cny_per_h(wage, VALUES) == pytest.approx([28.735632])
    assert commuting_gain_cny_per_yr(np.array([10.0]), wage, VALUES) == pytest.approx([-2394.636])
    assert commuting_gain_cny_per_yr(np.array([-10.0]), 0.5 * wage, VALUES) == pytest.approx([1197.318])


def test_the_other_terms_by_hand() -> None:
    """An offer of 2 million for what is worth 1.6; 5 CNY/m2 more for 8 m2; two moves; a tenth of the services more."""
    assert offer_gain_cny_per_yr(np.array([2e6]), np.array([1.6e6]), VALUES) == pytest.approx([20_000.0])
    assert rent_gain_cny_per_yr(np.array([45.0]), np.array([50.0]), 8.0) == pytest.approx([-480.0])
    assert moving_gain_cny_per_yr(np.array([0.0, 1.0, 2.0]), VALUES) == pytest.approx([0.0, -150.0, -300.0])
    assert services_gain_cny_per_yr(np.array([0.1, -0.1]), VALUES) == pytest.approx([300.0, -300.0])


def test_whoever_changes_by_the_threshold_neither_gains_nor_loses() -> None:
    change = np.array([-101.0, -100.0, 0.0, 100.0, 101.0])
    assert wins(change, VALUES).tolist() == [False, False, False, False, True]
    assert loses(change, VALUES).tolist() == [True, False, False, False, False]


def test_the_share_below_is_that_of_many_draws() -> None:
    drawn = np.exp(0.45 * np.random.default_rng(1).standard_normal(200_000))
    limits = np.array([0.0, 0.6, 1.0, 1.7])
    expected = [(drawn < limit).mean() for limit in limits]
    assert share_below(limits, 0.45) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize("n", [1, 5, 8])
def test_means_of_equal_shares_keep_the_mean(n: int) -> None:
    means = log_normal_means(n, 0.6)
    assert means.mean() == pytest.approx(1.0)
    assert np.all(np.diff(means) > 0.0)
    drawn = np.sort(np.exp(0.6 * np.random.default_rng(2).standard_normal(400_000) - 0.18)).reshape(n, -1)
    assert means == pytest.approx(drawn.mean(axis=1), rel=0.01)


def test_care_adds_excesses_and_the_slider_scales_them() -> None:
    excess = care_excess(load_book())
    assert excess == pytest.approx((0.5, 0.5, 0.5))
    both = np.array([1.0, 0.0])
    for strength, expected in ((0.0, 1.0), (1.0, 2.0), (2.0, 3.0)):
        weight = care_weight(elderly=both, low_income=both, disabled=0.0, excess=excess, strength=strength)
        assert weight == pytest.approx([expected, 1.0])


def test_values_come_from_the_book() -> None:
    """8,000 CNY a household of 2.4 persons; 245 days."""
    values = values_of(load_book())
    assert values.moving_cost_cny == pytest.approx(3333.3333)
    assert values.commuting_days_per_yr == 245.0
    assert values_of(load_book().override({"wtp.services": 5000})).services_cny_per_yr == 5000.0
