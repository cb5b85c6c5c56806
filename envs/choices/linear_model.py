"""A linear model of plans: what every choice would gain, as quantities of options times slopes at a plan."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.choices import LegalChoices


class LinearGains(ABC):
    """Gains of choices from slopes; whoever inherits it says what options contribute, and which are legal.

    Attributes:
        quantities: what each option contributes, shape (n_villages, n_quantities, n_options).
        option_mask: True where the village may take the option, shape (n_villages, n_options).
        start_mask: True where it may start in the year (column 0 = keep), shape (n_villages, plan_years + 1).
        fixed_mask: True for villages whose decision is given, shape (n_villages,).
    """

    quantities: SingleArray
    option_mask: BoolArray
    start_mask: BoolArray
    fixed_mask: BoolArray

    @property
    def slopes_shape(self) -> tuple[int, int, int]:
        """Shape of the slopes at one plan: (n_villages, plan_years, n_quantities)."""
        return self.quantities.shape[0], self.start_mask.shape[1] - 1, self.quantities.shape[1]

    @abstractmethod
    def slopes_at(self, start_year: IntArray, option: IntArray, weights: FloatArray) -> SingleArray:
        """Derivative of each plan's weighted sum of objectives by quantity and start year.

        Args:
            start_year: shape (n_plans, n_villages), 0 = keep.
            option: same shape.
            weights: of the objectives in natural units, signed so that more is better, shape (n_plans, n_objectives).

        Returns:
            shape (n_plans, n_villages, plan_years, n_quantities).
        """

    def slopes_by_term(self, start_year: IntArray, option: IntArray, worth: FloatArray) -> SingleArray:
        """Derivative of each objective of one plan by quantity and start year.

        Args:
            start_year: shape (n_villages,), 0 = keep.
            option: same shape.
            worth: of a natural unit of each objective, signed so that more is better, shape (n_objectives,).

        Returns:
            shape (n_objectives, n_villages, plan_years, n_quantities).
        """
        starts, options = (np.tile(genes, (worth.size, 1)) for genes in (start_year, option))
        return self.slopes_at(starts, options, np.diag(worth))

    def table(self, slopes: SingleArray) -> SingleArray:
        """Gain of every choice over keeping the village, if nothing else changes.

        Args:
            slopes: of one plan, shape (n_villages, plan_years, n_quantities).

        Returns:
            shape (n_villages, plan_years, n_options); -inf where the choice is not legal.
        """
        gain = slopes @ self.quantities
        gain[~self.option_mask[:, None, :].repeat(gain.shape[1], axis=1)] = -np.inf
        gain[~self.start_mask[:, 1:]] = -np.inf
        return gain

    def of_plan(self, slopes: SingleArray, start_year: IntArray, option: IntArray) -> FloatArray:
        """Gain over keeping of what a plan has chosen; shape (n_villages,), 0 where it keeps."""
        return self.of_choices(slopes, np.arange(start_year.size), start_year, option)

    def of_choices(self, slopes: SingleArray, village: IntArray, start_year: IntArray, option: IntArray) -> FloatArray:
        """Gain over keeping of choices, each of shape (n_choices,); same shape, 0 where the year is 0."""
        chosen = self.quantities[village, :, option]
        gain = np.sum(slopes[village, np.maximum(start_year - 1, 0)] * chosen, axis=1, dtype=np.float64)
        return np.where(start_year > 0, gain, 0.0)


@dataclass(frozen=True, eq=False)
class LinearModel(LinearGains):
    """The linear model that a plugged model offers (envs.models.model.Model.linear_model).

    Attributes:
        quantities: see LinearGains; in units of the size of one, so that single precision suffices.
        option_mask: see LinearGains.
        start_mask: see LinearGains.
        slopes: what `slopes_at` gives.
    """

    quantities: SingleArray
    option_mask: BoolArray
    start_mask: BoolArray
    slopes: Callable[[IntArray, IntArray, FloatArray], SingleArray]

    @property
    def fixed_mask(self) -> BoolArray:  # type: ignore[override]
        """No decision is given from outside: a village with one year and one option has no other."""
        return np.zeros(len(self.start_mask), dtype=bool)

    def slopes_at(self, start_year: IntArray, option: IntArray, weights: FloatArray) -> SingleArray:
        """See LinearGains."""
        return self.slopes(start_year, option, weights)


def flat_model(choices: LegalChoices) -> LinearModel:
    """A linear model that knows nothing: no quantities, so that every choice gains 0."""
    option_mask, start_mask = choices.option_mask, choices.start_mask
    quantities = np.zeros((len(option_mask), 0, option_mask.shape[1]), dtype=np.float32)

    def no_slopes(start_year: IntArray, _option: IntArray, _weights: FloatArray) -> SingleArray:
        return np.zeros((*start_year.shape, start_mask.shape[1] - 1, 0), dtype=np.float32)

    return LinearModel(quantities, option_mask, start_mask, no_slopes)
