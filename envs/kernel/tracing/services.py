"""Services of a trace: the supply within reach of every place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from envs.kernel.computing.backend import Array
from envs.kernel.computing.parallel_chunks import chunks
from envs.kernel.services.accessibility import (
    FacilityStates,
    access_by_category,
    each_access,
    mean_met_share,
    mean_over_residents,
)
from envs.kernel.tracing.floors_and_people import FloorsAndPeople

BYTES_PER_BLOCK = 800_000
"""Of an array of places x columns of accessibility: a few of them fit a processor's second-level cache."""


class Services(FloorsAndPeople):
    """Facilities that stand and are new, and how well the standards are met."""

    @cached_property
    def facility_states(self) -> FacilityStates:
        """What stands and what is new in the villages, place-first columns."""
        form, table = self.form, self.timetable
        standing = table.by_village([(-form.rebuilt_share, "started")])
        standing += 1.0
        new_floor = table.by_village([(form.facility_new, "completed"), (form.facility_converted, "rehabilitated")])
        new_land = table.by_village([(form.green_land, "completed")])
        return FacilityStates(standing, new_floor, new_land).each(self.columns)

    def _access_of(self, columns: slice) -> Iterator[tuple[int, Array]]:
        return each_access(
            self.xp.asarray(self.columns(self.residents)[:, columns], copy=True),
            self.constants.access,
            self.facility_states.each(lambda state: state[:, columns]),
        )

    def met_of(self, columns: slice) -> Array:
        """Category-weighted met share of the standard in some columns, shape (n_places, n_columns)."""
        return mean_met_share(self._access_of(columns), self.constants.access)

    @cached_property
    def access(self) -> list[Array]:
        """Supply within reach per person, one (n_places, n_columns) per category [m2/person]."""
        return access_by_category(self.columns(self.residents), self.constants.access, self.facility_states)

    @cached_property
    def met(self) -> Array:
        """Category-weighted met share of the standard, shape (n_places, n_columns)."""
        return mean_met_share(enumerate(self.access), self.constants.access)

    @cached_property
    def accessibility(self) -> Array:
        """Service accessibility, shape (n_plans, n_years); a few columns at a time, which stay in the cache."""
        residents = self.columns(self.residents)
        if self.keeps_access:
            return self.series(mean_over_residents(self.met, residents))
        width = max(1, BYTES_PER_BLOCK // (residents.shape[0] * residents.itemsize))
        means = [
            mean_over_residents(self.met_of(block), residents[:, block]) for block in chunks(residents.shape[1], width)
        ]
        return self.series(self.xp.concat(means))
