"""The commuting model of the base year, balanced, with its decay."""

from __future__ import annotations

import numpy as np

from data.arrays import FloatArray
from data.city import City
from data.parameter_book import Book
from data.scenario import Deterrence
from data.travel import Travel
from envs.kernel.commute import GravityModel, gravity_model
from envs.kernel.commute_calibration import calibrate_decay
from envs.kernel.resolved_scenario import Base

FALLBACK_DECAY = {Deterrence.SQUARE_ROOT: "calib.gamma_sqrt", Deterrence.EXPONENTIAL: "calib.beta_exp"}
"""Key of the decay of a city without an observed mean, by form of the deterrence."""


def commute_of(city: City, book: Book, base: Base, travel: Travel, form: Deterrence) -> tuple[float, GravityModel]:
    """Decay of the form, and the model balanced with it."""
    scaled_jobs = base.jobs * (base.workers.sum() / base.jobs.sum())
    decay = _decay(city, book, base, scaled_jobs, travel, form)
    return decay, gravity_model(
        origins=base.workers,
        destinations=scaled_jobs,
        distance_km=travel.distance_km,
        minutes=travel.minutes,
        decay=decay,
        form=form,
        log_sd=book.number("travel.log_sd"),
    )


def _decay(city: City, book: Book, base: Base, jobs: FloatArray, travel: Travel, form: Deterrence) -> float:
    observed = city.observed_commute
    if observed is None:
        return book.number(FALLBACK_DECAY[form])
    declared = None
    if observed.districts:
        idx = [city.districts.index(name) for name in observed.districts]
        declared = np.isin(city.place_district_idx, idx)
    return calibrate_decay(base.workers, jobs, travel.distance_km, observed.mean_km, form, declared)
