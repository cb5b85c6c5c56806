"""The price of the option: against the whole two-step catchment, by hand, and what consent makes of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from envs.kernel import REPORT, Plans, ResolvedScenario, resolve
from envs.kernel.consent import least_multiplier
from envs.kernel.hedonic import met_with_option
from envs.kernel.plans import canonical
from envs.kernel.services.accessibility import FacilityStates, access_by_category, mean_met_share
from envs.kernel.trace import Trace
from oracles.small_city import small_city
from plan_fixtures import random_plans

COMMODITY, REBUILD = 0, 2


def met_alone(trace: Trace, plan: int, village: int) -> float:
    """Met share of a village renewed alone, all completed, residents as in the base year, by the whole catchment."""
    form, model = trace.form, trace.constants.access
    alone = np.eye(trace.plans.n_villages)[:, village : village + 1]
    new_floor = form.facility_new + form.facility_converted
    states = FacilityStates(
        1.0 - alone * form.rebuilt_share[plan][:, None],
        alone * new_floor[plan][:, None],
        alone * form.green_land[plan][:, None],
    )
    access = access_by_category(trace.constants.base.residents[:, None], model, states)
    return float(mean_met_share(enumerate(access), model)[model.n_zones + village, 0])


@pytest.mark.parametrize("city", ["small", "tiny"])
def test_met_share_is_that_of_the_whole_catchment(city: str, request: pytest.FixtureRequest) -> None:
    resolved: ResolvedScenario = request.getfixturevalue(city)
    trace = Trace(resolved, canonical(random_plans(resolved, 3, seed=5)), REPORT)
    form = trace.form
    met = met_with_option(
        trace.constants.services, form.rebuilt_share, form.facility_new + form.facility_converted, form.green_land
    )
    whole = [[met_alone(trace, plan, n) for n in range(met.shape[1])] for plan in range(met.shape[0])]
    np.testing.assert_allclose(met, whole, rtol=0.0, atol=1e-12)
    assert (met != trace.constants.services.before).any()


def test_a_village_that_is_kept_has_its_base_price(small: ResolvedScenario) -> None:
    trace = Trace(small, random_plans(small, 4, seed=1), REPORT)
    kept, price = trace.plans.start_year == 0, small.city.villages.sale_price_cny_per_m2
    assert kept.any()
    np.testing.assert_allclose(trace.sale_price_cny_per_m2[kept], np.broadcast_to(price, kept.shape)[kept], rtol=1e-12)


def test_a_price_taken_from_the_zone_means_the_services_of_the_zone(small: ResolvedScenario) -> None:
    city = small_city()
    of_zone = replace(city, villages=replace(city.villages, price_of_zone=np.array([True, False, False])))
    zone = resolve(small.scenario, of_zone, small.book)
    met = Trace(small, random_plans(small, 1, seed=1), REPORT).met[:, 0]
    before, of_village = zone.constants.services.before, small.constants.services.before
    assert of_village == pytest.approx(met[city.n_zones :], abs=1e-12)
    assert before[0] == pytest.approx(met[city.villages.zone_idx[0]], abs=1e-12)
    assert before[1:].tolist() == of_village[1:].tolist()
    assert of_zone.digest != city.digest


def three_options(far: tuple[float, float, float], facility: tuple[float, float, float]) -> Plans:
    """Three plans that rebuild all villages of the small city, denser or with more facilities."""
    one = np.ones((3, 3), dtype=np.int64)
    columns = (np.array(values)[:, None] * np.ones(3) for values in (far, facility))
    return Plans(one, REBUILD * one, COMMODITY * one, *columns)


def test_three_options_give_three_consents(small: ResolvedScenario) -> None:
    trace = Trace(small, three_options((1.8, 2.6, 2.6), (0.01, 0.01, 0.02)), REPORT)
    for village in range(3):
        assert len({round(share, 6) for share in trace.consent[:, village].tolist()}) == 3
    _, dense, served = trace.sale_price_cny_per_m2
    assert (served > dense).all()
    assert (trace.consent[2] > trace.consent[1]).all()
    full = resolve(small.scenario, small.city, small.book.override({"hedonic.services": 0.0}))
    without = Trace(full, three_options((1.8, 2.6, 2.6), (0.01, 0.01, 0.02)), REPORT)
    assert (without.sale_price_cny_per_m2[1] < without.sale_price_cny_per_m2[0]).all()


def test_without_hedonic_prices_consent_is_the_villages(small: ResolvedScenario) -> None:
    book = small.book.override({"hedonic.services": 0.0, "hedonic.density": 0.0})
    flat = resolve(small.scenario, small.city, book)
    trace = Trace(flat, three_options((1.8, 2.6, 2.6), (0.01, 0.01, 0.02)), REPORT)
    for by_option in (trace.consent, trace.consent_multiplier, trace.sale_price_cny_per_m2):
        np.testing.assert_allclose(by_option, np.broadcast_to(by_option[0], by_option.shape), rtol=1e-12)
    least = least_multiplier(trace.offer, ratio=flat.consent_ratio, cap=flat.book.number("consent.cap"))
    np.testing.assert_array_equal(trace.consent_multiplier, least)
