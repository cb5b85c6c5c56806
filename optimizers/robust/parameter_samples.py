"""Good plans where parameters differ: Latin hypercube samples of their ranges, each searched again briefly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import qmc

from data.arrays import FloatArray
from data.errors import InputError
from data.parameter_book import Book
from data.scenario import Scenario
from data.scenario_files import scenario_from_mapping
from envs.choices.anchors import Anchors
from envs.kernel import Plans, ResolvedScenario, resolve
from envs.kernel.plans import concatenate
from envs.parameter_sensitivity import ranged_parameters
from optimizers.algorithms.request import Budget, SearchRequest
from optimizers.search.run_search import search

FRONT_SPACING = 0.03
"""Plans of a sample's front differ by so much: only the best of each preference is taken."""


@dataclass(frozen=True, eq=False)
class Sample:
    """One set of parameters.

    Attributes:
        number: from 1 on.
        parameters: key of the parameter book -> its value.
        plans: best plan of each preference, None where the sample was left out.
        left_out: why, empty where it was not: numbers that cannot work together, or no valid plan found.
        evaluations: plans evaluated.
    """

    number: int
    parameters: Mapping[str, float]
    plans: Plans | None
    left_out: str
    evaluations: int


@dataclass(frozen=True)
class SampleRequest:
    """How parameters are sampled, and how each sample is searched.

    Attributes:
        n_samples: how many.
        evaluations: of the search of each.
        seed: of the samples and of the searches.
        threads: worker threads.
    """

    n_samples: int
    evaluations: int
    seed: int = 0
    threads: int = 1


def latin_hypercube(book: Book, keys: Sequence[str], n_samples: int, seed: int) -> FloatArray:
    """Values within the ranges of parameters, each range cut into n_samples equal parts of which each is met once.

    Args:
        book: with the ranges.
        keys: among envs.parameter_sensitivity.ranged_parameters.
        n_samples: how many.
        seed: of the draw.

    Returns:
        shape (n_samples, n_keys), in the units of the book; whole numbers where only they mean something.
    """
    unit = qmc.LatinHypercube(len(keys), rng=np.random.default_rng(seed)).random(n_samples)
    low, high = (np.array([getattr(book[key], end) for key in keys], dtype=np.float64) for end in ("low", "high"))
    values = low + unit * (high - low)
    whole = np.array([book[key].limits.whole for key in keys], dtype=bool)
    return np.where(whole, np.rint(values), values)


def parameter_samples(
    resolved: ResolvedScenario,
    begin: Plans,
    preferences: FloatArray,
    anchors: Anchors,
    request: SampleRequest,
    *,
    progress: Callable[[Sample], None] | None = None,
) -> list[Sample]:
    """Search again at every sample, beginning with plans that are good by the scenario's own parameters.

    Args:
        resolved: scenario resolved against a city.
        begin: plans to begin with.
        preferences: weights of the objectives, shape (n_preferences, n_objectives).
        anchors: scale by which a best plan is told, that of the scenario.
        request: how.
        progress: told each sample as it is done.
    """
    keys = ranged_parameters(resolved.book)
    table = latin_hypercube(resolved.book, keys, request.n_samples, request.seed)
    found = []
    for number, row in enumerate(table, start=1):
        values = dict(zip(keys, row.tolist(), strict=True))
        found.append(_searched(resolved, begin, preferences, anchors, request, number, values))
        if progress is not None:
            progress(found[-1])
    return found


def with_parameters(scenario: Scenario, book: Book, values: Mapping[str, float]) -> Scenario:
    """The scenario with parameters changed, whatever it said of the same facts by second names.

    Raises:
        InputError: a value is not allowed.
    """
    content = scenario.model_dump(mode="json")
    others = {key: value for key, value in content["parameters"].items() if (book[key].same_as or key) not in values}
    content["parameters"] = others | dict(values)
    return scenario_from_mapping(content, file="")


def _searched(
    resolved: ResolvedScenario,
    begin: Plans,
    preferences: FloatArray,
    anchors: Anchors,
    request: SampleRequest,
    number: int,
    values: Mapping[str, float],
) -> Sample:
    """The best plans at one sample."""
    asked = SearchRequest(
        seed=request.seed + number,
        budget=Budget(evaluations=request.evaluations),
        threads=request.threads,
        front_spacing=FRONT_SPACING,
    )
    try:
        sampled = resolve(with_parameters(resolved.scenario, resolved.book, values), resolved.city)
        result = search(sampled, asked, known_anchors=anchors, seed_plans=begin)
    except InputError as error:
        return Sample(number, values, None, str(error), 0)
    worth = anchors.normalized(result.values) @ preferences.T
    best = [result.plans[k : k + 1] for k in np.argmax(worth, axis=0).tolist()]
    return Sample(number, values, concatenate(best), "", result.evaluations)
