"""Levers: every single number of scenario and book can be moved, and comes back as it was."""

from __future__ import annotations

import pytest

from data.errors import InputError
from data.levers import FIELDS, find_lever, with_lever
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario

BOOK = load_book()
NUMBERS = [key for key, entry in BOOK.items() if isinstance(entry.value, float)]


@pytest.mark.parametrize("key", NUMBERS)
def test_a_parameter_set_to_its_own_value_changes_nothing(key: str) -> None:
    scenario = Scenario()
    lever = find_lever(scenario, BOOK, key)
    assert lever.current == BOOK.number(key)
    assert lever.current is not None
    assert with_lever(scenario, BOOK, key, lever.current).digest == scenario.digest


@pytest.mark.parametrize("key", FIELDS)
def test_a_field_is_moved_alone(key: str) -> None:
    scenario = load_scenario("binding")
    before = scenario.model_dump()
    value = 0.2 if key.endswith("low") else {"share": 0.5, "-": 2.0}.get(FIELDS[key].unit, 7.0)
    after = with_lever(scenario, BOOK, key, value)
    assert find_lever(after, BOOK, key).current == value
    changed = {name for name, content in after.model_dump().items() if content != before[name]}
    assert changed == {key.partition(".")[0]}


def test_current_values() -> None:
    assert find_lever(Scenario(), BOOK, "capital_limit_annual_cny").current is None
    assert find_lever(Scenario(), BOOK, "onsite_resettlement_share").current == BOOK.number("comp.return_share")
    assert find_lever(Scenario(onsite_resettlement_share=0.4), BOOK, "onsite_resettlement_share").current == 0.4
    book = BOOK.override({"comp.turnover_subsidy": 1_800})
    assert find_lever(Scenario(), book, "comp.turnover_subsidy").current == 1_800.0


def test_a_second_name_moves_the_fact() -> None:
    scenario = Scenario(parameters={"policy.affordable_share": 0.2})
    moved = with_lever(scenario, BOOK, "rule.rental_share_min", 0.3)
    assert moved.parameters == {"policy.affordable_share": 0.3}


@pytest.mark.parametrize(
    ("key", "named"),
    [
        ("vilages_per_year", "'villages_per_year'"),
        ("floor_area_ratio", "'floor_area_ratio"),
        ("comp.turnover_subsidi", "'comp.turnover_subsidy'"),
        ("sale.absorption", "not a single number"),
        ("density_levels", "not known"),
    ],
)
def test_what_is_no_lever_is_refused(key: str, named: str) -> None:
    with pytest.raises(InputError, match=named):
        find_lever(Scenario(), BOOK, key)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("villages_per_year", -1.0, "villages_per_year"),
        ("plan_years", 51.0, "plan_years"),
        ("plan_years", 2.5, "plan_years"),
        ("facility_ratio.high", 1.2, r"facility_ratio\.high"),
        ("floor_area_ratio.high", 0.1, "low 0.5 is above high 0.1"),
        ("comp.monetary_equiv", 1.5, "at most 1"),
    ],
)
def test_values_that_are_not_allowed_are_refused(key: str, value: float, named: str) -> None:
    with pytest.raises(InputError, match=named):
        with_lever(Scenario(), BOOK, key, value)
