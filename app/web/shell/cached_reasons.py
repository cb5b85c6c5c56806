"""Cache shared by all sessions of plans that were explained."""

from __future__ import annotations

import streamlit as st

from app.plans.tables import PlanTables
from app.reasons.explained import Explained

THREADS = 2


def cached_explained(tables: PlanTables) -> Explained:
    """The plan to explain; what was computed of it is kept."""
    return _explained(tables.resolved.digest, tables.digest, tables)


@st.cache_resource(show_spinner=False, max_entries=6)
def _explained(resolved_digest: str, plan_digest: str, _tables: PlanTables) -> Explained:
    del resolved_digest, plan_digest
    return Explained(_tables.resolved, _tables.plan, "", THREADS)
