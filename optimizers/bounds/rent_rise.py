"""The rise of rents that no plan can avoid: tenants who must have left by a year, against all places that can stand.

Rents of a year follow the net rental places of the year before. Those are a sum over villages; each takes the option
and the beginning with which most places stand in that year, the ones given included. From the most places there can be
follows the lowest rent, and from it the least growth a year on the way there: the largest growth of a year is no less.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from data.arrays import FloatArray
from data.catalogue import message
from data.errors import Refusal, refuse
from envs.rules.rule import TOLERANCE
from optimizers.bounds.capital_terms import factor
from optimizers.bounds.forced_villages import ForcedVillages, is_hard, only_refusal

RULE = "rent_growth"


class LeastRise(NamedTuple):
    """The largest of the rent rises that no plan can avoid.

    Attributes:
        growth_per_yr: at the least in some year up to the one below.
        year: whose rent is bounded.
        district: position of the district.
    """

    growth_per_yr: float
    year: int
    district: int


def rents_rise_beyond(forced: ForcedVillages) -> Iterator[Refusal]:
    """A hard limit on the growth of rents that what must begin exceeds, whatever else is done."""
    resolved = forced.resolved
    markets = resolved.constants.markets
    if not forced.must.any() or not is_hard(resolved, RULE) or forced.has_own_terms or markets.rent.elasticity < 0.0:
        return
    limit, found = resolved.book.number("rule.rent_growth_max"), least_rise(forced)
    if found.growth_per_yr > limit + TOLERANCE * max(abs(limit), 1e-12):
        yield only_refusal(
            refuse(
                "rents_rise_beyond", layer=f"scenario rules.{RULE}", rule=message(f"rule_{RULE}"),
                district=str(resolved.city.districts[found.district]), year=found.year,
                need=found.growth_per_yr, limit=limit,
            )
        )  # fmt: skip


def least_rise(forced: ForcedVillages) -> LeastRise:
    """The largest yearly growth of rents that no plan can avoid, over districts and years."""
    most = _most_places(forced)  # (n_years, n_districts), those of the year before the rent's
    lowest = factor(forced.resolved.constants.markets.rent, most)
    first = int(forced.first_year[forced.able].min(initial=forced.table.n_years))
    years = np.arange(len(lowest))
    steps = np.maximum(1, years - first)  # a beginning moves the rent of the year after it
    growth = np.where((years > first)[:, None], np.maximum(lowest, 1e-12) ** (1.0 / steps[:, None]) - 1.0, 0.0)
    year, district = np.unravel_index(int(np.argmax(growth)), growth.shape)
    return LeastRise(float(growth[year, district]), int(year), int(district))


def _most_places(forced: ForcedVillages) -> FloatArray:
    """Most net rental places that can stand at the end of the year before, (n_flow_years, n_districts) [persons]."""
    table, profiles = forced.table, forced.resolved.clock.flow_profiles
    until = [profiles[name][1:, :-1] for name in ("operation", "standing")]  # (plan_years, n_flow_years - 1)
    pairs, which = np.unique(np.stack(until, axis=-1).reshape(-1, 2), axis=0, return_inverse=True)
    places, left = (np.where(table.mask, table.amount(name), 0.0) for name in ("rental_places", "tenants_left"))
    best = np.stack([np.where(table.mask, places * up - left * gone, -np.inf).max(axis=1) for up, gone in pairs])
    by_start = best[which.reshape(until[0].shape)]  # (plan_years, n_flow_years - 1, n_villages)
    allowed = table.start_mask.T[:, None, :]
    most = np.where(allowed, by_start, -np.inf).max(axis=0)
    most = np.where(forced.must & forced.able, most, np.where(forced.able, np.maximum(most, 0.0), 0.0))
    most = np.where(np.isfinite(most), most, 0.0)
    by_district = np.stack([most[:, villages].sum(axis=1) for villages in table.villages_of], axis=1)
    return np.concatenate([np.zeros((1, table.n_districts)), by_district])
