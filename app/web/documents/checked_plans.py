"""Plans made elsewhere that were brought to the page Compliance: the file as it was, and how it is to be read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.files.atomic import new_folder, write_json
from app.plans.mapped_plan import MappedPlan
from app.runs.brought_plans import read_brought_plan
from app.web.documents.workspace import Workspace, checked_id, new_id
from data.errors import InputError, refuse
from data.importing.plans.rows import KNOWN_SUFFIXES, PLAN_LIMITS
from envs.kernel import ResolvedScenario

FOLDER = "checked"
ABOUT = "checked.json"


@dataclass(frozen=True)
class CheckedPlan:
    """An upload that is kept.

    Attributes:
        folder: where it lies.
        name: of the file as the browser had it.
        run: id of the run in whose scenario it is checked.
        first_year: year of the calendar that is year 1; None = the earliest in the plan.
        leave_out_unknown: whether rows of other villages are counted instead of refused.
    """

    folder: Path
    name: str
    run: str
    first_year: int | None
    leave_out_unknown: bool

    @property
    def file(self) -> Path:
        """The plan."""
        return self.folder / f"plan{Path(self.name).suffix.lower()}"

    def read(self, resolved: ResolvedScenario) -> MappedPlan:
        """Read the plan as every plan made elsewhere is read.

        Raises:
            InputError: all that is wrong with it, under its own name.
        """
        try:
            return read_brought_plan(
                self.file, resolved, first_year=self.first_year, leave_out_unknown=self.leave_out_unknown
            )
        except InputError as error:
            error.name_files({str(self.file): self.name})
            raise


def checked_plan(workspace: Workspace, name: str) -> CheckedPlan | None:
    """An upload that is kept; None where there is none, or what is there is not one."""
    folder = workspace.room / FOLDER / checked_id(name)
    try:
        content: dict[str, Any] = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return CheckedPlan(
            folder,
            str(content["name"]),
            checked_id(str(content["run"])),
            None if content["first_year"] is None else int(content["first_year"]),
            leave_out_unknown=bool(content["leave_out_unknown"]),
        )
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def keep_upload(
    workspace: Workspace,
    resolved: ResolvedScenario,
    run: str,
    upload: tuple[str, bytes],
    *,
    first_year: int | None = None,
    leave_out_unknown: bool = False,
) -> str:
    """Keep an uploaded plan that can be read.

    Args:
        workspace: folder of runs and documents.
        resolved: scenario in which it is checked.
        run: id of the run that has it.
        upload: name of the file as the browser has it, and its content.
        first_year: year of the calendar that is year 1; None = the earliest in the plan.
        leave_out_unknown: count rows of villages that the city does not have instead of refusing them.

    Returns:
        Name by which it is found again.

    Raises:
        InputError: it is none of the known kinds, too large, cannot be read as a plan, or the disk refuses.
    """
    name, content = Path(upload[0]).name[:80], upload[1]
    if Path(name).suffix.lower() not in KNOWN_SUFFIXES:
        raise refuse("upload_suffix_wrong", file=name, suffixes=KNOWN_SUFFIXES)
    if len(content) > PLAN_LIMITS.bytes:
        raise refuse("upload_too_large", file=name, most=PLAN_LIMITS.bytes)
    checked_name = new_id(FOLDER)
    with new_folder(workspace.room / FOLDER / checked_name) as draft:
        kept = CheckedPlan(draft, name, run, first_year, leave_out_unknown)
        kept.file.write_bytes(content)
        kept.read(resolved)
        about = {"name": name, "run": run, "first_year": first_year, "leave_out_unknown": leave_out_unknown}
        write_json(draft / ABOUT, about)
    return checked_name
