"""Services of a trace: the supply within reach of every place."""

from __future__ import annotations

from functools import cached_property

from envs.kernel.computing.backend import Array
from envs.kernel.computing.parallel_chunks import chunks
from envs.kernel.people.residents import place_first
from envs.kernel.services.accessibility import FacilityStates, access_by_category, mean_met_share, mean_over_residents
from envs.kernel.tracing.floors_and_people import FloorsAndPeople

CELLS_PER_BLOCK = 400_000
"""Places x columns of accessibility computed at once: a few such arrays fit a processor's second-level cache."""


class Services(FloorsAndPeople):
    """Facilities that stand and are new, and how well the standards are met."""

    @cached_property
    def facility_states(self) -> FacilityStates:
        """What stands and what is new in the villages, place-first columns."""
        form = self.form
        standing = 1.0 - place_first(form.rebuilt_share, self.dtype) * self.started
        new_floor = (
            place_first(form.facility_new, self.dtype) * self.completed
            + place_first(form.facility_converted, self.dtype) * self.rehabilitated
        )
        new_land = place_first(form.green_land, self.dtype) * self.completed
        return FacilityStates(standing, new_floor, new_land).each(self.columns)

    def access_of(self, columns: slice) -> list[Array]:
        """Supply within reach per person in some columns, one (n_places, n_columns) per category [m2/person]."""
        return access_by_category(
            self.columns(self.residents)[:, columns],
            self.constants.access,
            self.facility_states.each(lambda state: state[:, columns]),
        )

    @cached_property
    def access(self) -> list[Array]:
        """Supply within reach per person, one (n_places, n_columns) per category [m2/person]."""
        return self.access_of(slice(None))

    @cached_property
    def met(self) -> Array:
        """Category-weighted met share of the standard, shape (n_places, n_columns)."""
        return mean_met_share(self.access, self.constants.access)

    @cached_property
    def accessibility(self) -> Array:
        """Service accessibility, shape (n_plans, n_years); a few columns at a time, which stay in the cache."""
        residents = self.columns(self.residents)
        if self.keeps_access:
            return self.series(mean_over_residents(self.met, residents))
        width = max(1, CELLS_PER_BLOCK // residents.shape[0])
        means = [
            mean_over_residents(mean_met_share(self.access_of(block), self.constants.access), residents[:, block])
            for block in chunks(residents.shape[1], width)
        ]
        return self.series(self.xp.concat(means))
