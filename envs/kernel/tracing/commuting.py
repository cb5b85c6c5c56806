"""Jobs and commute of a trace."""

from __future__ import annotations

from functools import cached_property

from envs.kernel.commute import Balance, balance, mean_by_place, mean_km_corrected, mean_over_workers
from envs.kernel.computing.backend import Array
from envs.kernel.tracing.floors_and_people import FloorsAndPeople


class Commuting(FloorsAndPeople):
    """Jobs lost and new, and how far people travel to work."""

    @cached_property
    def jobs_lost(self) -> Array:
        """Jobs of the demolished part, lost from the start on, shape (n_plans, n_villages)."""
        return self.form.rebuilt_share * self.constants.base.village_jobs

    @cached_property
    def jobs_new(self) -> Array:
        """Jobs in the rebuilt part, from its completion on."""
        book, form = self.resolved.book, self.form
        floor_jobs = (form.employment + form.industrial) / book.number("density.job_m2")
        return book.number("jobs.fill") * (floor_jobs + form.facility_new / book.number("density.facility_job_m2"))

    @cached_property
    def jobs_converted(self) -> Array:
        """Jobs in the converted part, from its rehabilitation on."""
        book = self.resolved.book
        return book.number("jobs.fill") * self.form.facility_converted / book.number("density.facility_job_m2")

    @cached_property
    def new_jobs_by_zone(self) -> Array:
        """New jobs before they are scaled, shape (n_zones, n_plans, n_years)."""
        parts = [(self.jobs_new, "completed"), (self.jobs_converted, "rehabilitated")]
        return self.timetable.over_zones(self.constants.village_zone, parts)

    @cached_property
    def standing_jobs_by_zone(self) -> Array:
        """Jobs of the base year that are not lost, same shape."""
        standing = self.timetable.over_zones(self.constants.village_zone, [(-self.jobs_lost, "started")])
        standing += self._fixed(self.constants.base.jobs)
        return standing

    @cached_property
    def standing_jobs_kept(self) -> Array:
        """Share of the standing jobs that new ones do not draw away, shape (n_plans, n_years)."""
        xp, base = self.xp, self.constants.base
        without_new = float(xp.sum(base.jobs)) - xp.sum(self.new_jobs_by_zone, axis=0)
        return xp.clip(without_new / xp.sum(self.standing_jobs_by_zone, axis=0), 0.0, None)

    @cached_property
    def jobs(self) -> Array:
        """Jobs by zone scaled to the workers, shape (n_zones, n_plans, n_years)."""
        jobs = self.standing_jobs_by_zone * self.standing_jobs_kept + self.new_jobs_by_zone
        return jobs * (float(self.xp.sum(self.constants.base.workers)) / self.xp.sum(jobs, axis=0))

    @cached_property
    def balance(self) -> Balance:
        """Balanced commuting matrix of every plan and year."""
        return balance(
            self.columns(self.workers),
            self.columns(self.jobs),
            self.constants.gravity,
            rounds=self.precision.rounds,
            tolerance=self.precision.tolerance,
        )

    def commute_by_place(self, weighted_kernel: str) -> Array:
        """Mean of a pair quantity over the workers of each place, shape (n_places, n_columns); computed once."""
        if weighted_kernel not in self._by_place:
            kernel = getattr(self.constants.gravity, weighted_kernel)
            self._by_place[weighted_kernel] = mean_by_place(self.balance, kernel)
        return self._by_place[weighted_kernel]

    @cached_property
    def _by_place(self) -> dict[str, Array]:
        return {}

    @cached_property
    def commute_km(self) -> Array:
        """Mean commute distance of all workers, shape (n_plans, n_years) [km]."""
        km, workers = self.commute_by_place("kernel_km"), self.columns(self.workers)
        return self.series(mean_km_corrected(km, self.balance, self.constants.gravity, workers))

    def commute_mean(self, weighted_kernel: str, workers: Array) -> Array:
        """Mean of a pair quantity over some workers, shape (n_plans, n_years)."""
        return self.series(mean_over_workers(self.commute_by_place(weighted_kernel), self.columns(workers)))

    @cached_property
    def commute_km_by_place(self) -> Array:
        """Mean distance of the workers of each place, shape (n_places, n_plans, n_years) [km]."""
        return self.xp.reshape(self.commute_by_place("kernel_km"), self.workers.shape)
