"""The bargaining of one village: how it ends, how likely, gains round by round, everything that is said."""

from __future__ import annotations

import streamlit as st

from agents.stakeholders.dialogue import Statement, dialogue
from agents.stakeholders.wording import package_words, party_words, statement_words
from app.bargaining.bargain_map import bargain_map
from app.bargaining.bargain_tables import chances_table, village_ways_table
from app.bargaining.bargained_plan import BargainedPlan
from app.bargaining.gains_by_round import gains_by_round
from app.bargaining.ways import missing_cny
from app.charts.plan_map import plan_map
from app.files.names import plain
from app.plans.tables import PlanTables
from app.web.figures.charts_bargain import parties_figure, rounds_figure
from app.web.sections.parties.speeches import show_speeches
from app.web.sections.parties.statements import show_dialogue
from app.web.sections.residents.text_tables import show_text_table
from app.web.sections.scenario_villages import village_labels
from app.web.sections.villages.village_choice import choose_village
from app.web.sections.villages.village_map import show_village_map
from app.web.shell.cached_bargain import cached_bargain, chosen_table, is_known, village_table
from app.web.shell.page_frame import remembered, show_chart, visit_key
from app.web.shell.session import language, say
from app.words.console import value_text
from data.catalogue import text
from envs.kernel.wellbeing import MONTHS_PER_YR
from envs.people.bargaining.parties import PARTIES
from envs.people.bargaining.protocol import NOBODY

PROJECT = 0
"""The only one that bargains."""
MAP_PX = 420


def show_village_bargain(tables: PlanTables) -> str:
    """Choose a village on the map or by name; the village."""
    left, right = st.columns([3, 2])
    with left:
        _show_map(tables)
    with right:
        village = _choose(tables)
        bargained = cached_bargain(tables, village_table(village)).plan
        if bargained.negotiation.result.package[PROJECT] == NOBODY:
            st.warning(say("bargain_no_package"))
            return village
        _show_end(bargained)
        show_text_table(chances_table(bargained, PROJECT, language()))
        st.caption(say("bargain_chance_note"))
    said = dialogue(bargained.negotiation, PROJECT)
    _show_verdicts(bargained, said[-1])
    left, right = st.columns([3, 2])
    with left:
        st.markdown(f"**{say('bargain_dialogue')}**")
        show_dialogue(said, lambda statement: statement_words(bargained.negotiation, PROJECT, statement))
    with right:
        _show_chart(bargained, village)
    show_text_table(village_ways_table(bargained, PROJECT, language()))
    show_speeches(bargained, village)
    return village


def _show_chart(bargained: BargainedPlan, village: str) -> None:
    """Gains round by round; where nobody could offer anything, by the plan and by what comes nearest to agreement."""
    gains, key = gains_by_round(bargained.negotiation, PROJECT), visit_key("bargain_chart", village)
    alt = say("bargain_chart_alt", village=plain(village))
    if len(gains.own):
        st.markdown(f"**{say('bargain_chart')}**")
        st.caption(say("bargain_chart_note"))
        show_chart(rounds_figure(gains, language()), key=key, alt=alt)
        return
    st.markdown(f"**{say('bargain_chart_deadlock')}**")
    st.caption(say("bargain_no_offers"))
    values = {say("bargain_way_plan"): gains.plan, say("bargain_way_nearest"): gains.end}
    show_chart(parties_figure(values, say("bargain_axis_gain"), language()), key=key, alt=alt)


def _show_map(tables: PlanTables) -> None:
    """Who agrees where all villages have bargained, else consent as the plan has it."""
    if is_known(tables):
        shown = bargain_map(cached_bargain(tables, chosen_table()).plan, language())
    else:
        shown = plan_map(tables, language(), coloring="consent_share")
    show_village_map(shown, key=visit_key("bargain_map"), alt=say("alt_map", title=shown.title), height=MAP_PX)


def _choose(tables: PlanTables) -> str:
    """A village that the plan renews, at first the one chosen on a map."""
    labels = village_labels(tables.resolved.city)
    ids = [str(name) for name in tables.resolved.city.villages.village_id[tables.renewed_idx]]
    chosen = str(remembered("village", ""))
    if chosen in labels and chosen not in ids:
        st.caption(say("bargain_not_renewed", village=plain(labels[chosen])))
    start = chosen if chosen in ids else ids[0]
    return choose_village(ids, labels, start, name="bargain_village")


def _show_end(bargained: BargainedPlan) -> None:
    """Agreed on what, or who blocks for what, and what is missing."""
    negotiation, result = bargained.negotiation, bargained.negotiation.result
    package = package_words(negotiation, PROJECT, int(result.package[PROJECT])).text(language())
    if result.agreed[PROJECT]:
        months = float(result.delay_yr[PROJECT]) * MONTHS_PER_YR
        st.success(say("bargain_agreed_on", n=int(result.n_concessions[PROJECT]), package=package, months=months))
        return
    blocker = int(result.blocker[PROJECT])
    term = text(f"bargain_term_{PARTIES[blocker]}_{negotiation.blocking_term(PROJECT)}", language())
    st.warning(
        say(
            "bargain_deadlocked",
            party=party_words(PARTIES[blocker]).text(language()),
            term=term,
            short=-float(negotiation.utility[PROJECT, result.package[PROJECT], blocker]),
            missing=value_text(missing_cny(bargained, PROJECT), "CNY", language()),
            package=package,
        )
    )


def _show_verdicts(bargained: BargainedPlan, end: Statement) -> None:
    """A card for each party: what it has in the end, satisfied or not, and why."""
    veto = bargained.projects.stakes.veto[PROJECT]
    for column, party, opinion, has_veto in zip(st.columns(len(PARTIES)), PARTIES, end.opinions, veto, strict=True):
        with column, st.container(border=True, gap="xxsmall", height="stretch"):
            name = party_words(party).text(language()).capitalize()
            st.metric(say("bargain_party_gain", party=name), f"{opinion.utility:+,.0f}")
            st.markdown(f"**{_verdict(is_satisfied=opinion.is_satisfied)}** · {_veto(has_veto=bool(has_veto))}")
            st.caption(opinion.reason.text(language()))


def _verdict(*, is_satisfied: bool) -> str:
    return f"✓ {say('bargain_satisfied')}" if is_satisfied else f"✗ {say('bargain_not_satisfied')}"


def _veto(*, has_veto: bool) -> str:
    return say("bargain_has_veto") if has_veto else say("bargain_has_no_veto")
