"""Prices of limits and years, and what candidates use and pay, against plain loops and by hand."""

from __future__ import annotations

import numpy as np
import pytest

from agents.policy.layout import CANDIDATE_FEATURES, OPEN, OWN_FEATURES, RULES_USED, THRIFTY_PLACE
from agents.policy.prices import Ahead, move_year_prices, no_prices
from agents.policy.rule_use import LEAST_LEFT, rule_use
from envs.game.masks import cheapest_fitting, option_mask
from policy_fixtures import strict_episodes

LIMITED = ("annual", "shares", "together")
FIRST_USE = len(OWN_FEATURES)


def test_prices_of_years_by_hand() -> None:
    """Three villages for two places: who gains 5 is priced out, who gains 8 is not; the year that is over costs 0."""
    gain = np.array([[[9.0, 10.0, 10.0], [9.0, 8.0, 8.0], [9.0, 5.0, 5.0], [9.0, 99.0, 99.0]]], dtype=np.float32)
    may = np.ones((1, 4, 4), dtype=bool)
    may[0, 3, 1:] = False  # decided
    prices = no_prices(1, 0, 3)
    move_year_prices(prices, gain, Ahead(np.array([2]), may, np.array([[0, 1, 1]])))
    assert prices.years[0, 0] == 0.0
    assert (prices.years[0, 1:] > 4.9).all()
    assert (prices.years[0, 1:] < 8.1).all()


def test_years_with_room_for_all_cost_nothing() -> None:
    prices = no_prices(1, 0, 2)
    may = np.ones((1, 3, 3), dtype=bool)
    move_year_prices(prices, np.ones((1, 3, 2), dtype=np.float32), Ahead(np.array([1]), may, np.array([[3, 3]])))
    np.testing.assert_allclose(prices.years, 0.0, atol=1e-9)


@pytest.mark.parametrize("name", LIMITED)
def test_what_is_paid_is_what_the_search_pays(name: str) -> None:
    """The same limits, the same prices: slopes less what is paid are the search's priced slopes."""
    look = strict_episodes(name).outlook
    uses = rule_use(look.gains, look.game.locked)
    assert uses is not None
    rng = np.random.default_rng(0)
    price = rng.random((2, uses.limits.n_limits)) * (rng.random((2, uses.limits.n_limits)) < 0.5)
    slopes = rng.standard_normal(look.gains.slopes_shape).astype(np.float32)
    for paid, each in zip(uses.paid(price), price, strict=True):
        np.testing.assert_allclose(slopes - paid, uses.limits.priced(slopes, each), rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("name", LIMITED)
def test_use_is_that_of_the_limits_relative_to_what_is_left(name: str) -> None:
    episodes = strict_episodes(name)
    look, state = episodes.outlook, episodes.core.state
    uses, gains = look.uses, look.gains
    assert uses is not None
    limits = uses.limits
    n_villages = look.game.n_villages
    for env in range(episodes.n_envs):
        used = limits.use(gains, state.start_year[env], state.option[env]).sum(axis=0)
        left = np.maximum(np.abs(limits.rows.limit - used), LEAST_LEFT)
        for k in range(episodes.option.shape[2]):
            year = np.full(n_villages, min(int(state.year[env]), look.game.plan_years))
            share = limits.use(gains, year, episodes.option[env, :, k])[:, : left.size] / left
            for rule in set(limits.rows.rule.tolist()):
                some = share[:, limits.rows.rule == rule]
                want = np.where(some.max(axis=1) >= -some.min(axis=1), some.max(axis=1), some.min(axis=1))
                seen = episodes.candidates[env, :, k, FIRST_USE + RULES_USED.index(rule)]
                np.testing.assert_allclose(seen, np.clip(want, -5.0, 5.0), rtol=1e-3, atol=1e-4)
    assert CANDIDATE_FEATURES[FIRST_USE] == f"{RULES_USED[0]}_use"


@pytest.mark.parametrize("name", LIMITED)
def test_list_and_mask_agree(name: str) -> None:
    """What is offered fits; where the mask opens a village, the thriftiest option that fits stands in its list."""
    episodes = strict_episodes(name)
    game, state = episodes.game, episodes.core.state
    village_mask = episodes.core.village_mask()
    is_open = episodes.candidates[..., OPEN] > 0.0
    assert is_open.any()
    for village in range(game.n_villages):
        legal = option_mask(game, state, np.full(episodes.n_envs, village))
        for env in range(episodes.n_envs):
            assert legal[env, episodes.option[env, village][is_open[env, village]]].all()
    env, village = np.nonzero(village_mask[:, :-1])
    thrifty = cheapest_fitting(game, state, env, village)
    np.testing.assert_array_equal(episodes.option[env, village, THRIFTY_PLACE], thrifty)


def test_limits_that_bind_have_a_price() -> None:
    assert (strict_episodes("annual", 0)._prices.limits.max(axis=1) > 0.0).any()  # not every preference reaches it
