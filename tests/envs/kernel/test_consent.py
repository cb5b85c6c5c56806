"""Consent by hand (by-hand case 3), its price, and how it answers to the option of a village."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.kernel.consent import Offer, Voters, consent_ratio, consent_share, least_multiplier

GROUPS = Voters(weights=(0.5, 0.3, 0.2), attachments=(1.1, 1.0, 1.4), sigma=0.4)


@pytest.mark.parametrize(("cap", "multiplier", "flagged"), [(2.0, 1.306826, False), (1.3, 1.3, True)])
def test_by_hand_case_3(cap: float, multiplier: float, *, flagged: bool) -> None:
    terms = Offer(np.array([2e6]), np.array([0.0]), np.array([2e6]))
    voters = Voters(weights=(1.0,), attachments=(1.1,), sigma=0.4)
    assert consent_share(np.array([1.0]), terms, voters) == pytest.approx([0.405834], abs=1e-6)
    least = least_multiplier(terms, ratio=consent_ratio(voters, 2.0 / 3.0), cap=cap)
    assert least == pytest.approx([multiplier], abs=1e-6)
    assert (consent_share(least, terms, voters)[0] < 2.0 / 3.0 - 1e-9) == flagged
    assert least_multiplier(terms, ratio=consent_ratio(voters, 0.4), cap=cap) == pytest.approx([1.0])


def by_bisection(terms: Offer, voters: Voters, *, threshold: float, cap: float) -> np.ndarray:
    """The least multiplier as it was found before it had a closed form."""
    low, high = np.ones_like(terms.cash_cny), np.full_like(terms.cash_cny, cap)
    for _ in range(60):
        middle = 0.5 * (low + high)
        reached = consent_share(middle, terms, voters) >= threshold
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.where(consent_share(np.ones_like(low), terms, voters) >= threshold, 1.0, high)


AMOUNTS = st.lists(st.floats(1e4, 1e7), min_size=3, max_size=3)


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.floats(0.05, 0.95))
def test_closed_form_is_what_bisection_finds(
    reservation: list[float], house: list[float], cash: list[float], threshold: float
) -> None:
    terms = Offer(np.array(reservation), np.array(house) - 1e4, np.array(cash))
    closed = least_multiplier(terms, ratio=consent_ratio(GROUPS, threshold), cap=3.0)
    assert closed == pytest.approx(by_bisection(terms, GROUPS, threshold=threshold, cap=3.0), rel=1e-9, abs=0.0)


def test_ends() -> None:
    nobody = Offer(np.zeros(1), np.zeros(1), np.zeros(1))
    assert consent_share(np.ones(1), nobody, GROUPS).tolist() == [1.0]
    assert least_multiplier(nobody, ratio=1.5, cap=3.0).tolist() == [1.0]
    no_cash = Offer(np.full(2, 1e6), np.array([1.4e6, 1.6e6]), np.zeros(2))
    assert least_multiplier(no_cash, ratio=1.5, cap=3.0).tolist() == [3.0, 1.0]
    assert consent_ratio(GROUPS, 0.0) < 1e-6
    assert np.isfinite(consent_ratio(GROUPS, 1.0))
