"""Year prices of many plans side by side are those of one plan after another."""

from __future__ import annotations

import numpy as np
import pytest

from agents.policy.prices import Ahead, move_year_prices, no_prices

torch = pytest.importorskip("torch", reason="in the extra `train`")


def found_by_torch(gain: np.ndarray, ahead: Ahead) -> np.ndarray:
    from agents.policy.year_price_batches import batched_year_prices

    arrays = (torch.from_numpy(np.ascontiguousarray(each)) for each in (gain, ahead.may, ahead.year, ahead.room))
    return batched_year_prices(*arrays).numpy()


def problems(seed: int, n_plans: int = 5, n_villages: int = 30, n_years: int = 6) -> tuple[np.ndarray, Ahead]:
    """Gains and what is left: some villages decided, some locked, some years closed, one plan with nothing left."""
    rng = np.random.default_rng(seed)
    gain = rng.normal(0.02, 0.05, (n_plans, n_villages, n_years)).astype(np.float32)
    year = rng.integers(1, n_years + 1, n_plans)
    free = (rng.random((n_plans, n_villages, 1)) < 0.8) & (rng.random((n_plans, n_villages, n_years + 1)) < 0.9)
    free &= np.arange(n_years + 1) >= year[:, None, None]
    free[-1] = False
    free[..., 0] = ~free[..., 1:].any(axis=2) | (rng.random((n_plans, n_villages)) < 0.98)
    room = np.where(np.arange(1, n_years + 1) >= year[:, None], rng.integers(1, 4, (n_plans, n_years)), 0)
    return gain, Ahead(year, free, room)


@pytest.mark.parametrize("seed", range(20))
def test_side_by_side_is_one_by_one(seed: int) -> None:
    gain, ahead = problems(seed)
    prices = no_prices(len(gain), 0, gain.shape[2])
    move_year_prices(prices, gain, ahead)
    found = found_by_torch(gain, ahead)
    np.testing.assert_allclose(found, prices.years, rtol=1e-6, atol=1e-9)
    assert (found[:-1] > 0.0).any()
    assert (found[-1] == 0.0).all()


def test_a_year_with_two_places_costs_what_the_third_village_gains() -> None:
    """One year, gains 5, 4, 3, 1: the price begins at what the third gains, where half of it starts: near enough."""
    gain = np.array([[[5.0], [4.0], [3.0], [1.0]]], dtype=np.float32)
    may = np.ones((1, 4, 2), dtype=bool)
    found = found_by_torch(gain, Ahead(np.array([1]), may, np.array([[2]])))
    assert found[0, 0] == pytest.approx(3.0, rel=0.02)
