"""Why the plan is as it is: what villages, districts, years and choices contribute, on the map and step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from app.files.names import plain
from app.plans.tables import PlanTables
from app.reasons.attribution_frames import attribution_frame
from app.reasons.attribution_map import attribution_map
from app.reasons.attribution_tables import (
    DIVISIONS,
    part_steps,
    parts_table,
    shares_table,
    trust_table,
    village_steps,
)
from app.reasons.attribution_words import (
    amount,
    completeness_sentence,
    foretold_sentence,
    label,
    largest,
    not_shared_sentences,
    shapley_sentences,
    trust_sentences,
    village_sentence,
)
from app.reasons.explained import Explained
from app.web.figures.charts_reasons import waterfall_figure
from app.web.sections.residents.text_tables import show_text_table
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_reasons import cached_explained
from app.web.shell.page_frame import csv_button, remember, remembered, remembered_choice, show_chart, visit_key
from app.web.shell.session import language, say, spoken
from app.words.console import said_of

MAP_PX = 460


def show_reasons(tables: PlanTables, plan_id: str) -> None:
    """One view at a time; nothing is computed that it does not show."""
    if not tables.renewed_idx.size:
        st.info(say("nothing_renewed"))
        return
    view = remembered_choice(
        "reasons_view", say("reasons_view"), tuple(VIEWS), spoken("reasons_view_"), key=visit_key("reasons_view"),
        heading=True,
    )  # fmt: skip
    explained = cached_explained(tables)
    with st.spinner(say("reasons_computing"), show_time=True):
        VIEWS[view](explained, plan_id)
    st.caption(say("explain_note"))


def _show_villages(explained: Explained, plan_id: str) -> None:
    """The map beside the steps, the largest shares, and the village that was chosen."""
    name = _choose_outcome(explained)
    shares = explained.shares[name]
    left, right = st.columns([3, 2])
    with left:
        shown = attribution_map(explained, name, language())
        alt = say("alt_map", title=shown.title)
        village = show_village_map(shown, key=visit_key("reasons_map", name), alt=alt, height=MAP_PX)
    with right:
        steps = village_steps(explained, name, language())
        alt = say("reasons_steps_alt", label=label(name, language()))
        show_chart(waterfall_figure(shares, steps, language()), key=visit_key("reasons_steps", name), alt=alt)
    _show_village(explained, village)
    show_text_table(shares_table(explained, name, language()))
    sentences = (village_sentence(explained, name, each, language()) for each in largest(explained, name))
    with st.expander(say("reasons_in_words")):
        st.markdown("\n".join(f"- {plain(sentence)}" for sentence in sentences))
    st.caption(say("reasons_loss_note"))
    csv_button(say("reasons_csv"), attribution_frame(explained), f"reasons-{plan_id}-villages.csv", "reasons_csv")


def _show_village(explained: Explained, village_id: str) -> None:
    """What the chosen village contributes to each outcome."""
    ids = explained.resolved.city.villages.village_id.tolist()
    if village_id not in ids:
        st.caption(say("reasons_choose_village"))
        return
    village = ids.index(village_id)
    if not explained.plan.start_year[0, village]:
        st.caption(say("reasons_village_kept", village=plain(village_id)))
        return
    lines = []
    for name in explained.objective_shares:
        without = amount(name, -float(explained.losses[name][village]), language())
        said = say("reasons_without", said=village_sentence(explained, name, village, language()), value=without)
        lines.append(f"- {said_of(f'**{plain(label(name, language()))}**', plain(said), language())}")
    st.markdown("\n".join(lines))


def _show_parts(explained: Explained, plan_id: str) -> None:
    """Shares summed by district, year, way, land use, term or choice."""
    del plan_id
    name = _choose_outcome(explained)
    division = remembered_choice(
        "reasons_division", say("reasons_division"), DIVISIONS, spoken("reasons_by_"), key=visit_key("reasons_division")
    )
    steps = part_steps(explained, name, division, language())
    if not steps:
        st.info(say("reasons_choices_of_objectives"))
        return
    title = parts_table(explained, name, division, language())
    figure = waterfall_figure(explained.shares[name], steps, language())
    show_chart(figure, key=visit_key("reasons_parts", name, division), alt=title.title)
    show_text_table(title)
    if division == "choice":
        st.caption(say("reasons_choice_note"))


def _show_trust(explained: Explained, plan_id: str) -> None:
    """How much the shown villages hold, and what removals say."""
    del plan_id
    show_text_table(trust_table(explained, language()))
    said = [
        *trust_sentences(explained, language()),
        *(foretold_sentence(explained, name, language()) for name in explained.trust.shares),
        *shapley_sentences(explained, language()),
        completeness_sentence(explained, language()),
        *not_shared_sentences(explained, language()),
    ]
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in said))
    st.caption(say("reasons_trust_note"))


def _choose_outcome(explained: Explained) -> str:
    """An outcome, at first the first objective."""
    key = visit_key("reasons_outcome")
    before = str(remembered("reasons_outcome", ""))
    outcome = st.selectbox(
        say("reasons_outcome"),
        explained.outcomes,
        index=explained.outcomes.index(before) if before in explained.outcomes else 0,
        format_func={name: label(name, language()) for name in explained.outcomes}.__getitem__,
        key=key,
        on_change=lambda: remember("reasons_outcome", st.session_state[key]),
    )
    return str(outcome)


VIEWS: Mapping[str, Callable[[Explained, str], None]] = {
    "villages": _show_villages,
    "parts": _show_parts,
    "trust": _show_trust,
}
"""Views of the section by name, in the order in which they are offered."""
