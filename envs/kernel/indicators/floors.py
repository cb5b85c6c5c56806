"""Indicators of villages, sites and floors: what is renewed, torn down and built.

A function without another shape in its docstring measures villages, shape (n_plans, n_villages).
"""

from __future__ import annotations

from envs.kernel.computing.backend import Array, like
from envs.kernel.indicators.indicator import SumSince, of_plans, sum_by_year, sum_over_villages
from envs.kernel.indicators.measures import of_every_plan, over_villages, ratio
from envs.kernel.trace import Trace


def renewed_villages(trace: Trace) -> Array:
    """1 where a village is renewed."""
    return trace.renewed


def renewed_area_m2(trace: Trace) -> Array:
    """Site area of the renewed villages."""
    return trace.renewed * trace.constants.base.site_area_m2


def new_floor_area_m2(trace: Trace) -> Array:
    """Gross new floor."""
    return trace.form.new_floor


def new_commodity_floor_m2(trace: Trace) -> Array:
    """New housing for sale."""
    return trace.form.commodity


def new_rental_floor_m2(trace: Trace) -> Array:
    """New housing for rent."""
    return trace.form.rental


def new_employment_floor_m2(trace: Trace) -> Array:
    """New floor for jobs."""
    return trace.form.employment


def resettlement_floor_m2(trace: Trace) -> Array:
    """Housing of returning registered residents."""
    return trace.form.resettlement


def facility_floor_m2(trace: Trace) -> Array:
    """Public facility floor, new and converted."""
    return trace.form.facility_new + trace.form.facility_converted


def facility_floor_by_year_m2(trace: Trace) -> Array:
    """Public facility floor that is open by year: new since completion, converted since rehabilitation."""
    new_m2 = sum_by_year(trace.form.facility_new, trace.completed)
    return new_m2 + sum_by_year(trace.form.facility_converted, trace.rehabilitated)


def green_land_m2(trace: Trace) -> Array:
    """New public green and sports land."""
    return trace.form.green_land


def demolished_floor_m2(trace: Trace) -> Array:
    """Existing floor torn down."""
    return trace.form.demolished


def demolished_share(trace: Trace) -> Array:
    """Demolished over existing floor of the renewed villages; shape (n_plans,), NaN for the empty plan."""
    existing_m2 = trace.renewed * trace.constants.base.existing_floor_m2
    return ratio(over_villages(demolished_floor_m2(trace)), over_villages(existing_m2))


def demolished_legal_share(trace: Trace) -> Array:
    """Demolished legal floor over that of all villages; shape (n_plans,)."""
    legal_m2 = legal_floor_m2(trace)
    demolished_m2 = over_villages(trace.form.rebuilt_share * legal_m2)
    return ratio(demolished_m2, of_every_plan(trace.xp.sum(legal_m2), trace))


def legal_floor_m2(trace: Trace) -> Array:
    """Existing legal floor; shape (n_villages,)."""
    return trace.constants.base.existing_floor_m2 * trace.constants.prices.legal_share


def new_to_demolished_ratio(trace: Trace) -> Array:
    """New over demolished floor; shape (n_plans,), NaN where nothing is demolished."""
    return ratio(over_villages(new_floor_area_m2(trace)), over_villages(demolished_floor_m2(trace)))


def heritage_floor_lost_m2(trace: Trace) -> Array:
    """Demolished floor of villages where rebuilding is not allowed."""
    protected = like((~trace.resolved.city.villages.rebuild_allowed).astype(float), trace.renewed)
    return trace.form.demolished * protected


FLOORS = (
    sum_over_villages(renewed_villages, yearly=SumSince(renewed_villages, "started")),
    sum_over_villages(renewed_area_m2, yearly=SumSince(renewed_area_m2, "started")),
    sum_over_villages(new_floor_area_m2, yearly=SumSince(new_floor_area_m2, "completed")),
    sum_over_villages(new_commodity_floor_m2, yearly=SumSince(new_commodity_floor_m2, "completed")),
    sum_over_villages(new_rental_floor_m2, yearly=SumSince(new_rental_floor_m2, "completed")),
    sum_over_villages(new_employment_floor_m2, yearly=SumSince(new_employment_floor_m2, "completed")),
    sum_over_villages(resettlement_floor_m2, yearly=SumSince(resettlement_floor_m2, "completed")),
    sum_over_villages(facility_floor_m2, yearly=facility_floor_by_year_m2),
    sum_over_villages(green_land_m2, yearly=SumSince(green_land_m2, "completed")),
    sum_over_villages(demolished_floor_m2, yearly=SumSince(demolished_floor_m2, "started")),
    of_plans(demolished_share),
    of_plans(demolished_legal_share),
    of_plans(new_to_demolished_ratio),
    sum_over_villages(heritage_floor_lost_m2),
)
