"""Spreads over futures: by hand, against closed forms, undefined values."""

from __future__ import annotations

import numpy as np
import pytest

from envs.futures.spread import chance, spread_of, tail_mean

TEN = np.array([-5.0, -2.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0])


def test_ten_futures_by_hand() -> None:
    """Futures page, by hand 2: mean 2.1, P10 -2.3, worst fifth -3.5, worst 15 % -4."""
    told = spread_of(TEN, more_is_better=True)
    assert told.mean.value == pytest.approx(2.1)
    assert told.quantiles[0].value == pytest.approx(-2.3)
    assert told.tail_mean.value == pytest.approx(-5.0)
    assert tail_mean(TEN, 0.2) == pytest.approx(-3.5)
    assert tail_mean(TEN, 0.15) == pytest.approx(-4.0)
    assert tail_mean(TEN, 1.0) == pytest.approx(2.1)


def test_the_worst_tail_of_a_cost_is_the_highest() -> None:
    told = spread_of(-TEN, more_is_better=False)
    assert told.tail_mean.value == pytest.approx(5.0)
    assert told.tail_mean.error == pytest.approx(spread_of(TEN, more_is_better=True).tail_mean.error)
    assert tail_mean(-TEN, 0.2, more_is_better=False) == pytest.approx(3.5)


def test_what_is_undefined_is_counted_and_enters_nothing() -> None:
    told = spread_of(np.array([1.0, np.nan, 3.0]), more_is_better=True)
    assert (told.n, told.n_undefined, told.mean.value) == (2, 1, 2.0)
    nothing = spread_of(np.full(4, np.nan), more_is_better=True)
    assert (nothing.n, nothing.n_undefined) == (0, 4)
    assert np.isnan(nothing.mean.value)


def test_errors_are_those_of_repeated_samples() -> None:
    """400 samples of 2,000 normal futures: each stated error is the spread of its estimate, within 15 %."""
    draws = np.random.default_rng(5).normal(size=(400, 2000))
    told = [spread_of(row, more_is_better=True) for row in draws]
    for pick in (lambda s: s.mean, lambda s: s.quantiles[0], lambda s: s.quantiles[1], lambda s: s.tail_mean):
        values, errors = np.array([(pick(s).value, pick(s).error) for s in told]).T
        assert errors.mean() == pytest.approx(values.std(), rel=0.15)
    assert np.mean([s.tail_mean.value for s in told]) == pytest.approx(-1.75498, abs=0.01)
    assert np.mean([s.quantiles[2].value for s in told]) == pytest.approx(1.28155, abs=0.01)


def test_a_chance_and_its_error() -> None:
    told = chance(np.array([True] * 90 + [False] * 10))
    assert (told.value, told.error) == (0.9, pytest.approx(0.03))


def test_what_worlds_share_widens_errors() -> None:
    """40 worlds of 50 futures, a third of the variance between worlds: errors as of repeated samples, within 20 %."""
    rng, world = np.random.default_rng(1), np.arange(2000) % 40
    samples = [rng.normal(size=40)[world] * np.sqrt(1 / 3) + rng.normal(size=2000) * np.sqrt(2 / 3) for _ in range(300)]
    told = [spread_of(sample, more_is_better=True, world=world) for sample in samples]
    assert np.mean([one.worlds_share for one in told]) == pytest.approx(1 / 3, abs=0.02)
    assert np.mean([one.mean.error for one in told]) == pytest.approx(np.std([one.mean.value for one in told]), rel=0.2)
    alone = [spread_of(sample, more_is_better=True).mean.error for sample in samples]
    assert np.mean([one.mean.error for one in told]) > 3.0 * np.mean(alone)


def test_the_share_of_worlds_by_hand() -> None:
    """Two worlds, (0, 2) and (4, 6): between 16, within 2, so (16 - 2) / (16 + 2) = 7/9."""
    told = spread_of(np.array([0.0, 4.0, 2.0, 6.0]), more_is_better=True, world=np.array([0, 1, 0, 1]))
    assert told.worlds_share == pytest.approx(7 / 9)
    assert told.mean.error == pytest.approx(np.std([0, 4, 2, 6], ddof=1) / 2 * np.sqrt(1 + 7 / 9))
