"""A batch of plans as arrays: start year, intensity, land use, floor area ratio and facility ratio of each village.

Three more columns are optional: what was bargained, or is known of a village. Without them the model decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np

from data.scenario import CANONICAL_LAND_USE, LAND_USES
from envs.kernel.computing.backend import Array, array_namespace

CANONICAL_LAND_USE_IDX = LAND_USES.index(CANONICAL_LAND_USE)


@dataclass(frozen=True, eq=False)
class Plans:
    """A batch of plans; every array has shape (n_plans, n_villages).

    Attributes:
        start_year: 0 = keep, 1..plan_years; integer.
        intensity: index into data.scenario.INTENSITIES; integer.
        land_use: index into data.scenario.LAND_USES; integer.
        floor_area_ratio: new floor per net site of the rebuilt part [-].
        facility_ratio: share of floor given to public facilities [0..1].
        compensation_multiplier: of the cash offered [x]; NaN = the least that wins consent, as the model finds it.
        onsite_share: share of registered residents resettled on site [0..1]; NaN = the scenario's.
        delay_yr: added to the approval [yr]; NaN = none.

    The last three are None where no village of the batch is given one.
    """

    start_year: Array
    intensity: Array
    land_use: Array
    floor_area_ratio: Array
    facility_ratio: Array
    compensation_multiplier: Array | None = None
    onsite_share: Array | None = None
    delay_yr: Array | None = None

    @property
    def n_plans(self) -> int:
        """Number of plans in the batch."""
        return int(self.start_year.shape[0])

    @property
    def n_villages(self) -> int:
        """Number of villages."""
        return int(self.start_year.shape[1])

    def __getitem__(self, rows: slice | Array) -> Plans:
        """A part of the batch; `rows` must keep the plan axis (a slice or an index array)."""
        return self.each(lambda column: column[rows])

    @property
    def columns(self) -> tuple[Array, Array, Array, Array, Array]:
        """The five arrays that every plan has, in declaration order."""
        return (self.start_year, self.intensity, self.land_use, self.floor_area_ratio, self.facility_ratio)

    @property
    def given(self) -> dict[str, Array]:
        """The optional columns that are given, by name."""
        columns = {name: getattr(self, name) for name in OPTIONAL_COLUMNS}
        return {name: column for name, column in columns.items() if column is not None}

    @property
    def content(self) -> bytes:
        """All columns as bytes, the optional ones under their names: equal for equal plans alone; for NumPy arrays."""
        of_all = b"".join(np.ascontiguousarray(column).tobytes() for column in self.columns)
        return of_all + b"".join(name.encode() + np.ascontiguousarray(c).tobytes() for name, c in self.given.items())

    def each(self, function: Callable[[Array], Array]) -> Plans:
        """The plans with a function of every column; what is not given stays so."""
        return Plans(*map(function, self.columns), **{name: function(column) for name, column in self.given.items()})


OPTIONAL_COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Plans) if field.default is None)
"""What a plan may say of a village besides; NaN, or no column at all, leaves it to the model."""


def columns_together(batches: list[Plans], function: Callable[[list[Array]], Array]) -> Plans:
    """Plans whose every column is a function of that column of several plans; NaN where one does not give it.

    Example:
        >>> keep = empty_plan(1)
        >>> delayed = Plans(*keep.columns, delay_yr=np.array([[0.5]]))
        >>> columns_together([keep, delayed], np.concatenate).delay_yr
        array([[nan],
               [0.5]])
    """
    names = [name for name in OPTIONAL_COLUMNS if any(name in batch.given for batch in batches)]
    optional = {name: function([_column(batch, name) for batch in batches]) for name in names}
    columns = zip(*(batch.columns for batch in batches), strict=True)
    return Plans(*(function(list(column)) for column in columns), **optional)


def _column(plans: Plans, name: str) -> Array:
    xp = array_namespace(plans.floor_area_ratio)
    return plans.given.get(name, xp.full_like(plans.floor_area_ratio, float("nan")))


def same_plans(one: Plans, other: Plans) -> bool:
    """Whether two batches decide the same and give the same; for NumPy arrays."""
    columns = [*zip(one.columns, other.columns, strict=True)]
    columns += [(one.given[name], other.given[name]) for name in one.given if name in other.given]
    return one.given.keys() == other.given.keys() and all(np.array_equal(a, b, equal_nan=True) for a, b in columns)


def canonical(plans: Plans) -> Plans:
    """Write meaningless choices in one way: zero where a village is kept, no land use where none is rebuilt.

    What was bargained over the rebuilt part is left out (NaN) where nothing is rebuilt, a delay where all is kept.
    """
    xp = array_namespace(plans.start_year)
    kept = plans.start_year == 0
    intensity = xp.where(kept, xp.zeros_like(plans.intensity), plans.intensity)
    nothing_rebuilt = intensity == 0
    return Plans(
        start_year=plans.start_year,
        intensity=intensity,
        land_use=xp.where(nothing_rebuilt, xp.full_like(plans.land_use, CANONICAL_LAND_USE_IDX), plans.land_use),
        floor_area_ratio=xp.where(nothing_rebuilt, xp.zeros_like(plans.floor_area_ratio), plans.floor_area_ratio),
        facility_ratio=xp.where(kept, xp.zeros_like(plans.facility_ratio), plans.facility_ratio),
        compensation_multiplier=_left_out(plans.compensation_multiplier, nothing_rebuilt),
        onsite_share=_left_out(plans.onsite_share, nothing_rebuilt),
        delay_yr=_left_out(plans.delay_yr, kept),
    )


def _left_out(column: Array | None, meaningless: Array) -> Array | None:
    """The column with NaN where it means nothing; None where nothing is left of it."""
    if column is None:
        return None
    xp = array_namespace(column)
    column = xp.where(meaningless, xp.full_like(column, float("nan")), column)
    return None if bool(xp.all(xp.isnan(column))) else column


def concatenate(batches: list[Plans]) -> Plans:
    """Batches one after another."""
    xp = array_namespace(batches[0].start_year)
    return columns_together(batches, lambda columns: xp.concat(columns, axis=0))


def choose(mask: Array, one: Plans, other: Plans) -> Plans:
    """The decisions of `one` where the mask is True, else those of `other`; the mask meets (n_plans, n_villages)."""
    xp = array_namespace(other.start_year)
    return columns_together([one, other], lambda columns: xp.where(mask, *columns))


def empty_plan(n_villages: int) -> Plans:
    """The canonical plan that keeps every village, as a batch of one."""
    whole = np.zeros((1, n_villages), dtype=np.int64)
    share = np.zeros((1, n_villages))
    return Plans(whole, whole, np.full_like(whole, CANONICAL_LAND_USE_IDX), share, share)
