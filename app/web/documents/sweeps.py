"""Sweeps of the folder of runs: the folder itself may be one, and so may those right below it."""

from __future__ import annotations

from pathlib import Path

from app.sweeps.names import is_sweep
from app.web.documents.workspace import Workspace

HERE = "."
"""Id of the sweep that the folder of runs is itself."""


def sweep_folders(workspace: Workspace) -> dict[str, Path]:
    """Id -> folder of every sweep, the newest first."""
    folders = {HERE: workspace.folder} if is_sweep(workspace.folder) else {}
    return folders | {folder.name: folder for folder in workspace.sweeps()}
