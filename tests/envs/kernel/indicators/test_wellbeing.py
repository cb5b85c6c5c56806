"""Who gains and who loses: what must hold of the indicators, and a tenant followed by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from envs.kernel import REPORT, SEARCH, ResolvedScenario, evaluate
from envs.kernel.evaluate import evaluate_by_district
from envs.kernel.indicators.wellbeing import WELLBEING, everybody, villagers
from envs.kernel.plans import canonical
from envs.kernel.trace import Trace
from plan_fixtures import empty_plans, random_plans

NAMES = [item.name for item in WELLBEING]


def test_the_empty_plan_moves_nobody(tiny: ResolvedScenario) -> None:
    for precision, most in ((REPORT, 1e-9), (SEARCH, 0.1)):
        for name, value in evaluate(tiny, empty_plans(tiny), indicators=NAMES, precision=precision).values.items():
            if name in NAMES:
                assert abs(value[0]) <= (0.0 if name.startswith(("losers", "winners")) else most), name


def test_everybody_has_one_fate(tiny: ResolvedScenario) -> None:
    trace = Trace(tiny, canonical(random_plans(tiny, 4, seed=2)), REPORT)
    base = tiny.constants.base
    assert min(float(fate.persons.min()) for fate in everybody(trace)) >= -1e-9
    counted = sum(fate.persons for fate in villagers(trace))
    np.testing.assert_allclose(counted, np.repeat((base.registered + base.tenants)[:, None], 4, axis=1), rtol=1e-12)
    of_city = sum(fate.persons.sum() for fate in everybody(trace))
    assert of_city == pytest.approx(4.0 * base.residents.sum())


def test_a_tenant_who_stays_by_hand(tiny: ResolvedScenario) -> None:
    """Rent of 8 m2, minutes and services of the village in the state year, less those of the base year."""
    trace = Trace(tiny, canonical(random_plans(tiny, 2, seed=3)), REPORT)
    village, city, book, lives = 1, tiny.city, tiny.book, tiny.constants.lives
    place = city.n_zones + village
    district = city.villages.district_idx[village]
    more_rent = trace.rent_factor[0, district, tiny.clock.horizon] - 1.0
    rent = city.villages.rent_cny_per_m2_month[village] * more_rent * 12.0 * book.number("uv.floor_per_migrant")
    column = trace.n_years - 1  # of the first plan
    minutes = trace.commute_by_place("kernel_min")[place, column] - lives.minutes[place]
    met = trace.met[place, column] - lives.met[place]
    stays = trace.tenant_fates[0]
    assert stays.more_minutes[village, 0] == pytest.approx(minutes, abs=1e-9)
    expected = book.number("wtp.services") * met - rent
    assert stays.gain_cny_per_yr[village, 0] == pytest.approx(expected, rel=1e-9)
    assert abs(expected) > 1.0


def test_a_higher_offer_makes_owners_better_off_and_nobody_else(tiny: ResolvedScenario) -> None:
    plans = canonical(random_plans(tiny, 4, seed=4))
    higher = replace(plans, compensation_multiplier=np.full(plans.start_year.shape, 1.4))
    least, more = (evaluate(tiny, each, indicators=NAMES).values for each in (plans, higher))
    assert np.all(more["losers_share_registered"] <= least["losers_share_registered"] + 1e-12)
    assert np.all(more["mean_wellbeing_change_cny_per_yr"] > least["mean_wellbeing_change_cny_per_yr"])
    np.testing.assert_allclose(more["losers_share_tenants"], least["losers_share_tenants"])


def test_the_city_is_its_districts(tiny: ResolvedScenario) -> None:
    plans, city = random_plans(tiny, 3, seed=5), tiny.city
    whole, parts = evaluate(tiny, plans, indicators=NAMES).values, evaluate_by_district(tiny, plans)
    persons = np.bincount(
        city.villages.district_idx, weights=city.villages.registered_residents + city.villages.tenants
    )
    for name in ("losers_share", "winners_share", "mean_wellbeing_change_cny_per_yr"):
        assert parts[name] @ persons / persons.sum() == pytest.approx(whole[name]), name
    residents = np.bincount(city.place_district_idx, weights=tiny.constants.base.residents)
    assert parts["losers_share_city"] @ residents / residents.sum() == pytest.approx(whole["losers_share_city"])


def test_another_year_may_be_told(tiny: ResolvedScenario) -> None:
    plans = canonical(random_plans(tiny, 3, seed=6))
    years = [Trace(tiny, plans, REPORT, wellbeing_year=year) for year in (0, 3, tiny.clock.horizon)]
    told = [WELLBEING[0].value(trace) for trace in (*years, Trace(tiny, plans, REPORT))]
    assert told[0].max() == 0.0
    assert np.any(told[1] != told[2])
    np.testing.assert_array_equal(told[2], told[3])
    with pytest.raises(ValueError, match="does not hold year 0"):
        _ = Trace(tiny, plans, SEARCH, wellbeing_year=0).told_minutes


def test_search_is_close_to_report(tiny: ResolvedScenario) -> None:
    plans = random_plans(tiny, 6, seed=7)
    fast, exact = (evaluate(tiny, plans, indicators=NAMES, precision=precision) for precision in (SEARCH, REPORT))
    for name in NAMES:
        scale = 100.0 if "cny" in name else 1.0
        assert fast[name] == pytest.approx(exact[name], abs=1e-3 * scale), name
