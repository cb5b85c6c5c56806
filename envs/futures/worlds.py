"""Worlds: what plans meet besides prices - delays, other households, policy events, parameters in their ranges.

A world moves people, so plans are evaluated in it whole; there are few of them, spread evenly over the ranges (Latin
hypercube, McKay et al. 1979). All plans meet the same worlds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import qmc, triang

from data.arrays import FloatArray
from data.errors import InputError
from data.parameter_book import Book, load_book
from data.travel import Travel
from envs.futures.policy_events import PolicyEvents, draw_events, plans_under
from envs.futures.resolved_again import Commuting, commuting_of, resolve_again, travel_of
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.consent import least_multiplier
from envs.kernel.plans import canonical
from envs.kernel.resolving.commuting import FALLBACK_DECAY
from envs.kernel.trace import REPORT, Trace
from envs.people.bargaining.electorate import draw_pivotal_ratios, n_registered_households
from envs.people.generator import Stream, place_generator

UNCERTAIN = (
    *("comp.", "cost.", "density.", "finance.cap_rate", "hedonic.", "housing.", "jobs.", "market."),
    *("price.", "rent.", "sale.", "settle.", "tenant.", "time."),
)
"""Beginnings of the keys that differ between worlds: what nobody decides, as he does a discount rate or a threshold.

Employment rates stay, for the commutes of the base year are calibrated with them."""
N_DECAYS = 8
"""Values that the decay of commuting takes: the middles of so many equally likely parts of its range."""
RANGED_DECAY = "calib.gamma_sqrt"
"""Whose range, relative to its value, counts where the decay of the scenario's form has none."""


@dataclass(frozen=True, eq=False)
class World:
    """A world.

    Attributes:
        parameters: that differ from the scenario's.
        resolved: the scenario with them.
        plans: under the events, with the delays and the households' multipliers of this world, where they give none.
        events: of policy.
    """

    parameters: dict[str, float]
    resolved: ResolvedScenario
    plans: Plans
    events: PolicyEvents


def uncertain_keys(book: Book) -> tuple[str, ...]:
    """Keys of single numbers with a range that the evaluator reads and nobody decides, second names left out."""
    return tuple(
        key
        for key, entry in book.items()
        if key.startswith(UNCERTAIN)
        and isinstance(entry.value, float)
        and entry.is_read
        and not (entry.read_by or entry.same_as or entry.limits.whole)
        and entry.low is not None
        and entry.high is not None
        and entry.low < entry.high
    )


@dataclass(frozen=True, eq=False)
class WorldDraws:
    """What differs between the worlds of a seed and number.

    Attributes:
        resolved: scenario resolved against a city; what the parties agree to is held.
        plans: canonical.
        keys: of the parameters that differ.
        values: of them, shape (n_worlds, n_keys).
        delay_yr: of each village, shape (n_worlds, n_villages) [yr].
        pivotal_ratio: what the household that decides wants for each yuan it gives up, same shape [x].
        decay_factor: of the decay of commuting, shape (n_worlds,).
        events: of policy, one entry a world.
        travel: distances of the city.
    """

    resolved: ResolvedScenario
    plans: Plans
    keys: tuple[str, ...]
    values: FloatArray
    delay_yr: FloatArray
    pivotal_ratio: FloatArray
    decay_factor: FloatArray
    events: list[PolicyEvents]
    travel: Travel

    def by_decay(self) -> dict[float, list[int]]:
        """Factor of the decay -> numbers of its worlds, which share one balanced model of commuting."""
        factors = np.unique(self.decay_factor)
        return {float(factor): np.flatnonzero(self.decay_factor == factor).tolist() for factor in factors}

    def commuting(self, factor: float) -> Commuting:
        """Commuting of the worlds of a factor."""
        return commuting_of(self.resolved, factor)

    def world(self, number: int, commuting: Commuting | None = None) -> World | None:
        """One of the worlds; None where the numbers drawn cannot work together.

        Args:
            number: from 0.
            commuting: of its factor, where it is known.
        """
        parameters = dict(zip(self.keys, self.values[number].tolist(), strict=True))
        commuting = commuting or self.commuting(float(self.decay_factor[number]))
        try:
            changed = resolve_again(self.resolved, parameters, commuting, self.travel)
        except InputError:
            return None
        if self.resolved.agreements is not None:
            changed = changed.with_agreements(self.resolved.agreements)
        events = self.events[number]
        plans = plans_under(changed, self.plans, events)
        met = _met(changed, plans, self.delay_yr[number], self.pivotal_ratio[number])
        return World(parameters, changed, met, events)


def draw_worlds(resolved: ResolvedScenario, plans: Plans, *, n: int, seed: int) -> WorldDraws:
    """Draw the worlds of a seed and number.

    Args:
        resolved: scenario resolved against a city.
        plans: shape (n_plans, n_villages), on NumPy.
        n: of the worlds.
        seed: 0 or more.
    """
    book, villages = resolved.book, resolved.city.villages.village_id.tolist()
    keys = uncertain_keys(book)
    uniform = qmc.LatinHypercube(len(keys), rng=np.random.default_rng([seed, n])).random(n)
    return WorldDraws(
        resolved=resolved,
        plans=canonical(plans),
        keys=keys,
        values=np.column_stack([triangular(book, key, uniform[:, k]) for k, key in enumerate(keys)]),
        delay_yr=_delays_yr(resolved, villages, n, seed).T,
        pivotal_ratio=_pivotal_ratios(resolved, villages, n, seed).T,
        decay_factor=_decay_factors(resolved, n, seed),
        events=draw_events(book, seed, n, plan_years=resolved.scenario.plan_years),
        travel=travel_of(resolved),
    )


def triangular(book: Book, key: str, uniform: FloatArray) -> FloatArray:
    """Triangular between the ends of the range, most likely the scenario's value, which may lie outside of it."""
    entry, mode = book[key], book.number(key)
    low, high = min(float(entry.low or 0.0), mode), max(float(entry.high or 0.0), mode)
    return np.asarray(triang.ppf(uniform, (mode - low) / (high - low), loc=low, scale=high - low))


def decay_range(resolved: ResolvedScenario) -> tuple[float, float]:
    """Low and high of the decay of commuting relative to its value, as the book has them for the scenario's form."""
    book = load_book()
    key = FALLBACK_DECAY[resolved.scenario.commute_deterrence]
    key = RANGED_DECAY if book[key].low is None else key
    low, high = (float(end or 0.0) for end in (book[key].low, book[key].high))
    return low / book.number(key), high / book.number(key)


def _decay_factors(resolved: ResolvedScenario, n: int, seed: int) -> FloatArray:
    """Factor of each world: triangular, most likely 1, in N_DECAYS steps, spread evenly over the worlds; (n,)."""
    low, high = decay_range(resolved)
    uniform = qmc.LatinHypercube(1, rng=np.random.default_rng([seed, n, N_DECAYS])).random(n)[:, 0]
    middle = (np.floor(uniform * N_DECAYS) + 0.5) / N_DECAYS
    return np.asarray(triang.ppf(middle, (1.0 - low) / (high - low), loc=low, scale=high - low))


def _delays_yr(resolved: ResolvedScenario, villages: list[str], n: int, seed: int) -> FloatArray:
    """Log-normal delay of each village in each world, as long as the calendar holds; (n_villages, n) [yr]."""
    book = resolved.book
    shocks = np.stack([place_generator(seed, name, Stream.DELAYS).standard_normal(n) for name in villages])
    delay_yr = book.number("futures.delay_median_yr") * np.exp(book.number("futures.delay_log_sd") * shocks)
    return np.minimum(delay_yr, resolved.clock.longest_delay_yr)


def _pivotal_ratios(resolved: ResolvedScenario, villages: list[str], n: int, seed: int) -> FloatArray:
    """What the household that decides wants for each yuan it gives up, drawn again in each world; (n_villages, n)."""
    book = resolved.book
    registered = np.asarray(resolved.constants.base.registered)
    households = n_registered_households(registered, book.number("built.household_size"))
    return draw_pivotal_ratios(
        seed, villages, households, n, voters=resolved.voters, threshold=book.number("consent.threshold")
    )


def _met(resolved: ResolvedScenario, plans: Plans, delay_yr: FloatArray, ratio: FloatArray) -> Plans:
    """Plans with the delays and multipliers of a world; what a plan gives itself, delays come on top of."""
    nothing = np.full(plans.start_year.shape, np.nan)
    own_yr = np.nan_to_num(nothing if plans.delay_yr is None else plans.delay_yr)
    plans = canonical(replace(plans, delay_yr=np.minimum(own_yr + delay_yr, resolved.clock.longest_delay_yr)))
    trace = Trace(resolved, plans, REPORT)
    cap = resolved.book.number("consent.cap")
    wanted = least_multiplier(trace.offer, ratio=ratio, cap=cap)
    own = nothing if trace.plans.compensation_multiplier is None else trace.plans.compensation_multiplier
    return canonical(replace(plans, compensation_multiplier=np.where(np.isnan(own), wanted, own)))
