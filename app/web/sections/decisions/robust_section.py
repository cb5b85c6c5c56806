"""How firmly villages stand over good plans of a run: on the map, the firmest ones, and how to count more plans."""

from __future__ import annotations

from shlex import quote

import streamlit as st

from app.files.names import plain
from app.robust.robust_map import robust_map
from app.robust.robust_text import count_sentences
from app.robust.told_villages import ToldVillages
from app.runs.run_folder import Run
from app.web.documents.workspace import Workspace
from app.web.sections.decisions.robust_order import show_robust_order
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_decisions import cached_villages
from app.web.shell.page_frame import csv_button, visit_key
from app.web.shell.session import language, say
from app.whatif.change_text import village_words
from app.words.console import said_of

MAP_PX, N_LISTED = 420, 10


def show_robust(workspace: Workspace, run: Run, key: str) -> None:
    """Count the front at once, or show what was counted with other good plans; more can be ordered.

    Args:
        workspace: folder of runs and documents.
        run: whose front it is.
        key: of the widgets, where several runs are shown.
    """
    if not run.front["valid"].to_numpy(dtype=bool).any():
        st.info(say("robust_front_invalid"))
        return
    show_robust_order(workspace, run, key)
    told = cached_villages(run)
    st.caption(_basis(told))
    left, right = st.columns([3, 2])
    with left:
        shown = robust_map(told, language())
        alt = say("alt_map", title=shown.title)
        village = show_village_map(shown, key=visit_key("robust_map", key), alt=alt, height=MAP_PX)
    with right:
        no_regret = told.no_regret if told.n_sources > 1 else None
        sentences = count_sentences(told.standing, no_regret, language())
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences))
        _show_village(told, village)
        st.markdown(f"**{say('robust_firmest_short')}**")
        st.markdown("\n".join(f"- {plain(_line(told, k))}" for k in told.firmest(N_LISTED).tolist()))
    csv_button(say("robust_csv"), told.villages, f"robust-{run.folder.name}.csv", f"robust_csv_{key}")
    st.caption(say("robust_command"))
    st.code(f"renewal robust --run {quote(run.folder.name)} --out {quote(f'robust-{run.folder.name}')}", language="sh")


def _basis(told: ToldVillages) -> str:
    """On which plans it rests."""
    if told.n_sources == 1:
        return say("robust_front_note", n=told.n_plans)
    return "  \n".join(plain(line) for line in told.basis[language()])


def _show_village(told: ToldVillages, village_id: str) -> None:
    ids = told.resolved.city.villages.village_id.tolist()
    if village_id not in ids:
        return
    village = ids.index(village_id)
    given = " " + say("robust_given") if bool(told.villages["given"].iloc[village]) else ""
    st.markdown(f"**{plain(_line(told, village))}**{given}")


def _line(told: ToldVillages, village: int) -> str:
    return said_of(village_words(told.resolved, village), told.sentence(village, language()), language())
