"""Policy events: rules that change while a plan is carried out, and what becomes of a plan that stands.

An event of year t holds from year t + 1 on. Each kind draws each year by itself, keyed by seed, kind and world: no
other draw moves when kinds are added.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.parameter_book import Book
from data.scenario import RuleMode
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from envs.people.generator import Stream, place_generator

KINDS = ("far_cut", "far_raise", "quota_cut", "subsidy", "capital_cut")
MOST_YEARS = 50
"""Of a programme; as many are drawn whatever its length, so that the first years of a seed stay the same."""


@dataclass(frozen=True, eq=False)
class PolicyEvents:
    """What has happened in one world.

    Attributes:
        before: kind -> events before each programme year 0, 1, ..., plan_years + 1, shape (plan_years + 2,).
    """

    before: dict[str, IntArray]

    def times(self, book: Book, *kinds: str) -> FloatArray:
        """What the factors of some kinds come to in each programme year, shape (plan_years + 2,) [x]."""
        factors = [book.number(f"futures.{kind}_factor") ** self.before[kind] for kind in kinds]
        return np.prod(np.array(factors, dtype=np.float64), axis=0)

    def n(self, kind: str) -> int:
        """Events of a kind over the whole programme."""
        return int(self.before[kind][-1])

    def in_flow_years(self, by_year: FloatArray | IntArray, n_years: int) -> FloatArray:
        """A row of the programme's years over those of the cash flow: the last one stays."""
        return np.asarray(by_year, dtype=np.float64)[np.minimum(np.arange(n_years), len(by_year) - 1)]


def draw_events(book: Book, seed: int, n: int, *, plan_years: int) -> list[PolicyEvents]:
    """Events of the first n worlds of a seed.

    Args:
        book: how likely each is in a year.
        seed: 0..LARGEST_SEED.
        n: worlds.
        plan_years: length of the programme.
    """
    before = {}
    for kind in KINDS:
        chance = place_generator(seed, f"event {kind}", Stream.EVENTS).random((n, MOST_YEARS))[:, :plan_years]
        happens = chance < book.number(f"futures.{kind}_probability")
        counts = np.zeros((n, plan_years + 2), dtype=np.int64)
        counts[:, 2:] = np.cumsum(happens, axis=1)
        before[kind] = np.minimum(counts, 1) if kind == "subsidy" else counts
    return [PolicyEvents({kind: counts[world] for kind, counts in before.items()}) for world in range(n)]


def plans_under(resolved: ResolvedScenario, plans: Plans, events: PolicyEvents) -> Plans:
    """What becomes of plans that stand: starts beyond a smaller quota wait, floor beyond a lower limit is not built.

    Args:
        resolved: scenario resolved against a city.
        plans: canonical, on NumPy.
        events: of the world.

    Returns:
        Canonical; a start that finds no place in the programme is a village kept.
    """
    start = np.asarray(plans.start_year)
    if events.n("quota_cut") and resolved.scenario.rules.get("yearly_quota", RuleMode.HARD) is not RuleMode.OFF:
        start = starts_within(start, _quotas_after(resolved, events), _is_decided(resolved))
    most = floor_area_ratio_limit(resolved) * events.times(resolved.book, "far_cut", "far_raise")[start]
    ratio = np.minimum(np.asarray(plans.floor_area_ratio), np.where(_is_cut(events)[start], most, np.inf))
    return canonical(replace(plans, start_year=start, floor_area_ratio=ratio))


def starts_within(start: IntArray, quotas: IntArray, decided: BoolArray) -> IntArray:
    """Start years when years have so many places: who comes too late waits in order, the longest first.

    Args:
        start: planned, 0 = keep, shape (n_plans, n_villages).
        quotas: places of the programme years 1, 2, ..., shape (n_years,).
        decided: True for villages that begin as planned whatever happens, shape (n_villages,).

    Returns:
        Same shape; 0 where no place is left.

    Example:
        Two places in the first year, one in each later: the third waits, then the fourth, the fifth is out.

        >>> places = np.array([2, 1, 1])
        >>> starts_within(np.array([[1, 1, 1, 2, 3]]), places, np.zeros(5, dtype=bool)).tolist()
        [[1, 1, 2, 3, 0]]
    """
    met = np.where(decided, start, 0)
    for plan, row in enumerate(start):
        waiting: list[int] = []
        for year, quota in enumerate(quotas.tolist(), start=1):
            waiting += np.flatnonzero((row == year) & ~decided).tolist()
            places = max(0, quota - int(np.sum(decided & (row == year))))
            met[plan, waiting[:places]] = year
            waiting = waiting[places:]
    return met


def floor_area_ratio_limit(resolved: ResolvedScenario) -> FloatArray:
    """Most that a village may build before any event, as the scenario has it, shape (n_villages,)."""
    scenario = resolved.scenario
    return np.minimum(
        scenario.floor_area_ratio.high, scenario.floor_area_ratio_share.high * resolved.city.villages.far_limit
    )


def subsidy_paid_cny(trace: Trace, events: PolicyEvents) -> FloatArray:
    """Present value of a subsidy that came on the way, for rental floor completed after it; shape (n_plans,) [CNY]."""
    book = trace.resolved.book
    rental_m2 = np.asarray(trace.yearly(trace.form.rental, "completion")).sum(axis=1)  # (n_plans, n_years)
    n_years = rental_m2.shape[1]
    paid = book.number("futures.subsidy") * events.in_flow_years(events.before["subsidy"], n_years)
    return rental_m2 @ (paid * (1.0 + book.number("finance.discount_rate")) ** -np.arange(n_years))


def _quotas_after(resolved: ResolvedScenario, events: PolicyEvents) -> IntArray:
    left = events.times(resolved.book, "quota_cut")[1:-1]
    return np.floor(np.array(resolved.scenario.yearly_quotas) * left + 1e-9).astype(np.int64)


def _is_decided(resolved: ResolvedScenario) -> BoolArray:
    return np.isin(resolved.city.villages.village_id, list(resolved.scenario.fixed))


def _is_cut(events: PolicyEvents) -> BoolArray:
    """Whether a limit was cut before each programme year: without one, a plan beyond its limit is no event's matter."""
    return events.before["far_cut"] > 0
