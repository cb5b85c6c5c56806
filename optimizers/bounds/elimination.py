"""Without what no best plan for capital does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.arrays import FloatArray
from data.scenario import RuleMode
from envs.kernel.markets import market_ratio
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.check import active_rules
from optimizers.bounds.amounts import AMOUNTS, ChoiceTable
from optimizers.bounds.capital_terms import (
    at,
    capital_objective,
    discount,
    extremes,
    factor,
    growth,
    ranges_by_year,
    rent_weights,
    supply_weights,
)

REMOVABLE = {
    "yearly_quota",
    "renewal_ratio_most",
    "commodity_cap",
    "displacement",
    "consent",
    "minimum_facility_ratio",
}
"""Hard rules that a plan still respects when one of its villages is kept instead."""


def worthwhile(resolved: ResolvedScenario, table: ChoiceTable) -> ChoiceTable:
    r"""Without what no best plan does: renewals that lose more than they can give to their neighbors.

    Keeping a village instead leaves standing the rooms it would demolish, and so takes at most $-\phi'(N_{min}) m$ from
    the stock factor of its district, times all its sales; and it keeps the tenants, which takes from the rents of the
    district. Its new floor gives nothing to others. A choice whose own value at the highest factor falls short of that
    is in no best plan, as long as keeping a village breaks no hard rule and every district answers to its own sums.
    What is left narrows the ranges, and more may go.

    Args:
        resolved: scenario resolved against a city.
        table: choices.

    Returns:
        The table with fewer choices and years; the same where another hard rule stands.
    """
    rules = {rule.name for rule in active_rules(resolved, (RuleMode.HARD,)) if not rule.built_in}
    markets = resolved.constants.markets
    if not rules <= REMOVABLE or not markets.has_all:
        return table
    objective, worth = capital_objective(resolved), discount(resolved) * growth(resolved)
    sale, everyone = resolved.clock.flow_profiles["sale"][1:], np.arange(table.district_idx.size)
    sold = np.zeros_like(objective)
    sold[:, :, at("commodity_sales")], sold[:, :, at("sales_cost")] = (sale @ worth)[:, None], -(sale @ worth)[:, None]
    rented = np.broadcast_to(np.tensordot(discount(resolved), rent_weights(resolved), axes=1), objective.shape)
    districts, rent = np.arange(table.n_districts), markets.rent
    while True:
        lowest = ranges_by_year(resolved, table, supply_weights(resolved))[0].min(axis=0)[None, :]
        highest = factor(markets.stock, lowest)[0]
        per_m2 = np.asarray(markets.stock.per_unit) / np.asarray(market_ratio(lowest.T, markets.stock))[:, 0]
        of_rooms = markets.stock.elasticity * highest * per_m2 * markets.rooms_as_housing
        weights = objective + highest[:, None, None] * sold
        weights[:, :, AMOUNTS.index("demolished")] += (of_rooms * extremes(table, districts, sold)[1])[:, None]
        of_places = rent.elasticity * np.asarray(rent.per_unit) * extremes(table, districts, rented)[1]
        weights[:, :, AMOUNTS.index("tenants_left")] += of_places[:, None]
        left = _with_some_worth(table, table.scores(weights, everyone))
        if left.mask.sum() == table.mask.sum() and left.start_mask.sum() == table.start_mask.sum():
            return left
        table = left


def _with_some_worth(table: ChoiceTable, score: FloatArray) -> ChoiceTable:
    """Years, and whole intensities and land uses, in which a village that may be kept is worth something."""
    must = ~table.keep_mask
    year = table.start_mask & ((score.max(axis=2) >= 0.0) | must[:, None])
    by_choice = score.max(axis=1)
    kinds = np.stack([np.asarray(table.plans.intensity)[:, 0], np.asarray(table.plans.land_use)[:, 0]])
    mask = table.mask.copy()
    for kind in np.unique(kinds, axis=1).T:
        same = (kinds == kind[:, None]).all(axis=0)
        mask[:, same] &= ((by_choice[:, same].max(axis=1) >= 0.0) | must)[:, None]
    return replace(table, mask=mask, start_mask=year)
