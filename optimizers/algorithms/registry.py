"""Every search algorithm by its name. Light to import: an algorithm loads when it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optimizers.algorithms.algorithm import Algorithm, Setting


def _hybrid(setting: Setting) -> Algorithm:
    from optimizers.algorithms.hybrid import Hybrid

    return Hybrid(setting)


def _pymoo(name: str) -> Callable[[Setting], Algorithm]:
    def make(setting: Setting) -> Algorithm:
        from optimizers.algorithms.evolution import Evolution

        return Evolution(setting, name)

    return make


def _local(setting: Setting) -> Algorithm:
    from optimizers.algorithms.baselines import LocalSearch

    return LocalSearch(setting)


def _greedy(setting: Setting) -> Algorithm:
    from optimizers.algorithms.baselines import GreedyFan

    return GreedyFan(setting)


def _random(setting: Setting) -> Algorithm:
    from optimizers.algorithms.baselines import RandomPlans

    return RandomPlans(setting)


def _exact(setting: Setting) -> Algorithm:
    from optimizers.algorithms.baselines import Enumeration

    return Enumeration(setting)


_MAKERS: dict[str, Callable[[Setting], Algorithm]] = {
    "hybrid": _hybrid,
    "nsga2": _pymoo("nsga2"),
    "nsga3": _pymoo("nsga3"),
    "rvea": _pymoo("rvea"),
    "nsga2_default": _pymoo("nsga2_default"),
    "local": _local,
    "greedy": _greedy,
    "random": _random,
    "exact": _exact,
}
ALGORITHMS = tuple(_MAKERS)
ENDS_BY_ITSELF = ("exact", "greedy")
"""Need no budget."""
DEFAULT_ALGORITHM = "hybrid"
"""The one that wins the bench (docs/search.md)."""


def make_algorithm(name: str, setting: Setting) -> Algorithm:
    """The algorithm of a name, ready for its first batch.

    Raises:
        KeyError: not one of ALGORITHMS.
    """
    return _MAKERS[name](setting)
