"""Names out of data on pages and charts: shown as they stand, never run as markup."""

from __future__ import annotations

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~$:&-])")


def plain(name: object) -> str:
    """A name out of data as it stands, whatever Markdown or HTML it holds: no markup, no image, no link."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(name))
    return _MARKDOWN.sub(r"\\\1", printable)


def chart_text(name: object) -> str:
    """A name out of data for a chart, whose texts know a few HTML tags."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(name))
    return printable.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
