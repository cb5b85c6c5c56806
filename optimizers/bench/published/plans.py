"""Plans of the published folder: village, year, shares and floor-area ratio, judged by the published model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.arrays import FloatArray, IntArray
from data.errors import refuse
from optimizers.bench.published.city import PublishedCity, read_table
from optimizers.bench.published.model import PLAN_YEARS, PublishedModel, contributions

SHARE_COLUMNS = ("sale_share", "rental_share", "facility_share")


@dataclass(frozen=True, eq=False)
class PublishedPlan:
    """A plan as its makers wrote it; its mixes need not be among the model's options.

    Attributes:
        start_year: shape (n_villages,), 0 = keep.
        floor_area_ratio: same shape; 0 where kept.
        shares: for sale, for rent and for facilities, shape (n_villages, 3); 0 where kept.
        left_out: ids of its villages that lie in no cell and count for nothing, shape (n_left_out,).
    """

    start_year: IntArray
    floor_area_ratio: FloatArray
    shares: FloatArray
    left_out: IntArray

    def terms(self, model: PublishedModel) -> FloatArray:
        """Money, travel and services of the plan, shape (3,)."""
        amounts = contributions(model.city, self.floor_area_ratio[:, None], self.shares[:, None])
        return model.terms(self.start_year[None], amounts[:, None, :, 0])[0]

    def total(self, model: PublishedModel) -> float:
        """The published total of the plan."""
        return float(model.total(self.start_year[None], self.terms(model)[None])[0])


def read_plan(path: Path, city: PublishedCity) -> PublishedPlan:
    """Read a plan.

    Args:
        path: CSV with village_id, year, sale_share, rental_share, facility_share and floor_area_ratio.
        city: of the villages.

    Returns:
        The plan; villages without a row are kept, and those without a cell are left out, as the published model does.

    Raises:
        InputError: unreadable, an unknown village, a village twice, or a year outside the plan.
    """
    table = read_table(path, ("village_id", "year", "floor_area_ratio", *SHARE_COLUMNS))
    village_id = table["village_id"].to_numpy()
    has_cell = np.isin(village_id, city.village_id)
    known = has_cell | np.isin(village_id, city.without_cell)
    if not known.all():
        raise refuse("published_village_unknown", file=path, layer="village_id", rows=village_id[~known].tolist())
    if table["village_id"].duplicated().any():
        rows = sorted(set(village_id[table["village_id"].duplicated()].tolist()))
        raise refuse("published_village_twice", file=path, layer="village_id", rows=rows)
    within = np.isin(table["year"].to_numpy(), np.arange(1, PLAN_YEARS + 1))
    if not within.all():
        raise refuse(
            "published_year_outside", file=path, layer="year", rows=village_id[~within].tolist(), years=PLAN_YEARS
        )
    left_out = np.sort(village_id[~has_cell])
    table, village_id = table[has_cell], village_id[has_cell]
    order = np.argsort(city.village_id)
    row = order[np.searchsorted(city.village_id[order], village_id)]
    plan = PublishedPlan(
        start_year=np.zeros(city.n_villages, dtype=np.int64),
        floor_area_ratio=np.zeros(city.n_villages),
        shares=np.zeros((city.n_villages, len(SHARE_COLUMNS))),
        left_out=left_out,
    )
    plan.start_year[row] = table["year"]
    plan.floor_area_ratio[row] = table["floor_area_ratio"]
    plan.shares[row] = table[list(SHARE_COLUMNS)]
    return plan
