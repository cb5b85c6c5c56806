"""The kernel under one preference: a model whose only objective is the weighted sum, to be searched as any other."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray, SingleArray
from envs.choices.anchors import Anchors
from envs.choices.limit_prices.linear_limits import LinearLimits
from envs.choices.linear_model import LinearGains
from envs.models.kernel_model import KernelModel
from envs.models.model import Evaluation, Model, Report
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.problem.operators import join
from optimizers.search.run_search import search_model
from optimizers.whatif.preference import Preference

WORTH = "preference"


@dataclass(frozen=True, eq=False)
class WeighedGains(LinearGains):
    """The linear model of several objectives as that of their weighted sum."""

    gains: LinearGains
    per_unit: FloatArray

    @property
    def quantities(self) -> SingleArray:  # type: ignore[override]
        """See LinearGains."""
        return self.gains.quantities

    @property
    def option_mask(self) -> BoolArray:  # type: ignore[override]
        """See LinearGains."""
        return self.gains.option_mask

    @property
    def start_mask(self) -> BoolArray:  # type: ignore[override]
        """See LinearGains."""
        return self.gains.start_mask

    @property
    def fixed_mask(self) -> BoolArray:  # type: ignore[override]
        """See LinearGains."""
        return self.gains.fixed_mask

    def slopes_at(self, start_year: IntArray, option: IntArray, weights: FloatArray) -> SingleArray:
        """See LinearGains; weights of shape (n_plans, 1)."""
        return self.gains.slopes_at(start_year, option, weights * self.per_unit)


class WeighedModel(Model):
    """See the module.

    Args:
        model: of several objectives.
        preference: what plans are worth.
    """

    counts_quota = True

    def __init__(self, model: KernelModel, preference: Preference) -> None:
        """See the class."""
        self.model, self.preference = model, preference
        self.objectives, self.signs = (WORTH,), np.ones(1)
        self.option_mask, self.start_mask, self.quota = model.option_mask, model.start_mask, model.quota
        self.rules, self.kept_by_options = model.rules, model.kept_by_options

    def evaluate(self, start_year: IntArray, option: IntArray) -> Evaluation:
        """See Model; what penalized rules cost is taken off."""
        found = self.model.evaluate(start_year, option)
        worth = self.preference.worth(found.objectives)
        penalized = found.penalized if found.penalized is not None else np.zeros(len(worth))
        return Evaluation((worth - penalized)[:, None], found.violations, np.zeros(len(worth)))

    def report(self, start_year: IntArray, option: IntArray, indicators: Sequence[str] = ()) -> Report:
        """See Model; at report precision, without what penalized rules cost."""
        del indicators
        found = self.model.report(start_year, option)
        worth = self.preference.worth(found.objectives)[:, None]
        return Report(worth, found.violations, found.n_reported_broken, {WORTH: worth[:, 0]})

    def linear_model(self) -> LinearGains:
        """See Model."""
        return WeighedGains(self.model.linear_model(), self.preference.per_unit)

    def linear_limits(self) -> LinearLimits | None:
        """See Model."""
        return self.model.linear_limits()

    def first_plans(self, n_plans: int) -> tuple[IntArray, IntArray] | None:
        """See Model."""
        return self.model.first_plans(n_plans)

    @property
    def fixed_mask(self) -> BoolArray:
        """See Model."""
        return self.model.fixed_mask

    @property
    def digest(self) -> str:
        """See Model."""
        return "|".join((self.model.digest, *map(str, self.preference.per_unit.tolist())))

    @property
    def plans_at_once(self) -> int:
        """See Model."""
        return self.model.plans_at_once

    @property
    def most_reported(self) -> int:
        """One plan is best."""
        return 1

    @property
    def village_id(self) -> tuple[str, ...]:
        """See Model."""
        return self.model.village_id

    @property
    def option_kinds(self) -> tuple[IntArray | FloatArray, ...]:
        """See Model."""
        return self.model.option_kinds

    @property
    def position(self) -> FloatArray:
        """See Model [km]."""
        return self.model.position

    @property
    def district_idx(self) -> IntArray:
        """See Model."""
        return self.model.district_idx


def searched_again(
    model: KernelModel,
    preference: Preference,
    begun_with: Sequence[tuple[IntArray, IntArray]],
    *,
    seconds: float,
    seed: int = 0,
    clock: Callable[[], float] = time.perf_counter,
    evaluations: int | None = None,
) -> tuple[IntArray, IntArray, float]:
    """The best plan by a preference that the default search finds from given plans.

    Args:
        model: of the scenario.
        preference: what plans are worth.
        begun_with: start years and options, shape (n_villages,) each.
        seconds: that it may take.
        seed: of all random choices.
        clock: what they are read from.
        evaluations: plans that it may evaluate besides; None = no limit.

    Returns:
        Start years and options of the plan, shape (n_villages,) each, and its worth at search precision [ranges].
    """
    weighed = WeighedModel(model, preference)
    known = Anchors((WORTH,), (0.0,), (1.0,), (0.0,), 0, 0, "")
    starts, options = (np.stack(genes) for genes in zip(*begun_with, strict=True))
    budget = Budget(evaluations, minutes=seconds / 60.0, clock=clock)
    request = SearchRequest(seed=seed, budget=budget, threads=model.threads, front_spacing=0.0)
    found = search_model(weighed, request, known_anchors=known, seeds=join(starts, options))
    return found.start_year[0], found.option[0], float(found.values[0, 0])
