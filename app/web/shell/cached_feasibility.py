"""Whether a scenario can be met in its city at all: asked on pages Scenario and Search before anything is started."""

from __future__ import annotations

import streamlit as st

from app.files.names import plain
from app.web.shell.cached_city import cached_city
from app.web.shell.cached_data import cached_resolved_scenario
from app.web.shell.session import language, say
from app.words.console import listed, money_scale
from data.catalogue import catalogue
from data.errors import InputError, Refusal
from data.scenario import Scenario
from envs.kernel import ResolvedScenario
from optimizers.bounds.feasibility import refuse_short_of_means

MOST_NAMED = 8
"""Villages that are named; the others are counted."""


def show_infeasible(city: str, scenario: Scenario) -> bool:
    """Say what no plan can meet, with numbers and what would mend it; whether there was anything to say.

    Args:
        city: name or path.
        scenario: what is allowed and wanted.
    """
    if not scenario.asks_for_something:  # then doing nothing is a plan
        return False
    try:
        with st.spinner(say("feasibility_checked")):
            resolved = cached_resolved_scenario(scenario, cached_city(city))
            wrong = _short_of_means(resolved.digest, resolved)
    except InputError as error:
        wrong = error
    if wrong is None:
        return False
    lines = [f"- {plain(_said(refusal))}" for refusal in wrong.refusals]
    st.error("\n".join([f"**{say('feasibility_wrong')}**", "", *lines]))
    return True


def _said(refusal: Refusal) -> str:
    """A refusal as the form calls its field; villages are named, not rows of a file."""
    name, _, part = str(refusal.layer).removeprefix("scenario ").partition(".")
    key = f"rule_{part}" if name == "rules" else f"field_{name}"
    label = say(key, unit=money_scale("CNY", language())[1]) if key in catalogue() else str(refusal.layer)
    line = say("refusal_within", outer=label, inner=refusal.message.text(language()))
    if not refusal.rows:
        return line
    shown = listed(refusal.rows[:MOST_NAMED], language())
    return line + say("feasibility_villages", names=shown, n=len(refusal.rows))


@st.cache_data(show_spinner=False, max_entries=50)
def _short_of_means(digest: str, _resolved: ResolvedScenario) -> InputError | None:
    del digest
    try:
        refuse_short_of_means(_resolved)
    except InputError as error:
        return error
    return None
