"""First page: what this is, the city as it is, questions to begin with, and the runs that are there."""

from __future__ import annotations

import streamlit as st

from app.web.documents.workspace import Workspace, city_sources
from app.web.sections.start.last_runs import show_last_runs
from app.web.sections.start.preset_cards import show_presets
from app.web.shell.page_frame import open_workspace, show_notes
from app.web.shell.session import language, say
from app.web.shell.session_draft import Draft, current_draft, field_key, save_draft
from app.words.city_name import city_name


def choose_city(workspace: Workspace, draft: Draft) -> str:
    """The city of the page, which becomes that of the scenario at hand."""
    sources = city_sources(workspace)
    names = list(sources) if draft.city in sources else [draft.city, *sources]
    words = {name: city_name(sources.get(name, name), language()) for name in names}
    city = st.selectbox(
        say("field_city"),
        names,
        index=names.index(draft.city),
        format_func=words.__getitem__,
        key=field_key("start_city"),
        width=280,
    )
    if city != draft.city:
        save_draft(workspace, Draft(str(city), draft.preset, draft.content), fresh=True)
        st.rerun()
    return str(city)


def show_own_city(workspace: Workspace, draft: Draft) -> None:
    """The forms that bring a city in, once asked for; it becomes the one of the page."""
    forms = st.expander(say("start_own_city"), key="start_own_city", on_change="rerun")
    if not forms.open:
        return
    from app.web.sections.cities.upload import show_forms

    with forms:
        brought = show_forms(workspace)
    if brought:
        save_draft(workspace, Draft(brought, draft.preset, draft.content), fresh=True)
        st.rerun()


def show() -> None:
    """The page; the map comes last, so that a search can be begun before it is drawn."""
    workspace = open_workspace()
    st.title(say("start_title"))
    st.markdown(say("start_what"))
    st.markdown(say("start_question"))
    draft = current_draft(workspace)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        city = choose_city(workspace, draft)
        badges = st.container(horizontal=True)
    cards, beside = st.columns([2, 3])
    with cards:
        st.subheader(say("start_presets"))
        show_presets(workspace, city)
    with beside:
        place = st.container()
        show_last_runs(workspace)
    show_own_city(workspace, draft)
    from app.web.sections.start.city_map import show_badges, show_city
    from app.web.shell.cached_city import cached_city

    with place:
        with st.spinner(say("reading_city")):
            read = cached_city(city)
        show_city(read)
    with badges:
        show_badges(read)
    show_notes(read)


show()
