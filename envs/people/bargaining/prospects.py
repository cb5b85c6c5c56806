"""What bargaining promises: over many draws of the households, whether it is agreed, on what, and how late.

A draw enters by its pivotal household alone. Each draw agrees exactly where it has an acceptable package; its terms are
those of the nearest of a few quantiles of the agreeing draws, at which the protocol is run.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.people.bargaining.protocol import NOBODY, Bargain, acceptable, bargain

N_DRAWS = 200
N_QUANTILES = 16


@dataclass(frozen=True, eq=False)
class Stakes:
    """What is at stake before it is known which household decides.

    Attributes:
        utility: 0 = no agreement, without what villagers give up, shape (n_projects, n_packages, n_parties).
        villagers: their position among the parties.
        given_up: what villagers give up for each unit of the pivotal household's ratio, shape (n_projects,).
        veto: who has to agree, shape (n_projects, n_parties).
        legal: packages that exist, shape (n_projects, n_packages).
        full_concession_yr: delay if every party gave up all of its best [yr].
    """

    utility: FloatArray
    villagers: int
    given_up: FloatArray
    veto: BoolArray
    legal: BoolArray
    full_concession_yr: float

    def utility_at(self, pivotal_ratio: FloatArray) -> FloatArray:
        """Utilities where the deciding household has a ratio, shape (n_projects,); shape as `utility`."""
        utility = self.utility.copy()
        utility[:, :, self.villagers] -= (self.given_up * pivotal_ratio)[:, None]
        return utility

    def of(self, projects: IntArray) -> Stakes:
        """The stakes of some projects."""
        parts = (self.given_up[projects], self.veto[projects], self.legal[projects])
        return Stakes(self.utility[projects], self.villagers, *parts, self.full_concession_yr)

    def bargain_at(self, pivotal_ratio: FloatArray) -> Bargain:
        """The protocol where the deciding household has a ratio, shape (n_projects,)."""
        utility = self.utility_at(pivotal_ratio)
        return bargain(utility, veto=self.veto, legal=self.legal, full_concession_yr=self.full_concession_yr)


@dataclass(frozen=True, eq=False)
class Prospects:
    """Bargains over the draws.

    Attributes:
        agrees: shape (n_projects, n_draws).
        nearest: quantile whose terms a draw has, (n_projects, n_draws); meaningless where it does not agree.
        ratio: of the deciding household at each quantile, shape (n_projects, n_quantiles); NaN where none agrees.
        package: agreed there, same shape; NOBODY where none agrees.
        delay_yr: same shape.
        utility: shape (n_projects, n_quantiles, n_parties); NaN where none agrees.
    """

    agrees: BoolArray
    nearest: IntArray
    ratio: FloatArray
    package: IntArray
    delay_yr: FloatArray
    utility: FloatArray

    @property
    def probability(self) -> tuple[FloatArray, FloatArray]:
        """Share of the draws that agree, and its standard error; shape (n_projects,) each."""
        return share_of_draws(self.agrees)

    def expected(self, at_quantiles: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean over the agreeing draws and its standard error, shape (n_projects,) each.

        Args:
            at_quantiles: a quantity at each quantile, shape (n_projects, n_quantiles).

        Returns:
            NaN where no draw agrees; the error is NaN where only one does.
        """
        counted = self.agrees.astype(np.float64)
        of_draw = np.where(self.agrees, np.take_along_axis(at_quantiles, self.nearest, axis=1), 0.0)
        n = counted.sum(axis=1)
        mean = np.divide(of_draw.sum(axis=1), n, out=np.full(n.shape, np.nan), where=n > 0.0)
        squares = (counted * (of_draw - np.nan_to_num(mean)[:, None]) ** 2).sum(axis=1)
        variance_of_mean = np.divide(squares, n * (n - 1.0), out=np.full(n.shape, np.nan), where=n > 1.0)
        return mean, np.sqrt(variance_of_mean)


def share_of_draws(agrees: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Share of the draws, shape (n, n_draws), that agree, and its standard error; shape (n,) each.

    Example:
        >>> share_of_draws(np.array([[True, True, True, False]]))
        (array([0.75]), array([0.21650635]))
    """
    share = agrees.mean(axis=1)
    return share, np.sqrt(share * (1.0 - share) / agrees.shape[1])


def prospects(stakes: Stakes, pivotal_ratio: FloatArray, *, n_quantiles: int = N_QUANTILES) -> Prospects:
    """Bargain over many draws.

    Args:
        stakes: of all projects.
        pivotal_ratio: ratio of the deciding household in each draw, shape (n_projects, n_draws).
        n_quantiles: at which the protocol is run.

    Returns:
        See Prospects.
    """
    agrees = _agrees(stakes, pivotal_ratio)
    ratio = _quantiles_of_agreeing(pivotal_ratio, agrees, n_quantiles)
    some = np.flatnonzero(agrees.any(axis=1))
    package = np.full(ratio.shape, NOBODY, dtype=np.int64)
    delay_yr, utility = np.full(ratio.shape, np.nan), np.full((*ratio.shape, stakes.utility.shape[2]), np.nan)
    agreeing = stakes.of(some)
    for q in range(n_quantiles if some.size else 0):
        result = agreeing.bargain_at(ratio[some, q])
        package[some, q], delay_yr[some, q] = result.package, result.delay_yr
        utility[some, q] = agreeing.utility_at(ratio[some, q])[np.arange(some.size), result.package]
    return Prospects(agrees, _nearest(pivotal_ratio, ratio), ratio, package, delay_yr, utility)


def _agrees(stakes: Stakes, pivotal_ratio: FloatArray) -> BoolArray:
    """Whether some package is acceptable, by draw: the best one for villagers that the others accept decides."""
    of_others = stakes.veto.copy()
    of_others[:, stakes.villagers] = False
    can = acceptable(stakes.utility, veto=of_others, legal=stakes.legal)
    best = np.max(np.where(can, stakes.utility[:, :, stakes.villagers], -np.inf), axis=1)
    villagers_gain = best[:, None] - stakes.given_up[:, None] * pivotal_ratio >= 0.0
    return np.any(can, axis=1, keepdims=True) & (villagers_gain | ~stakes.veto[:, stakes.villagers, None])


def _quantiles_of_agreeing(pivotal_ratio: FloatArray, agrees: BoolArray, n_quantiles: int) -> FloatArray:
    """Hazen's quantiles of the ratios of the draws that agree, at (i + 1/2) / n_quantiles; NaN where none agrees."""
    rising = np.sort(np.where(agrees, pivotal_ratio, np.inf), axis=1)
    n = agrees.sum(axis=1)[:, None]
    position = np.clip((np.arange(n_quantiles) + 0.5) / n_quantiles * n - 0.5, 0.0, np.maximum(n - 1, 0))
    below = np.floor(position).astype(np.int64)
    low, high = (np.take_along_axis(rising, np.minimum(k, np.maximum(n - 1, 0)), axis=1) for k in (below, below + 1))
    some = n > 0
    low, high = np.where(some, low, 0.0), np.where(some, high, 0.0)
    return np.where(some, np.minimum(low + (position - below) * (high - low), high), np.nan)


def _nearest(values: FloatArray, ratio: FloatArray) -> IntArray:
    """Position of the nearest quantile of each value, the first of equals; shape of the values."""
    far = np.abs(values[:, :, None] - ratio[:, None, :])
    return np.argmin(np.where(np.isnan(far), np.inf, far), axis=2)
