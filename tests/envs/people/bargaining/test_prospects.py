"""Bargaining over draws: exact agreement, Hazen's quantiles, and standard errors by hand."""

from __future__ import annotations

import numpy as np
import pytest

from envs.people.bargaining.prospects import Stakes, prospects
from envs.people.bargaining.protocol import NOBODY

UTILITY = np.array([[[3.0, 4.0], [4.0, 2.0], [5.0, -1.0]]])
"""One project: villagers (before what they give up) and somebody else, who bars the third package."""


def _stakes(**changes: object) -> Stakes:
    given = {
        "utility": UTILITY,
        "villagers": 0,
        "given_up": np.array([2.0]),
        "veto": np.ones((1, 2), dtype=bool),
        "legal": np.ones((1, 3), dtype=bool),
        "full_concession_yr": 2.0,
    }
    return Stakes(**(given | changes))  # type: ignore[arg-type]


def test_a_draw_agrees_exactly_where_it_has_an_acceptable_package() -> None:
    """At most 4 is offered and accepted by the other: a ratio of 2 still agrees, one above does not."""
    ratio = np.array([[0.5, 1.0, 2.0, np.nextafter(2.0, 3.0), 2.4]])
    result = prospects(_stakes(), ratio)
    assert result.agrees.tolist() == [[True, True, True, False, False]]
    share, error = result.probability
    assert (share[0], error[0]) == pytest.approx((0.6, np.sqrt(0.6 * 0.4 / 5.0)))
    for draw in range(5):
        assert _stakes().bargain_at(ratio[:, draw]).agreed[0] == result.agrees[0, draw]


def test_terms_are_read_off_the_nearest_quantile() -> None:
    """Two quantiles of the four agreeing draws 0.2, 0.4, 1.6, 2.0 lie at (0.2 + 0.4)/2 and (1.6 + 2.0)/2.

    At 0.3 villagers gain 2.4 or 3.4 and the other 4 or 2: products 9.6 and 6.8. At 1.8 only the second is left.
    """
    result = prospects(_stakes(), np.array([[2.0, 0.2, 1.6, 0.4, 9.0]]), n_quantiles=2)
    assert result.ratio == pytest.approx(np.array([[0.3, 1.8]]))
    assert result.package.tolist() == [[0, 1]]
    assert result.nearest[0, :4].tolist() == [1, 0, 1, 0]
    assert result.utility[0] == pytest.approx(np.array([[2.4, 4.0], [0.4, 2.0]]))
    mean, error = result.expected(np.array([[1.0, 1.5]]))
    assert mean == pytest.approx([1.25])
    assert error == pytest.approx([np.std([1.0, 1.0, 1.5, 1.5], ddof=1) / 2.0])
    assert result.delay_yr[0] == pytest.approx([2.0 * 0.5 * (1.0 / 3.4), 0.0])


def test_nobody_agrees() -> None:
    result = prospects(_stakes(), np.array([[3.0, 4.0]]))
    assert (result.package == NOBODY).all()
    assert result.probability[0].tolist() == [0.0]
    assert np.isnan(result.expected(result.delay_yr)).all()


def test_one_agreeing_draw_has_no_standard_error() -> None:
    mean, error = prospects(_stakes(), np.array([[1.0, 4.0]])).expected(np.full((1, 16), 1.2))
    assert mean == pytest.approx([1.2])
    assert np.isnan(error).all()


def test_villagers_without_a_veto_are_not_asked() -> None:
    result = prospects(_stakes(veto=np.array([[False, True]])), np.array([[3.0, 9.0]]))
    assert result.agrees.all()
    assert (result.package == 0).all()


def test_every_quantile_that_is_read_agrees() -> None:
    """Random stakes: each quantile has an acceptable package, in which nobody with a veto loses."""
    rng = np.random.default_rng(2)
    stakes = Stakes(
        utility=rng.normal(1.0, 1.0, (60, 30, 3)),
        villagers=0,
        given_up=rng.uniform(0.5, 1.5, 60),
        veto=np.ones((60, 3), dtype=bool),
        legal=rng.random((60, 30)) < 0.8,
        full_concession_yr=2.0,
    )
    ratio = np.exp(rng.normal(0.3, 0.5, (60, 50)))
    result = prospects(stakes, ratio)
    some = result.agrees.any(axis=1)
    assert np.count_nonzero(some) > 0
    assert (result.utility[some] >= 0.0).all()
    assert ((result.package == NOBODY) == ~some[:, None]).all()
    for draw in range(0, 50, 7):
        assert np.array_equal(stakes.bargain_at(ratio[:, draw]).agreed, result.agrees[:, draw])
