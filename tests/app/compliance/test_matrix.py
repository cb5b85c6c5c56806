"""Exceptions make amber of red and never green; each counts for the plan and scenario that it was granted for alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.compliance.compliance_map import compliance_map
from app.compliance.exceptions import GrantedException, bound, exceptions_digest
from app.compliance.matrix import LEVELS, VERDICTS, Compliance, compliance
from app.compliance.places import concerned
from app.compliance.tables import compliance_frame, compliance_record, exceptions_frame, places_frame
from app.compliance.words import beyond_text, compliance_text, counts_line, verdict_line
from app.plans.tables import plan_tables
from compliance_fixtures import HARD, OFFENDERS, REPORTED, WHOLE, breaking_plan, resolved_tiny
from data.dictionary import table_columns
from data.scenario import RuleMode
from envs.kernel.plans import empty_plan
from envs.rules.check import RULES, check
from envs.rules.rule import relative_excess

GRANT = GrantedException(HARD, (), "beside the station", "Li Si", "planning office")


def found(*exceptions: GrantedException) -> Compliance:
    return compliance(resolved_tiny(), breaking_plan(), exceptions)


def line(of: Compliance, rule: str):  # type: ignore[no-untyped-def]
    return next(item for item in of.lines if item.rule.name == rule)


def test_every_rule_stands_in_the_matrix_once_those_that_are_off_as_not_asked_for() -> None:
    of = found()
    assert sorted(item.rule.name for item in of.lines) == sorted(RULES)
    assert [item.rule.name for item in of.lines if item.verdict == "not_asked"] == ["rental_share"]
    assert line(of, "rental_share").finding is None
    assert of.lines[-1].rule.name == "rental_share"
    assert sum(of.n_of(verdict) for verdict in VERDICTS) == len(of.lines)


def test_values_are_those_of_the_checker() -> None:
    of = found()
    assert list(of.findings) == check(resolved_tiny(), breaking_plan())
    for item in of.findings:
        shown = line(of, item.rule)
        assert shown.finding == item
        if item.limit is not None and item.measured is not None:
            assert (shown.beyond > 0.0) == (not item.holds) or item.holds
            excess = relative_excess(RULES[item.rule], np.array([item.measured]), item.limit)
            assert item.excess == float(excess[0])


def test_what_breaks_stands_first_the_strictest_before_the_others() -> None:
    of = found()
    broken = [item.scope for item in of.lines[: len(of.broken)]]
    order = [RuleMode.HARD, RuleMode.PENALIZED, RuleMode.REPORTED]
    assert broken == sorted(broken, key=order.index)
    assert {HARD, REPORTED, WHOLE} <= {item.rule.name for item in of.broken}


def test_an_exception_for_every_hard_rule_makes_amber_and_never_green() -> None:
    of = found()
    assert of.level == "broken"
    granted = [replace(GRANT, rule=name) for name in of.broken_hard]
    some = found(*granted[:-1])
    assert some.level == "broken"
    every = found(*granted)
    assert every.level == "excepted"
    assert every.broken_hard == of.broken_hard
    assert compliance_record(every)["valid"] is False
    for item in every.broken:
        assert item.verdict == ("excepted" if item.scope is RuleMode.HARD else "broken")
    told = [replace(GRANT, rule=item.rule.name) for item in of.broken]
    assert found(*told).level == "excepted"
    assert "Not valid" in verdict_line(every, "en")
    assert "With an exception" in verdict_line(every, "en")
    assert "无效" in verdict_line(every, "zh")


def test_villages_are_covered_one_by_one() -> None:
    one, other = OFFENDERS
    assert line(found(), HARD).finding.villages == OFFENDERS
    half = found(replace(GRANT, villages=(one,)))
    assert (line(half, HARD).verdict, line(half, HARD).n_covered) == ("broken", 1)
    assert [standing for _, standing in half.exceptions] == ["stands_in_part"]
    both = found(replace(GRANT, villages=(one,)), replace(GRANT, villages=(other, "V2")))
    assert (line(both, HARD).verdict, line(both, HARD).n_covered) == ("excepted", 2)
    places = places_frame(half, plan_tables(resolved_tiny(), breaking_plan()))
    own = places[places["rule"] == HARD]
    assert dict(zip(own["village_id"], own["excepted"], strict=True)) == {one: True, other: False}


@pytest.mark.parametrize(
    ("item", "standing"),
    [
        (GRANT, "stands"),
        (replace(GRANT, plan_digest="0" * 64), "other_plan"),
        (replace(GRANT, scenario_digest="0" * 64), "other_scenario"),
        (replace(GRANT, rule="start_year"), "not_needed"),
        (replace(GRANT, rule="rental_share"), "not_needed"),
        (replace(GRANT, rule="target of another scenario"), "not_needed"),
        (replace(GRANT, villages=("V2",)), "not_needed"),
    ],
)
def test_where_an_exception_stands(item: GrantedException, standing: str) -> None:
    of = found(item)
    assert [name for _, name in of.exceptions] == [standing]
    assert of.standing() == ((1,) if standing == "stands" else ())
    assert line(of, HARD).verdict == ("excepted" if standing == "stands" else "broken")


def test_what_is_bound_falls_with_the_plan_and_with_the_scenario() -> None:
    of = found(GRANT)
    (kept,) = bound([GRANT], of.plan_digest, resolved_tiny().digest)
    assert found(kept).standing() == (1,)
    changed = replace(breaking_plan(), facility_ratio=breaking_plan().facility_ratio + 1e-6)
    assert compliance(resolved_tiny(), changed, [kept]).exceptions[0][1] == "other_plan"
    again = bound([kept], "1" * 64, "2" * 64)
    assert again == (kept,)
    assert exceptions_digest([kept]) != exceptions_digest([GRANT]) != exceptions_digest([]) == ""


def test_where_to_look_for_each_rule() -> None:
    of, tables = found(), plan_tables(resolved_tiny(), breaking_plan())
    hows = {item.rule.name: concerned(of, item, tables) for item in of.lines}
    assert hows[HARD].how == "own"
    assert hows[WHOLE].how == "whole"
    assert hows["demolished_share"].how == "district"
    assert hows["start_year"].how == "none"
    assert (hows[WHOLE].mask == (breaking_plan().start_year[0] > 0)).all()
    ids = resolved_tiny().city.villages.village_id
    assert tuple(ids[hows[HARD].mask]) == OFFENDERS


def test_years_lead_to_the_villages_paid_for_then() -> None:
    scenario = resolved_tiny().scenario.model_copy(update={"capital_limit_annual_cny": 1e6, "villages_per_year": 1})
    from envs.kernel import resolve

    resolved = resolve(scenario, resolved_tiny().city)
    of, tables = compliance(resolved, breaking_plan()), plan_tables(resolved, breaking_plan())
    paid = concerned(of, line(of, "annual_capital"), tables)
    assert paid.how == "cost"
    assert (paid.mask == (breaking_plan().start_year[0] > 0)).all()
    begun = concerned(of, line(of, "yearly_quota"), tables)
    assert (begun.how, begun.mask.tolist()) == ("start", (breaking_plan().start_year[0] == 1).tolist())


def test_the_map_shows_every_village_once_and_the_gravest_color() -> None:
    of, tables = found(replace(GRANT, villages=(OFFENDERS[0],))), plan_tables(resolved_tiny(), breaking_plan())
    for chosen in (None, line(of, HARD), line(of, WHOLE)):
        shown = compliance_map(of, tables, "zh", chosen=chosen)
        assert (np.sum([item.mask for item in shown.classes], axis=0) == 1).all()
    whole = compliance_map(of, tables, "en")
    hard = next(item for item in whole.classes if item.label.startswith("hard rule"))
    assert hard.mask[[0, 3]].all()
    excepted = compliance_map(found(*(replace(GRANT, rule=name) for name in of.broken_hard)), tables, "en")
    assert any("with exception" in item.label for item in excepted.classes)
    assert not any(item.label == "hard rule" for item in excepted.classes)


def test_tables_have_the_columns_of_the_dictionary() -> None:
    of = found(GRANT)
    for name, frame in (
        ("clauses", compliance_frame(of)),
        ("places", places_frame(of, plan_tables(resolved_tiny(), breaking_plan()))),
        ("exceptions", exceptions_frame(of)),
    ):
        columns = table_columns("compliance", name)
        assert list(frame.columns) == list(columns)
        for column, entry in columns.items():
            values = frame[column].dropna()
            if entry.type == "number":
                low, high = entry.bounds
                assert values.astype(float).between(low, high).all(), column
            elif entry.choices:
                assert set(values) - {""} <= set(entry.choices), column


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_words_name_what_is_broken_and_what_is_off(language: str) -> None:
    of = found(GRANT)
    said = compliance_text(of, language)
    assert all(name in said for name in RULES if name != "rental_share")
    assert RULES["rental_share"].label[language] in said
    assert "beside the station" in said
    assert str(len(of.lines)) in counts_line(of, language)
    assert beyond_text(line(of, "rental_share"), language) == "-"


def test_a_plan_that_keeps_everything_is_green() -> None:
    of = compliance(resolved_tiny(), empty_plan(6))
    assert (of.level, of.broken, of.broken_hard) == ("holds", [], [])


@settings(max_examples=25, deadline=None)
@given(st.sets(st.sampled_from(sorted(RULES))), st.sets(st.sampled_from(["V1", "V2", "V3", "V4"])))
def test_no_set_of_exceptions_makes_a_rule_hold(rules: set[str], villages: set[str]) -> None:
    granted = [replace(GRANT, rule=name, villages=tuple(sorted(villages))) for name in sorted(rules)]
    before, after = found(), found(*granted)
    assert after.broken_hard == before.broken_hard
    assert [item.rule.name for item in after.broken] == [item.rule.name for item in before.broken]
    assert LEVELS.index(after.level) >= LEVELS.index("told")
