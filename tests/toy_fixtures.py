"""A model small enough to try every plan: money with falling prices, and people served with a cap."""

from __future__ import annotations

import numpy as np

from envs.choices.linear_model import LinearModel
from envs.models.model import Evaluation, Model


class ToyModel(Model):
    """Villages earn less the more are renewed, and serve people up to a cap; a rule may cap the floor built."""

    objectives = ("money", "served")

    def __init__(
        self, n_villages: int = 6, *, seed: int = 0, exact: bool = False, floor_cap: float = np.inf, slopes: bool = True
    ) -> None:
        """Draw the villages."""
        rng = np.random.default_rng(seed)
        self.signs = np.array([1.0, 1.0])
        self.option_mask = np.ones((n_villages, 2), dtype=bool)
        self.start_mask = np.ones((n_villages, 3), dtype=bool)
        self.quota, self.exact_quota = np.array([2, 1]), exact
        self.money, self.served = rng.uniform(0.5, 2.0, (2, n_villages, 2))
        self.floor = rng.uniform(0.5, 1.5, (n_villages, 2))
        self.floor_cap, self.has_slopes = floor_cap, slopes
        self.rules = ("floor",) if np.isfinite(floor_cap) else ()

    def _sums(self, start_year: np.ndarray, option: np.ndarray) -> list[np.ndarray]:
        worth = np.where(start_year > 0, np.where(start_year == 1, 1.0, 0.8), 0.0)
        village = np.arange(start_year.shape[1])
        return [(worth * amount[village, option]).sum(axis=1) for amount in (self.money, self.served)]

    def evaluate(self, start_year: np.ndarray, option: np.ndarray) -> Evaluation:
        """Money m - m^2/20 and people served 1 - exp(-s/3)."""
        money, served = self._sums(start_year, option)
        objectives = np.stack([money - money**2 / 20.0, 1.0 - np.exp(-served / 3.0)], axis=1)
        village = np.arange(start_year.shape[1])
        built = np.where(start_year > 0, self.floor[village, option], 0.0).sum(axis=1)
        violations = (built / self.floor_cap - 1.0)[:, None] if self.rules else np.zeros((len(start_year), 0))
        return Evaluation(objectives, violations)

    def linear_model(self) -> LinearModel | None:
        """Derivatives of the two sums."""
        if not self.has_slopes:
            return None

        def slopes(start_year: np.ndarray, option: np.ndarray, weights: np.ndarray) -> np.ndarray:
            money, served = self._sums(start_year, option)
            by_sum = np.stack([1.0 - money / 10.0, np.exp(-served / 3.0) / 3.0], axis=1) * weights
            by_year = np.array([1.0, 0.8])
            table = by_sum[:, None, None, :] * by_year[:, None]
            return np.broadcast_to(table, (*start_year.shape, 2, 2)).astype(np.float32)

        quantities = np.stack([self.money, self.served], axis=1).astype(np.float32)
        return LinearModel(quantities, self.option_mask, self.start_mask, slopes)
