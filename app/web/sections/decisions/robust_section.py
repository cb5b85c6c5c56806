"""How firmly villages stand over a front: on the map, the firmest ones, and how to count more good plans."""

from __future__ import annotations

from shlex import quote

import streamlit as st

from app.files.names import plain
from app.robust.robust_frames import villages_frame
from app.robust.robust_map import robust_map
from app.robust.robust_text import firmest, is_given, standing_sentences, village_sentence
from app.robust.robust_villages import RobustVillages
from app.runs.run_folder import Run
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_decisions import cached_front_villages
from app.web.shell.page_frame import csv_button, visit_key
from app.web.shell.session import language, say
from app.whatif.change_text import village_words

MAP_PX, N_LISTED = 420, 10


def show_robust(run: Run, key: str) -> None:
    """Count the front at once.

    Args:
        run: whose front it is.
        key: of the widgets, where several runs are shown.
    """
    if not run.front["valid"].to_numpy(dtype=bool).any():
        st.info(say("robust_front_invalid"))
        return
    found = cached_front_villages(run)
    st.caption(say("robust_front_note", n=found.n_plans))
    left, right = st.columns([3, 2])
    with left:
        shown = robust_map(found, language())
        alt = say("alt_map", title=shown.title)
        village = show_village_map(shown, key=visit_key("robust_map", key), alt=alt, height=MAP_PX)
    with right:
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in standing_sentences(found, language())))
        _show_village(found, village)
        st.markdown(f"**{say('robust_firmest_short')}**")
        st.markdown("\n".join(f"- {plain(_line(found, k))}" for k in firmest(found, N_LISTED).tolist()))
    csv_button(say("robust_csv"), villages_frame(found), f"robust-{run.folder.name}.csv", f"robust_csv_{key}")
    st.caption(say("robust_command"))
    st.code(f"renewal robust --run {quote(run.folder.name)} --out {quote(f'robust-{run.folder.name}')}", language="sh")


def _show_village(found: RobustVillages, village_id: str) -> None:
    ids = found.resolved.city.villages.village_id.tolist()
    if village_id not in ids:
        return
    village = ids.index(village_id)
    given = " " + say("robust_given") if is_given(found)[village] else ""
    st.markdown(f"**{plain(_line(found, village))}**{given}")


def _line(found: RobustVillages, village: int) -> str:
    return f"{village_words(found.resolved, village)}: {village_sentence(found, village, language())}"
