"""How a plan made elsewhere was read, in words."""

from __future__ import annotations

from collections.abc import Sequence

from app.words.console import percent_text
from data.catalogue import Message, catalogue, text
from data.importing.plans.asked_plan import Approximation
from data.importing.plans.cells import SHARE_COLUMNS

SHOWN = 5
KEPT = ("start_year", "0")
"""Column and cell that say that a village is kept."""


def reading_text(
    notes: Sequence[Message], approximations: Sequence[Approximation], language: str, *, listed_in: str | None = None
) -> str:
    """How the file was read, and the first things that were taken otherwise than asked; empty where all is plain.

    Args:
        notes: of the reader.
        approximations: what was taken otherwise.
        language: of whoever reads.
        listed_in: file that holds all of them; None = none does.
    """
    lines = [note.text(language) for note in notes]
    if approximations:
        lines.append(text("judge_approximations", language, n=len(approximations)))
    for item in approximations[:SHOWN]:
        field = text(f"column_{item.field}", language)
        asked = asked_words(item.field, item.asked, language)
        became = became_words(item.field, item.became, language)
        lines.append(
            text("judge_approximation", language, village=item.village_id, field=field, asked=asked, became=became)
        )
    if len(approximations) > SHOWN:
        lines.append(text("judge_more", language, n=len(approximations) - SHOWN))
    if approximations and listed_in is not None:
        lines.append(text("judge_all_listed", language, file=listed_in))
    return "\n".join(lines)


def asked_words(column: str, cell: str, language: str) -> str:
    """What a plan asks for, in words of the language; an empty cell says nothing.

    Example:
        >>> asked_words("land_use", "mixed_use", "zh"), asked_words("floor_area_ratio", "2.5", "zh")
        ('综合', '2.5')
    """
    return _cell_words(column, cell, language) or text("judge_unsaid", language)


def became_words(column: str, cell: str, language: str) -> str:
    """What was taken instead, in words of the language, shares in percent; an empty cell is left to the model.

    Example:
        >>> became_words("facility_ratio", "0.15", "zh")
        '15.0 %'
    """
    if column in SHARE_COLUMNS and cell:
        return percent_text(float(cell))
    return _cell_words(column, cell, language) or text("judge_left_to_the_model", language)


def _cell_words(column: str, cell: str, language: str) -> str:
    """Land uses and intensities by their names, a village that is kept as kept, anything else as it is."""
    if (column, cell) == KEPT:
        return text("judge_kept", language)
    return text(f"word_{cell}", language) if f"word_{cell}" in catalogue() else cell
