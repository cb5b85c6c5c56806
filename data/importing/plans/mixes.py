"""Mixes in shares of floor (for sale, for rent, for work) and the land use whose composition is nearest."""

from __future__ import annotations

import numpy as np

from data.arrays import BoolArray, FloatArray, IntArray
from data.importing.plans.asked_plan import UNSAID
from data.parameter_book import Book
from data.scenario import LAND_USES, LandUse

PARTS = {"sale_share": "commodity", "rental_share": "rental", "employment_share": "employment"}
"""Column of a plan -> part of a land use's composition."""
WHOLE = 0.02
"""Slack of shares that must add up to 1: they are written with two digits."""
SAME = 1e-6


def compositions(book: Book) -> FloatArray:
    """Commodity, rental and employment share of the floor of each land use, (n_land_uses, 3); public service: 0."""
    rows = np.zeros((len(LAND_USES), len(PARTS)))
    for position, use in enumerate(LAND_USES):
        if use is not LandUse.PUBLIC_SERVICE:
            mix = book.table(f"mix.{use}")
            rows[position] = [mix[part] for part in PARTS.values()]
    return rows


def nearest_use(shares: FloatArray, facility: FloatArray, book: Book) -> tuple[IntArray, BoolArray]:
    """Land use whose composition is nearest to mixes.

    Args:
        shares: for sale, for rent and for work, shape (n_rows, 3); NaN = unsaid, which counts as nothing where the
            others make up the whole, and is not compared where they do not.
        facility: share of floor for facilities, shape (n_rows,); NaN = unsaid.
        book: with the compositions.

    Returns:
        Index into LAND_USES, UNSAID where nothing is said, and whether the composition differs; shape (n_rows,) each.
    """
    said, total = np.isfinite(shares), np.nansum(shares, axis=1)
    whole = adds_up(shares, facility)
    rest = np.where(whole, total, 1.0 - np.nan_to_num(facility))
    parts = np.nan_to_num(shares) / np.where(rest > 0.0, rest, 1.0)[:, None]
    compared = said | whole[:, None]
    apart = (np.abs(parts[:, None] - compositions(book)[None]) * compared[:, None]).sum(axis=2)
    use, any_said = np.argmin(apart, axis=1), said.any(axis=1)
    return np.where(any_said, use, UNSAID), any_said & (apart.min(axis=1) > SAME)


def adds_up(shares: FloatArray, facility: FloatArray) -> BoolArray:
    """Whether the shares make up the whole, with facilities or of what is not for facilities; shape (n_rows,)."""
    total = np.nansum(shares, axis=1)
    return (np.abs(total + np.nan_to_num(facility) - 1.0) <= WHOLE) | (np.abs(total - 1.0) <= WHOLE)
