"""The folder that `renewal robust` writes: villages, good plans, samples, a map, and what they are."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.charts.maps import map_png
from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.robust.robust_frames import plans_frame, samples_frame, villages_frame
from app.robust.robust_map import robust_map
from app.robust.robust_villages import RobustVillages
from app.robust.told_villages import VILLAGES_FILE, told_villages
from app.runs.about_tables import about_tables
from app.runs.names import ABOUT_FILE
from data.catalogue import text

MAP_FILE = "no-regret.png"


def write_robust(out: Path, found: RobustVillages, *, city: str, language: str) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        found: counted villages.
        city: name or path as it was given.
        language: of the map, en or zh.

    Raises:
        InputError: the folder cannot be written.
    """
    told = told_villages(found)
    with new_folder(out) as draft:
        without_formulas(villages_frame(found)).to_csv(draft / VILLAGES_FILE, index=False)
        without_formulas(plans_frame(found)).to_csv(draft / "plans.csv", index=False)
        without_formulas(samples_frame(found)).to_csv(draft / "samples.csv", index=False)
        (draft / MAP_FILE).write_bytes(map_png(robust_map(told, language), language=language))
        write_json(draft / ABOUT_FILE, _about(found, city) | {"basis": told.basis})


def _about(found: RobustVillages, city: str) -> dict[str, Any]:
    said = about_tables("robust", found.resolved, city, command="robust", more_digests={})
    return said | {
        "note": text("robust_not_covered", "en"),
        "run": found.run.folder.name,
        "run_created": found.run.record.created,
        "request": asdict(found.request),
        "preferences": {name: weights.tolist() for name, weights in found.preferences.items()},
        "n_plans": {name: len(plans.start_year) for name, plans in found.sources.items()},
        "n_draws": {name: plans.n_draws for name, plans in found.sources.items()},
        "samples_left_out": sum(sample.plans is None for sample in found.samples),
        "evaluations": found.evaluations,
    }
