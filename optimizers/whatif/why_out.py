"""Why a plan leaves a wish open: the village's own loss, the quota, another hard rule, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray
from optimizers.whatif.entries import HOLDS, Entries, entries_of, gains_of
from optimizers.whatif.standing import Standing
from optimizers.whatif.wish import Wish

REASONS = ("closed", "own_loss", "rule", "quota", "nothing")


@dataclass(frozen=True, eq=False)
class WhyOut:
    """Why a wish is not granted.

    Attributes:
        reason: `closed` (no legal choice grants it), `own_loss` (it loses even with a place to itself), `rule` (it
            gains, but breaks a hard rule), `quota` (it gains less than who is there), `nothing` (granting it would
            better the plan).
        entry: the best way in, whatever the quota; empty where it is closed.
        gain: of that way in each objective, more is better, shape (n_objectives,) [ranges].
        rules: hard rules that it breaks besides the quota.
        exchange: the best way in that keeps the quota; empty where there is none.
        exchange_worth: gain of that way by the preference [ranges].
    """

    reason: str
    entry: Entries
    gain: FloatArray
    rules: tuple[str, ...]
    exchange: Entries
    exchange_worth: float

    @property
    def worst(self) -> int:
        """Position of the objective in which the best way in loses most."""
        return int(np.argmin(self.gain))


def why_out(standing: Standing, wish: Wish) -> WhyOut:
    """Say why a plan leaves a wish open; by evaluations at search precision of the best ways in."""
    alone, exchanges = entries_of(standing, wish, alone=True), entries_of(standing, wish)
    nothing = np.zeros(standing.preference.weights.size)
    if not len(alone):
        return WhyOut("closed", alone, nothing, (), exchanges, -np.inf)
    starts, options = alone.plans(standing.start_year, standing.option)
    found = standing.model.evaluate(
        np.concatenate([standing.start_year[None], starts]), np.concatenate([standing.option[None], options])
    )
    preference = standing.preference
    gain = (found.objectives[1:] - found.objectives[0]) * preference.signs / preference.ranges
    best = int(np.argmax(gain @ preference.weights))
    quota = standing.model.rules.index("yearly_quota") if "yearly_quota" in standing.model.rules else -1
    over = found.violations[1 + best] > np.maximum(found.violations[0], HOLDS)
    rules = tuple(name for k, name in enumerate(standing.model.rules) if over[k] and k != quota)
    exchange, worth = _best_exchange(standing, exchanges)
    if float((gain @ preference.weights)[best]) <= 0.0:
        reason = "own_loss"
    elif worth > 0.0:
        reason = "nothing"
    else:
        reason = "rule" if rules else "quota"
    return WhyOut(reason, alone.only(np.array([best])), gain[best], rules, exchange, worth)


def _best_exchange(standing: Standing, exchanges: Entries) -> tuple[Entries, float]:
    if not len(exchanges):
        return exchanges, -np.inf
    worth = gains_of(exchanges, standing)
    best = int(np.argmax(worth))
    return exchanges.only(np.array([best])), float(worth[best])
