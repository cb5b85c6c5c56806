"""Every search algorithm by its name, registered here alone. Light to import: an algorithm loads when it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from data.errors import refuse

if TYPE_CHECKING:
    from optimizers.algorithms.algorithm import Algorithm, Setting


def _hybrid(setting: Setting) -> Algorithm:
    from optimizers.algorithms.ascent_and_evolution import AscentAndEvolution

    return AscentAndEvolution(setting)


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


@dataclass(frozen=True)
class Entry:
    """One algorithm.

    Attributes:
        make: loads its module and makes it, ready for its first batch.
        ends_by_itself: needs no budget.
    """

    make: Callable[[Setting], Algorithm]
    ends_by_itself: bool = False


REGISTRY: dict[str, Entry] = {
    "hybrid": Entry(_hybrid),
    "nsga2": Entry(_pymoo("nsga2")),
    "nsga3": Entry(_pymoo("nsga3")),
    "rvea": Entry(_pymoo("rvea")),
    "nsga2_default": Entry(_pymoo("nsga2_default")),
    "greedy": Entry(_greedy, ends_by_itself=True),
    "local": Entry(_local),
    "random": Entry(_random),
    "exact": Entry(_exact, ends_by_itself=True),
}
"""Name -> algorithm, the default (optimizers.algorithms.request) first. What each does is told under
`algorithm_NAME` in data/texts/algorithms.yaml."""
ALGORITHMS = tuple(REGISTRY)
ENDS_BY_ITSELF = tuple(name for name, entry in REGISTRY.items() if entry.ends_by_itself)
"""Need no budget."""


def refuse_unknown_algorithm(name: str) -> None:
    """Refuse a misspelt algorithm before anything is computed.

    Raises:
        InputError: not one of ALGORITHMS.
    """
    if name not in REGISTRY:
        raise refuse("search_algorithm_unknown", layer="--algorithm", name=name, known=ALGORITHMS)


def make_algorithm(name: str, setting: Setting) -> Algorithm:
    """The algorithm of a name, ready for its first batch.

    Raises:
        KeyError: not one of ALGORITHMS.
    """
    return REGISTRY[name].make(setting)
