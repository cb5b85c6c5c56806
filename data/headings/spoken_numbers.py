"""Numbers that stand in a text, with what they count: what is told may be compared with what is said of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FIGURE = re.compile(r"(?:[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*|0)(?:\.\d+)?(?!\d)")
_FIGURES_JOINED = re.compile(r"\d+(?:['’‘`_/:.,·^*×⁄][0-9]+|[ \u00a0\u2009\u202f]\d{3}(?!\d))*")
_CODE = re.compile(r"(?<![0-9A-Za-z])[A-Za-z][A-Za-z_-]*\d[0-9A-Za-z_-]*")
_SENTENCE_END = re.compile(r"(?<=[。！？；!?\n])|(?<=[.;])(?=\s)")
_SIGNS = {"-": -1, "−": -1, "–": -1, "+": 1}
_SAME = "％．㎡／＋－²³￥"
_LONE = ("一", "one")
"""No number where nothing is counted: 统一, no one."""
_MONEY = ("CNY", "USD", "EUR")


@dataclass(frozen=True)
class SpokenNumber:
    """A number of a text.

    Attributes:
        value: of it; None where it is written out in words, which nobody needs to read.
        unit: of spoken_units.yaml, letters that follow it and are none, or "" where nothing is counted; of money also
            by what it is counted: "CNY/m2".
        words: as it stands there.
    """

    value: Decimal | None
    unit: str
    words: str


def sentences_of(text: str) -> list[str]:
    """A text cut after its full stops, semicolons and line ends; nothing is left out but spaces at the cuts."""
    return [sentence for part in _SENTENCE_END.split(text) if (sentence := part.strip())]


def spoken_numbers(sentence: str) -> list[SpokenNumber]:
    """Every number of a sentence, and every code such as V0212; whatever could be read as a number is one.

    Args:
        sentence: in Chinese or English.
    """
    plain = _plain(sentence)
    per = [f"/{name}" for name, ways in _table()["per"].items() if any(_stands_in(way, plain) for way in ways)]
    return [
        SpokenNumber(number.value, number.unit + "".join(per) if number.unit in _MONEY else number.unit, number.words)
        for number in _numbers(plain)
    ]


def untold_numbers(sentence: str, told: Sequence[str]) -> list[str]:
    """Numbers of a sentence that were not told, by value and unit.

    Args:
        sentence: that somebody says.
        told: texts that may be repeated. A loss told with its sign may be said without it.

    Returns:
        As they stand in the sentence; none if all were told.
    """
    known = {(number.value, number.unit, number.words * (number.value is None)) for number in _of(told)}
    known |= {(abs(value), unit, words) for value, unit, words in known if value is not None}
    return [
        number.words
        for number in spoken_numbers(sentence)
        if (number.value, number.unit, number.words * (number.value is None)) not in known
    ]


def _of(texts: Sequence[str]) -> Iterator[SpokenNumber]:
    return (number for text in texts for sentence in sentences_of(text) for number in spoken_numbers(sentence))


def _plain(text: str) -> str:
    """Digits, signs and squares of any script as plain ones; Chinese commas stay what they are."""
    return "".join(
        str(unicodedata.decimal(letter, "")) or (unicodedata.normalize("NFKC", letter) if letter in _SAME else letter)
        for letter in text
        if unicodedata.category(letter) != "Cf"
    )


def _is_numeral(letter: str) -> bool:
    """Whether it is a Chinese character for a number."""
    return unicodedata.category(letter) == "Lo" and unicodedata.numeric(letter, None) is not None


def _numbers(plain: str) -> Iterator[SpokenNumber]:
    position = 0
    while position < len(plain):
        found = _code(plain, position) or _figure(plain, position) or _written_out(plain, position)
        if found is None:
            position += 1
            continue
        position, number = found
        if number is not None:
            yield number


def _code(plain: str, start: int) -> tuple[int, SpokenNumber | None] | None:
    """Letters with figures, such as the id of a village; m2 is a unit."""
    match = _CODE.match(plain, start)
    if match is None:
        return None
    is_unit = any(match[0].lower() == way for way, _ in _ways("units"))
    return match.end(), None if is_unit else SpokenNumber(None, "", match[0])


def _figure(plain: str, start: int) -> tuple[int, SpokenNumber] | None:
    joined = _FIGURES_JOINED.match(plain, start)
    if joined is None:
        is_number = unicodedata.category(plain[start]) in ("No", "Nl")
        return (start + 1, SpokenNumber(None, "", plain[start])) if is_number else None
    words, end = joined[0], joined.end()
    if not _FIGURE.fullmatch(words):
        return end, SpokenNumber(None, "", words)
    value = Decimal(words.replace(",", "")) * _sign(plain, start)
    return end, SpokenNumber(value, _unit_after(plain, end) or _unit_before(plain, start), words)


def _sign(plain: str, start: int) -> int:
    """Of the number at a position; a dash between two numbers or after a word is none."""
    before = plain[:start]
    if before.rstrip().lower().endswith(tuple(_table()["minus"])):
        return -1
    if not before or before[-1] not in _SIGNS or (len(before) > 1 and before[-2].isascii() and before[-2].isalnum()):
        return 1
    return _SIGNS[before[-1]]


def _written_out(plain: str, start: int) -> tuple[int, SpokenNumber | None] | None:
    """A number in words; one that counts nothing is none."""
    end = start
    while step := _chinese_step(plain, end):
        end += step
    if end == start and (match := re.compile(r"[A-Za-z]+").match(plain, start)):
        is_inside = start > 0 and plain[start - 1].isascii() and plain[start - 1].isalpha()
        end = match.end()
        if is_inside or not _is_number_word(match[0].lower()):
            return end, None
    if end == start:
        return None
    words, unit = plain[start:end], _unit_after(plain, end)
    if words.lower() in _LONE and (not unit or unit in _table()["uncounted"]):
        return end, None
    if not unit and any(plain.startswith(idiom, start) for idiom in _table()["idioms"]):
        return end, None
    return end, SpokenNumber(None, "", words)


def _is_number_word(word: str) -> bool:
    """Whether an English word is one for a number: seven, sevenfold, seventies, twentieth."""
    words, suffixes = _table()["words"], _table()["suffixes"]
    stems = [word, *(word.removesuffix(suffix) for suffix in suffixes if word.endswith(suffix))]
    stems += [f"{stem.removesuffix('ie')}y" for stem in stems if stem.endswith("ie")]
    return any(stem in words for stem in stems)


def _chinese_step(plain: str, start: int) -> int:
    """Characters of a Chinese word for a number at a position."""
    if start < len(plain) and _is_numeral(plain[start]):
        return 1
    return next((len(word) for word in _table()["chinese_words"] if plain.startswith(word, start)), 0)


def _unit_after(plain: str, end: int) -> str:
    """What the number before a position counts."""
    rest = plain[end:].lower()
    begin = len(rest) - len(rest.lstrip(" \u00a0\u202f-"))
    for way, unit in _ways("units"):
        if rest.startswith(way, begin) and not _goes_on(rest, begin + len(way), way):
            return unit
    if begin < len(rest) and unicodedata.category(rest[begin]) in ("Sc", "So"):
        return rest[begin]
    glued = re.compile(r"[a-z]+|[^\W\d_a-z]").match(rest) if not begin else None
    return glued[0] if glued and (glued[0].isascii() or _is_numeral(glued[0])) else ""


def _goes_on(rest: str, end: int, way: str) -> bool:
    return way[-1].isascii() and way[-1].isalnum() and end < len(rest) and rest[end].isascii() and rest[end].isalnum()


def _unit_before(plain: str, start: int) -> str:
    before = plain[:start].rstrip(" \u00a0+-−–").lower()
    return next((unit for way, unit in _ways("prefixes") if before.endswith(way)), "")


def _stands_in(way: str, plain: str) -> bool:
    """Whether words stand in a text, Latin ones as whole words."""
    if not way.isascii():
        return way in plain
    whole = "(?<![a-z])" if way[0].isalpha() else ""
    return re.search(rf"{whole}{re.escape(way.lower())}(?![a-z])", plain.lower()) is not None


@cache
def _ways(kind: str) -> list[tuple[str, str]]:
    """Ways to say a unit, the longest first."""
    table: Mapping[str, Sequence[str]] = _table()[kind]
    return sorted(((way.lower(), unit) for unit, ways in table.items() for way in ways), key=lambda way: -len(way[0]))


@cache
def _table() -> dict[str, Any]:
    path = Path(__file__).with_name("spoken_units.yaml")
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content
