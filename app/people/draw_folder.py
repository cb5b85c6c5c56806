"""The folder that `renewal people draw` writes: persons, households, margins, and what all of it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from app.files.atomic import new_folder, write_json
from app.people.tables import households_table, persons_table
from app.runs.about_tables import about_tables
from data.catalogue import text
from envs.kernel.model_version import MODEL_VERSION
from envs.people.drawing import draw_batches
from envs.people.margins import Margin, Tally, margins_of, standardized_error
from envs.people.people_model import PeopleModel

DELTA = "DELTA_BINARY_PACKED"
COUNTING = ("person_id", "household_id")
"""Columns of rising numbers, stored as differences."""


@dataclass(frozen=True, eq=False)
class DrawnPeople:
    """What was drawn and how well.

    Attributes:
        n_persons: rows of persons.parquet.
        n_households: rows of households.parquet.
        margins: given and drawn.
        standardized_error: of household size x age x tenure, largest over districts.
        widest_trip_gap: largest difference between a pair's workers and T_ij.
    """

    n_persons: int
    n_households: int
    margins: tuple[Margin, ...]
    standardized_error: float
    widest_trip_gap: float


def write_draw(
    out: Path,
    model: PeopleModel,
    city: str,
    *,
    seed: int,
    places: Sequence[int] | None = None,
    threads: int = 1,
    progress: Callable[[int], object] | None = None,
) -> DrawnPeople:
    """Draw residents and write them, batch by batch.

    Args:
        out: a new folder.
        model: residents on average.
        city: name or path as it was given.
        seed: of the draw.
        places: positions among zones, then villages; None = all.
        threads: places drawn side by side.
        progress: told how many more persons are written.

    Returns:
        What was drawn.

    Raises:
        InputError: the folder cannot be written, or the book's margins contradict each other; nothing is written.
    """
    wanted = range(model.city.n_places) if places is None else places
    tally = Tally(model)
    about = _metadata(model, seed)
    with new_folder(out) as draft, _Sheets(draft) as sheets:
        for residents in draw_batches(model, seed, wanted, threads=threads):
            sheets.write("persons", persons_table(residents.persons, model.city, about))
            sheets.write("households", households_table(residents.households, model.city, about))
            tally.add(residents)
            if progress is not None:
                progress(len(residents.persons))
        error = standardized_error(tally, wanted)
        drawn = DrawnPeople(
            n_persons=int(tally.persons.sum()),
            n_households=int(tally.households.sum()),
            margins=margins_of(tally, wanted),
            standardized_error=float(np.nanmax(error)) if not np.all(np.isnan(error)) else 0.0,
            widest_trip_gap=tally.widest_trip_gap,
        )
        margins_frame(drawn.margins).to_csv(draft / "margins.csv", index=False)
        write_json(draft / "about.json", _about(model, city, seed, places, drawn))
    return drawn


class _Sheets:
    """Parquet files that grow by batches."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writers: dict[str, pq.ParquetWriter] = {}

    def write(self, name: str, table: pa.Table) -> None:
        if name not in self.writers:
            counting = [column for column in table.column_names if column in COUNTING]
            others = [column for column in table.column_names if column not in COUNTING]
            self.writers[name] = pq.ParquetWriter(
                self.folder / f"{name}.parquet",
                table.schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=others,
                column_encoding=dict.fromkeys(counting, DELTA),
            )
        self.writers[name].write_table(table)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self.writers.values():
            writer.close()


def margins_frame(margins: Sequence[Margin]) -> pd.DataFrame:
    """A row for each margin: cells, the largest miss, and whether it holds."""
    rows = []
    for margin in margins:
        worst = int(np.argmax(margin.missed))
        rows.append(
            {
                "margin": margin.name,
                "cells": margin.given.size,
                "missed_most": float(margin.missed.flat[worst]),
                "of": float(margin.given.flat[worst]),
                "missed_share_beyond_one": float(margin.missed_share.max()),
                "holds": None if margin.is_sampled else margin.holds,
            }
        )
    return pd.DataFrame(rows)


def _metadata(model: PeopleModel, seed: int) -> dict[str, str]:
    """What every file says of itself."""
    return {
        "synthetic": text("people_synthetic", "en"),
        "synthetic_zh": text("people_synthetic", "zh"),
        "city": model.city.name,
        "seed": str(seed),
        "resolved_digest": model.resolved.digest,
        "residents_digest": model.book.residents_digest,
        "model_version": str(MODEL_VERSION),
    }


def draw_identity(model: PeopleModel) -> dict[str, str]:
    """What a draw depends on besides its seed: equal identities and seeds give equal residents."""
    resolved = model.resolved
    return {
        "model_version": str(MODEL_VERSION),
        "city": resolved.city.digest,
        "parameters": model.book.digest,
        "residents": model.book.residents_digest,
        "commute_deterrence": str(resolved.scenario.commute_deterrence),
    }


def _about(
    model: PeopleModel, city: str, seed: int, places: Sequence[int] | None, drawn: DrawnPeople
) -> dict[str, Any]:
    """What was drawn, of what, with which result, and what each column means."""
    resolved = model.resolved
    said = about_tables(
        "people", resolved, city, command="people draw", more_digests={"residents": model.book.residents_digest}
    )
    return said | {
        "synthetic": text("people_synthetic", "en"),
        "seed": seed,
        "places": None if places is None else [str(resolved.city.place_id[place]) for place in places],
        "identity": draw_identity(model),
        "n_persons": drawn.n_persons,
        "n_households": drawn.n_households,
        "standardized_error": drawn.standardized_error,
        "widest_trip_gap": drawn.widest_trip_gap,
        "margins": margins_frame(drawn.margins).to_dict("records"),
    }
