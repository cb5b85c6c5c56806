"""A draft that is wrong says where; typed parameters become overrides or refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.web.documents.scenario_draft import (
    draft_from_yaml,
    draft_of,
    draft_problems,
    parse_parameter,
    scenario_of,
    with_statuses,
)
from app.web.sections.scenario_parameters import typed_parameters
from data.errors import InputError
from data.parameter_book import load_book
from data.scenario_files import load_scenario, preset_names
from room_fixtures import choose, shown


@pytest.mark.parametrize("preset", preset_names())
def test_presets_are_sound_and_come_back(preset: str) -> None:
    assert draft_problems(draft_of(preset)) == []
    assert scenario_of(draft_of(preset)) == load_scenario(preset)


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("plan_years", 0, "plan_years"),
        ("plan_years", "soon", "plan_years"),
        ("intensities", [], "intensities"),
        ("facility_ratio", {"low": 0.5, "high": 1.5}, "facility_ratio"),
        ("objectives", ["net_present_value"], "preferences"),
        ("rules", {"consnet": "hard"}, "rules"),
        ("targets", [{"indicator": "mean_commute_km"}], "targets"),
        ("targets", [{"indicator": "consent_share", "year": 3, "at_least": 0.5}], "targets"),
        ("parameters", {"finance.discount_rat": 0.05}, "parameters"),
        ("parameters", {"finance.discount_rate": "high"}, "parameters"),
        ("onsite_resettlement_share", 1.5, "onsite_resettlement_share"),
    ],
)
def test_what_is_wrong_is_told_where_it_is(field: str, value: Any, where: str) -> None:
    found = draft_problems(draft_of("balanced") | {field: value})
    assert where in {problem.field for problem in found}
    assert all(problem.message for problem in found)


def test_a_village_is_in_one_list_only() -> None:
    draft = with_statuses(draft_of("balanced"), ["a", "b"], "locked")
    draft = with_statuses(draft, ["b", "c"], "forbidden")
    draft = with_statuses(draft, ["c"], "fixed", {"start_year": 2})
    assert (draft["locked"], draft["forbidden"], draft["fixed"]) == (["a"], ["b"], {"c": {"start_year": 2}})
    freed = with_statuses(draft, ["a", "b", "c"], "free")
    assert freed == draft_of("balanced")


@pytest.mark.parametrize("key", [key for key, entry in load_book().items() if not entry.same_as])
def test_every_parameter_reads_back_what_it_shows(key: str) -> None:
    entry = load_book()[key]
    assert parse_parameter(entry, entry.value_text) == pytest.approx(load_book().values_by_key()[key], rel=1e-9)


def test_typing() -> None:
    overrides, refusals = typed_parameters({}, {"finance.discount_rate": "0.06", "finance.cap_rate": "much"})
    assert overrides == {"finance.discount_rate": 0.06}
    assert list(refusals) == ["finance.cap_rate"]
    assert typed_parameters(overrides, {"finance.discount_rate": "0.05"}) == ({}, {})
    assert typed_parameters(overrides, {"finance.discount_rate": None}) == ({}, {})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"- a\n- b\n", b"plan_yaers: 3\n", b"a: &x [*x]\n", b"x" * 3_000_000])
def test_files_that_are_no_scenario_are_refused(content: bytes) -> None:
    with pytest.raises(InputError, match="mine"):
        draft_from_yaml(content, "mine.yaml")


def test_a_target_of_money_is_asked_for_and_shown_in_the_unit_of_the_other_pages(open_page, workspace) -> None:  # type: ignore[no-untyped-def]
    page = choose(open_page("scenario", lang="zh"), "scenario_section", "targets")
    value = next(item for item in page.number_input if "target_value" in item.key)
    assert value.label.endswith("[亿元]")
    value.set_value(200.0)
    next(item for item in page.button if "target_add" in item.key).click()
    page.run()
    assert "项目净现值 ≥ 200 亿元" in shown(page)
    drafts = [json.loads(path.read_text(encoding="utf-8")) for path in workspace.folder.glob(".room/draft/*.json")]
    assert [target["at_least"] for draft in drafts for target in draft["content"]["targets"]] == [20e9]
