"""Models made up for tests: any number of villages, options and years, and a plain restatement to check them by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.arrays import FloatArray, IntArray, SingleArray
from envs.choices.limit_prices.linear_limits import LinearLimits, city_limits
from envs.choices.linear_model import LinearModel
from envs.models.model import Evaluation, Model

PAGE = Path(__file__).parents[1] / "docs" / "models.md"


def bureau_model(folder: Path) -> str:
    """The model of docs/models.md and its table, written into a folder as the page prints them; FILE.py:NAME."""
    page = PAGE.read_text(encoding="utf-8")
    for kind, name in (("csv", "villages.csv"), ("python", "bureau.py")):
        (block,) = re.findall(rf"```{kind}\n(.*?)```", page, flags=re.DOTALL)
        (folder / name).write_text(block, encoding="utf-8")
    return f"{folder / 'bureau.py'}:BureauModel"


@dataclass(frozen=True)
class ToyShape:
    """How a made-up model looks; the defaults can be enumerated."""

    n_villages: int = 5
    n_options: int = 2
    n_years: int = 2
    quota: int = 2
    exact: bool = False
    limited: bool = False
    sloped: bool = True


class ToyModel(Model):
    """Two things that every choice gives and a sum has less of the more there is of it, and a use that may be limited.

    worth = g (1 - g / 2 g_all) for g = the sum of gifts; the second objective is a plain sum, and less of it is better.
    """

    objectives = ("worth", "burden")
    signs = np.array([1.0, -1.0])

    def __init__(self, seed: int, shape: ToyShape = ToyShape()) -> None:
        rng = np.random.default_rng(seed)
        size = (shape.n_villages, shape.n_options)
        self.shape = shape
        self.option_mask = rng.random(size) < 0.8
        self.option_mask[np.arange(shape.n_villages), rng.integers(0, shape.n_options, shape.n_villages)] = True
        self.start_mask = np.ones((shape.n_villages, shape.n_years + 1), dtype=bool)
        self.start_mask[:, 1:] &= rng.random((shape.n_villages, shape.n_years)) < (1.0 if shape.exact else 0.9)
        self.quota = np.full(shape.n_years, shape.quota)
        self.exact_quota = shape.exact
        self.rules = ("use",) if shape.limited else ()
        self.gift, self.burden, self.use = rng.uniform(0.1, 1.0, (3, *size))
        self.fade = 0.9 ** np.arange(shape.n_years)
        self.most_use = 0.9 * float(self.use.mean()) * min(shape.quota * shape.n_years, shape.n_villages)
        self.all_gifts = float(self.gift.max(axis=1).sum())

    def _sums(self, start_year: IntArray, option: IntArray) -> FloatArray:
        village = np.arange(self.shape.n_villages)
        starts = start_year > 0
        faded = self.fade[np.maximum(start_year - 1, 0)] * starts
        return np.stack(
            [
                (self.gift[village, option] * faded).sum(axis=1),
                (self.burden[village, option] * starts).sum(axis=1),
                (self.use[village, option] * starts).sum(axis=1),
            ]
        )

    def evaluate(self, start_year: IntArray, option: IntArray) -> Evaluation:
        gift, burden, use = self._sums(start_year, option)
        worth = gift * (1.0 - gift / (2.0 * self.all_gifts))
        excess = (use / self.most_use - 1.0)[:, None]
        return Evaluation(np.stack([worth, burden], axis=1), excess[:, : len(self.rules)])

    def linear_model(self) -> LinearModel | None:
        if not self.shape.sloped:
            return None

        def slopes(start_year: IntArray, option: IntArray, weights: FloatArray) -> SingleArray:
            gift = self._sums(start_year, option)[0]
            table = np.zeros((*start_year.shape, self.shape.n_years, 3), dtype=np.float32)
            marginal = weights[:, 0] * (1.0 - gift / self.all_gifts)
            table[..., 0] = marginal[:, None, None] * self.fade
            table[..., 1] = weights[:, 1, None, None]
            return table

        quantities = np.stack([self.gift, self.burden, self.use], axis=1).astype(np.float32)
        return LinearModel(quantities, self.option_mask, self.start_mask, slopes)

    def linear_limits(self) -> LinearLimits | None:
        if not (self.rules and self.shape.sloped):
            return None
        slope = np.zeros((1, self.shape.n_years, 3))
        slope[..., 2] = 1.0 / self.most_use
        return city_limits("use", slope, np.ones(1), n_villages=self.shape.n_villages)
