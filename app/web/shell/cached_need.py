"""Cache shared by all sessions of the need of cities, as the first page shows it: without the kernel if it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from data.city import City
    from data.scenario import Scenario
    from envs.diagnosis.graded_need import GradedNeed


def cached_need(city: City, scenario: Scenario) -> GradedNeed:
    """Need by equal weights, graded by quantiles: kept from an earlier start of the room, else told now and kept.

    Args:
        city: with villages.
        scenario: by whose parameters the city is resolved.

    Raises:
        InputError: they do not fit each other.
    """
    return _need(city.digest, scenario.digest, city, scenario)


@st.cache_resource(show_spinner=False, max_entries=8)
def _need(city_digest: str, scenario_digest: str, _city: City, _scenario: Scenario) -> GradedNeed:
    from app.diagnosis.kept_need import keep_need, need_digest, read_need

    del city_digest, scenario_digest
    digest = need_digest(_city, _scenario)
    known = read_need(_city, digest)
    if known is None:
        from app.web.shell.cached_data import cached_resolved_scenario
        from app.web.shell.cached_diagnosis import cached_diagnosis
        from envs.diagnosis.diagnosis import DiagnosisSetting

        known = cached_diagnosis(cached_resolved_scenario(_scenario, _city), DiagnosisSetting())
        keep_need(known, digest)
    return known
