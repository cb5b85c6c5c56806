"""Linearize and assign: the plain ascent from the plan that does least, without anything of a search around it."""

from __future__ import annotations

import numpy as np

from data.arrays import IntArray
from envs.choices.linear_model import LinearGains
from optimizers.algorithms.fresh_ascents import Stride
from optimizers.algorithms.linearized_ascent import climb
from optimizers.bench.published.model import PublishedModel

MOST_ROUNDS = 30


def linearize_and_assign(model: PublishedModel) -> tuple[IntArray, IntArray, int]:
    """Solve the linear model of the plan in hand, take its best plan, and so on until nothing gains.

    Args:
        model: of the total alone.

    Returns:
        Start years and options of the plan, shape (n_villages,) each, and how often a plan was evaluated.
    """
    gains, pace = model.linear_model(), Stride()
    start, option = np.zeros((2, model.city.n_villages), dtype=np.int64)
    reached, best, evaluations = -np.inf, (start, option), 0
    while evaluations < MOST_ROUNDS:
        evaluations += 1
        start, option = _following(model, gains, pace, *best)
        value = float(model.evaluate(start[None], option[None]).objectives[0, 0])
        gained = value > reached
        if not gained and pace.inertia > 0.0:
            break
        pace.adapt(gained=gained, changed=True)
        if gained:
            reached, best = value, (start, option)
    return *best, evaluations


def _following(
    model: PublishedModel, gains: LinearGains, pace: Stride, start: IntArray, option: IntArray
) -> tuple[IntArray, IntArray]:
    """The best plan of the linear model at a plan."""
    slopes = gains.slopes_at(start[None], option[None], np.ones((1, 1)))[0]
    rng = np.random.default_rng(0)
    starts, options = climb(gains, slopes, start, option, quota=model.quota, pace=pace, rng=rng, exactly=True)
    return starts[0], options[0]
