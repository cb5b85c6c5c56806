"""What is said of a plan's validity: never "valid" alone where a reported rule is broken, in both languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.plans.rule_table import comparison_text, verdict_kind, verdict_text
from app.plans.tables import front_frame
from data.files.cities import load_city
from data.scenario import RuleMode, Scenario
from data.scenario_files import load_scenario
from envs.kernel import resolve
from envs.kernel.plans import empty_plan
from envs.rules.check import check
from plan_fixtures import random_plans

DEMOLISHED = "demolished_share"


def judged(mode: RuleMode):
    scenario: Scenario = load_scenario("tiny").model_copy(update={"rules": {DEMOLISHED: mode}, "villages_per_year": 6})
    resolved = resolve(scenario, load_city("tiny"))
    plan = random_plans(resolved, 1, seed=3)
    return resolved, plan, check(resolved, plan)


@pytest.mark.parametrize("mode", [RuleMode.REPORTED, RuleMode.PENALIZED])
def test_a_reported_rule_that_breaks_is_named_beside_valid(mode: RuleMode) -> None:
    resolved, plan, findings = judged(mode)
    missed = [item for item in findings if not item.holds]
    broken = [item.rule for item in missed]
    assert DEMOLISHED in broken
    assert verdict_kind(findings) == "told"
    assert f"Valid, but breaks {len(broken)} of the reported or penalized rules" in verdict_text(findings, "en")
    assert f"有效，但不符合 {len(broken)} 条" in verdict_text(findings, "zh")
    for language in ("en", "zh"):
        assert all(item.label[language] in verdict_text(findings, language) for item in missed)
    assert not any(name in verdict_text(findings, "zh") for name in broken), "a key is no Chinese word"
    row = front_frame(resolved, plan, ["p001"]).iloc[0]
    assert (bool(row["valid"]), row["n_violations"], row["n_reported_broken"]) == (True, 0, len(broken))


def test_a_hard_rule_that_breaks_makes_it_not_valid() -> None:
    resolved, plan, findings = judged(RuleMode.HARD)
    assert verdict_kind(findings) == "broken"
    assert verdict_text(findings, "en").startswith(
        "Not valid: breaks 1 of the hard rules: Demolished share of legal floor by district"
    )
    assert not front_frame(resolved, plan, ["p001"])["valid"].any()


def test_where_every_rule_holds_nothing_is_qualified() -> None:
    resolved = resolve(load_scenario("tiny"), load_city("tiny"))
    findings = check(resolved, empty_plan(resolved.city.n_villages))
    assert verdict_kind(findings) == "holds"
    assert verdict_text(findings, "en") == "Valid: every rule holds."


def test_shares_are_said_in_percent_and_a_narrow_miss_in_full() -> None:
    _, _, findings = judged(RuleMode.REPORTED)
    found = next(item for item in findings if item.rule == DEMOLISHED)
    wide, narrow = (replace(found, measured=measured, limit=0.2, holds=False) for measured in (0.335, 0.20000001))
    assert comparison_text(wide, "en") == "33.5 %, at most 20.0 %"
    assert comparison_text(wide, "zh") == "33.5 %，上限 20.0 %"
    assert comparison_text(narrow, "en") == "20.000001 %, at most 20 %"
