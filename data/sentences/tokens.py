"""A sentence as tokens: what each word is, with its place; a word that nobody knows is a token, too."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from data.headings.units import read_unit
from data.sentences.lexicon import Mention, phrases, plain, read_table
from data.sentences.numbers import Number, multiples, read_number
from data.sentences.spans import Span, read_span

_KEPT = "，。；：！？（）、～"
_RANGE = re.compile(r" ?(?:到|至|-|~|～|–|—|to(?![a-z])|through(?![a-z])) ?")
_RANGE_WITH_AND = re.compile(r" ?(?:到|至|-|~|～|–|—|和|与|to(?![a-z])|and(?![a-z])) ?")
_DECIMAL_COMMA = re.compile(r"\d,\d")
"""Neither a comma between clauses nor one between thousands, which are read with their number."""
_PROPORTIONS = re.compile(r"\d+(?:\.\d+)?(?: ?[:：] ?\d+(?:\.\d+)?)+")
_CODE = re.compile(r"[a-z]+[-_]?\d+(?![a-z0-9])")
_UNIT_LETTERS = re.compile(r"[%‰a-z\u4e00-\u9fff/·^0-9¥][%‰a-z\u4e00-\u9fff/·^0-9¥ ]{0,23}")
_NOT_IN_UNITS = re.compile(r"年|year|yr|^[^/每]*[月日天]$|^[am]$|^mo")
"""A year is said by itself; a month alone is no unit of anything here."""


@dataclass(frozen=True)
class Places:
    """Names that a city gives.

    Attributes:
        villages: name or id in lower case -> the ids of the villages called so.
        districts: name in lower case -> the district.
    """

    villages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    districts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Quantity:
    """A number that was said, or a range of numbers, with its unit.

    Attributes:
        low: the number, or the lower end.
        high: the upper end; None = it is one number.
        unit: as it was said; "" = none.
        is_share: whether it was said as a share: percent, a fraction, tenths.
        is_multiple: whether it was said in thousands, 万, 亿.
        has_point: whether it was written with a decimal point.
    """

    low: float
    high: float | None
    unit: str
    is_share: bool
    is_multiple: bool
    has_point: bool


@dataclass(frozen=True)
class Token:
    """A word with its place.

    Attributes:
        start: position in the sentence.
        end: position after it.
        kind: as in words.yaml, or thing, quantity, span, proportions, village, district, unknown.
        value: group of the kind.
        mentions: of a thing.
        quantity: of a number.
        span: of years.
        names: ids of villages, or the district.
    """

    start: int
    end: int
    kind: str
    value: str = ""
    mentions: tuple[Mention, ...] = ()
    quantity: Quantity | None = None
    span: Span | None = None
    names: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()


def half_width(sentence: str) -> tuple[str, list[int]]:
    """The sentence as it is compared, and the place of each of its letters in the sentence."""
    letters, places = [], []
    for k, letter in enumerate(sentence):
        for plain_letter in (letter if letter in _KEPT else unicodedata.normalize("NFKC", letter)).lower():
            letters.append(" " if plain_letter.isspace() else plain_letter)
            places.append(k)
    return plain("".join(letters)), [*places, len(sentence)]


def tokens_of(sentence: str, places: Places) -> list[Token]:
    """Every word of a sentence; none is left out but spaces.

    Args:
        sentence: as it was typed.
        places: names of villages and districts.
    """
    words, origin = half_width(sentence)
    found: list[tuple[int, int, Token]] = []
    position, between = 0, False
    while position < len(words):
        if words[position] == " ":
            position += 1
            continue
        end, token = _next(words, position, places, between=between)
        between = token.value == "spread_before" or (between and token.kind == "quantity")
        found.append((position, end, token))
        position = end
    return _joined([_placed(token, origin[start], origin[end - 1] + 1) for start, end, token in found])


def _placed(token: Token, start: int, end: int) -> Token:
    return Token(start, end, *(getattr(token, name) for name in list(Token.__dataclass_fields__)[2:]))


def _joined(tokens: list[Token]) -> list[Token]:
    """Letters that nobody knows beside each other are one word."""
    joined: list[Token] = []
    for token in tokens:
        if joined and token.kind == joined[-1].kind == "unknown" and joined[-1].end == token.start:
            joined[-1] = Token(joined[-1].start, token.end, "unknown")
        else:
            joined.append(token)
    return joined


def _next(words: str, start: int, places: Places, *, between: bool) -> tuple[int, Token]:
    """The longest token at a position, and where it ends; years before names before phrases before numbers."""
    if _DECIMAL_COMMA.match(words, max(start - 1, 0)) and words[start] == ",":
        return start + 1, Token(0, 0, "unknown")
    candidates = [
        read_years(words, start),
        _named(words, start, places),
        _phrase(words, start),
        _proportions(words, start),
        _quantity(words, start, between=between),
    ]
    found = [item for item in candidates if item is not None]
    if found:
        return max(found, key=lambda item: item[0])
    word = re.compile(r"[a-z]+|.").match(words, start)
    return (word.end() if word else start + 1), Token(0, 0, "unknown")


def read_years(words: str, start: int) -> tuple[int, Token] | None:
    """Years of the programme at a position."""
    if not at_word(words, start):
        return None
    found = read_span(words, start)
    return None if found is None else (found[0], Token(0, 0, "span", span=found[1]))


def at_word(words: str, start: int) -> bool:
    """Whether a Latin word may begin here."""
    return not (start and words[start].isascii() and words[start].isalnum() and is_latin(words[start - 1]))


def is_latin(letter: str) -> bool:
    """Whether a letter belongs to a Latin word or a figure."""
    return letter.isascii() and letter.isalnum()


def ends_word(words: str, end: int) -> bool:
    """Whether a Latin word may end before this position."""
    return not (end < len(words) and is_latin(words[end - 1]) and words[end].isascii() and words[end].isalpha())


@cache
def _longest_phrase() -> int:
    return max(map(len, phrases()))


def _phrase(words: str, start: int) -> tuple[int, Token] | None:
    if words[start].isascii() and words[start].isalpha() and not at_word(words, start):
        return None
    for end in range(min(len(words), start + _longest_phrase()), start, -1):
        meaning = phrases().get(words[start:end])
        if meaning is not None and ends_word(words, end):
            return end, Token(0, 0, meaning.kind, meaning.value, mentions=meaning.mentions)
    return None


def _named(words: str, start: int, places: Places) -> tuple[int, Token] | None:
    """A village or district of the city; where no city is given, a code such as V0001 is a village's id."""
    if not at_word(words, start):
        return None
    for kind, table in (("village_name", places.villages), ("district", places.districts)):
        longest = max(map(len, table), default=0)
        for end in range(min(len(words), start + longest), start, -1):
            if (names := table.get(words[start:end])) is not None and ends_word(words, end):
                return end, Token(0, 0, kind, names=(names,) if isinstance(names, str) else tuple(names))
    match = _CODE.match(words, start)
    if match and not places.villages and match[0] not in ("m2", "co2", "km2"):
        return match.end(), Token(0, 0, "village_name", names=(match[0].upper(),))
    return None


def _proportions(words: str, start: int) -> tuple[int, Token] | None:
    match = _PROPORTIONS.match(words, start)
    if match is None:
        return None
    return match.end(), Token(0, 0, "proportions", shares=tuple(float(n) for n in re.split(r" ?[:：] ?", match[0])))


def _quantity(words: str, start: int, *, between: bool) -> tuple[int, Token] | None:
    """A number or a range, with its unit."""
    if not at_word(words, start) or (first := _measured(words, start)) is None:
        return None
    joint = (_RANGE_WITH_AND if between else _RANGE).match(words, first[0].end)
    second = _measured(words, joint.end()) if joint else None
    if second is not None:
        return _range(words, start, first, second)
    number, unit = first
    if not ends_word(words, number.end):
        return None
    quantity = Quantity(number.value, None, unit, number.is_share, number.is_multiple, number.has_point)
    return number.end, Token(0, 0, "quantity", quantity=quantity)


def _measured(words: str, start: int) -> tuple[Number, str] | None:
    """A number with its unit, the number's end after both; percent is a share and no unit."""
    number = read_number(words, start)
    if number is None:
        return None
    end, unit = (number.end, "") if number.is_share else read_unit_after(words, number.end)
    if unit == "share":
        return replace(number, end=end, value=number.value / 100.0, is_share=True), ""
    return replace(number, end=end), unit


def _range(words: str, start: int, first: tuple[Number, str], second: tuple[Number, str]) -> tuple[int, Token] | None:
    """Two numbers as the ends of a range; what only one says of unit, share or multiple holds for both."""
    (low, low_unit), (high, high_unit) = first, second
    if low_unit and high_unit and low_unit != high_unit:
        return None
    below, above = low.value, high.value
    if high.is_share and not low.is_share:
        below /= 10.0 if "成" in words[low.end : high.end] else 100.0
    elif low.is_share and not high.is_share:
        if not words.startswith("百分之", start) or high_unit:
            return None
        above /= 100.0
    if high.is_multiple and not low.is_multiple and not low_unit:
        below *= _multiple_said(words[: high.end], high_unit)
    is_multiple, is_share = low.is_multiple or high.is_multiple, low.is_share or high.is_share
    quantity = Quantity(
        below, above, high_unit or low_unit, is_share, is_multiple, has_point=low.has_point or high.has_point
    )
    return high.end, Token(0, 0, "quantity", quantity=quantity)


def _multiple_said(words: str, unit: str) -> float:
    """The 亿 of 100到200亿元, which the first number shares."""
    number = words.removesuffix(unit).rstrip()
    found = [(len(word), times) for word, times in multiples().items() if number.endswith(word)]
    return max(found, default=(0, 1.0))[1]


@cache
def _own_units() -> dict[str, str]:
    return {plain(word): unit for unit, words in read_table("units").items() for word in words}


def read_unit_after(words: str, start: int) -> tuple[int, str]:
    """Position after a unit that follows a number, and the unit; the position itself and "" where none does.

    Units of units.yaml are given by their name there, others as they were said.
    """
    begin = start + (words[start : start + 1] == " ")
    match = _UNIT_LETTERS.match(words, begin)
    longest = match.end() if match else begin
    for end in range(longest, begin, -1):
        said = words[begin:end]
        if said.endswith(" ") or not ends_word(words, end):
            continue
        if said in _own_units():
            return end, _own_units()[said]
        if len(said) > 1 or not said.isascii() or said in "%‰":
            is_phrase = said in phrases()
            if not is_phrase and not _NOT_IN_UNITS.search(said) and (unit := read_unit(said)) and not unit.is_multiple:
                return end, said
    return start, ""
