"""What the villages that a scenario forces need at the least, against its hard limits: told before it is searched.

Every village takes the option and the year that need least, whatever the others take; so what is found here no plan of
the options can mend. What no such sum shows is left to the search: deepest deficit, rents, population of districts.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray
from data.catalogue import Told, message, text, told
from data.errors import InputError, Refusal, refuse
from data.scenario import INTENSITIES, SHARE_TOLERANCE, Bargaining, RuleMode
from envs.choices.additive_limits import AdditiveLimit, additive_limits
from envs.choices.options import option_space
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, Trace
from envs.rules.check import rule_mode
from envs.rules.rule import TOLERANCE
from optimizers.bounds.amounts import AMOUNTS, ChoiceTable, option_table
from optimizers.bounds.capital_terms import unpriced_flow

SAID_IN_CNY = {"en": 1e9, "zh": 1e8}
INEXACT = ("district_population",)
"""Limits whose sums are estimates, so that they prove nothing."""


def refuse_short_of_means(resolved: ResolvedScenario) -> None:
    """Refuse a scenario whose hard limits are too tight for the villages that must begin, with all that is short.

    Raises:
        InputError: a refusal for each limit, with numbers and what would mend it.
    """
    if wrong := shortfalls(resolved):
        raise InputError(*wrong)


def shortfalls(resolved: ResolvedScenario) -> tuple[Refusal, ...]:
    """What is short for the villages that must begin; empty where nothing must, for then doing nothing is a plan.

    Args:
        resolved: scenario resolved against a city.
    """
    if not resolved.scenario.asks_for_something:
        return ()
    forced = ForcedVillages(resolved)
    found = [*_without_option(forced), *_too_few_able(forced)]
    if found:  # what cannot begin at all has no cost
        return tuple(found)
    return (*_intensities(forced), *_capital(forced), *_sums(forced))


@dataclass(frozen=True, eq=False)
class ForcedVillages:
    """Villages that must begin, and what each needs at the least.

    Attributes:
        resolved: scenario resolved against a city.
    """

    resolved: ResolvedScenario

    @cached_property
    def table(self) -> ChoiceTable:
        """Every option of every village."""
        return option_table(self.resolved, option_space(self.resolved))

    @cached_property
    def must(self) -> BoolArray:
        """True for villages that are named: locked ones, and those whose beginning is given."""
        scenario, ids = self.resolved.scenario, self.resolved.city.villages.village_id
        given = [name for name, village in scenario.fixed.items() if village.start_year]
        return np.asarray(np.isin(ids, [*scenario.locked, *given]), dtype=bool)

    @cached_property
    def able(self) -> BoolArray:
        """True for villages that may begin in some year with some option."""
        return np.asarray(self.table.mask.any(axis=1) & self.table.start_mask.any(axis=1), dtype=bool)

    @cached_property
    def n_must(self) -> int:
        """Villages that must begin, those that no name but a ratio asks for included."""
        return max(int(self.must.sum()), _least_renewed(self.resolved))

    def least(self, needs: FloatArray) -> FloatArray:
        """The least of what a village's legal options need, shape (n_villages,); infinite where it has none.

        Args:
            needs: of every option, shape (n_villages, n_options).
        """
        return np.asarray(np.where(self.table.mask, needs, np.inf).min(axis=1))

    def cheapest(self, least: FloatArray) -> FloatArray:
        """Needs of the villages that must begin and of the cheapest others that a ratio asks for, ascending."""
        others = np.sort(least[self.able & ~self.must])[: self.n_must - int(self.must.sum())]
        return np.sort(np.concatenate([least[self.must], others]))


def _least_renewed(resolved: ResolvedScenario) -> int:
    bounds = resolved.scenario.renewal_ratio
    if bounds is None or not _is_hard(resolved, "renewal_ratio_least"):
        return 0
    return math.ceil(bounds.low * resolved.city.n_villages - SHARE_TOLERANCE)


def _is_hard(resolved: ResolvedScenario, rule: str) -> bool:
    return rule_mode(resolved.scenario, rule) is RuleMode.HARD


def _money(cny: float) -> Told:
    """An amount as people say it: in 亿元, or in billions."""
    return told(lambda language: text("money_said", language, amount=cny / SAID_IN_CNY[language]))


def _enough(cny: float) -> Told:
    """An amount that is at least so much, in three digits."""
    step = 10.0 ** (math.floor(math.log10(cny)) - 2) if cny > 0.0 else 1.0
    return _money(math.ceil(cny / step - 1e-9) * step)


def _told(error: InputError) -> Refusal:
    return error.refusals[0]


def _without_option(forced: ForcedVillages) -> Iterator[Refusal]:
    """Villages that must begin, and that neither intensity, use, density nor rule lets begin."""
    lost = forced.resolved.city.villages.village_id[forced.must & ~forced.able]
    if lost.size:
        yield _told(refuse("forced_without_option", layer="scenario locked", rows=lost.tolist(), n=int(lost.size)))


def _too_few_able(forced: ForcedVillages) -> Iterator[Refusal]:
    able = int(forced.able.sum())
    if forced.n_must > able:
        ratio = forced.resolved.scenario.renewal_ratio
        low = 0.0 if ratio is None else ratio.low
        yield _told(
            refuse("ratio_beyond_able", layer="scenario renewal_ratio.low", low=low, n=forced.n_must, able=able)
        )


def _intensities(forced: ForcedVillages) -> Iterator[Refusal]:
    """Ranges of intensities among the renewed villages, by number, that the villages which must begin rule out."""
    scenario, table = forced.resolved.scenario, forced.table
    places = scenario.places if _is_hard(forced.resolved, "yearly_quota") else forced.able.size
    for intensity, share in scenario.intensity_shares.items():
        of_it = np.asarray(table.plans.intensity == INTENSITIES.index(intensity)).T & table.mask
        can, need_not = of_it.any(axis=1) & forced.able, (table.mask & ~of_it).any(axis=1) & forced.able
        never, always = int((forced.must & ~can).sum()), int((forced.must & ~need_not).sum())
        n, others = max(1, forced.n_must), int(need_not.sum())
        most = min(int(can.sum()), places - never)
        highest = min(most / max(1, most + never), int(can.sum()) / n)
        lowest = always / max(1, always + min(others, places - always))
        layer = f"scenario intensity_shares.{intensity}"
        if _is_hard(forced.resolved, "intensity_share_least") and highest < share.low - SHARE_TOLERANCE:
            yield _told(refuse("share_out_of_reach", layer=layer, low=share.low, most=highest, n=int(can.sum())))
        if _is_hard(forced.resolved, "intensity_share_most") and lowest > share.high + SHARE_TOLERANCE:
            yield _told(refuse("share_forced_beyond", layer=layer, high=share.high, least=lowest, n=always))


def _capital(forced: ForcedVillages) -> Iterator[Refusal]:
    """A year's capital that single villages, given decisions, or all that must begin exceed whatever is done."""
    resolved, limit = forced.resolved, forced.resolved.scenario.capital_limit_annual_cny
    counted = resolved.scenario.bargaining is Bargaining.COUNTED  # costs are then expected ones
    if limit is None or counted or not _is_hard(resolved, "annual_capital"):
        return
    layer, ids, most = "scenario capital_limit_annual_cny", resolved.city.villages.village_id, limit * (1.0 + TOLERANCE)
    dearest, whole, n_years = _least_costs_cny(forced)
    alone = np.flatnonzero(forced.must & (dearest > most))
    if alone.size:
        worst = alone[np.argsort(-dearest[alone])]
        need = _money(float(dearest[worst[0]]))
        rows = ids[worst].tolist()
        yield _told(refuse("capital_short_of_village", layer=layer, rows=rows, need=need, limit=_money(limit)))
    needs, money = forced.cheapest(whole), n_years * most
    if needs.sum() > money:
        cheapest = np.cumsum(np.sort(whole[forced.able & (dearest <= most)]))
        suffices, n, total = int(np.searchsorted(cheapest, money, side="right")), int(needs.size), float(needs.sum())
        yield _told(
            refuse(
                "capital_short", layer=layer, n=n, suffices=suffices, years=n_years,
                need=_money(total), limit=_money(limit), least=_enough(total / n_years),
            )
        )  # fmt: skip
    yield from _floor_beyond_capital(forced, money)


def _least_costs_cny(forced: ForcedVillages) -> tuple[FloatArray, FloatArray, int]:
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


def _floor_beyond_capital(forced: ForcedVillages, money: float) -> Iterator[Refusal]:
    """Least areas that cost more than there is: each village gives its most at its best cost a square meter."""
    resolved, table = forced.resolved, forced.table
    flow = unpriced_flow(resolved, signed=False).sum(axis=0)  # (n_districts, plan_years, n_amounts)
    for use in ("commodity", "rental"):
        rule, least_m2 = f"least_{use}_area", getattr(resolved.scenario, f"least_{use}_area_m2")
        if least_m2 is None or not _is_hard(resolved, rule):
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
        if need > money:
            layer, limit = f"scenario {rule}_m2", _money(resolved.scenario.capital_limit_annual_cny or 0.0)
            yield _told(
                refuse(
                    "floor_beyond_capital", layer=layer, least=least_m2, need=_money(need), limit=limit,
                    money=_money(money),
                )
            )  # fmt: skip


def _sums(forced: ForcedVillages) -> Iterator[Refusal]:
    """Hard limits that add up over villages and that those which must begin exceed, the others helping as they can."""
    resolved, trace = forced.resolved, Trace(forced.resolved, forced.table.plans, REPORT)
    able_idle = forced.able & ~forced.must
    for limit in additive_limits(resolved):
        hard = _is_hard(resolved, limit.rule)
        if not hard or limit.builds_up or limit.rule in INEXACT or limit.rule.startswith(("intensity", "renewal")):
            continue
        least = forced.least(np.asarray(limit.need(trace)).T)
        inside = _counting(forced, limit)
        helped = np.minimum(least[able_idle & inside], 0.0).sum()
        needs = forced.cheapest(np.where(inside, least, 0.0))
        total, slack = float(needs.sum() + helped), TOLERANCE * max(1.0, abs(limit.most))
        if total > limit.most + slack and forced.must.any():
            yield _beyond(forced, limit, total)


def _counting(forced: ForcedVillages, limit: AdditiveLimit) -> BoolArray:
    if not limit.local:
        return np.ones_like(forced.able)
    return np.asarray(forced.table.district_idx == limit.district, dtype=bool)


def _beyond(forced: ForcedVillages, limit: AdditiveLimit, total: float) -> Refusal:
    rule, n = message(f"rule_{limit.rule}"), forced.n_must
    if limit.whole is not None or limit.most == 0.0:
        return _told(refuse("forced_break_share", layer=f"scenario rules.{limit.rule}", rule=rule, n=n))
    layer = f"scenario rules.{limit.rule}"
    if limit.district is None:
        return _told(refuse("forced_beyond", layer=layer, rule=rule, n=n, need=total, limit=limit.most))
    district = str(forced.resolved.city.districts[limit.district])
    return _told(
        refuse(
            "forced_beyond_in_district", layer=layer, rule=rule, district=district, n=n, need=total, limit=limit.most
        )
    )
