"""Codes of a workbook's cells in the reader's words; an English workbook keeps the codes that programs read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from app.words.console import unit_text
from data.catalogue import catalogue, text

PREFIXES: Mapping[str, Mapping[str, str]] = {
    "schedule": {"intensity": "word_", "land_use": "word_"},
    "indicators": {"time": "time_", "better": "sense_"},
    "targets": {"bound": "sense_"},
    "assumptions": {"source": "basis_"},
    "compliance": {
        "scope": "mode_",
        "verdict": "verdict_word_",
        "sense": "sense_",
        "basis": "basis_",
        "source": "basis_",
    },
}
"""Sheet -> column of codes -> what the key of a code's text begins with."""


def said_frame(key: str, frame: pd.DataFrame, language: str) -> pd.DataFrame:
    """The rows of a sheet with the codes of its cells in words.

    Args:
        key: of the sheet.
        frame: its rows.
        language: zh; any other leaves the codes.
    """
    if language != "zh":
        return frame
    words: dict[str, Callable[[Any], Any]] = {
        column: _named(prefix, language) for column, prefix in PREFIXES.get(key, {}).items() if column in frame
    }
    if "unit" in frame:
        words["unit"] = lambda cell: unit_text(cell, language) if isinstance(cell, str) else cell
    if key == "gantt":
        words |= {name: _named("phase_", language) for name in map(str, frame.columns) if name.isdecimal()}
    return frame.assign(**{column: frame[column].map(said) for column, said in words.items()})


def _named(prefix: str, language: str) -> Callable[[Any], Any]:
    """A cell to its text; one that nobody has named stays as it is."""

    def said(cell: Any) -> Any:  # noqa: ANN401 - a cell of any column
        return text(f"{prefix}{cell}", language) if cell != "" and f"{prefix}{cell}" in catalogue() else cell

    return said
