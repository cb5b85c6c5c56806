"""The folder that `renewal explain` writes: the tables of every chapter that was asked for, and what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from app.decisions.path_frames import about_path, alternatives_frame, edges_frame, path_frame
from app.decisions.path_text import path_markdown, path_text
from app.files.atomic import new_folder, write_json
from app.files.names import without_formulas
from app.reasons.attribution_frames import (
    attribution_frame,
    choices_frame,
    outcomes_frame,
    quantities_frame,
    removals_frame,
    sums_frame,
)
from app.reasons.attribution_text import attribution_text
from app.reasons.attribution_words import trust_sentences
from app.reasons.explained import Explained
from app.runs.about_tables import about_tables
from app.words.console import COLUMNS, filled
from data.catalogue import text
from data.errors import refuse


@dataclass(frozen=True)
class Chapter:
    """One chapter of an explanation.

    Attributes:
        tables: name of a table, which is that of its file -> what makes it.
        tell: what is printed of it, in a language.
        pages: name of a file -> what it says, in a language.
    """

    tables: Mapping[str, Callable[[Explained], pd.DataFrame]]
    tell: Callable[[Explained, str], str]
    pages: Mapping[str, Callable[[Explained, str], str]] = field(default_factory=dict)


def _path_page(explained: Explained, language: str) -> str:
    """Every decision, and how far shares and removals of villages agree."""
    trust = "\n\n".join(trust_sentences(explained, language))
    return f"{path_markdown(explained.told_path, language)}\n{trust}\n"


CHAPTERS: Mapping[str, Chapter] = {
    "attribution": Chapter(
        tables={
            "outcomes": outcomes_frame,
            "attribution": attribution_frame,
            "quantities": quantities_frame,
            "choices": choices_frame,
            "sums": sums_frame,
            "removals": removals_frame,
        },
        tell=attribution_text,
    ),
    "path": Chapter(
        tables={
            "path": lambda explained: path_frame(explained.told_path),
            "alternatives": lambda explained: alternatives_frame(explained.told_path),
            "path_edges": lambda explained: edges_frame(explained.told_path),
        },
        tell=lambda explained, language: path_text(explained.told_path, language),
        pages={"path.md": _path_page},
    ),
}
"""Chapters by the names that `--chapters` takes, in the order in which they are told."""


def chapters_of(names: str | None) -> tuple[str, ...]:
    """Chapters that are asked for, all without any.

    Args:
        names: with commas between them.

    Raises:
        InputError: one is unknown.
    """
    if names is None:
        return tuple(CHAPTERS)
    asked = [name.strip() for name in names.split(",")]
    for name in asked:
        if name not in CHAPTERS:
            raise refuse("explain_chapter_unknown", layer="--chapters", name=name, known=list(CHAPTERS))
    return tuple(name for name in CHAPTERS if name in asked)


def write_explained(
    out: Path, explained: Explained, chapters: tuple[str, ...], *, city: str, run: str, language: str
) -> None:
    """Write the folder; it appears whole or not at all.

    Args:
        out: a new folder.
        explained: the plan.
        chapters: of CHAPTERS.
        city: name or path as it was given.
        run: folder of the plan's run.
        language: of the pages, en or zh.

    Raises:
        InputError: the folder cannot be written.
    """
    explained.compute(attribution="attribution" in chapters, path="path" in chapters)
    with new_folder(out) as draft:
        for name in chapters:
            for table, frame in CHAPTERS[name].tables.items():
                without_formulas(frame(explained)).to_csv(draft / f"{table}.csv", index=False)
            for page, said_in in CHAPTERS[name].pages.items():
                (draft / page).write_text(said_in(explained, language), encoding="utf-8")
        said = about_tables("explain", explained.resolved, city, command="explain", more_digests={})
        about = {"note": text("explain_note", "en"), "run": run, "plan_id": explained.plan_id}
        decided = {"decisions": about_path(explained.told_path)} if "path" in chapters else {}
        write_json(draft / "about.json", said | about | {"chapters": list(chapters)} | decided)


def explain_text(out: Path, explained: Explained, chapters: tuple[str, ...], language: str) -> str:
    """The whole answer."""
    said = [CHAPTERS[name].tell(explained, language) for name in chapters]
    note = "\n".join(filled(text("explain_note", language), COLUMNS))
    return "\n\n".join([str(out), *said, note])
