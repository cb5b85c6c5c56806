"""Refusals of the engine in Chinese, by pattern: those that a visitor of the room can cause; others stay English."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from data.strict_yaml import read_mapping

PATTERNS_FILE = Path(__file__).with_name("refusals.yaml")
_PLACE = re.compile(r"\{(\w+)\}")


@cache
def patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What the engine says, with named places, and the Chinese template that uses them."""
    return tuple((_pattern(english), chinese) for english, chinese in read_mapping(PATTERNS_FILE).items())


def _pattern(english: str) -> re.Pattern[str]:
    """A whole rule: it begins the line or follows file, layer and rows; a place that begins it holds no colon."""
    first, *rest = _PLACE.split(english)
    places = [rf"(?P<{name}>{'.*?' if k or first else '[^:]*?'})" for k, name in enumerate(rest[::2])]
    body = "".join(place + re.escape(words) for place, words in zip(places, rest[1::2], strict=True))
    return re.compile(r"(?:^|(?<=: )|(?<=：))" + re.escape(first) + body + "$")


def refusal_text(message: str, language: str) -> str:
    """A refusal in words of a language, line by line; file, layer and row ids stay where they are."""
    if language != "zh":
        return message
    return "\n".join(_chinese(line) for line in message.splitlines())


def _chinese(line: str) -> str:
    for pattern, chinese in patterns():
        if found := pattern.search(line):
            return _where(line[: found.start()]) + chinese.format(**found.groupdict())
    return line


def _where(prefix: str) -> str:
    """File, layer and rows before a rule."""
    return re.sub(r"\brows (.+?)(?: and (\d+) more)?: ", _rows, prefix)


def _rows(found: re.Match[str]) -> str:
    more = f" 等，另有 {found[2]} 行" if found[2] else ""
    return f"行 {found[1]}{more}："
