"""The network is one function in two libraries, and blind to the order and number of villages."""

from __future__ import annotations

import numpy as np
import pytest

from agents.policy.episodes import Episodes
from agents.policy.layout import GAIN, OPEN, WAITING
from agents.policy.network import CLOSED, PATIENCE, decide, initial, shapes
from environment_fixtures import setup_of
from policy_fixtures import look_at, preferences, random_parameters


def seen() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    episodes = Episodes(setup_of("fifty"), look_at("fifty"), preferences(3))
    return episodes.villages, episodes.candidates, episodes.city


def test_torch_is_numpy() -> None:
    torch = pytest.importorskip("torch", reason="in the extra `train`")
    parameters, arrays = random_parameters(1), seen()
    mine = decide(parameters, *arrays)
    theirs = decide({n: torch.from_numpy(p) for n, p in parameters.items()}, *(torch.from_numpy(a) for a in arrays))
    for one, two in zip(mine, theirs, strict=True):
        np.testing.assert_allclose(one, two.numpy(), rtol=1e-4, atol=1e-4)


def test_order_of_villages_does_not_matter() -> None:
    villages, candidates, city = seen()
    order = np.random.default_rng(0).permutation(villages.shape[1])
    parameters = random_parameters(2)
    score, close, value = decide(parameters, villages, candidates, city)
    again = decide(parameters, villages[:, order], candidates[:, order], city)
    np.testing.assert_allclose(again[0], score[:, order], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(again[1], close, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(again[2], value, rtol=1e-4, atol=1e-4)


def test_villages_that_are_not_open_do_not_count() -> None:
    villages, candidates, city = seen()
    parameters = random_parameters(3)
    score, close, value = decide(parameters, villages, candidates, city)
    more = [np.concatenate([a, np.zeros_like(a[:, :7])], axis=1) for a in (villages, candidates)]
    padded, closes, values = decide(parameters, *more, city)
    np.testing.assert_allclose(padded[:, : score.shape[1]], score, rtol=1e-4, atol=1e-4)
    assert (padded[:, score.shape[1] :] == CLOSED).all()
    np.testing.assert_allclose(closes, close, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(values, value, rtol=1e-4, atol=1e-4)


def test_nothing_open_is_no_accident() -> None:
    villages, candidates, city = (a.copy() for a in seen())
    candidates[..., OPEN] = 0.0
    score, close, value = decide(random_parameters(4), villages, candidates, city)
    assert (score == CLOSED).all()
    assert np.isfinite(close).all()
    assert np.isfinite(value).all()


def test_the_first_policy_is_greedy() -> None:
    villages, candidates, city = seen()
    score, _, _ = decide(initial(5), villages, candidates, city)
    gain = candidates[..., GAIN] - PATIENCE * candidates[..., WAITING]
    gain = np.where(candidates[..., OPEN] > 0.0, gain, -np.inf)
    top = np.argmax(score.reshape(3, -1), axis=1)
    for env in range(3):
        assert gain.reshape(3, -1)[env, top[env]] >= gain[env].max() - 0.1


def test_size_of_the_parameters() -> None:
    assert {name: p.shape for name, p in initial(0).items()} == shapes()
    assert sum(4 * int(np.prod(shape)) for shape in shapes().values()) < 3_000_000
