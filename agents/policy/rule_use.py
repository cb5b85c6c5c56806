"""What candidates use of the limits on the whole plan, relative to what is left of them, and what they pay for it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from agents.policy.layout import RULES_USED
from data.arrays import FloatArray, SingleArray
from data.scenario import RuleMode
from envs.choices.limit_prices.linear_limits import CITY, LinearLimits
from envs.choices.limit_prices.rule_rows import linear_limits
from envs.choices.marginal_gain import MarginalGains
from envs.kernel.computing.backend import Array, array_namespace, like
from envs.rules.check import active_rules

LEAST_LEFT = 0.02
"""What is left of a limit counts as at least this part of its scale."""


@dataclass(frozen=True, eq=False)
class RuleUse:
    """Limits on the whole plan as the linear model foretells them.

    Attributes:
        limits: on the host.
        slope: their use by quantity and start year, shape (plan_years, n_quantities, n_limits), float32, on the device.
        counts: 1 where a village counts in a limit, shape (n_villages, n_limits), float32, on the device.
        places: positions of the limits of each rule, by the rule's place among RULES_USED.
    """

    limits: LinearLimits
    slope: Array
    counts: Array
    places: dict[int, np.ndarray]

    def paid(self, price: FloatArray) -> SingleArray:
        """What a unit of each quantity pays for limits, shape (n_envs, n_villages, plan_years, n_quantities).

        Args:
            price: of the whole of each limit, shape (n_envs, n_limits).
        """
        rows = self.limits.rows
        flat = rows.slope.reshape(self.limits.n_limits, -1)
        districts = range(int(self.limits.village_district.max(initial=0)) + 1)
        counted = np.stack([(rows.district == CITY) | (rows.district == d) for d in districts])
        by_district = (price[:, None, :] * counted) @ flat
        by_district = by_district.reshape(*by_district.shape[:2], *rows.slope.shape[1:]).astype(np.float32)
        return by_district[:, self.limits.village_district]

    def relative(self, chosen: Array, year: Array, used: FloatArray) -> Array:
        """Use of each rule's limits, relative to what is left of them; of several limits the largest counts.

        Args:
            chosen: quantities of candidates, shape (n_envs, n_villages, n_candidates, n_quantities).
            year: in which they would start, shape (n_envs,).
            used: of each limit by what is decided, shape (n_envs, n_limits).

        Returns:
            shape (n_envs, n_villages, n_candidates, n_rules).
        """
        xp = array_namespace(chosen)
        left = np.maximum(np.abs(self.limits.rows.limit - used), LEAST_LEFT).astype(np.float32)
        slope = self.slope[year - 1] / like(left, chosen)[:, None, :]
        use = chosen @ slope[:, None] * self.counts[None, :, None, :]
        none = xp.zeros_like(use[..., 0])
        by_rule = [none] * len(RULES_USED)
        for place, rows in self.places.items():
            some = use[..., like(rows, year)]
            most, least = xp.max(some, axis=3), xp.min(some, axis=3)
            by_rule[place] = xp.where(most >= -least, most, least)
        return xp.stack(by_rule, axis=3)


def rule_use(gains: MarginalGains, reference: Array) -> RuleUse | None:
    """The limits of a scenario's hard rules; None where the linear model foretells none at every plan.

    Targets on what is linear at one plan only (capital, commutes, accessibility) are left to the year end.

    Args:
        gains: linear model with its limited quantities.
        reference: an array of the library and device to use.
    """
    limits = linear_limits(gains, active_rules(gains.resolved, (RuleMode.HARD,)))
    if limits is None or limits.n_limits == 0:
        return None
    rows = limits.rows
    places: dict[int, list[int]] = {}
    for k, rule in enumerate(rows.rule.tolist()):
        places.setdefault(RULES_USED.index(rule if rule in RULES_USED else "targets"), []).append(k)
    counts = (rows.district == CITY) | (rows.district == limits.village_district[:, None])
    return RuleUse(
        limits=limits,
        slope=like(np.ascontiguousarray(rows.slope.transpose(1, 2, 0), dtype=np.float32), reference),
        counts=like(counts.astype(np.float32), reference),
        places={place: np.array(positions) for place, positions in places.items()},
    )
