"""Changes taken over as edits of the plan in hand."""

from __future__ import annotations

from collections.abc import Sequence

from app.plans.tables import PlanTables
from app.runs.run_folder import Run
from app.web.documents.plan_edits import edits_between
from app.web.documents.workspace import Workspace
from app.web.sections.plan_editor import save_edits
from app.web.shell.page_frame import guard
from app.whatif.asked_plan import AskedPlan
from envs.changes.village_change import Change, changed_together


def open_changes(
    workspace: Workspace, run: Run, asked: AskedPlan, tables: PlanTables, changes: Sequence[Change]
) -> None:
    """Take changes in as edits, beside those made before, before the page is drawn; their partners move, too."""
    with guard():
        changed = changed_together(tables.plan, changes)
        edits = edits_between(run.plan(asked.plan_id), changed, run.resolved.city)
        save_edits(workspace, run.folder.name, asked.plan_id, edits)
