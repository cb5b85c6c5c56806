"""All villages of a plan bargain: who agrees and who blocks on the map, before and after, village by village."""

from __future__ import annotations

import streamlit as st

from agents.stakeholders.dialogue import pool_dialogue
from agents.stakeholders.wording import pool_statement_words
from app.bargaining.bargain_frames import projects_frame
from app.bargaining.bargain_map import SHOWN, bargain_map
from app.bargaining.bargain_tables import before_after_table, city_table, rounds_table, villages_table
from app.bargaining.bargain_text import chance_sentence, pool_sentences, rest_sentences, verdict_sentences
from app.bargaining.bargained_plan import BargainedPlan, PooledBargain
from app.bargaining.ways import before_and_after, sums_of
from app.files.names import plain
from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.plan_edits import edits_between
from app.web.documents.workspace import Workspace
from app.web.figures.charts_bargain import parties_figure
from app.web.sections.parties.statements import show_dialogue
from app.web.sections.plan_editor import save_edits
from app.web.sections.residents.text_tables import show_text_table
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_bargain import cached_bargain, chosen_table, is_known, note_known
from app.web.shell.page_frame import (
    csv_button,
    guard,
    remember,
    remembered,
    remembered_choice,
    show_chart,
    visit_key,
)
from app.web.shell.session import language, say, spoken
from app.words.console import money_scale
from envs.people.bargaining.protocol import NOBODY

MAP_PX = 420
MOST_POOLED = 10
MOST_ROUNDS = 20


def show_all_bargains(workspace: Workspace, run: Run, plan_id: str, tables: PlanTables) -> bool:
    """Let them bargain when asked to, then what came of it; whether they did."""
    _show_settings()
    if not is_known(tables):
        st.caption(say("bargain_all_note", n=tables.renewed_idx.size))
        st.button(say("bargain_all"), type="primary", key="bargain_all", on_click=note_known, args=(tables,))
        return False
    with st.spinner(say("bargain_bargaining"), show_time=True):
        found = cached_bargain(tables, chosen_table())
    bargained = found.plan
    _show_outcome(bargained, found.seconds)
    _show_pools(bargained)
    _show_rounds(bargained)
    _show_before_after(bargained)
    _show_villages(bargained, plan_id)
    st.button(
        say("bargain_open"),
        key="bargain_open",
        disabled=not bargained.negotiation.result.agreed.any(),
        on_click=_open_as_edit,
        args=(workspace, run, plan_id, bargained),
    )
    st.caption(say("bargain_open_note"))
    return True


def _show_settings() -> None:
    """Neighbors that pool, and rounds at the prices that agreements make."""
    with st.expander(say("bargain_settings")):
        for column, (name, most) in zip(
            st.columns(2), (("pool_size", MOST_POOLED), ("most_rounds", MOST_ROUNDS)), strict=True
        ):
            kept = f"bargain_{name}"
            value = column.number_input(
                say(kept), 1, most, int(remembered(kept, 1)), key=visit_key(kept), help=say(f"{kept}_note")
            )
            remember(kept, int(value))


def _show_pools(bargained: BargainedPlan) -> None:
    """Which pools agree; the rest of the section tells each village alone, and says so."""
    if bargained.pooled is None:
        return
    pooled = bargained.pooled
    st.markdown("\n".join(f"- {sentence}" for sentence in pool_sentences(pooled, language())))
    _show_pool_dialogue(bargained, pooled)
    st.caption(say("bargain_pooled_note"))


def _show_pool_dialogue(bargained: BargainedPlan, pooled: PooledBargain) -> None:
    """What is said at the table of one pool of several villages."""
    if not pooled.of_several:
        return
    negotiation, pools = bargained.negotiation, pooled.pools
    ids = bargained.projects.village_ids

    def named(pool: int) -> str:
        return plain(" + ".join(ids[project] for project in pools.members[pool].tolist() if project != NOBODY))

    with st.expander(say("bargain_pool_dialogue")):
        chosen = st.selectbox(
            say("bargain_pool_chosen"), pooled.of_several, format_func=named, key=visit_key("bargain_pool")
        )
        said = pool_dialogue(negotiation, pools, pooled.result, chosen)
        if not said:
            st.warning(say("bargain_no_package"))
        show_dialogue(said, lambda statement: pool_statement_words(negotiation, pools, chosen, statement))


def _show_rounds(bargained: BargainedPlan) -> None:
    """Round by round, where there was more than one to be."""
    if chosen_table().most_rounds > 1:
        show_text_table(rounds_table(bargained, language()))
        st.caption(" ".join(rest_sentences(bargained, language())))


def _show_outcome(bargained: BargainedPlan, seconds: float) -> None:
    """The map beside who agrees and who blocks."""
    left, right = st.columns([3, 2])
    with left:
        shown = remembered_choice(
            "bargain_shown",
            say("bargain_shown"),
            SHOWN,
            spoken("bargain_shown_"),
            key=visit_key("bargain_shown"),
            heading=True,
        )
        shown_map = bargain_map(bargained, language(), shown=shown)
        alt = say("alt_map", title=shown_map.title)
        show_village_map(shown_map, key=visit_key("bargain_all_map"), alt=alt, height=MAP_PX)
    with right:
        verdict, *others = verdict_sentences(bargained, language())
        st.markdown(f"**{verdict}**")
        st.markdown("\n".join(f"- {sentence}" for sentence in others))
        st.markdown(chance_sentence(bargained, language()))
        n = bargained.projects.village_idx.size
        st.caption(say("bargain_took", n=n, draws=bargained.n_draws, seconds=seconds))


def _show_before_after(bargained: BargainedPlan) -> None:
    show_text_table(before_after_table(bargained, language()))
    st.caption(say("bargain_before_after_note"))
    left, right = st.columns(2)
    with left:
        st.markdown(f"**{say('bargain_split')}**")
        scale, unit = money_scale("CNY", language())
        gains = {
            say(f"bargain_way_{way.name}"): sums_of(bargained, way).gains_cny / scale
            for way in before_and_after(bargained)
        }
        show_chart(parties_figure(gains, unit, language()), key=visit_key("bargain_split"), alt=say("bargain_split"))
    with right:
        show_text_table(city_table(bargained, language()))


def _show_villages(bargained: BargainedPlan, plan_id: str) -> None:
    st.markdown(f"**{say('bargain_table')}**")
    frame = villages_table(bargained, language())
    columns = {
        str(name): st.column_config.NumberColumn(format=f"%.{0 if frame[name].abs().max() >= 100 else 2}f")
        for name in frame.select_dtypes("float")
    }
    st.dataframe(frame, hide_index=True, column_config=columns, alt=say("bargain_table"))
    csv_button(
        say("bargain_projects_csv"), projects_frame(bargained), f"bargained-{plan_id}-projects.csv", "bargain_csv"
    )


def _open_as_edit(workspace: Workspace, run: Run, plan_id: str, bargained: BargainedPlan) -> None:
    """Take what was agreed on in as edits, before the page is drawn."""
    with guard():
        edits = edits_between(run.plan(plan_id), bargained.agreed_plan, run.resolved.city)
        save_edits(workspace, run.folder.name, plan_id, edits)
