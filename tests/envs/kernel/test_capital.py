"""Net present value, rates, payback and prices of a short cash flow, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel.capital import internal_rate_of_return, net_present_value_cny, payback_year, peak_funding_cny

FLOW = np.array([[0.0, -100.0, -100.0, 90.0, 160.0]])


def test_money() -> None:
    assert net_present_value_cny(FLOW, 0.06) == pytest.approx([18.961455], abs=1e-6)
    assert net_present_value_cny(FLOW[:, 1:], 0.06) == pytest.approx([20.099142], abs=1e-6)  # the first-year error
    assert internal_rate_of_return(FLOW) == pytest.approx([0.10985426], abs=1e-8)
    assert payback_year(FLOW) == pytest.approx([4.0])
    assert peak_funding_cny(FLOW) == pytest.approx([200.0])


def test_money_where_undefined() -> None:
    nothing = np.zeros((1, 5))
    assert np.isnan(internal_rate_of_return(nothing)).all()
    assert np.isnan(internal_rate_of_return(np.array([[-100.0, 230.0, -132.0]]))).all()  # 10 % and 20 %
    assert np.isnan(payback_year(np.concatenate([nothing, [[-100.0, 90.0, 0.0, 0.0, 0.0]]]))).all()
    assert payback_year(np.array([[-100.0, 150.0, -60.0, 20.0]])) == pytest.approx([3.0])
    assert peak_funding_cny(nothing) == pytest.approx([0.0])
