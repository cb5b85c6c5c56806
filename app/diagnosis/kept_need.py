"""Need of a city's villages as the first page shows it, kept between starts, for telling it resolves the city."""

from __future__ import annotations

import hashlib
import zipfile
import zlib
from pathlib import Path

import numpy as np

from app.files.atomic import new_file
from app.files.kept import usable_folder
from data.city import City
from data.errors import InputError
from data.model_version import MODEL_VERSION
from data.parameter_book import load_book
from data.scenario import Scenario
from envs.diagnosis.condition import NAMES
from envs.diagnosis.graded_need import GradedNeed
from envs.diagnosis.need import Need

FOLDER = "need"
FORMAT = 1
"""Goes up whenever the same city and parameters give another need."""
MOST_KEPT = 24
"""Cities that are kept: the newest; one of 1,000 villages takes 0.1 MB."""
MOST_BYTES = 64 * 2**20
"""Of a file that is read."""
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error)
_OF_NEED = ("scaled", "weights", "points", "known_weight")


def need_digest(city: City, scenario: Scenario) -> str:
    """SHA-256 of everything that need by equal weights and quantiles hangs on.

    Args:
        city: whose villages.
        scenario: by whose parameters the city is resolved.
    """
    book = load_book().override(scenario.parameters)
    said = (str(FORMAT), str(MODEL_VERSION), city.digest, scenario.digest, book.digest, book.diagnosis_digest, *NAMES)
    return hashlib.sha256("|".join(said).encode()).hexdigest()


def read_need(city: City, digest: str) -> GradedNeed | None:
    """What is kept of a city; None where there is nothing of this digest, or it cannot be read."""
    folder = usable_folder(FOLDER)
    if folder is None:
        return None
    path = _file(folder, digest)
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            if str(kept["digest"]) != digest:
                return None
            need = Need(**{name: kept[name] for name in _OF_NEED})
            known = GradedNeed(city, need, kept["bounds"], kept["weak"])
        path.touch()
    except _UNREADABLE:
        return None
    return known if known.weak.shape == (city.n_villages, len(NAMES)) else None


def keep_need(known: GradedNeed, digest: str) -> None:
    """Keep it, and no more than the newest; a full disk costs only the keeping."""
    folder = usable_folder(FOLDER)
    if folder is None:
        return
    arrays = {name: getattr(known.need, name) for name in _OF_NEED}
    try:
        with new_file(_file(folder, digest)) as draft, draft.open("wb") as file:
            np.savez_compressed(file, digest=np.array(digest), bounds=known.bounds, weak=known.weak, **arrays)
        newest_first = sorted(folder.glob("*.npz"), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest_first[MOST_KEPT:]:
            old.unlink(missing_ok=True)
    except (InputError, OSError):
        return


def _file(folder: Path, digest: str) -> Path:
    return folder / f"{digest[:16]}.npz"
