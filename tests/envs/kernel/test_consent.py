"""Consent and its price in one village, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel.consent import Offer, Voters, consent_share, least_multiplier


@pytest.mark.parametrize(("cap", "multiplier"), [(2.0, 1.306826), (1.3, 1.3)])
def test_consent(cap: float, multiplier: float) -> None:
    terms = Offer(reservation_cny=np.array([2e6]), house_cny=np.array([0.0]), cash_cny=np.array([2e6]))
    voters = Voters(weights=(1.0,), attachments=(1.1,), sigma=0.4)
    assert consent_share(np.array([1.0]), terms, voters) == pytest.approx([0.405834], abs=1e-6)
    least = least_multiplier(terms, voters, threshold=2.0 / 3.0, cap=cap)
    assert least == pytest.approx([multiplier], abs=1e-6)
    flagged = consent_share(least, terms, voters)[0] < 2.0 / 3.0 - 1e-9
    assert flagged == (cap == 1.3)
    assert least_multiplier(terms, voters, threshold=0.4, cap=cap) == pytest.approx([1.0])
