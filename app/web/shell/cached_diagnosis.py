"""Cache shared by all sessions of diagnoses, and of how like villages are to documented projects."""

from __future__ import annotations

import json
from collections.abc import Sequence

import streamlit as st

from app.diagnosis.asked import case_likeness
from data.diagnosis.cases import Case
from envs.diagnosis.diagnosis import Diagnosis, DiagnosisSetting, diagnose
from envs.diagnosis.nearest_cases import Likeness
from envs.kernel import ResolvedScenario


def cached_diagnosis(resolved: ResolvedScenario, setting: DiagnosisSetting) -> Diagnosis:
    """The diagnosis of a city.

    Raises:
        InputError: the weights cannot be told from the choice.
    """
    asked = json.dumps([setting.choice.model_dump(mode="json"), setting.grading, setting.n_grades], sort_keys=True)
    return _diagnosis(resolved.digest, resolved.book.diagnosis_digest, asked, resolved, setting)


def cached_likeness(resolved: ResolvedScenario, cases: Sequence[Case]) -> Likeness:
    """How like the villages are to cases."""
    return _likeness(resolved.digest, tuple(repr(case) for case in cases), resolved, cases)


@st.cache_resource(show_spinner=False, max_entries=32)
def _diagnosis(
    digest: str, diagnosis_digest: str, asked: str, _resolved: ResolvedScenario, _setting: DiagnosisSetting
) -> Diagnosis:
    del digest, diagnosis_digest, asked
    return diagnose(_resolved, _setting)


@st.cache_resource(show_spinner=False, max_entries=8)
def _likeness(digest: str, names: tuple[str, ...], _resolved: ResolvedScenario, _cases: Sequence[Case]) -> Likeness:
    del digest, names
    return case_likeness(_resolved, _cases)
