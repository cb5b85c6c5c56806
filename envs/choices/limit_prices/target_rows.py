"""Hard targets that are linear at a plan only (capital, commutes, accessibility): their limits at the plans met."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import FloatArray, IntArray, SingleArray
from data.scenario import Target
from envs.choices.limit_prices.linear_limits import PlanRows
from envs.choices.marginal_gain import MarginalGains
from envs.choices.target_limits import sloped_targets
from envs.kernel.indicators.registry import indicator
from envs.kernel.trace import SEARCH, Trace
from envs.rules.targets import target_name

SHARE_SCALE = 0.2
"""Use is relative to this part of what the whole city may move: prices then take like steps."""


@dataclass(frozen=True, eq=False)
class SlopedTargets:
    """The hard targets of a scenario that have slopes.

    Attributes:
        gains: linear model with the quantities of their indicators.
        targets: at least one.
        scale: what use of each is relative to, in its unit: a part of what the options move that move most where
            nothing is renewed, shape (n_targets,).
    """

    gains: MarginalGains
    targets: tuple[Target, ...]
    scale: FloatArray

    @property
    def n_limits(self) -> int:
        """See PlanLimits."""
        return len(self.targets)

    def at(self, start_year: IntArray, option: IntArray) -> list[PlanRows]:
        """See PlanLimits."""
        wanted = np.array([t.at_least if t.at_most is None else t.at_most for t in self.targets])
        rules = np.array([target_name(target) for target in self.targets])
        values, slopes = _signed(self.gains, self.targets, start_year, option)
        slopes = (slopes / self.scale[:, None, None, None]).astype(np.float32)
        room = (_signs(self.targets) * wanted - values) / self.scale
        rows = []
        for plan, (start, chosen) in enumerate(zip(start_year, option, strict=True)):
            used = [self.gains.of_plan(slope, start, chosen).sum() for slope in slopes[plan]]
            rows.append(PlanRows(slopes[plan], room[plan] + np.array(used), rules))
        return rows


def targets_with_slopes(gains: MarginalGains) -> SlopedTargets | None:
    """The hard targets that are linear at a plan; None where the scenario has none."""
    targets = sloped_targets(gains.resolved)
    if not targets:
        return None
    nothing = np.zeros((1, gains.start_mask.shape[0]), dtype=np.int64)
    _, slopes = _signed(gains, targets, nothing, nothing)
    share = min(1.0, sum(gains.resolved.scenario.yearly_quotas) / max(nothing.size, 1))
    moved = [np.abs(slope @ gains.quantities).max(axis=(1, 2), initial=0.0).sum() for slope in slopes[0]]
    scale = SHARE_SCALE * share * np.array(moved, dtype=np.float64)
    return SlopedTargets(gains, targets, np.where(scale > 0.0, scale, 1.0))


def _signs(targets: tuple[Target, ...]) -> FloatArray:
    """1 of a target that asks for at most a value, -1 for at least."""
    return np.array([-1.0 if target.at_most is None else 1.0 for target in targets])


def _signed(
    gains: MarginalGains, targets: tuple[Target, ...], start_year: IntArray, option: IntArray
) -> tuple[FloatArray, SingleArray]:
    """Values, (n_plans, n_targets), and slopes, (n_plans, n_targets, n_villages, plan_years, n_quantities), signed."""
    trace = Trace(gains.resolved, gains.space.decode(start_year, option), SEARCH)
    values = np.zeros((len(start_year), len(targets)))
    slopes = np.zeros((*values.shape, *gains.slopes_shape), dtype=np.float32)
    for k, (target, sign) in enumerate(zip(targets, _signs(targets), strict=True)):
        values[:, k] = sign * np.asarray(indicator(target.indicator).value(trace))
        for column, slope in gains.slopes_of(trace, target.indicator):
            slopes[:, k, ..., column] = sign * slope
    return values, slopes
