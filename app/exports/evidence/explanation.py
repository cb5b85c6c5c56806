"""The folder of `renewal explain` that goes with a plan: given, or found beside the run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.files.names import is_id
from app.runs.record import digests
from app.runs.run_folder import Run
from data.errors import reason_of, refuse

ABOUT = "about.json"
MOST_FILES, MOST_BYTES, MOST_FOLDERS = 100, 100_000_000, 500
SUFFIXES = (".csv", ".json", ".md", ".txt", ".svg", ".png")


def read_explanation(folder: Path, run: Run, plan_id: str) -> dict[str, bytes]:
    """Files of an explanation by name.

    Args:
        folder: that `renewal explain` wrote.
        run: of the plan.
        plan_id: that must be explained there.

    Raises:
        InputError: it is no such folder, explains another plan, run or scenario, or is too large.
    """
    about = _about(folder)
    if about is None or about.get("command") != "explain":
        raise refuse("evidence_no_explanation", file=folder, layer="--explanation")
    differs = _differences(about, run, plan_id)
    if differs:
        raise refuse("evidence_other_explanation", file=folder / ABOUT, layer="--explanation", names=differs)
    paths = sorted(path for path in folder.iterdir() if path.is_file() and path.suffix.lower() in SUFFIXES)
    size = sum(path.stat().st_size for path in paths)
    if len(paths) > MOST_FILES or size > MOST_BYTES:
        raise refuse("evidence_explanation_large", file=folder, n=len(paths), most=MOST_FILES, most_mb=MOST_BYTES / 1e6)
    odd = [path.name for path in paths if not is_id(path.name)]
    if odd:
        raise refuse("ids_wrong", file=folder, rows=odd)
    try:
        return {path.name: path.read_bytes() for path in paths}
    except OSError as error:
        raise refuse("file_unreadable", file=folder, reason=reason_of(error)) from None


def find_explanation(run: Run, plan_id: str) -> Path | None:
    """The newest folder that explains the plan, in the folder of the run or beside it; None where there is none."""
    found = [
        folder
        for folder in _folders_near(run.folder)
        if (about := _about(folder)) is not None
        and about.get("command") == "explain"
        and not _differences(about, run, plan_id)
    ]
    return max(found, key=lambda folder: ((folder / ABOUT).stat().st_mtime_ns, folder.name), default=None)


def _folders_near(run: Path) -> Iterator[Path]:
    """Folders in the run and beside it, the first of them by name."""
    for parent in (run, run.resolve().parent):
        try:
            yield from sorted(path for path in parent.iterdir() if path.is_dir() and path.name[0] != ".")[:MOST_FOLDERS]
        except OSError:
            continue


def _about(folder: Path) -> dict[str, Any] | None:
    """What a folder of tables says of itself; None where there is nothing of the kind."""
    path = folder / ABOUT
    try:
        if not path.is_file() or path.stat().st_size > MOST_BYTES:
            return None
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def _differences(about: dict[str, Any], run: Run, plan_id: str) -> list[str]:
    """What an explanation is about and this plan is not."""
    stored = about.get("digests")
    stored = stored if isinstance(stored, dict) else {}
    wanted = {"run": run.folder.resolve().name, "plan_id": plan_id}
    apart = [name for name, value in wanted.items() if about.get(name) != value]
    return apart + [name for name, digest in digests(run.resolved).pairs() if stored.get(name) != digest]
