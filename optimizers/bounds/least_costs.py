"""What the villages that must begin cost at the least, against the capital of a year and of all years."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.arrays import FloatArray
from data.errors import Refusal, refuse
from data.scenario import Bargaining
from envs.rules.rule import TOLERANCE
from optimizers.bounds.amounts import AMOUNTS
from optimizers.bounds.capital_terms import unpriced_flow
from optimizers.bounds.forced_villages import ForcedVillages, enough, is_hard, money, only_refusal


def capital_short(forced: ForcedVillages, limit: float, layer: str) -> Iterator[Refusal]:
    """A year's capital that single villages, given decisions, or all that must begin exceed whatever is done.

    Args:
        forced: villages that must begin.
        limit: of the costs of a year [CNY].
        layer: field of the scenario that sets it.
    """
    if forced.resolved.scenario.bargaining is Bargaining.COUNTED:  # costs are then expected ones
        return
    ids, most = forced.resolved.city.villages.village_id, limit * (1.0 + TOLERANCE)
    dearest, whole, n_years = least_costs_cny(forced)
    alone = np.flatnonzero(forced.must & (dearest > most))
    if alone.size:
        worst = alone[np.argsort(-dearest[alone])]
        need = money(float(dearest[worst[0]]))
        rows = ids[worst].tolist()
        yield only_refusal(refuse("capital_short_of_village", layer=layer, rows=rows, need=need, limit=money(limit)))
    needs, most_cny = forced.cheapest(whole), n_years * most
    if needs.sum() > most_cny:
        cheapest = np.cumsum(np.sort(whole[forced.able & (dearest <= most)]))
        suffices, n, total = int(np.searchsorted(cheapest, most_cny, side="right")), int(needs.size), float(needs.sum())
        yield only_refusal(
            refuse(
                "capital_short", layer=layer, n=n, suffices=suffices, years=n_years,
                need=money(total), limit=money(limit), least=enough(total / n_years),
            )
        )  # fmt: skip
    yield from _floor_beyond_capital(forced, limit, most_cny)


def least_costs_cny(forced: ForcedVillages) -> tuple[FloatArray, FloatArray, int]:
    """Least cost of each village in its dearest year and in all, and the years in which there can be any cost.

    Sales costs, which follow the market, are left out. What moves costs moves them all one way, so that the first and
    the last year to begin in bound the dearest year.
    """
    table, resolved = forced.table, forced.resolved
    flow = unpriced_flow(resolved, signed=False)  # (n_flow_years, n_districts, plan_years, n_amounts)
    open_years = np.flatnonzero(table.start_mask.any(axis=0))
    costs = [k for k in range(len(AMOUNTS)) if flow[..., k].any()]
    amounts, flow = table.amounts[:, :, costs], flow[..., costs]
    dearest, whole = np.full(table.mask.shape[0], np.inf), np.full(table.mask.shape[0], np.inf)
    for village in np.flatnonzero(forced.able):
        years = np.flatnonzero(table.start_mask[village])
        weights = flow[:, table.district_idx[village]]
        legal = amounts[village][table.mask[village]]
        dearest[village] = (legal @ weights[:, [years[0], years[-1]]].transpose(1, 2, 0)).max(axis=2).min()
        whole[village] = (legal @ weights[:, years].sum(axis=0).T).min()
    n_years = int(flow[:, :, open_years].any(axis=(1, 2, 3)).sum())
    return dearest, whole, n_years


def _floor_beyond_capital(forced: ForcedVillages, limit: float, most_cny: float) -> Iterator[Refusal]:
    """Least areas that cost more than there is: each village gives its most at its best cost a square meter."""
    resolved, table = forced.resolved, forced.table
    flow = unpriced_flow(resolved, signed=False).sum(axis=0)  # (n_districts, plan_years, n_amounts)
    for use in ("commodity", "rental"):
        rule, least_m2 = f"least_{use}_area", getattr(resolved.scenario, f"least_{use}_area_m2")
        if least_m2 is None or not is_hard(resolved, rule):
            continue
        floor_m2 = np.where(table.mask, table.amount(use), 0.0)
        cost = np.full(floor_m2.shape, np.inf)
        for village in np.flatnonzero(forced.able):
            years = np.flatnonzero(table.start_mask[village])
            cost[village] = (table.amounts[village] @ flow[table.district_idx[village], years].T).min(axis=1)
        each = np.where(floor_m2 > 0.0, cost / np.where(floor_m2 > 0.0, floor_m2, 1.0), np.inf).min(axis=1)
        order = np.argsort(each)
        order, most_m2 = order[np.isfinite(each[order])], floor_m2.max(axis=1)
        given = np.minimum(most_m2[order], np.maximum(0.0, least_m2 - np.cumsum(most_m2[order]) + most_m2[order]))
        need = float((given * each[order]).sum())
        if need > most_cny:
            yield only_refusal(
                refuse(
                    "floor_beyond_capital", layer=f"scenario {rule}_m2", least=round(least_m2 / 1e4, 4),
                    need=money(need), limit=money(limit), money=money(most_cny),
                )
            )  # fmt: skip
