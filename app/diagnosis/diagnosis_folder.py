"""The folder that `renewal diagnose` writes: tables, a GeoPackage for QGIS, and what all of it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio

from app.diagnosis.asked import CityDiagnosis
from app.diagnosis.frames import frames_of
from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.runs.about_tables import about_tables
from data.catalogue import LANGUAGES, text
from data.diagnosis.weight_choice import published_weights

MAP_FILE = "diagnosis.gpkg"


def write_diagnosis(out: Path, told: CityDiagnosis, *, city: str, run: str | None, plan_id: str | None) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        told: the diagnosis.
        city: name or path as it was given.
        run: name of the run's folder, where a plan was compared.
        plan_id: of that plan.

    Raises:
        InputError: the folder cannot be written.
    """
    frames = frames_of(told)
    with new_folder(out) as draft:
        for name, frame in frames.items():
            without_formulas(frame).to_csv(draft / f"{name}.csv", index=False)
        write_geopackage(draft / MAP_FILE, told, frames)
        write_json(draft / "about.json", _about(told, city, run, plan_id))


def write_geopackage(path: Path, told: CityDiagnosis, frames: dict[str, pd.DataFrame]) -> None:
    """Layers villages and areas with what the tables say of them."""
    place = told.villages.city
    layers = {"villages": (frames["villages"], place.villages.geometry)}
    if told.areas is not None:
        layers["areas"] = (frames["areas"], told.areas.areas.shapes)
    for name, (frame, shapes) in layers.items():
        framed = gpd.GeoDataFrame(frame, geometry=list(shapes), crs=place.crs)
        pyogrio.write_dataframe(framed, path, layer=name, promote_to_multi=True)


def _about(told: CityDiagnosis, city: str, run: str | None, plan_id: str | None) -> dict[str, Any]:
    """Of what this is the diagnosis, and what each column means."""
    resolved, setting = told.villages.resolved, told.villages.setting
    said = about_tables(
        "diagnosis", resolved, city, command="diagnose", more_digests={"diagnosis": resolved.book.diagnosis_digest}
    )
    density, choice = told.density, setting.choice
    published = published_weights().get(choice.published) if choice.method == "published" else None
    return said | {
        "run": run,
        "plan_id": plan_id,
        "weights": choice.model_dump(mode="json"),
        "comparisons": {
            level: {
                "largest_eigenvalue": comparison.largest_eigenvalue,
                "consistency_ratio": comparison.consistency_ratio,
            }
            for level, comparison in told.villages.weights.comparisons.items()
        },
        "published": None
        if published is None
        else {
            "first_level": list(published.first_level),
            "published_total": published.published_total,
            "total_of_its_table": published.total_of_its_table,
            "source": published.source,
            "confidence": published.confidence,
            "note": dict(published.note),
        },
        "grading": setting.grading,
        "grade_bounds_points": told.villages.bounds.tolist(),
        "density": None
        if density is None
        else {
            "points": density.points,
            "n_points": density.n_points,
            "kernel": density.kernel,
            "bandwidth_m": density.bandwidth_m,
        },
        "notes": {language: _notes(told, language) for language in LANGUAGES},
    }


def _notes(told: CityDiagnosis, language: str) -> list[str]:
    """What to know before anything is read from the tables."""
    lines = [text("diagnosis_infrastructure", language), text("diagnosis_note", language)]
    if told.density is not None:
        lines.append(text("density_note", language))
    if told.areas is not None:
        lines.append(text("areas_note", language))
    return lines + [note.text(language) for note in told.notes]
