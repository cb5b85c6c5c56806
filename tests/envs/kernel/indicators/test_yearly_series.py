"""Yearly series of what stands, works and is used: by hand for one village, and what must hold of any plan."""

from __future__ import annotations

import numpy as np
import pytest

from envs.kernel import Plans, ResolvedScenario, evaluate
from envs.kernel.evaluate import evaluate_yearly
from envs.kernel.indicators.registry import INDICATORS
from envs.kernel.plans import canonical, empty_plan
from envs.kernel.trace import REPORT, SEARCH, Trace
from plan_fixtures import random_plans

STANDING = (
    "renewed_villages",
    "renewed_area_m2",
    "new_floor_area_m2",
    "new_commodity_floor_m2",
    "new_rental_floor_m2",
    "new_employment_floor_m2",
    "resettlement_floor_m2",
    "facility_floor_m2",
    "green_land_m2",
    "demolished_floor_m2",
    "land_economic_output_cny_per_yr",
    "land_economic_output_cny_per_km2_yr",
)
"""Series that begin at zero and never fall."""
USED = ("operational_carbon_tco2e_per_yr", "water_m3_per_yr", "electricity_kwh_per_yr")
REBUILD, MIXED_USE = 2, 3


def one_village(resolved: ResolvedScenario, start: int) -> Plans:
    """The first village rebuilt for mixed use from a year on."""
    plan = empty_plan(resolved.city.n_villages)
    columns = [np.array(column, copy=True) for column in plan.columns]
    for column, value in zip(columns, (start, REBUILD, MIXED_USE, 2.0, 0.1), strict=False):
        column[0, 0] = value
    return canonical(Plans(*columns))


@pytest.mark.parametrize("name", [*STANDING, *USED])
def test_the_last_year_is_the_indicator(tiny: ResolvedScenario, name: str) -> None:
    plans = random_plans(tiny, 6, seed=4)
    series, values = evaluate_yearly(tiny, plans)[name], evaluate(tiny, plans, indicators=[name])[name]
    np.testing.assert_allclose(series[:, -1], values, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("name", STANDING)
def test_what_stands_begins_at_nothing_and_never_falls(tiny: ResolvedScenario, name: str) -> None:
    series = np.asarray(evaluate_yearly(tiny, random_plans(tiny, 6, seed=4))[name])
    assert (series[:, 0] == 0.0).all()
    assert (np.diff(series, axis=1) >= -1e-9).all()


def test_one_village_by_hand(tiny: ResolvedScenario) -> None:
    """Existing homes until the start, nothing while it is built, the new floor from its completion on."""
    start = 2
    plan, book, lag = one_village(tiny, start), tiny.book, tiny.clock.phases.rebuild_lag_yr
    series, form = evaluate_yearly(tiny, plan), Trace(tiny, plan, REPORT).form
    year = np.arange(tiny.clock.horizon + 1)
    before, after = year < start, year >= start + lag
    public = float((form.facility_new + form.employment + form.industrial)[0, 0])
    housing = float(form.new_floor[0, 0]) - public
    home, work = book.number("carbon.operation_residential"), book.number("carbon.operation_public")
    carbon = (before * float(form.demolished[0, 0]) * home + after * (housing * home + public * work)) / 1000.0
    np.testing.assert_allclose(series["operational_carbon_tco2e_per_yr"][0], carbon, rtol=1e-12, atol=1e-9)
    output = float(form.employment[0, 0]) * book.number("output.employment") * after
    np.testing.assert_allclose(series["land_economic_output_cny_per_yr"][0], output, rtol=1e-12)
    area_km2 = float(tiny.city.villages.site_area_m2[0]) / 1e6
    np.testing.assert_allclose(series["land_economic_output_cny_per_km2_yr"][0], output / area_km2, rtol=1e-12)
    working = float((form.employment + form.industrial)[0, 0]) * after
    for name, good in (("water_m3_per_yr", "water"), ("electricity_kwh_per_yr", "electricity")):
        used = series["population_after_persons"][0] * book.number(f"{good}.domestic")
        used = used + working * book.number(f"{good}.employment")
        np.testing.assert_allclose(series[name][0], used, rtol=1e-12)


def test_every_series_of_a_search_ends_where_that_of_a_report_does(tiny: ResolvedScenario) -> None:
    plans = canonical(random_plans(tiny, 3, seed=9))
    report, search = (Trace(tiny, plans, precision) for precision in (REPORT, SEARCH))
    for name in (*STANDING, *USED):
        yearly = INDICATORS[name].yearly
        assert yearly is not None
        years = range(search.first_year, search.last_year + 1)
        np.testing.assert_allclose(yearly(search), yearly(report)[:, years], rtol=1e-5, atol=1e-3, err_msg=name)
        np.testing.assert_allclose(yearly(search)[:, -1], yearly(report)[:, -1], rtol=1e-5, atol=1e-3, err_msg=name)
