"""How residents differ beyond age, work and income: what they consent to, and what time and services are worth to them.

Drawn with numbers of their own, so that they move no other draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, CodeArray, FloatArray, SingleArray
from envs.people.categories import CONSENT_GROUPS, NO_VOTE, SIZES
from envs.people.generator import Stream, place_generator
from envs.people.people_model import PeopleModel

PERCENT_LIMIT = np.iinfo(np.uint16).max


@dataclass(frozen=True, eq=False)
class Traits:
    """Traits of the households and workers of a place, in the order of their rows.

    Attributes:
        has_disabled: somebody of the household is disabled.
        consent_group_idx: into CONSENT_GROUPS, int8; NO_VOTE unless villagers.
        valuation: e_h of villagers, logarithmic, float32; 0 of others.
        service_value_percent: what services are worth to the household, of the mean, uint16.
        time_value_percent: what an hour is worth to each worker, of the mean of those of the same wage, uint16.
    """

    has_disabled: BoolArray
    consent_group_idx: CodeArray
    valuation: SingleArray
    service_value_percent: CodeArray
    time_value_percent: CodeArray


def draw_traits(
    model: PeopleModel,
    place: int,
    seed: int,
    *,
    size: CodeArray,
    has_elderly: BoolArray,
    is_long_stay: BoolArray,
    is_villager: BoolArray,
    n_workers: int,
) -> Traits:
    """Draw the traits of a place.

    Args:
        model: residents on average.
        place: position among zones, then villages.
        seed: of the draw.
        size: persons of each household, as the three that follow.
        has_elderly: somebody of 60 or more.
        is_long_stay: five years and more in the place.
        is_villager: registered in the village; they alone vote.
        n_workers: of the place.
    """
    generator = place_generator(seed, str(model.city.place_id[place]), Stream.TRAITS)
    book, n = model.book, len(size)
    able = (1.0 - book.number("care.disabled_share")) ** np.arange(SIZES[-1] + 1)
    has_disabled = generator.random(n) >= able[size]
    group, valuation = np.full(n, NO_VOTE, np.int8), np.zeros(n, np.float32)
    villagers = np.flatnonzero(is_villager)
    if len(villagers):
        group[villagers] = consent_groups(
            np.array(model.resolved.voters.weights),
            size[villagers],
            has_elderly[villagers],
            is_long_stay[villagers],
            generator,
        )
        valuation[villagers] = model.resolved.voters.sigma * generator.standard_normal(len(villagers))
    return Traits(
        has_disabled=has_disabled,
        consent_group_idx=group,
        valuation=valuation,
        service_value_percent=_percent_of_mean(n, book.number("wtp.log_sd"), generator),
        time_value_percent=_percent_of_mean(n_workers, book.number("value_of_time.log_sd"), generator),
    )


def consent_groups(
    weights: FloatArray,
    size: CodeArray,
    has_elderly: BoolArray,
    is_long_stay: BoolArray,
    generator: np.random.Generator,
) -> CodeArray:
    """Consent groups of households: the elderly first, then those of long stay, then the others.

    Each size of household has the shares of the book, so that households and persons both have them: where fewer have
    somebody of 60 than the book calls elderly, some without are called so.

    Args:
        weights: share of each of CONSENT_GROUPS, shape (3,).
        size: persons of each household, as the two that follow.
        has_elderly: somebody of 60 or more.
        is_long_stay: five years and more in the place.
        generator: random numbers.

    Returns:
        Into CONSENT_GROUPS, int8.
    """
    order = np.lexsort((generator.random(len(size)), ~is_long_stay, ~has_elderly, size))
    n_of_size = np.bincount(size, minlength=len(SIZES) + 1)
    sorted_size = size[order]
    rank = np.arange(len(size)) - (np.cumsum(n_of_size) - n_of_size)[sorted_size]
    reached = (rank + generator.random(len(SIZES) + 1)[sorted_size]) / n_of_size[sorted_size]
    last_first = np.cumsum(weights[::-1]) / weights.sum()
    found = np.empty(len(size), np.int8)
    found[order] = len(CONSENT_GROUPS) - 1 - np.searchsorted(last_first[:-1], reached, side="right")
    return found


def _percent_of_mean(n: int, log_sd: float, generator: np.random.Generator) -> CodeArray:
    """Log-normal numbers of mean 1, in whole percent; shape (n,), uint16."""
    factor = np.exp(np.float32(log_sd) * generator.standard_normal(n, np.float32) - np.float32(0.5 * log_sd**2))
    return np.minimum(np.rint(100.0 * factor), PERCENT_LIMIT).astype(np.uint16)
