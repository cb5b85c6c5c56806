"""What a model of urban renewal must offer to be searched, played and shown: choices, a batch's outcomes, and rules.

A plan gives every village a start year (0 = keep) and an option. Inherit from `Model`, set the attributes that have no
default, write `evaluate`; everything else may stay as it is. Slopes make the search faster by orders of magnitude.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.linear_model import LinearGains

Words = Mapping[str, str]
"""Language (en, zh) -> text."""


class Evaluation(NamedTuple):
    """What a batch of plans reaches.

    Attributes:
        objectives: natural units, shape (n_plans, n_objectives).
        violations: excess over each hard rule relative to its limit, at or below 0 where it holds, shape (n_plans,
            n_rules).
        penalized: sum of relative excesses over rules that only cost, one anchor range in every objective for each
            100 %, shape (n_plans,); None = there are none.
    """

    objectives: FloatArray
    violations: FloatArray
    penalized: FloatArray | None = None


class Report(NamedTuple):
    """What a batch of plans reaches, as it is reported.

    Attributes:
        objectives: natural units, shape (n_plans, n_objectives).
        violations: as in Evaluation.
        n_reported_broken: rules broken that a valid plan may break, shape (n_plans,).
        indicators: what else was asked for, by name, shape (n_plans,) each.
    """

    objectives: FloatArray
    violations: FloatArray
    n_reported_broken: IntArray
    indicators: dict[str, FloatArray]


class Model(ABC):
    """A model: villages, what may be done with each and when, and what a plan is worth.

    Attributes:
        objectives: names.
        signs: 1 where more is better, -1 where less is, shape (n_objectives,).
        option_mask: True where the village may take the option, shape (n_villages, n_options).
        start_mask: True where the village may start in the year (column 0 = keep), shape (n_villages, plan_years + 1).
        quota: most villages that start in each year, shape (plan_years,).
        exact_quota: whether a plan must start exactly so many in each year.
        counts_quota: whether its own rules speak of the quota; else a plan that breaks it is not valid.
        rules: names of the hard rules, in the order of the columns of violations.
        kept_by_options: those among them that a plan keeps by what the masks and the quota offer.
    """

    objectives: tuple[str, ...]
    signs: FloatArray
    option_mask: BoolArray
    start_mask: BoolArray
    quota: IntArray
    exact_quota: bool = False
    counts_quota: bool = False
    rules: tuple[str, ...] = ()
    kept_by_options: tuple[str, ...] = ()

    @abstractmethod
    def evaluate(self, start_year: IntArray, option: IntArray) -> Evaluation:
        """What plans reach, as the search needs it: fast, and the same for the same plan.

        Args:
            start_year: shape (n_plans, n_villages), 0 = keep; within start_mask.
            option: same shape, within option_mask; means nothing where the village is kept.

        Returns:
            Objectives and violations.
        """

    def report(self, start_year: IntArray, option: IntArray, indicators: Sequence[str] = ()) -> Report:
        """What plans reach, as it is reported; by default as `evaluate` says, without further indicators."""
        del indicators
        reached = Evaluation(*self.evaluate(start_year, option))
        return Report(reached.objectives, reached.violations, np.zeros(len(start_year), dtype=np.int64), {})

    def linear_model(self) -> LinearGains | None:
        """Quantities of every option and slopes of the objectives; None = the search does without ascent."""
        return None

    def linear_limits(self) -> LinearLimits | None:
        """Rules that add up over villages, in the quantities of the linear model; None = there are none."""
        return None

    def first_plans(self, n_plans: int) -> tuple[IntArray, IntArray] | None:
        """Start years and options of plans that a search does well to begin with, at most so many; None = none known.

        They may break the quota and the masks: the search repairs them.
        """
        del n_plans
        return None

    def narrowed(self, objectives: tuple[str, ...]) -> Model:
        """The model for some of its objectives: it may leave out others, and by default leaves out none."""
        del objectives
        return self

    @property
    def n_options(self) -> int:
        """Options besides keep."""
        return self.option_mask.shape[1]

    @property
    def fixed_mask(self) -> BoolArray:
        """True for villages whose decision is given apart from the options, shape (n_villages,); by default none."""
        return np.zeros(len(self.start_mask), dtype=bool)

    @property
    def digest(self) -> str:
        """SHA-256 of what is searched; by default of the class and of what may be chosen."""
        parts = (self.option_mask, self.start_mask, self.quota, self.signs)
        text = "|".join((type(self).__qualname__, str(self.exact_quota), *self.objectives, *self.rules))
        whole = text.encode() + b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
        return hashlib.sha256(whole).hexdigest()

    @property
    def plans_at_once(self) -> int:
        """Plans that a call should hold at least, so that it costs little beside them."""
        return 1

    @property
    def most_reported(self) -> int:
        """Plans of a search that are reported at most at its end; those that turn out dominated fall out."""
        return 360

    @property
    def village_id(self) -> tuple[str, ...]:
        """Names of the villages, in the order of the masks."""
        return tuple(f"village {i + 1}" for i in range(len(self.start_mask)))

    @property
    def option_labels(self) -> tuple[Words, ...]:
        """What each option is, by language."""
        return tuple({"en": f"option {k + 1}", "zh": f"选项 {k + 1}"} for k in range(self.option_mask.shape[1]))

    @property
    def objective_labels(self) -> Mapping[str, Words]:
        """Objective -> its label by language; by default its name."""
        return {name: {"en": name, "zh": name} for name in self.objectives}

    @property
    def objective_units(self) -> Mapping[str, str | Words]:
        """Objective -> its unit, one word for all languages or one for each; empty where it has none."""
        return dict.fromkeys(self.objectives, "")

    @property
    def option_kinds(self) -> tuple[IntArray | FloatArray, ...]:
        """Attributes of the options, (n_options,) each, by which random plans take a character; by default themselves.

        Options that share a land use or a density share a value there.
        """
        return (np.arange(self.option_mask.shape[1]),)

    @property
    def position(self) -> FloatArray | None:
        """Where each village is, shape (n_villages, 2), so that plans are mixed by neighborhoods; None = not known."""
        return None

    @property
    def district_idx(self) -> IntArray:
        """Group of each village, shape (n_villages,), in which options are changed together; by default one."""
        return np.zeros(len(self.start_mask), dtype=np.int64)
