"""Prices that follow supply, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel.project_account import district_price_factor


def test_price_of_new_supply() -> None:
    factor = district_price_factor(np.full((1, 1, 1), 1e5), np.array([1e6]), 0.5)
    assert 50_000.0 * factor.item() == pytest.approx(47_673.13, abs=0.005)
