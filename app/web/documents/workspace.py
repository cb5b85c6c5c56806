"""The folder of runs that the application works in, and beside them its cities and the small documents that last."""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.files.atomic import write_json
from app.files.names import is_id
from app.runs.names import RUN_FILE
from app.sweeps.names import ID_PREFIX, SWEEP_FILE, is_sweep
from data.errors import refuse, system_reason

FOLDER_VARIABLE = "RENEWAL_RUNS"
DEFAULT_FOLDER = "runs"
ROOM_FOLDER = ".room"
MOST_SWEPT = 1_000
"""Runs of sweeps that lists of runs show."""
KINDS = ("draft", "edit", "shortlist", "job", "milestone")


@dataclass(frozen=True)
class Workspace:
    """A folder of runs.

    Attributes:
        folder: holds one folder a run; `.room` inside it holds drafts, edits, shortlists, jobs and imported cities.
    """

    folder: Path

    @property
    def room(self) -> Path:
        """Where the room keeps its own documents."""
        return self.folder / ROOM_FOLDER

    @property
    def cities(self) -> Path:
        """Imported cities."""
        return self.room / "cities"

    def run_folder(self, run_id: str) -> Path:
        """Folder of a run: in this one, or in that of a sweep below it.

        Raises:
            InputError: the id could lead out of the workspace.
        """
        folder = self.folder / checked_id(run_id)
        if run_id.startswith(ID_PREFIX) and not folder.is_dir():
            return next((swept for sweep in self.sweeps() if (swept := sweep / run_id).is_dir()), folder)
        return folder

    def sweeps(self) -> list[Path]:
        """Folders of sweeps right below this one, newest first."""
        if not self.folder.is_dir():
            return []
        found = [path for path in self.folder.iterdir() if is_id(path.name) and is_sweep(path)]
        return sorted(found, key=lambda path: (path / SWEEP_FILE).stat().st_mtime, reverse=True)

    def run_ids(self) -> list[str]:
        """Ids of the folders that hold a run's record, newest first; of sweeps below at most MOST_SWEPT."""
        own, swept = _runs_in(self.folder), [run for sweep in self.sweeps() for run in _runs_in(sweep)]
        stamps = {path.name: stamp for path, stamp in own + sorted(swept, key=lambda run: -run[1])[:MOST_SWEPT]}
        return sorted(stamps, key=lambda name: -stamps[name])

    def document(self, kind: str, name: str) -> Path:
        """File of a document of a kind.

        Raises:
            InputError: the name could lead out of the workspace.
        """
        if kind not in KINDS:
            msg = f"unknown kind {kind}"
            raise ValueError(msg)
        return self.room / kind / f"{checked_id(name)}.json"

    def read(self, kind: str, name: str) -> dict[str, Any] | None:
        """A document; None where there is none, or what is there is not one."""
        try:
            content = json.loads(self.document(kind, name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        return content if isinstance(content, dict) else None

    def write(self, kind: str, name: str, content: Mapping[str, Any]) -> None:
        """Replace a document whole.

        Raises:
            InputError: the disk refuses.
        """
        write_document(self.document(kind, name), content)

    def names(self, kind: str) -> list[str]:
        """Names of the documents of a kind, in the order of their names."""
        folder = self.room / kind
        return sorted(path.stem for path in folder.glob("*.json") if is_id(path.stem)) if folder.is_dir() else []


def _runs_in(folder: Path) -> list[tuple[Path, float]]:
    """Folders of runs with the times of their records."""
    if not folder.is_dir():
        return []
    runs = [path for path in folder.iterdir() if is_id(path.name) and (path / RUN_FILE).is_file()]
    return [(path, (path / RUN_FILE).stat().st_mtime) for path in runs]


def configured_workspace() -> Workspace:
    """The folder named by the environment, else `runs` in the current folder."""
    return Workspace(Path(os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER).resolve())


def checked_id(text: str) -> str:
    """The text, if it can only name something inside the workspace.

    Raises:
        InputError: it cannot.
    """
    if not is_id(text):
        raise refuse("id_malformed", layer="id", name=text[:40])
    return text


def new_id(prefix: str) -> str:
    """An id that sorts by time and that nobody else has."""
    return f"{prefix}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"


def write_document(path: Path, content: Mapping[str, Any]) -> None:
    """Write JSON through a sibling file, so that a reader sees the old or the new content.

    Raises:
        InputError: the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-")
        os.close(handle)
        try:
            write_json(Path(name), content)
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise refuse("not_writable", file=path.name, reason=system_reason(error)) from error


def city_sources(workspace: Workspace) -> dict[str, str]:
    """Name or path -> label, embedded cities first."""
    from data.files.cities import embedded_city_names

    embedded = {name: name for name in sorted(embedded_city_names())}
    imported = sorted(workspace.cities.glob("*.gpkg")) if workspace.cities.is_dir() else []
    return embedded | {str(path): city_label(str(path)) for path in imported}


def city_label(source: str) -> str:
    """What a city is called: an embedded one as it is, an imported one by the name in its path, without the digest."""
    stem = Path(source).stem
    return " ".join((stem.rpartition("-")[0] or stem).replace("_", " ").split()) if source.endswith(".gpkg") else source
