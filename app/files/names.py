"""Names from outside, made safe: as file names and addresses, in cells of a spreadsheet, on pages and charts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~$:&-])")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def is_id(text: str) -> bool:
    """Whether the text is an id: it leads nowhere as a path, and is no markup."""
    return bool(_ID.fullmatch(text)) and ".." not in text


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula; the wide ones where Chinese or Japanese is typed."""


def without_formulas(frame: pd.DataFrame) -> pd.DataFrame:
    """Text that a spreadsheet would run gets an apostrophe before it; app.runs.plan_files takes it off an id again."""
    texts = frame.select_dtypes(include=["object", "string"]).columns
    return frame.assign(**{name: [_quoted(cell) for cell in frame[name]] for name in texts})


def _quoted(cell: Any) -> Any:  # noqa: ANN401 - a cell of any column
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def plain(name: object) -> str:
    """A name out of data as it stands, whatever Markdown or HTML it holds: no markup, no image, no link."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(name))
    return _MARKDOWN.sub(r"\\\1", printable)


def chart_text(name: object) -> str:
    """A name out of data for a chart, whose texts know a few HTML tags."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(name))
    return printable.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
