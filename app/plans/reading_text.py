"""How a plan made elsewhere was read, in words."""

from __future__ import annotations

from collections.abc import Sequence

from data.catalogue import Message, text
from data.importing.plans.asked_plan import Approximation

SHOWN = 5


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
        asked = item.asked or text("judge_unsaid", language)
        became = item.became or text("judge_left_to_the_model", language)
        field = text(f"column_{item.field}", language)
        lines.append(
            text("judge_approximation", language, village=item.village_id, field=field, asked=asked, became=became)
        )
    if len(approximations) > SHOWN:
        lines.append(text("judge_more", language, n=len(approximations) - SHOWN))
    if approximations and listed_in is not None:
        lines.append(text("judge_all_listed", language, file=listed_in))
    return "\n".join(lines)
