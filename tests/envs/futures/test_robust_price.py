"""What robustness costs and saves, by hand and in plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from envs.futures.robust_price import matched_pairs, robust_prices
from oracles.robust_money import worst_mean


def test_pairs_are_compared_in_the_same_futures() -> None:
    rng = np.random.default_rng(2)
    shared = rng.normal(size=400)
    robust, plain = 1.0 + 0.5 * shared + 0.1 * rng.normal(size=(3, 400)), 1.5 + shared + 0.1 * rng.normal(size=(2, 400))
    told = robust_prices(robust, plain, np.array([[0, 1], [2, 0]]))
    for pair, (one, other) in enumerate(((0, 1), (2, 0))):
        mean = [sum(values.tolist()) / 400 for values in (robust[one], plain[other])]
        tail = [worst_mean(values.tolist(), 0.1, more_is_better=True) for values in (robust[one], plain[other])]
        assert told.given_up[pair] == pytest.approx(mean[1] - mean[0])
        assert told.saved[pair] == pytest.approx(tail[0] - tail[1])
    assert (told.given_up > 0.0).all()
    assert (told.saved > 0.0).all()
    apart = np.hypot(robust.std(), plain.std()) / 20.0
    assert (told.given_up_error < apart).all()  # the same futures: what they share cancels


def test_errors_are_those_of_repeated_samples() -> None:
    """The spread of 300 samples of 500 futures is what one of them says of itself, within a fifth."""
    rng = np.random.default_rng(5)
    drawn = rng.normal(size=(300, 2, 500))
    told = [robust_prices(0.5 * d[:1], d[:1] + 0.3 * d[1:], np.array([[0, 0]])) for d in drawn]
    for name in ("given_up", "saved"):
        values = np.array([getattr(one, name)[0] for one in told])
        errors = np.array([getattr(one, f"{name}_error")[0] for one in told])
        assert errors.mean() == pytest.approx(values.std(), rel=0.2)


def test_a_plan_is_held_against_the_best_that_is_as_good_in_everything_else() -> None:
    others = np.array([[1.0, 5.0], [2.0, 1.0], [9.0, 9.0]])
    plain = np.array([[1.0, 5.0], [0.95, 9.0], [3.0, 0.0]])
    mean = np.array([1.0, 2.0, 3.0])
    assert matched_pairs(others, plain, mean).tolist() == [[0, 1]]  # within a hundredth of the range; others have none
    assert matched_pairs(others[:, :0], plain[:, :0], mean).tolist() == [[0, 2], [1, 2], [2, 2]]  # money alone
