"""Whether a scenario can be met in its city at all: asked on pages Scenario and Search before anything is started."""

from __future__ import annotations

import streamlit as st

from app.web.shell.cached_data import cached_city, cached_resolved_scenario
from app.web.shell.page_frame import show_refusal
from app.web.shell.session import say
from data.errors import InputError
from data.scenario import Scenario
from envs.kernel import ResolvedScenario
from optimizers.bounds.forced_villages import refuse_short_of_means


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
    st.error(say("feasibility_wrong"))
    show_refusal(wrong)
    return True


@st.cache_data(show_spinner=False, max_entries=50)
def _short_of_means(digest: str, _resolved: ResolvedScenario) -> InputError | None:
    del digest
    try:
        refuse_short_of_means(_resolved)
    except InputError as error:
        return error
    return None
