"""Need of a city's villages as the first page shows it, kept between starts, for telling it resolves the city."""

from __future__ import annotations

import hashlib

from app.files.kept import usable_folder
from app.files.kept_arrays import keep_arrays, kept_path, read_arrays
from data.city import City
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
    kept = read_arrays(kept_path(folder, digest), digest, (*_OF_NEED, "bounds", "weak"))
    if kept is None:
        return None
    need = Need(**{name: kept[name] for name in _OF_NEED})
    known = GradedNeed(city, need, kept["bounds"], kept["weak"])
    return known if known.weak.shape == (city.n_villages, len(NAMES)) else None


def keep_need(known: GradedNeed, digest: str) -> None:
    """Keep it, and no more than the newest; a full disk costs only the keeping."""
    folder = usable_folder(FOLDER)
    if folder is not None:
        arrays = {name: getattr(known.need, name) for name in _OF_NEED}
        keep_arrays(folder, digest, arrays | {"bounds": known.bounds, "weak": known.weak}, most=MOST_KEPT)
