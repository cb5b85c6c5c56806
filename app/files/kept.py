"""Where results are kept between commands, so that they are computed once."""

from __future__ import annotations

import os
from pathlib import Path

ANCHORS = "anchors"


def cache_folder(name: str = ANCHORS) -> Path:
    """Where a kind of result is kept: a folder of $XDG_CACHE_HOME or ~/.cache."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "urban-renewal-simulator" / name


def usable_folder(name: str = ANCHORS) -> Path | None:
    """The same folder, made where it is missing; None where nothing can be kept."""
    try:
        folder = cache_folder(name)
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):  # no home
        return None
    return folder if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else None
