"""Levers that may bring a village into a plan: its price, its density limit, places of a year, weights; and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from data.arrays import FloatArray
from envs.changes.other_ground import with_places, with_village
from envs.models.kernel_model import KernelModel
from optimizers.whatif.preference import Preference
from optimizers.whatif.standing import Standing
from optimizers.whatif.wish import Wish

LEVERS = ("price", "density", "places", "preference")
MOST_PRICE_FACTOR, MOST_DENSITY_FACTOR = 3.0, 2.0
"""Factors on price and density limit beyond which nobody is asked."""


@dataclass(frozen=True, eq=False)
class Lever:
    """One number that may be moved, in one or several variants.

    Attributes:
        name: one of LEVERS.
        start: its value as it is.
        ends: farthest values, each with its variant: year whose places grow, objective that weighs more, else 0.
        model_at: the model at a value and variant.
        preference_at: the preference at a value and variant.
    """

    name: str
    start: float
    ends: tuple[tuple[float, int], ...]
    model_at: Callable[[float, int], KernelModel]
    preference_at: Callable[[float, int], Preference]

    @property
    def is_factor(self) -> bool:
        """Whether values are factors, else they are numbers that grow from 0."""
        return self.start == 1.0

    def distance(self, value: float) -> float:
        """How far a value is from what is."""
        return abs(float(np.log(value))) if self.is_factor else abs(value - self.start)

    def between(self, one: float, other: float) -> float:
        """The middle of two values."""
        if self.is_factor:
            return float(np.sqrt(one * other))
        middle = 0.5 * (one + other)
        return float(np.floor(middle)) if self.name == "places" else middle

    def farther(self, value: float, step: float) -> float | None:
        """A value farther from what is, by a factor on the distance; None beyond every end."""
        moved = float(value**step) if self.is_factor else self.start + (value - self.start) * step
        moved = float(np.ceil(moved)) if self.name == "places" else moved
        ends = [end for end, _ in self.ends if (end - self.start) * (moved - self.start) > 0.0]
        most = max(ends, key=self.distance, default=None)
        if most is None or self.distance(value) >= self.distance(most):
            return None
        return most if self.distance(moved) > self.distance(most) else moved

    def is_narrow(self, one: float, other: float) -> bool:
        """Whether two values are as near as answers are told."""
        return abs(one - other) <= (1.0 if self.name == "places" else 0.005)


@dataclass(frozen=True)
class Answer:
    """What one lever does.

    Attributes:
        lever: one of LEVERS.
        value: least value found that grants the wish; None = none was found up to the ends.
        not_enough: the nearest value below it that was found not to suffice, by the same means; None without a value.
        ends: farthest values that were tried.
        variant: year whose places grow, or position of the objective that weighs more; 0 for other levers.
        searched: whether a search from the plan agreed: the wish granted at the value or, without one, at no end.
        evaluations: plans evaluated, those of searches not counted.
        seconds: that it took.
    """

    lever: str
    value: float | None
    not_enough: float | None
    ends: tuple[float, ...]
    variant: int
    searched: bool
    evaluations: int
    seconds: float


def lever_of(name: str, standing: Standing, wish: Wish) -> Lever:
    """A lever at a plan.

    Args:
        name: one of LEVERS.
        standing: of the plan.
        wish: that it is to grant.
    """
    return {"price": _price, "density": _density, "places": _places, "preference": _weights}[name](standing, wish)


def _price(standing: Standing, wish: Wish) -> Lever:
    ends = ((MOST_PRICE_FACTOR, 0), (1.0 / MOST_PRICE_FACTOR, 0))

    def model_at(value: float, _: int) -> KernelModel:
        model = standing.model
        ground = with_village(model.resolved, wish.village, price_factor=value)
        space = None if "consent" in model.rules else model.space
        return KernelModel(ground, model.objectives, threads=model.threads, space=space)

    return Lever("price", 1.0, ends, model_at, lambda *_: standing.preference)


def _density(standing: Standing, wish: Wish) -> Lever:
    """Up to twice the limit, and never beyond the scenario's own: a lower limit takes choices away."""
    resolved = standing.model.resolved
    limit = float(resolved.city.villages.far_limit[wish.village])
    most = min(MOST_DENSITY_FACTOR, resolved.scenario.floor_area_ratio.high / max(limit, 1e-9))

    def model_at(value: float, _: int) -> KernelModel:
        ground = with_village(resolved, wish.village, far_limit=limit * value)
        return KernelModel(ground, standing.model.objectives, threads=standing.model.threads)

    ends = ((most, 0),) if most > 1.0 else ()
    return Lever("density", 1.0, ends, model_at, lambda *_: standing.preference)


def _places(standing: Standing, wish: Wish) -> Lever:
    """Places in the years in which the village may start as wished, up to one for every village."""
    model = standing.model
    years = np.flatnonzero(wish.cells(model).any(axis=1)) + 1
    ends = tuple((float(model.start_mask.shape[0]), int(year)) for year in years)

    def model_at(value: float, year: int) -> KernelModel:
        ground = with_places(model.resolved, year, int(value))
        return KernelModel(ground, model.objectives, threads=model.threads, space=model.space)

    return Lever("places", 0.0, ends, model_at, lambda *_: standing.preference)


def _weights(standing: Standing, wish: Wish) -> Lever:
    """A share of the weight that moves to one objective, from all in proportion."""
    del wish
    weights = standing.preference.weights
    ends = tuple((1.0, k) for k in range(weights.size) if weights[k] < 1.0)

    def preference_at(value: float, objective: int) -> Preference:
        return replace(standing.preference, weights=shifted(weights, objective, value), regret=0.0)

    return Lever("preference", 0.0, ends, lambda *_: standing.model, preference_at)


def shifted(weights: FloatArray, objective: int, share: float) -> FloatArray:
    """Weights of which a share has moved to one objective, shape (n_objectives,).

    Example:
        >>> shifted(np.array([0.5, 0.5]), 0, 0.2)
        array([0.6, 0.4])
    """
    return np.asarray((1.0 - share) * weights + share * np.eye(weights.size)[objective])
