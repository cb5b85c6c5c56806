"""Texts of the room: one catalogue, Chinese and English side by side."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from app.console import Language
from data.strict_yaml import read_mapping

CATALOGUE_FOLDER = Path(__file__).with_name("texts")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~$:&-])")


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Key -> language -> text, from every file of the folder.

    Raises:
        ValueError: a key stands in two files.
    """
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(CATALOGUE_FOLDER.glob("*.yaml")):
        for key, entry in read_mapping(path).items():
            if key in texts:
                msg = f"{path.name}: {key} is given twice"
                raise ValueError(msg)
            texts[key] = entry
    return texts


def text(key: str, language: str | Language, **values: object) -> str:
    """A text with its places filled in.

    Raises:
        KeyError: no such key, or a place is not filled.
    """
    return catalogue()[key][str(language)].format(**values)


def plain(name: object) -> str:
    """A name out of data as it stands, whatever Markdown or HTML it holds: no markup, no image, no link."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(name))
    return _MARKDOWN.sub(r"\\\1", printable)


def chart_text(name: object) -> str:
    """A name out of data for a chart, whose texts know a few HTML tags."""
    printable = "".join(letter if letter.isprintable() else " " for letter in str(name))
    return printable.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
