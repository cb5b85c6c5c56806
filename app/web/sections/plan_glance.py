"""A plan at a glance: three numbers with their range, the verdict, the phases and who pays for them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.files.names import plain
from app.plans.glance import Verdict, phase_money, verdict
from app.plans.phases import PHASES
from app.plans.tables import PlanTables
from app.runs.evaluation_folder import score_record
from app.studies.tornado_file import known_tornado
from app.studies.tornado_range import indicator_range
from app.web.sections.indicator_tables import show_metrics, shown
from app.web.sections.scenario_form import target_text
from app.web.sections.villages.village_map import FLOOR
from app.web.shell.cached_data import cached_findings
from app.web.shell.session import language, say
from app.words.console import money_scale
from envs.kernel.indicators.registry import INDICATORS
from envs.rules.targets import scorecard

N_HEADLINES = 3
FURTHER = ("renewed_villages", "total_cost_cny", "peak_funding_cny", "displaced_tenants_persons", "consent_share")


def show_glance(
    tables: PlanTables, values: dict[str, float], before: dict[str, float], front: pd.DataFrame
) -> None:  # fmt: skip
    """What a decider asks first.

    Args:
        tables: of the plan.
        values: its indicators.
        before: what changes are measured from.
        front: front.csv of its run.
    """
    objectives = tables.resolved.scenario.objectives
    names = tuple(dict.fromkeys([*objectives, *FURTHER]))
    show_metrics(names[:N_HEADLINES], values, before)
    st.caption(range_text(tables, names[:N_HEADLINES], front))
    scores = scorecard(tables.resolved, tables.plan)
    show_verdict(verdict(tables, cached_findings(tables), scores, language()))
    show_phases(tables)
    with st.expander(say("glance_more")):
        show_metrics(names[N_HEADLINES:], values, before)


def range_text(tables: PlanTables, names: Sequence[str], front: pd.DataFrame) -> str:
    """How far each number may lie elsewhere; until that was computed, where the plans of the run lie."""
    tornado = known_tornado(tables.resolved, tables.plan)
    clauses = []
    for name in names:
        found = indicator_range(tornado, name)
        low, high = found or (float(front[name].min()), float(front[name].max()))
        clauses.append(
            say(
                "glance_range" if found else "glance_front_range",
                label=INDICATORS[name].label[language()],
                low=shown(name, low),
                high=shown(name, high),
            )
        )
    known = tornado is not None and tornado.complete
    return "  \n".join([*clauses, say("glance_range_note" if known else "glance_range_unknown")])


def show_verdict(found: Verdict) -> None:
    """Green only where every target is met and every rule holds; what does not stands with value, limit and clause."""
    targets = [
        f"- {plain(target_text(item))}: {plain(shown(item['indicator'], item['output']))}, "
        f"{say('met' if item['met'] else 'not_met')}"
        for item in map(score_record, found.targets)
    ]
    breaches = [
        say("glance_breach", rule=plain(item.label), mode=item.mode, comparison=item.comparison, clause=item.clause)
        for item in found.breaches
    ]
    blocks = [f"**{say(f'glance_{found.level}')}**"]
    if targets:
        blocks += [say("glance_targets", met=found.n_met, n=len(targets)), "\n".join(targets)]
    if breaches:
        blocks += [say("glance_breaches", n=len(breaches)), "\n".join(breaches)]
    {"holds": st.success, "told": st.warning, "broken": st.error}[found.level]("\n\n".join(blocks))


def show_phases(tables: PlanTables) -> None:
    """Phase by phase: villages, new floor, and the money of each payer."""
    frame = phase_money(tables)
    factor, unit = money_scale("CNY", language())
    names = [
        say("phase_label", phase=say(f"phase_{name}"), years=span(first, last))
        if name in PHASES
        else say("glance_after", first=first, last=last)
        for name, first, last in zip(frame["phase"], frame["first_year"], frame["last_year"], strict=True)
    ]
    columns = {say("glance_phase"): names, INDICATORS["renewed_villages"].label[language()]: frame["villages"].tolist()}
    floor_m2 = FLOOR[language()]["total"]["unit_m2"]
    columns[say("glance_floor")] = [_number(value / floor_m2) for value in frame["new_floor_area_m2"]]
    for key, label in (
        ("cost_government", "flow_cost_government"),
        ("cost_developer", "flow_cost_developer"),
        ("income", "glance_income"),
        ("net", "flow_net"),
    ):
        columns[f"{say(label)} [{unit}]"] = [_number(value / factor) for value in frame[key]]
    st.dataframe(pd.DataFrame(columns), hide_index=True, alt=say("glance_phases"))


def _number(value: float) -> str:
    return f"{round(value, 1) + 0.0:,.1f}"


def span(first: int, last: int) -> str:
    """Years from first to last, the year before the programme left out."""
    first = max(first, 1)
    return str(first) if first == last else f"{first}-{last}"
