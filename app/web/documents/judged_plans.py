"""Plans that were judged in the room: an upload becomes a folder of results, which a link leads back to."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.runs.brought_plans import read_brought_plan
from app.runs.run_folder import Run
from app.studies.judgement_files import JUDGEMENT_FILE, write_judgement
from app.studies.plan_judgement import judge_plan
from app.web.documents.workspace import Workspace, checked_id, new_id
from data.errors import InputError, refuse
from data.importing.plans.rows import KNOWN_SUFFIXES, PLAN_LIMITS
from envs.models.kernel_model import KernelModel

FOLDER = "judged"


@dataclass(frozen=True)
class JudgeOrder:
    """What is asked of a plan.

    Attributes:
        mends: whether to look for changes.
        may_lose: whether an objective may end worse than in the plan.
        leave_out_unknown: whether rows of other villages are counted instead of refused.
        first_year: year of the calendar that is year 1; None = the earliest in the plan.
        seconds: wall time after which mending stops even if evaluations are left.
    """

    mends: bool = True
    may_lose: bool = False
    leave_out_unknown: bool = False
    first_year: int | None = None
    seconds: float = 30.0


def judged_folder(workspace: Workspace, name: str) -> Path:
    """Where the results of a judgment lie."""
    return workspace.room / FOLDER / checked_id(name)


def judgement_of(workspace: Workspace, name: str) -> dict[str, Any] | None:
    """judgement.json; None where there is none, or what is there is not one."""
    try:
        content = json.loads((judged_folder(workspace, name) / JUDGEMENT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and "ladder" in content else None


def judge_upload(
    workspace: Workspace,
    run: Run,
    upload: tuple[str, bytes],
    order: JudgeOrder,
    progress: Callable[[int, float], None] | None = None,
) -> str:
    """Judge an uploaded plan against a run, and keep what was found.

    Args:
        workspace: folder of runs and documents.
        run: with the front.
        upload: name of the file as the browser has it, and its content.
        order: what is asked for.
        progress: told each rung and its gap.

    Returns:
        Name of the judgment.

    Raises:
        InputError: the file cannot be read as a plan, or the disk refuses.
    """
    name, content = upload
    suffix = Path(name).suffix.lower()
    if suffix not in KNOWN_SUFFIXES:
        raise refuse("upload_suffix_wrong", file=name[:80], suffixes=KNOWN_SUFFIXES)
    if len(content) > PLAN_LIMITS.bytes:
        raise refuse("upload_too_large", file=name[:80], most=PLAN_LIMITS.bytes)
    model, judged_id = KernelModel(run.resolved, run.record.objectives), new_id(FOLDER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan{suffix}"
        path.write_bytes(content)
        try:
            brought = read_brought_plan(
                path,
                run.resolved,
                space=model.space,
                first_year=order.first_year,
                leave_out_unknown=order.leave_out_unknown,
            )
        except InputError as error:
            error.name_files({str(path): name[:80]})
            raise
    judged = judge_plan(
        run,
        brought,
        model,
        mends=order.mends,
        may_lose=order.may_lose,
        seconds=order.seconds,
        progress=progress,
    )
    write_judgement(judged_folder(workspace, judged_id), run, Path(name[:80]), brought, judged)
    return judged_id
