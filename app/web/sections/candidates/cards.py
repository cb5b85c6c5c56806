"""Cards of the named candidates: what each is best at, held against the plan in hand, and the way on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from app.plans.candidates import NOTHING, Candidate
from app.plans.differences import difference, difference_text, measure_spans
from app.plans.front_view import FrontView
from app.plans.tenants_cost import tenants_line
from app.web.sections.candidates.card_html import Card, MeasureLine, card_html
from app.web.sections.front_choice import mark_text
from app.web.shell.page_frame import visit_key
from app.web.shell.session import current, go, language, say
from app.words.console import listed, value_text

BESIDE = ("total_cost_cny", "displaced_tenants_persons")
"""Said of every candidate beside the objectives."""
VILLAGES, RULES = "renewed_villages", "n_reported_broken"


@dataclass(frozen=True, eq=False)
class Compared:
    """What the cards are made of.

    Attributes:
        view: the whole front.
        candidates: shown, in their order.
        spans: measure -> its range [its unit].
        nothing: indicators of doing nothing; empty where they are not known.
        met: plan id -> targets met, and how many there are; empty where there are none.
        left: ids of the plans that keep the limits.
    """

    view: FrontView
    candidates: Sequence[Candidate]
    spans: Mapping[str, float]
    nothing: Mapping[str, float]
    met: Mapping[str, tuple[int, int]]
    left: frozenset[str]

    @property
    def measures(self) -> list[str]:
        """What every card tells."""
        return list(dict.fromkeys([*self.view.objectives, *(name for name in BESIDE if name in self.view.measured)]))

    def values(self, plan_id: str) -> Mapping[str, float]:
        """Indicators of a plan, or of doing nothing."""
        if plan_id == NOTHING:
            return self.nothing
        row = self.view.front.iloc[self.view.position(plan_id)].to_dict()
        return {name: float(row[name]) for name in (*self.view.measured, RULES) if name in row}


def spans_of(
    view: FrontView, nothing: Mapping[str, float], anchors: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """Measure -> its range: of its anchors, else over the front and doing nothing [its unit]."""
    columns = {}
    for name in view.measured:
        values = np.append(view.front[name].to_numpy(np.float64), nothing.get(name, np.nan))
        values = values[np.isfinite(values)]
        columns[name] = (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
    return measure_spans(columns, anchors)


def show_cards(compared: Compared) -> None:
    """All cards; a press on one holds the others against it, or opens it."""
    with st.container(key="candidates"):
        for candidate in compared.candidates:
            with st.container(border=True, key=f"candidate_{candidate.plan_id}", gap="xsmall"):
                st.html(card_html(candidate_card(compared, candidate)))
                _show_ways_on(candidate)


def _show_ways_on(candidate: Candidate) -> None:
    """Take the plan in hand, or open it."""
    if candidate.plan_id == NOTHING:
        return
    with st.container(horizontal=True):
        if st.button(
            say("candidates_open", letter=candidate.letter),
            type="primary",
            key=visit_key("candidate_open", candidate.plan_id),
        ):
            go(plan=candidate.plan_id)
            st.switch_page("views/plan.py")
        # Never disabled: a button that is loses the focus of the keyboard, and the reader the place on the page.
        st.button(
            say("candidates_taken" if candidate.plan_id == current("plan") else "candidates_take"),
            key=visit_key("candidate_take", candidate.plan_id),
            help=say("candidates_take_help"),
            on_click=go,
            kwargs={"plan": candidate.plan_id},
        )


def candidate_card(compared: Compared, candidate: Candidate) -> Card:
    """What the card of a candidate says."""
    values, chosen = compared.values(candidate.plan_id), candidate.plan_id == current("plan")
    against = compared.values(current("plan"))
    return Card(
        letter=candidate.letter,
        name=candidate_name(compared.view, candidate),
        line=_line(compared, candidate),
        measures=[
            _measure(compared, name, values, None if chosen else against)
            for name in compared.measures
            if name in values
        ],
        foot=tenants_line(values, language()),
        chosen=chosen,
    )


def candidate_name(view: FrontView, candidate: Candidate) -> str:
    """Why it is named, in words."""
    words = (say(f"mark_{mark}") if mark in ("picked", NOTHING) else mark_text(view, mark) for mark in candidate.marks)
    return listed(dict.fromkeys(words), language())


def _measure(
    compared: Compared, name: str, values: Mapping[str, float], against: Mapping[str, float] | None
) -> MeasureLine:
    quantity = compared.view.quantities[name]
    label, value = quantity.label[language()], value_text(values[name], quantity.unit, language())
    if against is None or name not in against:
        return MeasureLine(label, value)
    found = difference(values[name], against[name], compared.spans[name], quantity.sense)
    return MeasureLine(label, value, found, difference_text(found, quantity, language()))


def _line(compared: Compared, candidate: Candidate) -> str:
    """Villages, targets met, rules broken, and the plan's id."""
    values, parts = compared.values(candidate.plan_id), []
    if candidate.plan_id == current("plan"):
        parts.append(say("candidates_chosen"))
    if candidate.plan_id not in compared.left | {NOTHING}:
        parts.append(say("candidates_outside"))
    if VILLAGES in values and candidate.plan_id != NOTHING:
        parts.append(say("candidates_villages", n=values[VILLAGES]))
    if candidate.plan_id in compared.met:
        met, n_targets = compared.met[candidate.plan_id]
        parts.append(say("candidates_met", met=met, n=n_targets))
    if values.get(RULES):
        parts.append(say("candidates_broken", n=values[RULES]))
    return " · ".join([*parts, *([] if candidate.plan_id == NOTHING else [candidate.plan_id])])
