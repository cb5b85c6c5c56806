"""Exact enumeration of all plans of a small city."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from data.arrays import IntArray
from data.errors import refuse
from envs.choices.choices import LegalChoices
from optimizers.problem.operators import join

MOST_PLANS = 2_000_000
BATCH = 5_000


def village_choices(space: LegalChoices, village: int) -> IntArray:
    """Every legal (start year, option) of a village, keep first if it is legal; shape (n_choices, 2)."""
    years = np.flatnonzero(space.start_mask[village])
    options = np.flatnonzero(space.option_mask[village])
    if space.fixed_mask[village]:
        return np.array([[years[0], 0]])
    rows = [(0, 0)] if years[0] == 0 else []
    rows += [(int(year), int(option)) for year in years[years > 0] for option in options]
    return np.array(rows, dtype=np.int64)


def count_plans(space: LegalChoices) -> int:
    """Number of plans that respect the bounds of every single village."""
    total = 1
    for village in range(space.start_mask.shape[0]):
        total *= len(village_choices(space, village))
    return total


def all_genomes(space: LegalChoices) -> Iterator[IntArray]:
    """Yield every plan, in batches of genomes; city-wide rules are left to the evaluation.

    Raises:
        InputError: there are more than MOST_PLANS.
    """
    choices = [village_choices(space, village) for village in range(space.start_mask.shape[0])]
    total = count_plans(space)
    if total > MOST_PLANS:
        raise refuse("enumeration_too_large", layer="--algorithm", n=total, most=MOST_PLANS)
    sizes = [len(rows) for rows in choices]
    for first in range(0, total, BATCH):
        digits = np.unravel_index(np.arange(first, min(first + BATCH, total)), sizes)
        picked = [rows[digit] for rows, digit in zip(choices, digits, strict=True)]
        yield join(np.stack([p[:, 0] for p in picked], axis=1), np.stack([p[:, 1] for p in picked], axis=1))
