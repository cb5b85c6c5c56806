"""What `renewal people draw` says: how many were drawn, and what each margin missed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.people.draw_folder import DrawnPeople
from app.words.console import COLUMNS, filled, table_text
from data.catalogue import text
from envs.people.margins import Margin


def draw_text(drawn: DrawnPeople, out: Path, language: str) -> str:
    """The whole answer."""
    header = [text(f"people_column_{name}", language) for name in ("margin", "cells", "missed", "share", "holds")]
    rows = [_row(margin, language) for margin in drawn.margins]
    notes = (
        text("people_drawn", language, n=drawn.n_persons, n_households=drawn.n_households, out=out),
        table_text(header, rows, header_width=24),
        text("people_fit", language, error=drawn.standardized_error, gap=drawn.widest_trip_gap),
        text("people_synthetic", language),
    )
    return "\n\n".join("\n".join(filled(note, COLUMNS)) if "\n" not in note else note for note in notes)


def _row(margin: Margin, language: str) -> tuple[str, ...]:
    worst = int(np.argmax(margin.missed))
    most, of = float(margin.missed.flat[worst]), float(margin.given.flat[worst])
    missed = text("people_missed", language, missed=most, of=of) if most > 0.0 else "0"
    holds = "people_sampled" if margin.is_sampled else "answer_yes" if margin.holds else "answer_no"
    return (
        text(f"people_margin_{margin.name}", language),
        f"{margin.given.size:,}",
        missed,
        f"{100.0 * margin.missed_share.max():.2f} %",
        text(holds, language),
    )
