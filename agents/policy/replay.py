"""A plan replayed with a policy looking on: in which order it decides, and how probable each decision is to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.policy.layout import N_CANDIDATES
from agents.policy.network import CLOSED, Parameters
from agents.policy.rollout import Shortlists
from agents.policy.shortlist import Outlook
from data.arrays import BoolArray, FloatArray, IntArray
from envs.game.dynamics import initial_state, reset, step_in_place
from envs.game.masks import village_mask
from envs.game.state import State
from envs.kernel import Plans


@dataclass(frozen=True, eq=False)
class Replay:
    """Decisions in the order in which the policy takes them; n_steps = villages that the plan renews, given ones aside.

    Attributes:
        village: index, shape (n_steps,).
        of_village: probability that the policy starts this village next, with whatever option, same shape.
        of_option: probability that it does so as the plan does; 0 where that option is not on its list.
        of_closing: probability that it closes the year instead.
        is_first: True where that is what it would do.
    """

    village: IntArray
    of_village: FloatArray
    of_option: FloatArray
    of_closing: FloatArray
    is_first: BoolArray


@dataclass(frozen=True, eq=False)
class _Seen:
    """What the policy makes of a state: probabilities of candidates, (n_villages, N_CANDIDATES), and of closing."""

    candidates: FloatArray
    closing: float


def replay(outlook: Outlook, parameters: Parameters, weights: FloatArray, plan: Plans) -> Replay | None:
    """Play a plan with a policy looking on.

    Within a year the villages of the plan come in the order in which the policy finds them probable. Of a plan that the
    policy made this is its own order.

    Args:
        outlook: on the city and scenario, in NumPy.
        parameters: of the policy.
        weights: preference of the plan, sum 1, shape (n_objectives,).
        plan: batch of one.

    Returns:
        The replay; None where the environment does not allow the plan, decision by decision.
    """
    game = outlook.game
    start, option = (np.asarray(genes)[0] for genes in game.space.encode(plan))
    given = np.asarray(game.space.fixed_mask)
    state = reset(initial_state(game), 1)
    lists = Shortlists(outlook, parameters, weights[None], state)
    lists.refresh(state, village_mask(game, state), None)
    rows: list[tuple[int, float, float, float, bool]] = []
    for year in range(1, game.plan_years + 1):
        left = set(np.flatnonzero((start == year) & ~given).tolist())
        while left:
            own = int(np.asarray(lists.best(state, village_mask(game, state)))[0])  # draws up anew what ran dry
            seen = _seen(lists, state)
            likely = max(sorted(left), key=lambda each: float(seen.candidates[each].sum()))
            village = own // game.n_options if own // game.n_options in left else likely
            left.remove(village)
            action = village * game.n_options + int(option[village])
            of_option = float(seen.candidates[village][lists.option[0, village] == option[village]].sum())
            rows.append((village, float(seen.candidates[village].sum()), of_option, seen.closing, action == own))
            if not _stepped(lists, state, action):
                return None
        if not _stepped(lists, state, game.close_action):
            return None
    return _replayed(rows)


def _replayed(rows: list[tuple[int, float, float, float, bool]]) -> Replay:
    table = np.array(rows, dtype=np.float64).reshape(-1, 5)
    return Replay(table[:, 0].astype(np.int64), table[:, 1], table[:, 2], table[:, 3], table[:, 4] > 0.0)


def _seen(lists: Shortlists, state: State) -> _Seen:
    """Probabilities of all that is open, by the scores last drawn up."""
    mask = np.asarray(village_mask(lists.outlook.game, state))
    score = np.where(mask[0, :-1, None], np.asarray(lists.score[0]), CLOSED).astype(np.float64)
    close = float(lists.close[0]) if bool(lists.outlook.may_close(mask)[0]) else CLOSED
    logits = np.append(score.ravel(), close)
    weight = np.where(logits > CLOSED, np.exp(logits - logits.max()), 0.0)
    weight = weight / max(weight.sum(), np.finfo(np.float64).tiny)
    return _Seen(weight[:-1].reshape(-1, N_CANDIDATES), float(weight[-1]))


def _stepped(lists: Shortlists, state: State, action: int) -> bool:
    """Take an action and draw up the list that is due; whether it was allowed."""
    game = lists.outlook.game
    before = np.array(state.year)
    move = step_in_place(game, state, np.array([action]))
    lists.refresh(state, village_mask(game, state), before)
    return bool(np.asarray(move.obeyed)[0])
