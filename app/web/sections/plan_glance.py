"""A plan at a glance: three numbers with their range, the verdict, the phases and who pays for them."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.files.names import plain
from app.people.effects_hidden import hidden_by_types
from app.plans.agreement_note import agreement_note
from app.plans.glance import Verdict, phase_money, verdict
from app.plans.phases import PHASES
from app.plans.tables import PlanTables
from app.plans.tenants_cost import tenants_line, winners_line
from app.runs.evaluation_folder import score_record
from app.studies.number_range import range_text
from app.studies.tornado_file import known_tornado
from app.web.sections.diagnosis.plan_need import show_need_left_out
from app.web.sections.indicator_tables import show_metrics, shown
from app.web.sections.plan_sections import show_map, show_plan_village
from app.web.sections.questions.plan_questions import jump_button
from app.web.sections.scenario_form import target_text
from app.web.sections.villages.village_map import FLOOR
from app.web.shell.cached_data import cached_findings
from app.web.shell.page_frame import apart
from app.web.shell.session import language, say
from app.words.console import cell_text, money_scale
from envs.rules.targets import scorecard

N_HEADLINES = 3
FURTHER = ("renewed_villages", "total_cost_cny", "peak_funding_cny", "displaced_tenants_persons", "consent_share")


COSTS = ("total_cost", "peak_funding")
BANNERS = {"holds": st.success, "told": st.warning, "broken": st.error}
MONEY = {"government": "cost_government", "developer": "cost_developer", "income": "income", "net": "net"}
"""What a row of money is called, and its column in phase_money."""


def show_headlines(
    tables: PlanTables,
    values: dict[str, float],
    before: dict[str, float],
    front: pd.DataFrame,
    *,
    key: str = "headlines",
) -> None:
    """What a decider asks first: three numbers, each with its range.

    Args:
        tables: of the plan.
        values: its indicators.
        before: what changes are measured from.
        front: front.csv of its run.
        key: of the container; one of a page.
    """
    names = _names(tables)[:N_HEADLINES]
    notes = range_notes(tables, names, front)
    with st.container(key=key):
        show_metrics(names, values, before, notes, notes_help=range_help(tables))


def show_overview(tables: PlanTables, values: dict[str, float], before: dict[str, float]) -> None:
    """Verdict, map and phases: on a wide screen the map at the right of both, else one below the other."""
    overview, below = st.container(key="overview"), st.empty()
    with overview:
        with st.container(key="overview_verdict"):
            show_verdict(plan_verdict(tables))
            st.page_link("views/compliance.py", label=say("compliance_link"))
            if note := agreement_note(tables.resolved.scenario, values, language()):
                st.info(note)
        with st.container(key="overview_map"):
            apart(lambda: _show_map(tables, below))
            show_losers(values)
        with st.container(key="overview_phases"):
            show_phases(tables)
            st.caption(cost_line(values))
    show_need_left_out(tables)
    with st.expander(say("glance_more")):
        show_metrics(_names(tables)[N_HEADLINES:], values, before)


def _show_map(tables: PlanTables, below: DeltaGenerator) -> None:
    """The map, and in the place below the overview the village chosen on it."""
    village = show_map(tables)
    with below.container(key="overview_village"):
        show_plan_village(tables, village)


def show_losers(values: dict[str, float]) -> None:
    """Who gains and who loses, what tenants bear, and the ways to what is behind verdict, money and people."""
    if hidden := hidden_by_types(values, language()):
        st.warning(hidden)
    for line in filter(None, (winners_line(values, language()), tenants_line(values, language()))):
        st.markdown(plain(line))
    with st.container(horizontal=True):
        for section in ("scorecard", "money", "gains"):
            jump_button(section)


def _names(tables: PlanTables) -> list[str]:
    return list(dict.fromkeys([*tables.resolved.scenario.objectives, *FURTHER]))


def range_notes(tables: PlanTables, names: Sequence[str], front: pd.DataFrame) -> dict[str, str]:
    """How far each number may lie elsewhere; until that was computed, where the plans of the run lie."""
    tornado = known_tornado(tables.resolved, tables.plan)
    return {name: range_text(tornado, front, name, language()) for name in names}


def range_help(tables: PlanTables) -> str:
    """What the ranges are."""
    tornado = known_tornado(tables.resolved, tables.plan)
    return say("glance_range_note" if tornado is not None and tornado.complete else "glance_range_unknown")


def plan_verdict(tables: PlanTables) -> Verdict:
    """The verdict on the plan in the language of the tab."""
    return verdict(tables, cached_findings(tables), scorecard(tables.resolved, tables.plan), language())


def show_level(found: Verdict) -> None:
    """The verdict in a sentence."""
    BANNERS[found.level](f"**{say(f'glance_{found.level}')}**")


def show_verdict(found: Verdict) -> None:
    """Green only where every target is met and every rule holds; what does not stands with value, limit and clause."""
    targets = [
        say(
            "glance_target",
            target=plain(target_text(item)),
            value=plain(shown(item["indicator"], item["output"])),
            met=say("met" if item["met"] else "not_met"),
        )
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
    BANNERS[found.level]("\n\n".join(blocks).replace(" %", "\N{NO-BREAK SPACE}%"))


def show_phases(tables: PlanTables) -> None:
    """Phase by phase: villages, new floor, and the money of each payer."""
    frame = phase_money(tables)
    factor, unit = money_scale("CNY", language())
    title = say("glance_phases", unit=unit)
    floor_m2 = FLOOR[language()]["total"]["unit_m2"]
    rows = {
        say("glance_years"): [span(*years) for years in zip(frame["first_year"], frame["last_year"], strict=True)],
        say("glance_villages"): [str(n) for n in frame["villages"]],
        say("glance_floor"): [cell_text(float(value) / floor_m2, 1) for value in frame["new_floor_area_m2"]],
        **{
            say(f"glance_{label}"): [cell_text(float(value) / factor, 1) for value in frame[key]]
            for label, key in MONEY.items()
        },
    }  # fmt: skip
    heads = [say(f"phase_{name}" if name in PHASES else "glance_after") for name in frame["phase"]]
    st.markdown(f"**{title}**")
    st.table(pd.DataFrame.from_dict(rows, orient="index", columns=heads), border="horizontal", alt=title)


def cost_line(values: dict[str, float]) -> str:
    """What it costs in all, and the deepest point of funding."""
    return say("glance_cost", **{name: shown(f"{name}_cny", values[f"{name}_cny"]) for name in COSTS})


def span(first: int, last: int) -> str:
    """Years from first to last, the year before the programme left out."""
    first = max(first, 1)
    return str(first) if first == last else f"{first}-{last}"
