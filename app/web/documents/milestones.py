"""What has happened with a run: plans opened, edited, compared and exported; noted once, beside the run."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from app.web.documents.plan_comparison import LEAST, parse_refs
from app.web.documents.workspace import Workspace
from data.errors import InputError

OPENED, EDITED, COMPARED, EXPORTED = "opened", "edited", "compared", "exported"


def milestones(space: Workspace, run_id: str) -> dict[str, list[str]]:
    """What is noted of a run: what happened -> to what, the latest last."""
    noted = (space.read("milestone", run_id) or {}) if run_id else {}
    return {str(what): [str(name) for name in names] for what, names in noted.items() if isinstance(names, list)}


def note(space: Workspace, run_id: str, what: str, name: str) -> None:
    """Note that something happened; a disk that refuses keeps nobody from going on."""
    known = milestones(space, run_id)
    if name in known.get(what, []):
        return
    with contextlib.suppress(InputError):
        space.write("milestone", run_id, known | {what: [*known.get(what, []), name]})


def note_visit(space: Workspace, page: str, places: Mapping[str, str]) -> None:
    """Note what the page that was just shown has shown.

    Args:
        space: workspace.
        page: its name.
        places: where the session is: run, plan, edit, compare.
    """
    run_id, plan_id, edit = (places.get(name, "") for name in ("run", "plan", "edit"))
    if page == "plan" and run_id and plan_id:
        note(space, run_id, OPENED, plan_id)
        if edit and (space.read("edit", edit) or {}).get("edits"):
            note(space, run_id, EDITED, edit)
    elif page == "compare":
        refs = parse_refs(places.get("compare", ""))
        if len(refs) >= LEAST:
            for run in dict.fromkeys(ref.run_id for ref in refs):
                note(space, run, COMPARED, places["compare"])
