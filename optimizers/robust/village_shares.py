"""In how many good plans a village is chosen: shares, their standard errors, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray

ALWAYS_FROM, USUALLY_FROM, NEVER_TO = 0.95, 0.7, 0.05
"""Shares of good plans from which on a village counts as always or usually chosen, and up to which as never."""
BY_YEAR_SHARE = 0.9
"""A village is started by the first year in which so many of the plans that choose it have started it."""


class Standing(StrEnum):
    """How firmly a village stands in good plans."""

    ALWAYS = "always"
    USUALLY = "usually"
    TOSS_UP = "toss_up"
    NEVER = "never"


@dataclass(frozen=True, eq=False)
class GoodPlans:
    """Good plans of one source, for example those of a front.

    Attributes:
        start_year: 0 = kept, shape (n_plans, n_villages).
        use: what is done, one number for each way and use, same shape; means nothing where kept.
        draw: independent draw that each plan belongs to (a walk, a sample of parameters), shape (n_plans,).
    """

    start_year: IntArray
    use: IntArray
    draw: IntArray

    @property
    def n_draws(self) -> int:
        """Independent draws."""
        return int(np.unique(self.draw).size)

    def share(self, holds: BoolArray) -> FloatArray:
        """Share of draws, each of whose plans count alike: (n_plans, n_villages) to (n_villages,)."""
        draws = np.unique(self.draw)
        return np.mean([holds[self.draw == each].mean(axis=0) for each in draws], axis=0)


def standard_error(share: FloatArray, n_draws: int) -> FloatArray:
    r"""Standard error of shares over independent draws, an upper bound that is not 0 at 0 or 1.

    $$ \sqrt{p (1 - p) / (n + 2)}, \quad p = (n s + 1/2) / (n + 1) $$ the standard deviation of the posterior by
    Jeffreys' prior; draws whose own shares lie between 0 and 1 vary less than those of yes and no.

    Args:
        share: any shape [0..1].
        n_draws: independent draws.

    Example:
        >>> standard_error(np.array([1.0, 0.5]), 12).round(3)
        array([0.051, 0.134])
    """
    p = (n_draws * share + 0.5) / (n_draws + 1.0)
    return np.asarray(np.sqrt(p * (1.0 - p) / (n_draws + 2.0)))


@dataclass(frozen=True, eq=False)
class VillageShares:
    """What good plans of several sources say of every village; sources weigh alike.

    Attributes:
        by_source: source -> share of its plans that choose the village, shape (n_villages,).
        error_by_source: source -> its standard error, same shape; NaN where a source has one draw only.
        share: mean over sources, same shape.
        error: its standard error, over the sources that have one, same shape; NaN where none has.
        by_year: first programme year by which BY_YEAR_SHARE of the plans that choose it start it, 0 = chosen by none.
        share_by_year: share of good plans that have started it by then.
        use: what is done most often where it is chosen, as in GoodPlans; -1 = chosen by none.
        use_share: share of the plans that choose it which do that; NaN = chosen by none.
    """

    by_source: dict[str, FloatArray]
    error_by_source: dict[str, FloatArray]
    share: FloatArray
    error: FloatArray
    by_year: IntArray
    share_by_year: FloatArray
    use: IntArray
    use_share: FloatArray

    @property
    def standing(self) -> list[Standing]:
        """Of every village."""
        return [standing_of(share) for share in self.share.tolist()]

    @property
    def no_regret(self) -> BoolArray:
        """True where every source by itself always chooses the village, shape (n_villages,)."""
        return np.min(list(self.by_source.values()), axis=0) >= ALWAYS_FROM


def standing_of(share: float) -> Standing:
    """What a share of good plans is called.

    Example:
        >>> [str(standing_of(share)) for share in (0.96, 0.7, 0.5, 0.05)]
        ['always', 'usually', 'toss_up', 'never']
    """
    if share >= ALWAYS_FROM:
        return Standing.ALWAYS
    if share >= USUALLY_FROM:
        return Standing.USUALLY
    return Standing.NEVER if share <= NEVER_TO else Standing.TOSS_UP


def village_shares(sources: dict[str, GoodPlans], n_years: int, n_uses: int) -> VillageShares:
    """Count good plans.

    Args:
        sources: by name, each with at least one plan.
        n_years: of the programme.
        n_uses: how many ways and uses there are.
    """

    def over_sources(holds: dict[str, BoolArray]) -> FloatArray:
        return np.mean([sources[name].share(each) for name, each in holds.items()], axis=0)

    chosen = {name: plans.start_year > 0 for name, plans in sources.items()}
    by_source = {name: sources[name].share(each) for name, each in chosen.items()}
    errors = {
        name: standard_error(by_source[name], plans.n_draws)
        if plans.n_draws > 1
        else np.full_like(by_source[name], np.nan)
        for name, plans in sources.items()
    }
    share = np.mean(list(by_source.values()), axis=0)
    until = np.stack(
        [
            over_sources({name: chosen[name] & (plans.start_year <= year) for name, plans in sources.items()})
            for year in range(1, n_years + 1)
        ]
    )  # (n_years, n_villages)
    enough = until >= BY_YEAR_SHARE * share - 1e-12
    by_year = np.where(share > 0.0, np.argmax(enough, axis=0) + 1, 0)
    share_by_year = np.where(by_year > 0, until[np.maximum(by_year - 1, 0), np.arange(share.size)], 0.0)
    of_use = np.stack(
        [
            over_sources({name: chosen[name] & (plans.use == use) for name, plans in sources.items()})
            for use in range(n_uses)
        ]
    )
    use = np.argmax(of_use, axis=0)
    some = np.where(share > 0.0, share, 1.0)
    return VillageShares(
        by_source=by_source,
        error_by_source=errors,
        share=share,
        error=_over_known(list(errors.values())),
        by_year=by_year,
        share_by_year=share_by_year,
        use=np.where(share > 0.0, use, -1),
        use_share=np.where(share > 0.0, of_use[use, np.arange(share.size)] / some, np.nan),
    )


def _over_known(errors: list[FloatArray]) -> FloatArray:
    """Standard error of a mean over sources, of which some have no error of their own."""
    known = [error for error in errors if not np.isnan(error).any()]
    if not known:
        return np.full_like(errors[0], np.nan)
    return np.asarray(np.sqrt(np.sum(np.square(known), axis=0)) / len(errors))
