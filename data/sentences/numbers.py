"""Numbers as planners say them: 2.5, 1,500, 两百五十, 一千二, 三成, 百分之二十, 三分之二, a half, fifty, 25 bn."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FIGURES = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\.?\d)|\d+(?:\.\d+)?(?!\.?\d)")
_CHINESE = re.compile(r"[零〇一二两三四五六七八九十百千万亿点]+")
_CHINESE_OR_FIGURES = r"(?:\d+(?:\.\d+)?|[零〇一二两三四五六七八九十百千点]+)"
_PER_CENT = re.compile(rf"([百千])分之({_CHINESE_OR_FIGURES})")
_FRACTION = re.compile(rf"({_CHINESE_OR_FIGURES})分之({_CHINESE_OR_FIGURES})")
_TENTHS = re.compile(r"([一二两三四五六七八九]|\d(?:\.\d+)?)成(半|[一二三四五六七八九](?!成))?")
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?![\d/])")
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class Number:
    """A number that was read.

    Attributes:
        end: position after it.
        value: what it is; a share for percent, tenths and fractions.
        is_share: whether it was said as one.
        is_multiple: whether it was said in thousands, 万, 亿 or so.
        has_point: whether it was written with a decimal point.
    """

    end: int
    value: float
    is_share: bool = False
    is_multiple: bool = False
    has_point: bool = False


def read_number(words: str, start: int) -> Number | None:
    """The longest number that begins at a position; None where none does, or what does is no clear one (两三).

    Args:
        words: half width, lower case.
        start: position.
    """
    found = [
        number
        for read in (_share, _figures, _chinese, _english)
        if (number := read(words, start)) is not None and number.end > start
    ]
    return max(found, key=lambda number: number.end, default=None)


def chinese_value(numeral: str) -> float | None:
    """Value of a Chinese numeral: 两百五十, 一千二, 二点五; None where it is no clear number (两三, 二〇三五)."""
    whole, point, decimals = numeral.partition("点")
    if point:
        digits = _table()["digits"]
        left = chinese_value(whole)
        if left is None or not decimals or any(letter not in digits for letter in decimals):
            return None
        return left + float("0." + "".join(str(digits[letter]) for letter in decimals))
    for multiple, times in (("亿", 100_000_000), ("万", 10_000)):
        before, found, after = whole.rpartition(multiple)
        if found:
            return _with_multiple(before, after, times)
    return _below_ten_thousand(whole)


def _with_multiple(before: str, after: str, times: int) -> float | None:
    many = chinese_value(before)
    if many is None or not after:
        return None if many is None else many * times
    if after in _table()["digits"] and after not in "零〇":
        return many * times + _table()["digits"][after] * times / 10
    rest = chinese_value(after)
    return None if rest is None or rest >= times else many * times + rest


def _below_ten_thousand(numeral: str) -> float | None:
    digits, places = _table()["digits"], _table()["places"]
    total, digit, last, after_zero = 0, None, 10_000, False
    for k, letter in enumerate(numeral):
        if letter in places:
            if digit is None and not (letter == "十" and k == 0):
                return None
            if places[letter] >= last:
                return None
            last = places[letter]
            total += (1 if digit is None else digit) * last
            digit, after_zero = None, False
        elif letter in "零〇" and k and digit is None:
            after_zero = True
        elif digit is None:
            digit = digits[letter]
        else:
            return None
    if digit is None:
        return float(total) if numeral and not after_zero else None
    is_short = 100 <= last < 10_000 and not after_zero
    return float(total + digit * (last // 10 if is_short else 1))


def _share(words: str, start: int) -> Number | None:
    for half in _table()["halves"]:
        if words.startswith(half, start):
            return Number(start + len(half), 0.5, is_share=True)
    if match := _PER_CENT.match(words, start):
        value = _either(match[2])
        whole = {"百": 100, "千": 1000}[match[1]]
        return None if value is None else Number(match.end(), value / whole, is_share=True)
    for pattern, top, bottom in ((_FRACTION, 2, 1), (_SLASHED, 1, 2)):
        if match := pattern.match(words, start):
            above, below = _either(match[top]), _either(match[bottom])
            if above is not None and below and above <= below:
                return Number(match.end(), float(Fraction(above) / Fraction(below)), is_share=True)
    if match := _TENTHS.match(words, start):
        value = _either(match[1])
        rest = 0.5 if match[2] == "半" else _either(match[2]) / 10 if match[2] else 0.0  # type: ignore[operator]
        return None if value is None else Number(match.end(), (value + rest) / 10, is_share=True)
    return None


def _either(words: str) -> float | None:
    return float(words) if words[0].isdigit() else chinese_value(words)


def _figures(words: str, start: int) -> Number | None:
    match = _FIGURES.match(words, start)
    if match is None:
        return None
    value, has_point = float(match[0].replace(",", "")), "." in match[0]
    end, times = _scale(words, match.end())
    return Number(end, value * times, is_multiple=times > 1, has_point=has_point)


def _scale(words: str, end: int) -> tuple[int, float]:
    """Position after a multiple that follows a number, and how many it is."""
    for multiple, times in sorted(_table()["multiples"].items(), key=lambda item: -len(item[0])):
        if words.startswith(multiple, end):
            further, more = _scale(words, end + len(multiple))
            return further, times * more
    match = re.compile(r" ?([a-z]+)").match(words, end)
    if match and match[1] in _table()["scales"]:
        return match.end(), float(_table()["scales"][match[1]])
    return end, 1.0


def _chinese(words: str, start: int) -> Number | None:
    match = _CHINESE.match(words, start)
    if match is None:
        return None
    value = chinese_value(match[0])
    is_multiple = match[0][-1] in "万亿" or "万" in match[0] or "亿" in match[0]
    return None if value is None else Number(match.end(), value, is_multiple=is_multiple, has_point="点" in match[0])


def _english(words: str, start: int) -> Number | None:
    """Number words: fifty, twenty five, a hundred and twenty, two thirds, half."""
    table = _table()
    total, group, end, position, is_multiple = 0.0, None, start, start, False
    while match := _WORD.match(words, position):
        word = match[0]
        if word in table["parts"] and (group is not None or word in ("half", "quarter")) and total == 0.0:
            return Number(match.end(), (group or 1.0) / table["parts"][word], is_share=True)
        if word in ("a", "an") and group is None and end == start:
            group = 1.0
        elif word in table["words"] and (group is None or end > start):
            if group is not None and not _goes_on(group, table["words"][word]):
                break
            group, end = (group or 0.0) + table["words"][word], match.end()
        elif word in table["scales"] and word != "k" and group is not None:
            scale = table["scales"][word]
            total, group = (total, group * scale) if scale == 100 else (total + group * scale, None)
            is_multiple, end = is_multiple or scale > 100, match.end()
        elif word != "and" or group is None or group % 100:
            break
        position = match.end() + (words[match.end() : match.end() + 1] == " ")
    if end == start:
        return None
    return Number(end, total + (group or 0.0), is_multiple=is_multiple)


def _goes_on(so_far: float, next_word: float) -> bool:
    """Whether twenty may be followed by five, or a hundred by twenty."""
    return (so_far % 100 == 0 and so_far > 0) or (so_far % 100 >= 20 and so_far % 10 == 0 and 0 < next_word < 10)


@cache
def _table() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("numbers.yaml").read_text(encoding="utf-8"))
    return content


def ordinals() -> dict[str, int]:
    """English ordinals of years: first, second, ..."""
    return dict(_table()["ordinals"])


def multiples() -> dict[str, float]:
    """Words of multiples in both languages: 万, 亿, million, bn."""
    return {word: float(times) for table in ("multiples", "scales") for word, times in _table()[table].items()}
