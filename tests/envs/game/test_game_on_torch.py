"""The game on torch is the game on NumPy: the same masks, plans, outcomes and features."""

from __future__ import annotations

import numpy as np
import pytest

from bargained_fixtures import bargained
from environment_fixtures import setup_of, strict_game, strict_scenarios, twelve_villages
from envs.game.constants import GameConstants, game_constants
from envs.game.dynamics import initial_state, is_over, reset, step_in_place
from envs.game.masks import action_mask, draw_actions, option_mask, village_mask
from envs.game.observation import make_observer, static_features
from envs.game.quick_anchors import quick_anchors
from envs.game.reward import reward_scale

torch = pytest.importorskip("torch", reason="in the extra `train`")


def counted_game() -> GameConstants:
    """One in which bargaining counts, under limits of money."""
    return game_constants(bargained(strict_scenarios()["together"], twelve_villages()))


@pytest.mark.parametrize(
    "name", ["tiny", "fifty", "together", "locked", "bargained", "shares", "district", "programme", "counted"]
)
def test_torch_is_numpy(name: str) -> None:
    game = (
        counted_game() if name == "counted" else setup_of(name).game if name in ("tiny", "fifty") else strict_game(name)
    )
    twin = game_constants(game.resolved, reference=torch.zeros(1))
    state, other = reset(initial_state(game), 3), reset(initial_state(twin), 3)
    scale = reward_scale(quick_anchors(game), "quick")
    static = static_features(game)
    looks = [make_observer(b, scale, s, static) for b, s in ((game, state), (twin, other))]
    features = [look.blank(3) for look in looks]
    rng = np.random.default_rng(1)
    rows = np.arange(3)
    for look, seen, at in zip(looks, features, (state, other), strict=True):
        look.refresh(seen, at, rows if at is state else torch.asarray(rows))
    while not is_over(game, state).any():
        np.testing.assert_array_equal(village_mask(game, state), village_mask(twin, other).numpy())
        np.testing.assert_array_equal(action_mask(game, state), action_mask(twin, other).numpy())
        village = rng.integers(0, game.n_villages, 3)
        mine, theirs = option_mask(game, state, village), option_mask(twin, other, torch.asarray(village))
        np.testing.assert_array_equal(mine, theirs.numpy())
        actions = draw_actions(game, state, rng, close_chance=0.2)
        moves = step_in_place(game, state, actions), step_in_place(twin, other, torch.asarray(actions))
        np.testing.assert_allclose(state.objectives, other.objectives.numpy(), rtol=1e-9)
        for look, seen, at, move in zip(looks, features, (state, other), moves, strict=True):
            look.mark(seen, at, move.started, move.village)
            look.refresh(seen, at, move.closed)
        np.testing.assert_allclose(features[0], features[1].numpy(), atol=1e-6)
        np.testing.assert_allclose(looks[0].overview(state), looks[1].overview(other).numpy(), atol=1e-6)


def test_features_kept_up_to_date_are_those_written_anew() -> None:
    setup, rng = setup_of("fifty"), np.random.default_rng(3)
    state, observer = reset(setup.initial_state, 4), setup.observer
    kept, rows = observer.blank(4), np.arange(4)
    observer.refresh(kept, state, rows)
    for _ in range(15):
        move = step_in_place(setup.game, state, draw_actions(setup.game, state, rng, close_chance=0.2))
        observer.mark(kept, state, move.started, move.village)
        observer.refresh(kept, state, move.closed)
        anew = observer.blank(4)
        observer.refresh(anew, state, rows)
        np.testing.assert_allclose(kept, anew, atol=1e-7)
    assert (kept[:, :, 20:] != observer.blank(4)[:, :, 20:]).any()
