"""How firmly villages stand, as it is told: counted just now, or read again from what `renewal robust` wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.robust.robust_frames import villages_frame
from app.robust.robust_text import basis_sentences, firmest_first
from app.robust.robust_villages import RobustVillages
from app.runs.names import ABOUT_FILE
from app.runs.run_folder import Run
from data.arrays import BoolArray, IntArray
from data.catalogue import LANGUAGES
from data.dictionary import table_columns
from envs.kernel import ResolvedScenario

VILLAGES_FILE = "villages.csv"
FOLDER_PREFIX = "robust"
"""Beginning of the names of folders beside a run that may hold its robust reasons."""


@dataclass(frozen=True, eq=False)
class ToldVillages:
    """What good plans say of every village.

    Attributes:
        resolved: scenario resolved against its city.
        villages: a row for each village in the order of the city, as villages.csv has them.
        n_plans: good plans in all.
        n_sources: kinds of good plans: the front alone, or also plans nearly as good, and of other parameters.
        basis: language -> on what it rests, sentence by sentence.
    """

    resolved: ResolvedScenario
    villages: pd.DataFrame
    n_plans: int
    n_sources: int
    basis: Mapping[str, list[str]]

    @property
    def no_regret(self) -> BoolArray:
        """True where every source by itself always chooses the village, shape (n_villages,)."""
        return self.villages["no_regret"].to_numpy(dtype=bool)

    @property
    def standing(self) -> list[str]:
        """What the share of good plans is called, of every village."""
        return [str(name) for name in self.villages["standing"]]

    def firmest(self, n: int) -> IntArray:
        """Villages chosen without regret first, then by share, at most n of them."""
        return firmest_first(self.villages["share"].to_numpy(np.float64), self.no_regret, n)

    def sentence(self, village: int, language: str) -> str:
        """How often a village is in good plans, by when, and with which use."""
        return str(self.villages[f"sentence_{language}"].iloc[village])


def told_villages(found: RobustVillages) -> ToldVillages:
    """What was counted just now."""
    basis = {language: basis_sentences(found, language) for language in LANGUAGES}
    frame = villages_frame(found).set_index("village_id", drop=False)
    frame = frame.loc[[str(name) for name in found.resolved.city.villages.village_id]].reset_index(drop=True)
    return ToldVillages(found.resolved, frame, found.n_plans, len(found.sources), basis)


def known_villages(run: Run) -> ToldVillages | None:
    """The newest folder beside the run that speaks of its front in its scenario; None where none does."""
    folders = [path for path in run.folder.resolve().parent.glob(f"{FOLDER_PREFIX}*") if (path / ABOUT_FILE).is_file()]
    folders.sort(key=lambda path: (path / ABOUT_FILE).stat().st_mtime, reverse=True)
    return next((told for path in folders if (told := _read(path, run)) is not None), None)


def _read(folder: Path, run: Run) -> ToldVillages | None:
    """None where it is of another run or scenario, or is not such a folder."""
    try:
        about: dict[str, Any] = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
        if not _speaks_of(about, run):
            return None
        frame = pd.read_csv(folder / VILLAGES_FILE, dtype={"village_id": str}, keep_default_na=False, na_values=[""])
        frame = frame[list(table_columns("robust", "villages"))].set_index("village_id", drop=False)
        frame = frame.loc[[str(name) for name in run.resolved.city.villages.village_id]].reset_index(drop=True)
        basis = {language: [str(line) for line in about["basis"][language]] for language in LANGUAGES}
        n_plans = {str(name): int(n) for name, n in about["n_plans"].items()}
        frame = frame.astype({"share": np.float64, "no_regret": bool, "given": bool})
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None
    return ToldVillages(run.resolved, frame, sum(n_plans.values()), len(n_plans), basis)


def _speaks_of(about: dict[str, Any], run: Run) -> bool:
    same = about["digests"]["resolved"] == run.resolved.digest and about["run"] == run.folder.name
    return bool(same and about["command"] == "robust" and about["run_created"] == run.record.created)
