"""Without what no best plan for capital does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.arrays import FloatArray
from data.scenario import RuleMode
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.check import active_rules
from optimizers.bounds.amounts import AMOUNTS, ChoiceTable
from optimizers.bounds.capital_terms import capital_objective, extremes, net_housing_range, price_factor
from optimizers.bounds.price_pairs import sale_kernels, sum_weights

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

    Keeping a village instead takes at most $-\phi'(N_{min}) m$ from the price factor of its district, for it
    demolishes m, and so at most that times all sales of the district. A choice whose own value at the highest factor
    falls short of it even so is in no best plan, as long as keeping a village breaks no hard rule. What is left
    narrows the ranges, and more may go.

    Args:
        resolved: scenario resolved against a city.
        table: choices.

    Returns:
        The table with fewer choices and years; the same where another hard rule stands.
    """
    rules = {rule.name for rule in active_rules(resolved, (RuleMode.HARD,)) if not rule.built_in}
    if not rules <= REMOVABLE:
        return table
    kernels, objective = sale_kernels(resolved), capital_objective(resolved, table)
    stock = np.maximum(np.asarray(resolved.constants.base.housing_stock_m2), 1.0)
    everyone = np.arange(table.district_idx.size)
    while True:
        lowest = net_housing_range(resolved, table)[0].min(axis=0)
        factor = price_factor(resolved, lowest[None, :])[0]
        steepest = resolved.book.number("price.elasticity") * factor / (stock * np.maximum(1.0 + lowest / stock, 0.05))
        sold = np.broadcast_to(sum_weights(kernels.whole, "sales"), objective.shape)
        sales = extremes(table, np.arange(table.n_districts), sold)[1]
        weights = objective + factor[:, None, None] * sold
        weights[:, :, AMOUNTS.index("demolished")] += (steepest * sales)[:, None]
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
