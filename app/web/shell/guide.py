"""The guide in the sidebar: seven steps from a question to an exported plan, ticked off by what has really happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from app.files.names import plain
from app.runs.record import RunRecord, read_record
from app.web.documents.run_activity import COMPARED, EDITED, EXPORTED, OPENED, recorded_activity
from app.web.documents.workspace import Workspace, checked_id
from app.web.jobs.job_record import read_job
from app.web.jobs.queue import has_front
from app.web.shell.session import current, current_places, go, language, say
from data.errors import InputError

PAGES = {
    "scenario": "start",
    "start": "search",
    "finish": "search",
    "open": "front",
    "edit": "plan",
    "compare": "compare",
    "export": "plan",
}
"""Step -> the page where it is done."""
HIDDEN = "off"
REFRESH_S = 3.0
"""A download does not run the page again, so the last step looks for itself."""


@dataclass(frozen=True)
class Step:
    """One step of the guide.

    Attributes:
        name: of the step.
        done: whether it has happened.
        facts: what the workspace knows of it, for the text behind its tick; empty for none.
    """

    name: str
    done: bool
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def page(self) -> str:
        """Where it is done."""
        return PAGES[self.name]


def steps(workspace: Workspace, places: Mapping[str, str]) -> list[Step]:
    """The steps for the run and draft that a session is at.

    Args:
        workspace: folder of runs and documents.
        places: names of draft and run, possibly empty or of something that is not there.
    """
    run_id, draft = _valid_id(places.get("run", "")), _valid_id(places.get("draft", ""))
    activity = recorded_activity(workspace, run_id)
    record = _record(workspace, run_id)
    ordered = record is not None or bool(run_id and read_job(workspace, run_id))
    finished = bool(run_id) and has_front(workspace, run_id)
    written = (workspace.read("draft", draft) or {}).get("content") if draft else None
    scenario = record.scenario if record else written.get("name") if isinstance(written, dict) else None
    opened, exported = activity.get(OPENED, []), activity.get(EXPORTED, [])
    return [
        Step("scenario", ordered or written is not None, {"scenario": scenario} if scenario else {}),
        Step("start", ordered),
        Step("finish", finished, _search_facts(record) if finished and record else {}),
        Step("open", bool(opened), {"plan": opened[-1]} if opened else {}),
        Step("edit", bool(activity.get(EDITED))),
        Step("compare", bool(activity.get(COMPARED))),
        Step("export", bool(exported), {"kinds": exported} if exported else {}),
    ]


def show_guide(workspace: Workspace) -> None:
    """The guide, or the button that brings it back."""
    with st.sidebar:
        if current("guide") == HIDDEN:
            if st.button(say("guide_show"), key="guide_show", type="tertiary"):
                go(guide="")
                st.rerun()
            return
        waits = [step.name for step in steps(workspace, current_places()) if not step.done] == ["export"]
        st.fragment(lambda: _show_box(steps(workspace, current_places())), run_every=REFRESH_S if waits else None)()


def _show_box(steps: list[Step]) -> None:
    with st.container(border=True):
        st.markdown(f"**{say('guide_title', done=sum(step.done for step in steps), n=len(steps))}**")
        _show_steps(steps)
        if st.button(say("guide_hide"), key="guide_hide", type="tertiary"):
            go(guide=HIDDEN)
            st.rerun()


def _show_steps(steps: list[Step]) -> None:
    following = next((step for step in steps if not step.done), None)
    for number, step in enumerate(steps, start=1):
        title = say(f"guide_step_{step.name}")
        words = f"{number}. {title}"
        if step.done:
            facts = {name: _plain_fact(_called(name, value)) for name, value in step.facts.items()}
            more = say(f"guide_fact_{step.name}", **facts) if facts else ""
            st.caption(f"✓ {words}" + (f" · {more}" if more else ""))
        elif step is following:
            st.markdown(f"**→ {words}**")
            st.markdown(say(f"guide_do_{step.name}"))
            st.page_link(f"views/{step.page}.py", label=say("guide_go", page=say(f"page_{step.page}")))
        else:
            st.caption(f"○ {words}")
    if following is None:
        st.markdown(say("guide_done"))


def _called(name: str, value: object) -> object:
    """A fact as people call it."""
    from app.plans.recommendation import scenario_label  # imports pandas, which the first page can do without

    return scenario_label(str(value), language()) if name == "scenario" else value


def _plain_fact(value: object) -> object:
    """A fact as text and not as markup; several stay several."""
    return [plain(entry) for entry in value] if isinstance(value, list) else plain(value)


def _valid_id(name: str) -> str:
    """The id, or nothing if it cannot be one."""
    try:
        return checked_id(name) if name else ""
    except InputError:
        return ""


def _record(workspace: Workspace, run_id: str) -> RunRecord | None:
    try:
        return read_record(workspace.run_folder(run_id)) if run_id else None
    except InputError:
        return None


def _search_facts(record: RunRecord) -> dict[str, Any]:
    """Evaluations, plans and seconds of a finished search."""
    if record.n_plans is None:
        return {}
    return {"evaluations": f"{record.evaluations:,}", "plans": record.n_plans, "seconds": round(record.seconds)}
