"""Page Compare: plans, runs and scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.files.names import plain
from app.web.documents.plan_comparison import MIN_PLANS
from app.web.documents.workspace import Workspace
from app.web.sections.comparison_choice import (
    ComparedPlan,
    chosen_refs,
    read_plans,
    show_choice,
    show_chosen,
    show_under,
)
from app.web.sections.comparison_sections import (
    show_bounds,
    show_indicators,
    show_map,
    show_runs,
    show_villages,
    show_years,
)
from app.web.sections.decisions.robust_section import show_robust
from app.web.sections.price_section import show_price
from app.web.shell.page_frame import open_workspace, remembered_choice, show_notes
from app.web.shell.run_names import run_name
from app.web.shell.session import in_series, say, spoken

SECTIONS = ("indicators", "bounds", "map", "years", "villages", "robust", "price", "runs")


def show_section(workspace: Workspace, plans: Sequence[ComparedPlan]) -> None:
    """One section at a time."""
    section = remembered_choice(
        "compare_section", say("sections"), SECTIONS, spoken("section_compare_"), key="compare_section", heading=True
    )
    if section == "indicators":
        show_indicators(plans)
    elif section == "bounds":
        show_bounds(plans)
    elif section == "map":
        show_map(plans)
    elif section == "years":
        show_years(plans)
    elif section == "villages":
        show_villages(plans)
    elif section == "robust":
        for run in {plan.run.folder: plan.run for plan in plans}.values():
            st.markdown(f"### {say('run')} {plain(run_name(workspace, run.folder.name))}")
            show_robust(workspace, run, run.folder.name)
    elif section == "price":
        show_price(workspace, plans)
    else:
        show_runs(workspace, plans)


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_compare"))
    st.markdown(say("compare_intro"))
    refs = chosen_refs()
    show_choice(workspace, refs)
    if not refs:
        return
    with st.spinner(say("reading_run")):
        plans = read_plans(workspace, refs)
    show_chosen(workspace, plans)
    cities = {plan.run.resolved.city.digest: plan.run.resolved.city.name for plan in plans}
    if len(cities) > 1:
        st.error(say("compare_cities", cities=plain(in_series(cities.values()))))
        return
    if len(plans) < MIN_PLANS:
        st.info(say("compare_too_few"))
        return
    show_under(workspace, plans)
    show_section(workspace, plans)
    show_notes(plans[0].run.resolved.city)


show()
