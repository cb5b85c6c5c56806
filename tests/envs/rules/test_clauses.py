"""Every rule has its clause: words in both languages, and the parameter or the fields that really decide it."""

from __future__ import annotations

import pytest

from data.catalogue import LANGUAGES
from data.dictionary import dictionary
from data.files.cities import load_city
from data.parameter_book import load_book
from data.scenario import Scenario
from data.scenario_files import load_scenario
from envs.kernel import resolve
from envs.rules.check import RULES
from envs.rules.clauses import BASES, TARGET, clause_of


@pytest.mark.parametrize("name", [*RULES, TARGET])
def test_a_clause_says_where_it_is_written_and_what_it_asks_for(name: str) -> None:
    clause = clause_of(name)
    assert clause.name == name
    assert clause.basis in BASES
    for said in (clause.article, clause.demand):
        assert all(said(language).strip() for language in LANGUAGES)
        assert said("en") != said("zh")


@pytest.mark.parametrize("name", [name for name in RULES if clause_of(name).parameter])
def test_the_parameter_of_a_clause_is_the_limit_of_its_rule(name: str) -> None:
    clause, city = clause_of(name), load_city("tiny")
    scenario = load_scenario("tiny")
    before = resolve(scenario, city)
    entry = before.book[clause.parameter]
    changed = resolve(scenario.model_copy(update={"parameters": {clause.parameter: 0.77}}), city)
    assert not clause.is_changed(before)
    assert clause.is_changed(changed)
    assert RULES[name].limit(changed) != RULES[name].limit(before)
    assert clause.source(before) == (entry.source, entry.confidence)


@pytest.mark.parametrize("name", [*RULES, TARGET])
def test_fields_of_a_clause_exist(name: str) -> None:
    columns = {f"{layer}.{column}" for layer, known in dictionary().items() for column in known}
    clause = clause_of(name)
    assert set(clause.fields) <= set(Scenario.model_fields) | columns
    assert clause.parameter == "" or clause.parameter in load_book()
    assert bool(clause.fields) or bool(clause.parameter) or clause.basis == "model"


def test_a_policy_clause_names_its_paper() -> None:
    """What rests on the notice of 2021 says so by its number, in the book and in the clause."""
    of_notice = [clause_of(name) for name in RULES if "63号" in (clause_of(name).article("zh"))]
    assert len(of_notice) == 4
    assert all("63号" in load_book()[clause.parameter].source for clause in of_notice)
    assert len({clause.article("zh") for clause in of_notice}) == 4
