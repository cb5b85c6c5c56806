"""What `renewal stress` has written of a run, read again: the newest that still speaks of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from app.runs.names import ABOUT_FILE
from app.runs.run_folder import Run
from app.words.console import percent_text, value_text
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS

FOLDER_PREFIX = "stress"
"""Beginning of the names of folders beside a run that may hold its futures."""
SPREAD_NUMBERS = ("without_shocks", "mean", "mean_se", "p10", "p50", "p90", "tail_mean")
"""Of an indicator, in the order in which they are told."""
TABLES = ("spread", "chances", "ranks", "fan", "indicator_fan", "worst_years", "causes", "rules")


@dataclass(frozen=True, eq=False)
class KnownStress:
    """Plans of a run in futures, as a folder has them.

    Attributes:
        folder: where it lies.
        about: about.json.
        tables: by name, as `renewal stress` writes them.
    """

    folder: Path
    about: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]

    @property
    def plan_ids(self) -> tuple[str, ...]:
        """Plans that were measured."""
        return tuple(self.about["plan_ids"])

    def of_plan(self, table: str, plan_id: str) -> pd.DataFrame:
        """Rows of a plan."""
        frame = self.tables[table]
        return frame[frame["plan_id"] == plan_id].reset_index(drop=True)

    def rule(self, plan_id: str, language: str) -> str:
        """In words, under which futures a plan fails."""
        return str(self.about["rules"][plan_id][language])


def known_stresses(run: Run) -> list[KnownStress]:
    """Folders beside the run that speak of its plans in its scenario, the newest first; others are passed over."""
    folders = [path for path in run.folder.resolve().parent.glob(f"{FOLDER_PREFIX}*") if (path / ABOUT_FILE).is_file()]
    folders.sort(key=lambda path: (path / ABOUT_FILE).stat().st_mtime, reverse=True)
    found = (_read(path, run) for path in folders)
    return [one for one in found if one is not None]


def known_stress(run: Run, plan_id: str = "") -> KnownStress | None:
    """The newest; with a plan, the newest that measured it."""
    return next((one for one in known_stresses(run) if not plan_id or plan_id in one.plan_ids), None)


def known_front_stress(run: Run) -> KnownStress | None:
    """The newest that measured every plan of the front."""
    return next((one for one in known_stresses(run) if set(run.plan_ids) <= set(one.plan_ids)), None)


def sample_sentence(known: KnownStress, language: str) -> str:
    """How many futures and worlds."""
    about = known.about
    key = "stress_sample_worlds" if about["n_worlds"] else "stress_sample"
    return text(key, language, n=about["n_futures"], worlds=about["n_worlds"], seed=about["seed"])


def spread_rows(known: KnownStress, plan_id: str, language: str) -> list[list[str]]:
    """Indicator, without shocks, mean with its error, P10, P50, P90, worst tenth, of a plan."""
    rows = []
    for row in known.of_plan("spread", plan_id).to_dict("records"):
        item = INDICATORS[str(row["indicator"])]
        numbers = [_spread_number(float(row[name]), item.unit, name, language) for name in SPREAD_NUMBERS]
        rows.append([item.label[language], *numbers])
    return rows


def _spread_number(value: float, unit: str, name: str, language: str) -> str:
    """A number of a spread; a mean year has a tenth, and its error is a length of time."""
    if unit == "year" and name.endswith("_se"):
        return value_text(value, "yr", language)
    return value_text(round(value, 1) if unit == "year" else value, unit, language)


def spread_header(language: str) -> list[str]:
    """Of `spread_rows`."""
    names = ("indicator", *SPREAD_NUMBERS)
    return [text(f"stress_column_{name}", language, percent=10.0) for name in names]


def best_sentence(known: KnownStress, plan_id: str, language: str) -> str:
    """In how many futures a plan is the best of those measured, and its regret; empty for one plan alone."""
    if len(known.plan_ids) < 2:
        return ""
    row: dict[Any, Any] = known.of_plan("ranks", plan_id).iloc[0].to_dict()
    n = int(known.about["n_futures"])
    return text(
        "stress_best_of",
        language,
        plan=plan_id,
        x=round(float(row["best_share"]) * n),
        n=n,
        share=percent_text(float(row["best_share"])),
        plans=len(known.plan_ids),
        regret=value_text(float(row["mean_regret_cny"]), "CNY", language),
        largest=value_text(float(row["largest_regret_cny"]), "CNY", language),
    )


def _read(folder: Path, run: Run) -> KnownStress | None:
    """None where it is of another run or scenario, or is not such a folder."""
    try:
        about = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
        if about["run"] != run.folder.name or about["resolved_digest"] != run.resolved.digest:
            return None
        tables = {name: pd.read_csv(folder / f"{name}.csv") for name in TABLES}
        known = KnownStress(folder, about, tables)
        return (
            known if set(known.plan_ids) <= set(run.plan_ids) and set(about["rules"]) == set(known.plan_ids) else None
        )
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
