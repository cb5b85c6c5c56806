"""A file of an older model is refused with its remedy, and upgraded without a word left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.errors import InputError
from data.model_version import MODEL_VERSION
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario, scenario_from_mapping, scenario_to_yaml
from data.scenario_upgrade import upgraded
from data.strict_yaml import dump_mapping, parse_mapping

NEW_FIELDS, NEW_KEYS = ("renewal_ratio", "villages_per_year_by_year"), ("cost.growth", "settle.m2_per_person")


def of_model_1() -> dict[str, Any]:
    """A run's scenario.yaml as the first model wrote it: every parameter, no version, none of the new keys."""
    content = parse_mapping(scenario_to_yaml(load_scenario("balanced"), load_book()))
    del content["model_version"]
    for name in NEW_FIELDS:
        del content[name]
    for key in NEW_KEYS:
        del content["parameters"][key]
    content["parameters"] |= {"price.growth": 0.02, "speed.old": 3.0}
    return content | {"plan_years": 10, "old_field": 1}


def test_a_written_out_file_without_a_version_is_refused_with_the_remedy(tmp_path: Path) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(dump_mapping(of_model_1()), encoding="utf-8")
    with pytest.raises(InputError, match=r"old\.yaml: model_version: is 1 .*scenario upgrade .*old\.yaml") as refused:
        load_scenario(path)
    assert "renewal scenario upgrade" in refused.value.text("zh")


def test_an_upgrade_adds_the_books_values_and_says_so() -> None:
    upgrade = upgraded(of_model_1(), file="old.yaml")
    assert upgrade.version == 1
    assert set(upgrade.added) == {*NEW_FIELDS, *(f"parameters.{key}" for key in NEW_KEYS)}
    assert upgrade.added["parameters.settle.m2_per_person"] == load_book().number("settle.m2_per_person")
    assert upgrade.added["parameters.cost.growth"] == 0.02  # costs grow as the file's prices do
    assert upgrade.dropped == ("old_field", "parameters.speed.old")
    assert upgrade.kept["price.growth"] == (0.02, load_book().number("price.growth"))
    assert upgrade.scenario.plan_years == 10
    again = scenario_from_mapping(parse_mapping(scenario_to_yaml(upgrade.scenario, load_book())))
    assert again.model_copy(update={"parameters": {}}) == upgrade.scenario.model_copy(update={"parameters": {}})
    assert load_book().override(again.parameters).digest == load_book().override(upgrade.scenario.parameters).digest


def test_a_file_that_overrides_a_few_parameters_is_of_this_model() -> None:
    by_hand = {"plan_years": 8, "parameters": {"rent.opex": 0.3}}
    assert scenario_from_mapping(by_hand).plan_years == 8
    upgrade = upgraded(by_hand, file="mine.yaml")
    assert upgrade.version == MODEL_VERSION
    assert not [name for name in upgrade.added if name.startswith("parameters.")]
    assert upgrade.dropped == ()


def test_what_this_model_writes_needs_no_upgrade() -> None:
    upgrade = upgraded(parse_mapping(scenario_to_yaml(Scenario(), load_book())), file="now.yaml")
    assert (upgrade.version, upgrade.added, upgrade.dropped, upgrade.kept) == (MODEL_VERSION, {}, (), {})


@pytest.mark.parametrize(
    ("version", "told"),
    [(1, "upgrade"), (MODEL_VERSION + 1, "a later one wrote it"), (0, "from 1 on"), ("x", "from 1 on"), (True, "from")],
)
def test_another_version_is_refused(version: object, told: str) -> None:
    with pytest.raises(InputError, match=f"model_version: .*{told}"):
        scenario_from_mapping({"model_version": version})


def test_a_spoiled_file_is_not_upgraded() -> None:
    with pytest.raises(InputError, match="plan_years"):
        upgraded(of_model_1() | {"plan_years": 99}, file="old.yaml")
    with pytest.raises(InputError, match="parameters"):
        upgraded({"parameters": 3}, file="old.yaml")
