"""A plan at a glance: green only where everything holds; phases add up to the plan; a range spans every parameter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.plans.glance import phase_money, verdict
from app.plans.measures import money_table
from app.plans.tables import PlanTables, plan_tables
from app.runs.run_folder import Run
from app.studies.tornado_file import Tornado
from app.studies.tornado_range import indicator_range
from data.scenario import RuleMode, Target
from envs.parameter_sensitivity import Effect, Measured
from envs.rules.check import check
from envs.rules.targets import Score


@pytest.fixture(scope="module")
def tables(run: Run) -> PlanTables:
    return plan_tables(run.resolved, run.plans[:1])


@pytest.mark.parametrize(
    ("mode", "level"), [(RuleMode.REPORTED, "told"), (RuleMode.PENALIZED, "told"), (RuleMode.HARD, "broken")]
)
def test_a_broken_rule_is_never_green(tables: PlanTables, mode: RuleMode, level: str) -> None:
    findings = [replace(item, holds=True) for item in check(tables.resolved, tables.plan)]
    assert verdict(tables, findings, [], "en").level == "holds"
    found = next(k for k, item in enumerate(findings) if item.limit is not None and item.measured is not None)
    broken = [replace(item, holds=k != found, mode=mode) for k, item in enumerate(findings)]
    for language in ("en", "zh"):
        said = verdict(tables, broken, [], language)
        assert said.level == level
        (breach,) = said.breaches
        assert breach.label == broken[found].label[language]
        assert breach.clause
        assert any(digit in breach.comparison for digit in "0123456789")


def test_a_missed_target_is_never_green(tables: PlanTables) -> None:
    findings = [replace(item, holds=True) for item in check(tables.resolved, tables.plan)]
    target = Target(indicator="total_cost_cny", at_most=1.0)
    for met, level in ((True, "holds"), (False, "told")):
        said = verdict(tables, findings, [Score(target, "CNY", 2.0, met)], "en")
        assert (said.level, said.n_met) == (level, int(met))


def test_hard_rules_come_first(tables: PlanTables) -> None:
    findings = check(tables.resolved, tables.plan)
    modes = (RuleMode.REPORTED, RuleMode.HARD)
    broken = [replace(item, holds=False, mode=modes[k % 2]) for k, item in enumerate(findings)]
    said = verdict(tables, broken, [], "en")
    assert said.level == "broken"
    hard = [breach.mode == "hard" for breach in said.breaches]
    assert hard == sorted(hard, reverse=True)


def test_phases_add_up_to_the_plan(tables: PlanTables) -> None:
    phases, money = phase_money(tables), money_table(tables)
    assert phases["villages"].sum() == (tables.plan.start_year[0] > 0).sum()
    assert phases["new_floor_area_m2"].sum() == pytest.approx(float(np.asarray(tables.trace.form.new_floor[0]).sum()))
    assert phases["net"].sum() == pytest.approx(float(money["net"].sum()))
    assert phases["cost_government"].sum() == pytest.approx(-float(money["cost_government"].sum()))
    rest = phases["income"] - phases["cost_government"] - phases["cost_developer"]
    assert rest.to_numpy() == pytest.approx(phases["net"].to_numpy())


def test_a_range_spans_the_ends_of_every_parameter() -> None:
    """A plan at 10 that one parameter takes to 8 or 11 and another to 9 or 14 lies within 8 to 14."""
    name = "net_present_value_cny"

    def at(value: float) -> Measured:
        return Measured({name: value}, 0, "")

    effects = (Effect("a", 1.0, 0.5, 2.0, at(8.0), at(11.0)), Effect("b", 1.0, 0.5, 2.0, at(14.0), at(9.0)))
    assert indicator_range(Tornado(at(10.0), effects, 2), name) == (8.0, 14.0)
    assert indicator_range(Tornado(at(10.0), effects, 3), name) is None
    assert indicator_range(None, name) is None
