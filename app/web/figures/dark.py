"""Charts on a dark page: what is drawn in black is drawn in white there, but for words that stand on colored bars."""

from __future__ import annotations

from typing import Any

BLACK, WHITE = "#000000", "#f2f2f2"
ON_BARS = ("font", "textfont", "insidetextfont", "outsidetextfont")
"""Parts of a figure whose color goes with that of a bar below them."""


def in_the_dark(figure: Any) -> Any:  # noqa: ANN401 - plotly is untyped
    """A figure for a dark page.

    Args:
        figure: of plotly, or as its JSON.
    """
    return _swapped(figure if isinstance(figure, dict) else figure.to_dict())


def _swapped(part: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(part, dict):
        return {name: value if name in ON_BARS else _swapped(value) for name, value in part.items()}
    if isinstance(part, list | tuple):
        return [_swapped(value) for value in part]
    return WHITE if isinstance(part, str) and part.lower() in (BLACK, "black") else part
