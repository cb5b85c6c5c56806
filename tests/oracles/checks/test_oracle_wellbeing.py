"""Who gains and who loses, worked on paper and in the varied small cities."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.scenario import Scenario
from oracles.accessibility import weighted_gini
from oracles.case import Outcome
from oracles.consent import standard_normal
from oracles.evaluate import evaluate_plan
from oracles.settling import turned_away_spread
from oracles.small_book import changed_book, small_book
from oracles.small_city import PLANS, decision, small_city
from oracles.varied import BARGAINED, Variant, random_plan, random_variant, varied, zones_with
from oracles.wellbeing import OTHER, TENANT, Cell, commuting_gain_cny, slices_of_log_normal
from oracles.wellbeing_measures import (
    lorenz_gini,
    median_of,
    pension_per_head_cny,
    share_of_losers,
    share_of_winners,
    spread_cells,
    worst_tenth_mean,
)

QUIET = {  # no rents, prices or hours move anybody
    "rent.elasticity": 0.0,
    "hedonic.services": 0.0,
    "hedonic.density": 0.0,
    "value_of_time.share": 0.0,
    "wtp.services": 0.0,
}
VARIED = varied()
CASES: list[tuple[Variant, list[dict[str, Any]]]] = [
    (variant, plan) for variant in VARIED.values() for plan in (PLANS["all_kinds"], BARGAINED)
]
CASES += [(random_variant(seed), random_plan(random_variant(seed), seed, columns=True)) for seed in range(6)]


def outcome_of(plan: list[dict[str, Any]], changes: Mapping[str, Any], **zones: Any) -> Outcome:
    city = zones_with(small_city(), **zones) if zones else small_city()
    return evaluate_plan(city, Scenario(plan_years=10), changed_book(changes), plan)


def cell(persons: float, sure: float, stake: float = 0.0) -> Cell:
    return Cell(0, 0, TENANT, 0, persons, sure, stake)


def test_ten_minutes_more_by_hand() -> None:
    """Wage 10,000 a month over 174 h, half of it: 28.74 CNY an hour, ten minutes each way on 250 days."""
    book = {"value_of_time.share": 0.5, "value_of_time.hours_per_month": 174.0, "commute.days": 250.0}
    parameter = changed_book(book)
    assert commuting_gain_cny(30.0, 40.0, 10_000.0, 1.0, parameter) == pytest.approx(-2_394.64, abs=5e-3)
    assert commuting_gain_cny(40.0, 30.0, 10_000.0, 0.5, parameter) == pytest.approx(1_197.32, abs=5e-3)


def test_slices_of_a_log_normal_by_hand() -> None:
    """The upper half's mean is 2 Phi(sd); any number of slices keeps the mean."""
    assert slices_of_log_normal(0.6, 2) == pytest.approx([2.0 * 0.2742531, 2.0 * 0.7257469], abs=1e-6)
    for n in (1, 5, 8):
        slices = slices_of_log_normal(0.45, n)
        assert sum(slices) / n == pytest.approx(1.0, rel=1e-12)
        assert slices == sorted(slices)


def test_full_zones_by_hand() -> None:
    """A zone with room for two in three keeps two in three; the others go where there is room, as by hand 8."""
    kept, spread, unhoused = turned_away_spread(
        [[150.0, 0.0, 0.0], [0.0, 90.0, 60.0]], [100.0, 200.0, 200.0], [0.5, 0.3, 0.2]
    )
    assert kept == pytest.approx([2.0 / 3.0, 1.0, 1.0])
    assert spread[0] == pytest.approx([0.0, 0.6, 0.4])
    assert spread[1] == pytest.approx([0.0, 0.6, 0.4])
    assert unhoused == 0.0


def test_more_people_than_rooms_by_hand() -> None:
    """200 rooms for 300: all of them full, 100 turned away without a room, who live where their group asked to."""
    asked = [[150.0, 0.0, 0.0], [0.0, 90.0, 60.0]]
    kept, spread, unhoused = turned_away_spread(asked, [100.0, 50.0, 50.0], [0.5, 0.3, 0.2])
    assert kept == pytest.approx([2.0 / 3.0, 5.0 / 9.0, 5.0 / 6.0])
    assert spread[0] == pytest.approx([1.0, 0.0, 0.0])
    assert spread[1] == pytest.approx([0.0, 0.6, 0.4])
    assert unhoused == pytest.approx(100.0)


def test_losers_by_hand() -> None:
    """1,000 - 1,000 exp(e): half lose; -100 is lost where e > ln 1.1; who starts with -100 loses it anyway."""
    cells = [cell(10.0, 1_000.0, 1_000.0)]
    assert share_of_losers(cells, 0.0, 0.45) == pytest.approx(0.5)
    assert share_of_losers(cells, 100.0, 0.45) == pytest.approx(1.0 - standard_normal(math.log(1.1) / 0.45))
    assert share_of_winners(cells, 100.0, 0.45) == pytest.approx(standard_normal(math.log(0.9) / 0.45))
    assert share_of_losers([cell(1.0, -100.0, 1_000.0)], 100.0, 0.45) == 1.0
    assert share_of_losers([cell(1.0, -100.0), cell(3.0, -100.1)], 100.0, 0.45) == pytest.approx(0.75)
    assert share_of_winners([cell(1.0, 100.0), cell(3.0, 100.1)], 100.0, 0.45) == pytest.approx(0.75)


def test_worst_tenth_by_hand() -> None:
    """Of 100 persons the five with -5 and five of the ten with 0."""
    assert worst_tenth_mean([0.0, 10.0, -5.0], [10.0, 85.0, 5.0]) == pytest.approx(-2.5)


def test_gini_and_median_by_hand() -> None:
    assert lorenz_gini([0.0, 1.0], [1.0, 1.0]) == pytest.approx(0.5)
    assert lorenz_gini([-7.0, 1.0], [1.0, 1.0]) == pytest.approx(0.5)
    assert lorenz_gini([1.0, 3.0], [1.0, 1.0]) == pytest.approx(0.25)
    assert lorenz_gini([-1.0, 0.0], [1.0, 1.0]) == 0.0
    assert median_of([30.0, 10.0, 20.0], [1.0, 1.0, 2.0]) == 20.0


@given(st.lists(st.tuples(st.floats(0.0, 100.0), st.floats(0.1, 10.0)), min_size=1, max_size=8))
def test_gini_is_that_of_all_pairs(rows: list[tuple[float, float]]) -> None:
    values, persons = [value + 1.0 for value, _ in rows], [n for _, n in rows]
    assert lorenz_gini(values, persons) == pytest.approx(weighted_gini(values, persons), abs=1e-9)


def test_pensions_by_hand() -> None:
    """Half are 60 and more, and both ages work alike: 0.3 workers a person leave 0.35 pensions of 2,000."""
    parameter = changed_book(
        {
            "age.registered": {"25-39": 0.5, "60-69": 0.5, "70+": 0.0},
            "employment.by_age": {"25-39": 0.7, "60-69": 0.7, "70+": 0.7},
            "employment.registered": 0.3,
            "income.pension_registered": 2_000.0,
        }
    )
    assert pension_per_head_cny("registered", parameter) == pytest.approx(0.35 * 2_000.0)


def test_tenants_who_move_by_hand() -> None:
    """Of 2,500 tenants 28 % move to the one zone with room, at 55 instead of 45 CNY: 960 a year and a move."""
    changes = QUIET | {"care.weight_low_income": 1.0, "settle.m2_per_person": 15.0}
    plan = [decision(), decision(3, facility_ratio=0.1), decision()]
    outcome = outcome_of(plan, changes, vacant_share=[0.0, 0.0, 0.0, 0.12])
    moved, lost = 2_500.0 * 0.28, 10.0 * 12.0 * 8.0 + 0.05 * 9_000.0 / 2.4
    villagers, tenants, city = 2_700.0, 14_000.0, 171_700.0
    assert outcome["losers_share"] == pytest.approx(moved / (villagers + tenants))
    assert outcome["losers_share_tenants"] == pytest.approx(moved / tenants)
    assert outcome["losers_share_registered"] == outcome["winners_share"] == 0.0
    assert outcome["losers_share_city"] == pytest.approx(moved / city)
    assert outcome["mean_wellbeing_change_cny_per_yr"] == pytest.approx(-lost * moved / (villagers + tenants))
    assert outcome["worst_tenth_wellbeing_cny_per_yr"] == pytest.approx(-lost * moved / 1_670.0)
    disabled = 0.7 * (1.0 - 0.94**2.4)
    of_tenant, of_villager = 1.0 + disabled + 0.6 * 1.45 * 0.06, 1.0 + disabled + 0.6 * 1.45 * 0.26
    care = -lost * moved * of_tenant / (tenants * of_tenant + villagers * of_villager)
    assert outcome["care_wellbeing_change_cny_per_yr"] == pytest.approx(care)
    assert outcome["losers_share_by_district"] == pytest.approx([0.0, moved / 10_800.0])
    assert outcome["wellbeing_gini_change"] > 0.0


def test_villagers_by_hand() -> None:
    """900 of the first village: offer and reservation of a person at base prices, half resettled on site."""
    entry = decision(2, "rebuild", "commodity_housing", 2.6, 0.08)
    plan = [entry | {"compensation_multiplier": 1.0, "onsite_share": 0.5}, decision(), decision()]
    outcome = outcome_of(plan, QUIET | {"moving.cost": 0.0, "wellbeing.threshold": 0.0})
    reservation = 30.0 * 0.4 * 66_000.0 + 40_000.0 / 900.0 * 12.0 * 50.0 * 0.75 / 0.05
    offer = 25.0 * 61_500.0 + 25.0 * 0.8 * 66_000.0 + 66_000.0 + 48_000.0 + 50_000.0 / 2.4
    groups = [(0.5, 1.15), (0.28, 1.25), (0.22, 1.4)]
    losers = sum(w * standard_normal(-math.log(offer / (reservation * a)) / 0.45) for w, a in groups)
    assert outcome["losers_share_registered"] == pytest.approx(900.0 / 2_700.0 * losers)
    cells = [c for c in outcome["wellbeing_cells"] if c.place == 4 and c.stake_cny > 0.0]
    assert sum(c.persons for c in cells) == pytest.approx(900.0)
    mean = sum(c.persons * c.mean_cny(0.45) for c in cells) / 900.0
    attached = sum(w * a for w, a in groups) * math.exp(0.45**2 / 2.0)
    assert mean == pytest.approx(0.05 * (offer - reservation * attached))
    spread = spread_cells(cells, 0.45)
    assert sum(c.persons * c.sure_cny for c in spread) / 900.0 == pytest.approx(mean)


@pytest.mark.parametrize(("year", "moved", "back"), [(1, 0.0, 0.0), (2, 5_000.0, 0.0), (7, 5_000.0, 1_750.0)])
def test_tenants_who_return_by_hand(year: int, moved: float, back: float) -> None:
    """All 5,000 leave in year 2; from year 7 35 % live in the village again, at 110 CNY/m2, having moved twice."""
    plan = [decision(2, "rebuild", "rental_housing", 2.6, 0.08), decision(), decision()]
    city = zones_with(small_city(), vacant_share=[0.0, 0.0, 0.0, 0.12])
    book = changed_book(QUIET | {"settle.m2_per_person": 15.0})
    outcome = evaluate_plan(city, Scenario(plan_years=10), book, plan, wellbeing_year=year)
    gains: dict[float, float] = {}
    for c in outcome["wellbeing_cells"]:
        if c.place == 4 and c.group == TENANT:
            gains[round(c.sure_cny, 6)] = gains.get(round(c.sure_cny, 6), 0.0) + c.persons
    expected = {0.0: 5_000.0 - moved, -5.0 * 12.0 * 8.0 - 187.5: moved - back, -60.0 * 12.0 * 8.0 - 375.0: back}
    assert gains == pytest.approx({gain: persons for gain, persons in expected.items() if persons > 0.0})


def test_dearer_rooms_by_hand() -> None:
    """Where only rents move, a zone's renters lose 12 x rent x growth x m2, its owners nothing."""
    outcome = outcome_of(PLANS["all_kinds"], QUIET | {"rent.elasticity": 0.7, "market.rented_share": 0.4})
    factor = outcome["rent_factor"][outcome["last_state_year"], 1]
    cells = [c for c in outcome["wellbeing_cells"] if c.place == 3]
    lost = [c for c in cells if c.sure_cny != 0.0]
    assert sum(c.persons for c in cells) == pytest.approx(20_000.0)
    assert sum(c.persons for c in lost) == pytest.approx(8_000.0)
    assert {round(c.sure_cny, 6) for c in lost} == {round(-12.0 * 55.0 * (factor - 1.0) * 15.0, 6)}


def test_an_empty_plan_changes_nothing() -> None:
    outcome = evaluate_plan(small_city(), Scenario(plan_years=10), small_book, PLANS["empty"])
    assert all(c.sure_cny == 0.0 and c.stake_cny == 0.0 for c in outcome["wellbeing_cells"])
    assert outcome["losers_share_city"] == outcome["wellbeing_gini_change"] == 0.0


@pytest.mark.parametrize("case", range(len(CASES)))
def test_everybody_is_counted_once(case: int) -> None:
    variant, plan = CASES[case]
    city = variant.city
    outcome = evaluate_plan(city, variant.scenario, changed_book(variant.changes), plan)
    persons = np.zeros(city.n_places)
    for c in outcome["wellbeing_cells"]:
        persons[c.place] += c.persons
    assert persons == pytest.approx(outcome["residents"][0])
    districts = [
        [sum(c.persons for c in outcome["wellbeing_cells"] if c.group != OTHER and c.district == d)]
        for d in range(len(city.districts))
    ]
    for name in ("losers_share", "mean_wellbeing_change_cny_per_yr"):
        by_district = outcome[f"{name}_by_district"]
        whole = sum(n * value for (n,), value in zip(districts, by_district, strict=True) if n > 0.0)
        assert whole / np.sum(districts) == pytest.approx(outcome[name])
    assert outcome["losers_share"] + outcome["winners_share"] <= 1.0 + 1e-12
    assert outcome["worst_tenth_wellbeing_cny_per_yr"] <= outcome["mean_wellbeing_change_cny_per_yr"] + 1e-9
