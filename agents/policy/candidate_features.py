"""From what is known of candidates to features that mean the same in every city: shares, signs and ranks."""

from __future__ import annotations

from dataclasses import dataclass

from agents.objectives import KNOWN_OBJECTIVES
from agents.policy.layout import FAR, FAVORITE_PLACE, N_CANDIDATES, THRIFTY_PLACE, USE_FEATURES
from envs.game.constants import GameConstants
from envs.game.state import State
from envs.kernel.computing.backend import Array, array_namespace, device


@dataclass(frozen=True, eq=False)
class Candidates:
    """Candidates of some environments; gains in weighted anchor ranges.

    Attributes:
        option: shape (n_envs, n_villages, n_candidates), as all that follow unless they say otherwise.
        is_open: True where it may start.
        by_objective: weighted gains now, shape (n_envs, n_villages, n_candidates, n_known_objectives).
        price: what it pays for limits.
        gain: the sum of its weighted gains less the price.
        later: largest gain of a later start.
        waiting: what waiting is worth to the village, shape (n_envs, n_villages).
        use: of rules' limits, relative to what is left, (n_envs, n_villages, n_candidates, n_rules); None = no limits.
    """

    option: Array
    is_open: Array
    by_objective: Array
    price: Array
    gain: Array
    later: Array
    waiting: Array
    use: Array | None


def candidate_features(
    game: GameConstants, state: State, year: Array, seen: Candidates, options: Array
) -> tuple[Array, Array]:
    """Features of the candidates, and what the city has in prospect.

    Args:
        game: constants.
        state: of the environments.
        year: that is open, shape (n_envs,).
        seen: candidates.
        options: what every option is, shape (n_options, n_option_features).

    Returns:
        shape (n_envs, n_villages, n_candidates, n_candidate_features), and promise of year and programme, room of the
        year and of the programme, shape (n_envs, 4); float32.
    """
    xp = array_namespace(seen.gain)
    env = xp.arange(year.shape[0], device=device(year))
    room = xp.clip(game.quota[year] - state.started[env, year], 1, None)
    left = room + xp.sum(game.quota) - xp.cumulative_sum(game.quota)[year]
    best = xp.max(xp.where(seen.is_open, seen.gain, -xp.inf), axis=2)
    order = xp.argsort(-best, axis=1)
    rank = xp.argsort(order, axis=1)
    positive = xp.clip(xp.take_along_axis(best, order, axis=1), 0.0, None)
    place = xp.arange(best.shape[1], device=device(year))[None]
    in_year, in_programme = (xp.sum(positive * (place < n[:, None]), axis=1) for n in (room, left))
    filled = xp.clip(xp.sum((positive > 0.0) & (place < room[:, None]), axis=1), 1, None)
    scale = in_year / filled
    scale = xp.where(scale > 0.0, scale, 1.0)[:, None, None]
    ones, candidate = xp.ones_like(seen.gain), xp.arange(N_CANDIDATES, device=device(year))
    columns = [
        ones * seen.is_open,
        *(seen.by_objective[..., k] / scale for k in range(len(KNOWN_OBJECTIVES))),
        seen.price / scale,
        seen.gain / scale,
        seen.later / scale,
        ones * (seen.waiting[:, :, None] / scale),
        (seen.gain - seen.waiting[:, :, None]) / scale,
        ones * (rank / room[:, None])[:, :, None],
        ones * (rank / left[:, None])[:, :, None],
        ones * (candidate == FAVORITE_PLACE),
        ones * (candidate == THRIFTY_PLACE),
    ]
    values = xp.stack([xp.astype(column, xp.float32) for column in columns], axis=3)
    use = xp.zeros((*values.shape[:3], len(USE_FEATURES)), dtype=xp.float32, device=device(year))
    use = use if seen.use is None else xp.astype(seen.use, xp.float32)
    features = xp.concat([xp.clip(values, -FAR, FAR), xp.clip(use, -FAR, FAR), options[seen.option]], axis=3)
    free = xp.clip(xp.sum(state.start_year == 0, axis=1), 1, None)
    return features, xp.astype(xp.stack([in_year, in_programme, room / left, left / free], axis=1), xp.float32)
