"""The households that vote: how many must agree, which one decides, and that their shares are the closed form."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel.consent import Offer, Voters, consent_share
from envs.people.bargaining.electorate import (
    draw_pivotal_ratios,
    draw_ratios,
    n_needed,
    n_registered_households,
    pivotal_ratio,
)

VOTERS = Voters(weights=(0.5, 0.28, 0.22), attachments=(1.15, 1.25, 1.4), sigma=0.45)


def test_five_households_by_hand() -> None:
    """ln V - ln B - ln a - e = -0.20, -0.05, 0.10, 0.30, 0.60: three agree, four must."""
    ratios = np.exp(-np.array([0.10, -0.20, 0.60, -0.05, 0.30]))
    assert np.count_nonzero(ratios <= 1.0) == 3
    needed = int(n_needed(2.0 / 3.0, np.array(5)))
    assert needed == 4
    assert pivotal_ratio(ratios, needed) == pytest.approx(1.051271, abs=5e-7)


@pytest.mark.parametrize(
    ("threshold", "n", "needed"),
    [
        (0.6667, 3, 2),
        (0.6667, 900, 600),
        (2 / 3, 4, 3),
        (0.95, 20, 19),
        (0.9, 10, 9),
        (0.5, 2, 1),
        (0.0, 7, 1),
        (1.0, 7, 7),
    ],
)
def test_two_thirds_of_three_are_two(threshold: float, n: int, needed: int) -> None:
    assert n_needed(threshold, np.array([n])).tolist() == [needed]


def test_households_of_registered_residents() -> None:
    assert n_registered_households(np.array([0.0, 0.4, 299.0]), 3.0).tolist() == [0, 1, 100]


def test_share_of_drawn_households_is_the_closed_form() -> None:
    """Over 400 villages the share that agrees lies within three standard errors of C in at least 95 % of them."""
    n, terms = 300, Offer(np.array([1.0]), np.array([0.0]), np.array([1.4]))
    expected = consent_share(np.ones(1), terms, VOTERS)[0]
    shares = np.array([np.mean(draw_ratios(7, f"V{k}", n, 1, VOTERS) <= 1.4) for k in range(400)])
    error = np.sqrt(expected * (1.0 - expected) / n)
    assert np.mean(np.abs(shares - expected) <= 3.0 * error) >= 0.95
    assert abs(shares.mean() - expected) < 3.0 * error / 20.0


def test_valuations_do_not_hang_on_the_group() -> None:
    """Attachments of 1 and of 1,000 tell the groups apart: in each the mean of e is 0 and its spread sigma."""
    voters = Voters(weights=(0.3, 0.7), attachments=(1.0, 1000.0), sigma=0.4)
    log_ratio = np.log(draw_ratios(5, "V1", 40_000, 1, voters)[0])
    far = log_ratio > np.log(30.0)
    assert far.mean() == pytest.approx(0.7, abs=3.0 * np.sqrt(0.21 / 40_000))
    for valuation in (log_ratio[~far], log_ratio[far] - np.log(1000.0)):
        assert abs(valuation.mean()) < 3.0 * 0.4 / np.sqrt(valuation.size)
        assert valuation.std() == pytest.approx(0.4, rel=0.02)


def test_the_deciding_household_agrees_and_the_next_does_not() -> None:
    ratios = draw_ratios(1, "V1", 100, 5, VOTERS)
    decides = pivotal_ratio(ratios, 67)
    assert np.array_equal(np.count_nonzero(ratios <= decides[:, None], axis=1), np.full(5, 67))


def test_draws_depend_on_seed_and_village_alone() -> None:
    """Fewer draws are the first of more, another village or its absence changes nothing, another seed everything."""
    households = np.array([40, 0, 55])
    ids = ["V1", "V2", "V3"]
    many = draw_pivotal_ratios(3, ids, households, 20, voters=VOTERS, threshold=0.6667)
    assert np.array_equal(many[:, :6], draw_pivotal_ratios(3, ids, households, 6, voters=VOTERS, threshold=0.6667))
    assert np.array_equal(
        many[2:], draw_pivotal_ratios(3, ids[2:], households[2:], 20, voters=VOTERS, threshold=0.6667)
    )
    assert (many[1] == 0.0).all()
    other = draw_pivotal_ratios(4, ids, households, 20, voters=VOTERS, threshold=0.6667)
    assert not np.any(many[[0, 2]] == other[[0, 2]])
