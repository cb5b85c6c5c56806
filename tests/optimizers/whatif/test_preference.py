"""The weights under which a plan is best: by hand, and never beaten by weights that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizers.whatif.preference import Preference, weights_of_plan


def test_the_middle_of_three_plans_by_hand() -> None:
    """Its leads are 0.6 - 0.7 w and 1.3 w - 0.4: both are 0.25 at w = 0.5."""
    weights, regret = weights_of_plan(np.array([0.9, 0.6]), np.array([[1.0, 0.0], [0.0, 1.0], [0.9, 0.6]]))
    assert weights == pytest.approx([0.5, 0.5])
    assert regret == 0.0


def test_a_plan_in_a_dent_falls_short_of_the_better_one() -> None:
    weights, regret = weights_of_plan(np.array([0.4, 0.4]), np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert weights == pytest.approx([0.5, 0.5])
    assert regret == pytest.approx(0.1)


@given(st.integers(0, 10_000))
def test_no_other_weights_have_a_wider_margin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    front = rng.random((6, 3))
    plan = front[0]

    def margin(weights: np.ndarray) -> float:
        return float((weights @ (plan - front[1:]).T).min())

    weights, regret = weights_of_plan(plan, front)
    assert weights.sum() == pytest.approx(1.0)
    assert (weights >= 0.0).all()
    assert regret == pytest.approx(max(0.0, -margin(weights)), abs=1e-9)
    assert all(margin(other) <= margin(weights) + 1e-9 for other in rng.dirichlet(np.ones(3), 50))


def test_worth_is_a_weighted_sum_of_ranges() -> None:
    """2 bn of a range of 10 bn at 0.75, and 0.5 km less of a range of 2 km at 0.25."""
    preference = Preference(("a", "b"), np.array([0.75, 0.25]), np.array([10e9, 2.0]), np.array([1.0, -1.0]))
    assert preference.worth(np.array([2e9, -0.5])) == pytest.approx(0.75 * 0.2 + 0.25 * 0.25)
