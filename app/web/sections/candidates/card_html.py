"""A candidate's card as markup: letter, names, and each measure with a bar and words against the plan in hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from app.plans.differences import SAME, Difference


@dataclass(frozen=True)
class MeasureLine:
    """One measure of a card.

    Attributes:
        label: what is measured.
        value: in words, with its unit.
        difference: against the plan in hand; None on its own card.
        said: the difference in words; empty on its own card.
    """

    label: str
    value: str
    difference: Difference | None = None
    said: str = ""


@dataclass(frozen=True)
class Card:
    """What a card says.

    Attributes:
        letter: of the candidate.
        name: why it is named.
        line: what else is to know at once.
        measures: one line each.
        foot: what it costs tenants; empty where nothing is known.
        chosen: it is the plan in hand.
    """

    letter: str
    name: str
    line: str
    measures: Sequence[MeasureLine]
    foot: str = ""
    chosen: bool = False


def card_html(card: Card) -> str:
    """The card; every word in it is text and no markup."""
    rows = "".join(_measure(item) for item in card.measures)
    foot = f'<p class="candidate-foot">{escape(card.foot)}</p>' if card.foot else ""
    state = " candidate-chosen" if card.chosen else ""
    return (
        f'<article class="candidate{state}"><h4 class="candidate-name"><span class="candidate-letter">'
        f"{escape(card.letter)}</span> {escape(card.name)}</h4>"
        f'<p class="candidate-line">{escape(card.line)}</p><dl class="candidate-measures">{rows}</dl>{foot}</article>'
    )


def _measure(item: MeasureLine) -> str:
    said = ""
    if item.difference is not None:
        said = f'<dd class="candidate-said">{_bar(item.difference)}<span>{escape(item.said)}</span></dd>'
    return f'<dt>{escape(item.label)}</dt><dd class="candidate-value">{escape(item.value)}</dd>{said}'


def _bar(found: Difference) -> str:
    """To the right of the middle where the plan is higher, to the left where it is lower; the words say it, too."""
    if found.kind == SAME:
        return '<span class="candidate-bar" aria-hidden="true"></span>'
    width = max(2.0, 50.0 * abs(found.share))
    side = "left" if found.share > 0 else "right"
    return (
        '<span class="candidate-bar" aria-hidden="true">'
        f'<span class="candidate-{found.kind}" style="{side}: 50%; width: {width:.1f}%"></span></span>'
    )
