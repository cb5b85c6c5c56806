"""Fates of residents: means, shares and distributions over types against paper and against draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from envs.kernel.consent import Voters
from envs.kernel.people.ages import OTHER, REGISTERED, TENANT
from envs.kernel.people.fates import (
    N_BANDS,
    Fate,
    PersonTypes,
    losing_share,
    mean_change_cny_per_yr,
    mean_of_worst,
    types_of_persons,
    winning_share,
)
from envs.kernel.wellbeing import Values

VALUES = Values(0.05, 3000.0, 0.5, 174.0, 250.0, 3000.0, threshold_cny_per_yr=100.0)
WAGES = np.array([4_000.0, 7_000.0, 10_000.0, 13_000.0, 16_000.0]) * np.ones((3, 1))


def types(**changes: object) -> PersonTypes:
    """Bands around 10,000 CNY a month per head; two groups of voters."""
    plain = PersonTypes(
        wage_cny_per_month=WAGES,
        wage_per_head_cny_per_month=WAGES,
        income_cny_per_yr=12.0 * WAGES,
        care_weight=np.ones((3, N_BANDS)),
        income_gini=0.0,
        values=VALUES,
        voters=Voters(weights=(0.75, 0.25), attachments=(1.1, 1.4), sigma=0.45),
    )
    return replace(plain, **changes)


def fate(gain: float, minutes: float, *, home: float | None = None, persons: float = 100.0) -> Fate:
    """One village, one plan."""
    group = TENANT if home is None else REGISTERED
    arrays = (np.array([[value]]) for value in (persons, gain, minutes))
    return Fate(group, *arrays, home_cny_per_yr=None if home is None else np.array([[home]]))


def test_a_way_that_is_longer_hurts_the_well_paid_more_by_hand() -> None:
    """Ten minutes more: 0.239464 a CNY of wage: -958, -1,676, -2,395, -3,113, -3,831; with 1,700 CNY gained the last
    three lose, the second gains 24 (hardly), the first 742."""
    one = fate(1_700.0, 10.0)
    assert mean_change_cny_per_yr(one, types()) == pytest.approx(1_700.0 - 2_394.636)
    assert losing_share(one, types()) == pytest.approx(0.6)
    assert winning_share(one, types()) == pytest.approx(0.2)


def test_weights_of_the_bands_weigh_the_mean() -> None:
    weight = np.array([2.0, 2.0, 1.0, 1.0, 1.0])
    change = 1_700.0 - 0.2394636 * WAGES[0]
    weighed = mean_change_cny_per_yr(fate(1_700.0, 10.0), types(), weight)
    assert weighed == pytest.approx((weight * change).mean(), rel=1e-6)


@pytest.mark.parametrize("gain", [3_000.0, 12_000.0, 40_000.0])
def test_those_who_vote_are_what_many_drawn_households_are(gain: float) -> None:
    rng, n = np.random.default_rng(5), 200_000
    band, elderly = rng.integers(0, N_BANDS, n), rng.random(n) < 0.25
    home = 10_000.0 * np.where(elderly, 1.4, 1.1) * np.exp(0.45 * rng.standard_normal(n))
    drawn = gain - 0.2394636 * WAGES[0, band] - home
    one = fate(gain, 10.0, home=10_000.0)
    error = 4.0 * drawn.std() / n**0.5
    assert mean_change_cny_per_yr(one, types()) == pytest.approx(drawn.mean(), abs=error)
    assert losing_share(one, types()) == pytest.approx((drawn < -100.0).mean(), abs=0.005)
    assert winning_share(one, types()) == pytest.approx((drawn > 100.0).mean(), abs=0.005)


def test_types_keep_persons_and_mean_and_roughly_the_losers() -> None:
    for one in (fate(12_000.0, 5.0, home=10_000.0), fate(1_700.0, 10.0)):
        each = types_of_persons((one,), types())
        persons, change, income = each.persons, each.change_cny_per_yr, each.income_cny_per_yr
        assert persons.sum() == pytest.approx(100.0)
        assert (persons * change).sum() / 100.0 == pytest.approx(mean_change_cny_per_yr(one, types())[0, 0])
        assert (persons * income).sum() / 100.0 == pytest.approx(120_000.0)
        assert persons[change < -100.0].sum() / 100.0 == pytest.approx(losing_share(one, types())[0, 0], abs=0.04)


def test_nobody_counts_nowhere() -> None:
    """A village that is not rebuilt, and one whose homes are worth nothing."""
    persons = np.array([[0.0, 10.0], [10.0, 10.0]])
    home = np.array([[0.0, 1_000.0], [0.0, 0.0]])
    one = Fate(REGISTERED, persons, np.full((2, 2), -500.0), np.zeros((2, 2)), home)
    assert losing_share(one, types())[0, 0] == 0.0
    assert losing_share(one, types())[1].tolist() == [1.0, 1.0]
    assert winning_share(one, types()).max() == 0.0
    weight = types_of_persons((one,), types()).persons
    assert weight.sum(axis=1) == pytest.approx([10.0, 20.0])
    assert not replace(one, group=REGISTERED).is_of_zones
    assert replace(one, group=OTHER).is_of_zones


def test_the_worst_share_by_hand() -> None:
    """Of 10 persons the worst 3: both at -40 and one of those at 0."""
    change, persons = np.array([[10.0, 0.0, -40.0]]), np.array([[3.0, 5.0, 2.0]])
    assert mean_of_worst(change, persons, 0.3) == pytest.approx([-80.0 / 3.0])
    assert mean_of_worst(change, persons, 1.0) == pytest.approx([-5.0])
    assert np.isnan(mean_of_worst(change, 0.0 * persons, 0.1)).all()
