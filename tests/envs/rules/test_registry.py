"""The registry of rules: two tuples, no name twice, and words in both languages."""

from __future__ import annotations

import pytest

from data.catalogue import LANGUAGES, catalogue
from data.scenario import RuleMode
from envs.rules.programme import PROGRAMME_RULES
from envs.rules.registry import RULES
from envs.rules.rule import Rule
from envs.rules.single_villages import VILLAGE_RULES
from envs.rules.whole_plan import CITY_RULES


def test_every_rule_of_the_tuples_is_registered_once_and_in_their_order() -> None:
    assert list(RULES) == [rule.name for rule in (*PROGRAMME_RULES, *CITY_RULES, *VILLAGE_RULES)]


def test_rules_about_villages_are_built_in_and_the_others_are_not() -> None:
    assert all(rule.built_in and rule.default_mode is RuleMode.HARD for rule in VILLAGE_RULES)
    assert not any(rule.built_in for rule in (*PROGRAMME_RULES, *CITY_RULES))


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_every_rule_is_told_in_both_languages(rule: Rule) -> None:
    assert set(rule.label) == set(LANGUAGES)
    assert rule.label["en"] != rule.label["zh"]
    assert rule.recipe_in("en") != rule.recipe_in("zh")
    assert rule.unit == "-" or f"unit {rule.unit}" in catalogue()
