"""Scenarios in which what is bargained counts, by a table with other terms for every village and option."""

from __future__ import annotations

import numpy as np

from agreement_fixtures import counting, table_of
from data.city import City
from data.scenario import Scenario
from envs.choices.options import option_space
from envs.kernel import ResolvedScenario, resolve
from envs.kernel.agreements import Agreements

DELAYS_YR = (0.0, 0.3, 0.8)
"""Each makes another calendar."""
NO_MARKET = dict.fromkeys(("price.elasticity", "sale.flow_elasticity", "rent.elasticity"), 0.0)
"""Parameters by which no price answers: money adds up over villages."""


def late_table(resolved: ResolvedScenario, seed: int = 11) -> Agreements:
    """Other terms for every village and option, on three calendars; one option of ten is never agreed on."""
    space, rng = option_space(resolved), np.random.default_rng(seed)
    shape = space.option_mask.shape
    return table_of(
        space,
        probability=np.where(rng.random(shape) < 0.1, 0.0, rng.random(shape)),
        multiplier=1.0 + 0.5 * rng.random(shape),
        onsite_share=resolved.onsite_share * (0.5 + 0.5 * rng.random(shape)),  # what the floor of every option holds
        calendar=rng.integers(0, len(DELAYS_YR), shape),
        calendar_delay_yr=DELAYS_YR,
    )


def bargained(scenario: Scenario, city: City) -> ResolvedScenario:
    """The scenario resolved, with its bargaining counted by `late_table`."""
    resolved = resolve(scenario, city)
    return counting(resolved).with_agreements(late_table(resolved))
