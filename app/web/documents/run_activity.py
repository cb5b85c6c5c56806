"""Activity on a run: plans opened, edited, compared and exported, each noted once; the guide ticks its steps by it."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from app.web.documents.workspace import Workspace
from data.errors import InputError

OPENED, EDITED, COMPARED, EXPORTED = "opened", "edited", "compared", "exported"


def recorded_activity(workspace: Workspace, run_id: str) -> dict[str, list[str]]:
    """What is noted of a run: what happened -> to what, the latest last."""
    noted = (workspace.read("milestone", run_id) or {}) if run_id else {}
    return {
        str(activity): [str(name) for name in names] for activity, names in noted.items() if isinstance(names, list)
    }


def record_activity(workspace: Workspace, run_id: str, activity: str, name: str) -> None:
    """Note that something happened; a disk that refuses keeps nobody from going on."""
    known = recorded_activity(workspace, run_id)
    if name in known.get(activity, []):
        return
    with contextlib.suppress(InputError):
        workspace.write("milestone", run_id, known | {activity: [*known.get(activity, []), name]})


def record_visit(workspace: Workspace, page: str, places: Mapping[str, str]) -> None:
    """Note what the page that was just shown has shown; of a run that is not there, nothing.

    Args:
        workspace: folder of runs and documents.
        page: its name.
        places: where the session is: run, plan, edit, compare.
    """
    run_id, plan_id, edit = (places.get(name, "") for name in ("run", "plan", "edit"))
    if page == "plan" and plan_id and run_id in workspace.run_ids():
        record_activity(workspace, run_id, OPENED, plan_id)
        if edit and (workspace.read("edit", edit) or {}).get("edits"):
            record_activity(workspace, run_id, EDITED, edit)
    elif page == "compare":
        from app.web.documents.plan_comparison import MIN_PLANS, parse_refs  # imports the kernel

        refs = parse_refs(places.get("compare", ""))
        if len(refs) >= MIN_PLANS:
            for run in dict.fromkeys(ref.run_id for ref in refs):
                record_activity(workspace, run, COMPARED, places["compare"])
