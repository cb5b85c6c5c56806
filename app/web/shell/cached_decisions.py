"""Cache shared by all sessions of plans that were retold as decisions, and of runs whose good plans were counted."""

from __future__ import annotations

import numpy as np
import streamlit as st

from app.decisions.told_path import ToldPath, tell_path
from app.plans.tables import PlanTables
from app.reasons.explained import attributed_gain
from app.robust.robust_villages import of_front
from app.robust.told_villages import FOLDER_PREFIX, ToldVillages, known_villages, told_villages
from app.runs.names import ABOUT_FILE
from app.runs.run_folder import Run
from app.web.shell.cached_reasons import THREADS, cached_explained
from app.web.shell.page_frame import remember, remembered
from app.whatif.asked_plan import asked_plan
from envs.models.kernel_model import KernelModel

SMALL_PLAN = 60
"""Plans of up to so many villages are retold without being asked: it takes a moment."""


def cached_told_path(run: Run, plan_id: str, tables: PlanTables) -> ToldPath:
    """The plan in hand as decisions, judged by the preference behind it."""
    return _told(run.record.created, plan_id, tables.resolved.digest, tables.digest, run, tables)


def exact_step(told: ToldPath, step: int) -> ToldPath:
    """The same path with every alternative of one step measured exactly."""
    plan = told.path.plan.content
    return _exact(told.path.resolved.digest, plan, tuple(told.path.worth.weights.tolist()), step, told)


def cached_villages(run: Run) -> ToldVillages:
    """What good plans of a run say of its villages: as the newest folder beside it has them, else its front alone."""
    paths = sorted(run.folder.resolve().parent.glob(f"{FOLDER_PREFIX}*/{ABOUT_FILE}"))
    stamp = "|".join(f"{path}:{path.stat().st_mtime_ns}" for path in paths)
    return _villages(run.folder.name, run.record.created, run.resolved.digest, stamp, run)


def is_retold(tables: PlanTables) -> bool:
    """Whether this session has had the plan retold, or it is small."""
    key = f"retold:{tables.resolved.digest}:{tables.digest}"
    return tables.renewed_idx.size <= SMALL_PLAN or bool(remembered(key, otherwise=False))


def note_retold(tables: PlanTables) -> None:
    """From now on the plan is retold."""
    remember(f"retold:{tables.resolved.digest}:{tables.digest}", value=True)


@st.cache_resource(show_spinner=False, max_entries=6)
def _told(
    run_id: str, plan_id: str, resolved_digest: str, plan_digest: str, _run: Run, _tables: PlanTables
) -> ToldPath:
    del run_id, resolved_digest, plan_digest
    model = KernelModel(_run.resolved, _run.record.objectives, threads=THREADS)
    asked = asked_plan(_run, plan_id, model, plan=_tables.plan)
    return tell_path(asked, score=attributed_gain(cached_explained(_tables), asked), threads=THREADS)


@st.cache_resource(show_spinner=False, max_entries=40)
def _exact(resolved_digest: str, plan: bytes, weights: tuple[float, ...], step: int, _told: ToldPath) -> ToldPath:
    del resolved_digest, plan, weights
    path = _told.path.with_exact(np.array([step]), threads=THREADS)
    return ToldPath(_told.asked, path, _told.order, _told.policy)


@st.cache_resource(show_spinner=False, max_entries=6)
def _villages(run_id: str, created: str, resolved_digest: str, stamp: str, _run: Run) -> ToldVillages:
    del run_id, created, resolved_digest, stamp
    return known_villages(_run) or told_villages(of_front(_run))
