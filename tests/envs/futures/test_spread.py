"""Spreads over futures: by hand, against closed forms, undefined values."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from envs.futures.spread import chance, spread_of, tail_mean
from oracles.world_bootstrap import errors_by_worlds, mean_of_lowest, quantile

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


def of_uneven_worlds(rng: np.random.Generator, world: np.ndarray) -> np.ndarray:
    """Normal futures whose mean and spread are their world's: the lower its mean, the wider it is."""
    level = rng.normal(size=world.max() + 1)
    return level[world] + np.exp(-0.7 * level)[world] * rng.normal(size=world.size)


PICKED = {
    "mean": lambda told: told.mean,
    "p10": lambda told: told.quantiles[0],
    "p50": lambda told: told.quantiles[1],
    "p90": lambda told: told.quantiles[2],
    "tail_mean": lambda told: told.tail_mean,
}


def test_errors_with_uneven_worlds_are_those_of_repeated_samples() -> None:
    """40 worlds of 50 futures: each stated error is the spread of its estimate over 300 samples, within 20 %."""
    rng, world = np.random.default_rng(2), np.arange(2000) % 40
    told = [spread_of(of_uneven_worlds(rng, world), more_is_better=True, world=world) for _ in range(300)]
    for name, pick in PICKED.items():
        stated, found = np.mean([pick(one).error for one in told]), np.std([pick(one).value for one in told])
        assert stated == pytest.approx(found, rel=0.2), name


def test_errors_with_worlds_are_those_of_worlds_drawn_again() -> None:
    """The bootstrap over worlds of an oracle in plain loops, over four samples on average, within 20 %."""
    rng, world = np.random.default_rng(3), np.arange(600) % 30
    estimates = {
        "mean": lambda values: sum(values) / len(values),
        "p10": partial(quantile, share=0.1),
        "p50": partial(quantile, share=0.5),
        "p90": partial(quantile, share=0.9),
        "tail_mean": partial(mean_of_lowest, share=0.1),
    }
    stated, drawn = dict.fromkeys(PICKED, 0.0), dict.fromkeys(PICKED, 0.0)
    for sample in range(4):
        values = of_uneven_worlds(rng, world)
        told = spread_of(values, more_is_better=True, world=world)
        again = errors_by_worlds(values.tolist(), world.tolist(), estimates, n=120, seed=sample)
        for name, pick in PICKED.items():
            stated[name] += pick(told).error
            drawn[name] += again[name]
    for name in PICKED:
        assert stated[name] == pytest.approx(drawn[name], rel=0.2), name


def test_errors_of_a_cost_are_those_of_the_gain() -> None:
    """Its worst tail is the other one."""
    world = np.arange(600) % 30
    values = of_uneven_worlds(np.random.default_rng(4), world)
    gain, cost = (spread_of(v, more_is_better=more, world=world) for v, more in ((values, True), (-values, False)))
    assert cost.tail_mean.error == pytest.approx(gain.tail_mean.error)
    assert cost.tail_mean.value == pytest.approx(-gain.tail_mean.value)
    assert cost.worlds_share == pytest.approx(gain.worlds_share)
