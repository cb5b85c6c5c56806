"""Villages that a scenario forces to begin, and the least that a plan can come to with them: ground of feasibility.py.

Every village takes the option and the year that need least, whatever the others take; so no plan of the options comes
to less.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.catalogue import Told, text, told
from data.errors import InputError, Refusal
from data.scenario import SHARE_TOLERANCE, Bargaining, RuleMode
from envs.choices.options import option_space
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.kernel.trace import REPORT, Trace
from envs.rules.check import rule_mode
from optimizers.bounds.amounts import ChoiceTable, option_table

SAID_IN_CNY = {"en": 1e9, "zh": 1e8}


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
    def trace(self) -> Trace:
        """Every option of every village, a row each, at report precision."""
        return Trace(self.resolved, self.table.plans, REPORT)

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

    @cached_property
    def first_year(self) -> IntArray:
        """First year in which a village may begin, shape (n_villages,); beyond the last where it cannot."""
        years = np.arange(1, self.table.n_years + 1)
        return np.asarray(np.where(self.table.start_mask, years, self.table.n_years + 1).min(axis=1))

    @cached_property
    def last_year(self) -> IntArray:
        """Last year in which a village may begin, same shape; 0 where it cannot."""
        return np.asarray((self.table.start_mask * np.arange(1, self.table.n_years + 1)).max(axis=1))

    @cached_property
    def has_own_terms(self) -> bool:
        """Whether villages are renewed on terms or in calendars of their own, which move money and years otherwise."""
        counted = self.resolved.scenario.bargaining is Bargaining.COUNTED
        given = self.resolved.scenario.fixed.values()
        return counted or any(village.start_year > 0 and bool(village.delay_yr) for village in given)

    def places(self, last: int | None = None) -> int:
        """Villages that may begin up to a year, by number.

        Args:
            last: year of the programme; None = its last, which a hard largest ratio bounds, too.
        """
        scenario, n = self.resolved.scenario, int(self.able.sum())
        ratio = scenario.renewal_ratio
        if ratio is not None and is_hard(self.resolved, "renewal_ratio_most"):
            n = min(n, max(self.n_must, math.floor(ratio.high * self.able.size + SHARE_TOLERANCE)))
        if not is_hard(self.resolved, "yearly_quota"):
            return n
        if last is None:
            return min(n, scenario.places)
        begun = sum(0 < village.start_year < scenario.first_open_year for village in scenario.fixed.values())
        return min(n, begun + sum(scenario.yearly_quotas[scenario.first_open_year - 1 : max(0, last)]))

    def least_begun(self, last: int) -> int:
        """Villages that must have begun by a year, since later years have no places for them."""
        scenario = self.resolved.scenario
        if not is_hard(self.resolved, "yearly_quota"):
            return 0
        return max(0, self.n_must - sum(scenario.yearly_quotas[max(0, last) :]))

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

    def least_sum(self, least: FloatArray, *, at_least: int = 0) -> float:
        """The least that a plan adds up to, where others that help may begin as far as there are places.

        Args:
            least: of each village, shape (n_villages,); below 0 where it helps.
            at_least: villages that begin in any case.
        """
        return least_of(least, self.must & self.able, self.able, max(at_least, self.n_must), self.places())


def least_of(least: FloatArray, must: BoolArray, able: BoolArray, at_least: int, at_most: int) -> float:
    """The least sum over a choice of villages.

    Args:
        least: of each village, shape (n_villages,).
        must: those that are chosen in any case, same shape.
        able: those that can be chosen.
        at_least: how many are chosen at the least.
        at_most: how many at the most, unless more must be.

    Example:
        One must, two at the least: the cheaper one goes with it; of three, one that helps is worth having.

        >>> needs, must = np.array([5.0, 3.0, 4.0]), np.array([True, False, False])
        >>> least_of(needs, must, np.ones(3, dtype=bool), 2, 3)
        8.0
        >>> least_of(needs - 4.0, must, np.ones(3, dtype=bool), 1, 3)
        0.0
    """
    n = int(must.sum())
    others = np.sort(least[able & ~must])
    some = max(0, min(at_least - n, others.size))
    helping = others[some : max(some, at_most - n)]
    return float(least[must].sum() + others[:some].sum() + helping[helping < 0.0].sum())


def _least_renewed(resolved: ResolvedScenario) -> int:
    bounds = resolved.scenario.renewal_ratio
    if bounds is None or not is_hard(resolved, "renewal_ratio_least"):
        return 0
    return math.ceil(bounds.low * resolved.city.n_villages - SHARE_TOLERANCE)


def is_hard(resolved: ResolvedScenario, rule: str) -> bool:
    """Whether a rule of the scenario is hard."""
    return rule_mode(resolved.scenario, rule) is RuleMode.HARD


def money(cny: float) -> Told:
    """An amount as people say it: in 亿元, or in billions."""
    return told(lambda language: text("money_said", language, amount=cny / SAID_IN_CNY[language]))


def enough(cny: float) -> Told:
    """An amount that is at least so much, in three digits."""
    step = 10.0 ** (math.floor(math.log10(cny)) - 2) if cny > 0.0 else 1.0
    return money(math.ceil(cny / step - 1e-9) * step)


def only_refusal(error: InputError) -> Refusal:
    """The refusal that an error is made of."""
    return error.refusals[0]
