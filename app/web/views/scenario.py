"""Page Scenario: city, preset, bounds, rules, objectives, targets, villages and parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from app.files.names import plain
from app.web.documents.scenario_draft import (
    Problem,
    draft_from_yaml,
    draft_of,
    draft_problems,
    scenario_of,
    typed_problems,
)
from app.web.documents.workspace import Workspace, city_sources
from app.web.sections.scenario_bounds import show_bounds
from app.web.sections.scenario_sentence import show_sentence
from app.web.sections.start.preset_cards import FIRST_PRESETS
from app.web.shell.page_frame import open_workspace, remember, remembered, remembered_choice, show_notes, show_refusal
from app.web.shell.session import language, say, spoken
from app.web.shell.session_draft import Draft, current_draft, field_key, save_draft, show_problems
from app.words.city_name import city_name
from data.errors import InputError
from data.parameter_book import load_book
from data.scenario_files import load_scenario, preset_names, scenario_to_yaml

if TYPE_CHECKING:
    from data.city import City

SECTIONS = ("bounds", "rules", "targets", "villages", "parameters")


def show_start(workspace: Workspace, draft: Draft) -> Draft:
    """City and preset, or files."""
    sources = city_sources(workspace)
    left, right = st.columns(2)
    with left:
        city = _choose_city(sources, draft)
    with right:
        preset = _choose_preset(draft)
    if preset != draft.preset and preset:
        edited = not draft.preset or draft.content != draft_of(draft.preset)
        remember("draft_replaced", draft if edited else None)
        save_draft(workspace, Draft(city, preset, draft_of(preset)), fresh=True)
        st.rerun()
    _show_replaced(workspace)
    if city != draft.city:
        draft = Draft(city, draft.preset, draft.content)
        save_draft(workspace, draft, fresh=True)
        st.rerun()
    brought = show_city_upload(workspace)
    if brought:
        remember("city_brought", brought)
        save_draft(workspace, Draft(brought, draft.preset, draft.content), fresh=True)
        st.rerun()
    if remembered("city_brought", "") == draft.city:
        st.success(say("city_adopted", city=plain(sources.get(draft.city, draft.city))))
    _show_scenario_file(workspace, city)
    return draft


def _choose_city(sources: Mapping[str, str], draft: Draft) -> str:
    names = list(sources) if draft.city in sources else [draft.city, *sources]
    words = {name: city_name(sources.get(name, name), language()) for name in names}
    return st.selectbox(
        say("field_city"),
        names,
        index=names.index(draft.city),
        format_func=words.__getitem__,
        key=field_key("city"),
    )


def _choose_preset(draft: Draft) -> str:
    """A preset; empty while the draft was uploaded, or made from a run."""
    presets = [*FIRST_PRESETS, *(name for name in preset_names() if name not in FIRST_PRESETS)]
    unnamed = [] if draft.preset in presets else [""]
    options = [*unnamed, *presets]
    words = {"": say("preset_own")} | {name: load_scenario(name).label[language()] for name in presets}
    return st.selectbox(
        say("field_preset"),
        options,
        index=options.index(draft.preset if draft.preset in presets else ""),
        format_func=words.__getitem__,
        key=field_key("preset"),
    )


def _show_replaced(workspace: Workspace) -> None:
    """The way back to what a preset has replaced."""
    replaced = remembered("draft_replaced", None)
    if replaced is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info(say("draft_replaced"))
            if st.button(say("draft_take_back"), key="draft_take_back"):
                remember("draft_replaced", None)
                save_draft(workspace, replaced, fresh=True)
                st.rerun()


def _show_scenario_file(workspace: Workspace, city: str) -> None:
    with st.expander(say("scenario_file")):
        file = st.file_uploader(say("scenario_upload"), type=["yaml", "yml"], key=field_key("scenario_upload"))
        if file is not None and st.button(say("scenario_accept"), key=field_key("scenario_accept")):
            try:
                save_draft(workspace, Draft(city, "", draft_from_yaml(file.getvalue(), file.name)), fresh=True)
                st.rerun()
            except InputError as error:
                show_refusal(error)


def show_city_upload(workspace: Workspace) -> str | None:
    """The forms that bring a city in, once asked for; the path of one that was just brought in, else None."""
    forms = st.expander(say("city_bring"), key="city_bring", on_change="rerun")
    if not forms.open:
        return None
    from app.web.sections.cities.upload import show_forms

    with forms:
        return show_forms(workspace)


def show_end(draft: Draft) -> bool:
    """Download, and on to the search, if nothing that can be typed is wrong; whether that is so."""
    if problems := typed_problems(draft.content):
        show_wrong(problems)
        return False
    scenario = scenario_of(draft.content)
    with st.container(horizontal=True):
        if st.button(say("to_search"), type="primary", key="to_search"):
            st.switch_page("views/search.py")
        st.download_button(
            say("scenario_download"),
            lambda: scenario_to_yaml(scenario, load_book()),
            "scenario.yaml",
            "application/yaml",
            key="scenario_download",
        )
    return True


def show_wrong(problems: Sequence[Problem]) -> None:
    """Everything that is wrong, counted."""
    st.error(say("scenario_wrong", n=len(problems)))
    show_problems(problems, *{problem.field for problem in problems})


def show_section(workspace: Workspace, draft: Draft, section: str) -> Draft:
    """One part of the form; only what it shows is imported, so that the first page answers at once."""
    if section == "bounds":
        return show_bounds(workspace, draft, typed_problems(draft.content))
    problems = draft_problems(draft.content)
    if section == "villages":
        from app.web.sections.scenario_villages import show_villages

        return show_villages(workspace, draft, _city(draft), problems)
    if section == "parameters":
        from app.web.sections.scenario_parameters import show_parameters

        return show_parameters(workspace, draft, problems)
    from app.web.sections.scenario_form import show_objectives, show_rules, show_targets

    if section == "rules":
        return show_rules(workspace, draft, problems)
    return show_targets(workspace, show_objectives(workspace, draft, problems), problems)


def _city(draft: Draft) -> City:
    from app.web.shell.cached_city import cached_city

    with st.spinner(say("reading_city")):
        return cached_city(draft.city)


def show_city_check(draft: Draft) -> None:
    """The validation report of the city, with its map, once asked for; open for a city just brought in."""
    report = st.expander(
        say("check_title"), remembered("city_brought", "") == draft.city, key=field_key("city_check"), on_change="rerun"
    )
    if report.open:
        from app.web.sections.cities.check import show_check

        with report:
            show_check(_city(draft))


def show_infeasible_draft(draft: Draft) -> None:
    """What no plan can meet; only where the draft asks for something is the model imported."""
    scenario = scenario_of(draft.content)
    if scenario.asks_for_something:
        from app.web.shell.cached_feasibility import show_infeasible

        show_infeasible(draft.city, scenario)


def show() -> None:
    """The page."""
    workspace = open_workspace()
    st.title(say("page_scenario"))
    st.markdown(say("scenario_intro"))
    draft = show_start(workspace, current_draft(workspace))
    show_sentence(workspace, draft)
    section = remembered_choice(
        "scenario_section", say("sections"), SECTIONS, spoken("section_"), key="scenario_section", heading=True
    )
    draft = show_section(workspace, draft, section)
    st.divider()
    ready, names = show_end(draft), st.container()
    show_notes(_city(draft))
    show_city_check(draft)
    if not ready:
        return
    with names:
        if problems := draft_problems(draft.content):
            show_wrong(problems)
        else:
            show_infeasible_draft(draft)


show()
