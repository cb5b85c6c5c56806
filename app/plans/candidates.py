"""Named candidates of a front: the plans that a decider looks at first, each with a letter, and doing nothing."""

from __future__ import annotations

from dataclasses import dataclass
from string import ascii_uppercase

from app.plans.front_view import FrontView

NOTHING = "keep"
"""Stands for doing nothing, which is no plan of the front."""
PICKED = "picked"
"""Mark of a plan that somebody chose and that nothing else names."""


@dataclass(frozen=True)
class Candidate:
    """A plan with a letter.

    Attributes:
        letter: A, B, C, ..., in the order shown.
        plan_id: of the front, or NOTHING.
        marks: why it is named, as FrontView.naming_marks says it, or PICKED, or NOTHING.
    """

    letter: str
    plan_id: str
    marks: tuple[str, ...]


def candidates(view: FrontView, *, picked: str = "", nothing: bool = True) -> tuple[Candidate, ...]:
    """Best of each objective, knee, what each preset would take, the plan in hand, doing nothing; each plan once.

    Args:
        view: the front, or what is left of it within limits.
        picked: id of a plan of the view that is named in any case; empty for none.
        nothing: whether doing nothing is among them, as the last one.
    """
    marks: dict[str, list[str]] = {}
    for mark, plan_id in view.naming_marks.items():
        marks.setdefault(plan_id, []).append(mark)
    if picked:
        marks.setdefault(picked, [PICKED])
    if nothing:
        marks[NOTHING] = [NOTHING]
    return tuple(Candidate(letter_of(k), plan_id, tuple(reasons)) for k, (plan_id, reasons) in enumerate(marks.items()))


def letter_of(position: int) -> str:
    """A, B, ..., Z, AA, AB, ...

    Example:
        >>> [letter_of(k) for k in (0, 25, 26, 27)]
        ['A', 'Z', 'AA', 'AB']
    """
    ahead, last = divmod(position, len(ascii_uppercase))
    return (letter_of(ahead - 1) if ahead else "") + ascii_uppercase[last]
