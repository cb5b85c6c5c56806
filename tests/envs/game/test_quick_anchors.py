"""Quick anchors are a scale like that of searched ones, within limits too, and their plans keep the limits."""

from __future__ import annotations

import numpy as np
import pytest

from environment_fixtures import strict_game
from envs.choices.limit_prices.rule_rows import BY_YEAR
from envs.game.quick_anchors import _plans, quick_anchors
from envs.kernel.indicators.registry import objective_signs
from envs.rules.check import violations
from optimizers.search.compute_anchors import compute_anchors

LIMITED = ("quota", "annual", "peak", "rents", "shares", "people", "commodity", "together")
SEARCHED_FAST = ("annual",)
NARROWEST, WIDEST = 0.4, 1.25
"""Range of quick anchors, relative to that of searched ones. Uniform plans alone, without limits, gave 0.2 to 3.6."""


@pytest.mark.parametrize(
    "name", [name if name in SEARCHED_FAST else pytest.param(name, marks=pytest.mark.slow) for name in LIMITED]
)
def test_ranges_are_those_of_searched_anchors(name: str) -> None:
    game = strict_game(name)
    quick, searched = quick_anchors(game), compute_anchors(game.resolved, game.objectives, threads=1, evaluations=150)
    share = quick.ranges / searched.ranges
    assert (share > NARROWEST).all(), share
    assert (share < WIDEST).all(), share
    assert quick.base == pytest.approx(searched.base, rel=1e-4)


@pytest.mark.parametrize("name", LIMITED)
def test_plans_keep_the_limits_that_add_up(name: str) -> None:
    game = strict_game(name)
    plans = _plans(game, np.array(objective_signs(game.objectives)))
    names, excess = violations(game.resolved, plans)
    kept = [names.index(limit.rule) for limit in game.limits if limit.kept and limit.rule in names]
    kept += [names.index(rule) for rule in BY_YEAR if rule in names]
    assert (excess[:, kept] == 0.0).all()
