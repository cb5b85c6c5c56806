"""Units as people write them: 万人, 公顷, mu, 元/㎡·月, percent; and the factor that brings a number to ours."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_DENOMINATOR = re.compile(r"[每/·•⋅*]")
_UNIT_LIKE = re.compile(r"\d{3}|[%‰万千亿元亩㎡²]|m2")
_YEARS = re.compile(r"(?:19|20)\d\d年?")
_BRACKETS = str.maketrans("", "", "()[]{}<>")
_UNSAID = {"money/area": "money", "money/area/months": "money/area", "area/months": "area"}
"""Kind of ours -> what people write for it: a price in 元 is one of a square meter, a rent in 元/㎡ one of a month."""


@dataclass(frozen=True)
class Unit:
    """A unit that was understood.

    Attributes:
        kind: what it measures, "area" or "money/area/months"; "" = a plain number.
        factor: how many of the kind's first units it is.
        is_multiple: whether only a multiple was written, as in （万）: whatever the unit is, so many of it.
    """

    kind: str
    factor: float
    is_multiple: bool = False


@cache
def read_unit(words: str) -> Unit | None:
    """A unit as somebody wrote it; None where it is none that we know.

    Args:
        words: "万㎡", "元/(㎡·月)", "10k persons", "%".
    """
    top, *below = _DENOMINATOR.split(comparable(words))
    numerator = _with_multiple(top)
    if numerator is None:
        return None
    kind, factor = numerator
    if not kind and not below:
        return Unit("", factor, is_multiple=True)
    denominators = [_base(part) for part in below]
    if not kind or any(part is None for part in denominators):
        return None
    kinds = [part[0] for part in denominators if part is not None]
    for part in denominators:
        factor /= 1.0 if part is None else part[1]
    if kinds == [kind] or (kind == "number" and not kinds):
        return Unit("", factor)
    return Unit("/".join([kind, *sorted(kinds)]), factor)


def factor_to(words: str, ours: str) -> float | None:
    """What a number in the unit written is multiplied by to be in ours; None where they measure different things.

    Args:
        words: the unit as somebody wrote it.
        ours: the unit as the data dictionary writes it.

    Example:
        >>> factor_to("万㎡", "m2"), factor_to("元/㎡·年", "CNY/m2/month"), factor_to("公顷", "persons")
        (10000.0, 0.08333333333333333, None)
    """
    theirs, wanted = read_unit(words), read_unit(ours)
    if theirs is None or wanted is None:
        return None
    if theirs.is_multiple:
        return theirs.factor
    if theirs.kind == wanted.kind or (theirs.kind, wanted.kind) == ("people", "jobs"):
        return theirs.factor / wanted.factor
    if theirs.kind == _UNSAID.get(wanted.kind):
        said = read_unit(ours.rpartition("/")[0])
        return None if said is None else theirs.factor / said.factor
    return None


def comparable(words: str) -> str:
    """Words as they are compared: half width, lower case, without spaces and brackets."""
    plain = unicodedata.normalize("NFKC", words).lower().translate(_BRACKETS)
    return re.sub(r"(?<![a-z])per(?![a-z])", "/", plain).replace(" ", "")


def looks_like_unit(words: str) -> bool:
    """Whether words that are no unit that we know may still be meant as one, such as 万尺: nobody should guess then.

    Args:
        words: in brackets of a heading.
    """
    return _UNIT_LIKE.search(_YEARS.sub("", words.lower())) is not None


def usual_units(ours: str) -> tuple[str, ...]:
    """Units that people write numbers in where ours is expected, the commonest first.

    Args:
        ours: as the data dictionary writes it.
    """
    return tuple(_table()["usual"].get(ours, ()))


def _with_multiple(words: str) -> tuple[str, float] | None:
    """Kind and factor of a numerator; a multiple alone has the kind ""."""
    base = _base(words)
    if base is not None:
        return base
    for multiple, times in _table()["multiples"].items():
        if words == multiple:
            return "", float(times)
        rest = _base(words.removeprefix(multiple)) if words.startswith(multiple) else None
        if rest is not None:
            return rest[0], rest[1] * times
    return None


def _base(words: str) -> tuple[str, float] | None:
    for kind, units in _table()["bases"].items():
        if words in units:
            return kind, float(units[words])
    return None


@cache
def _table() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("units.yaml").read_text(encoding="utf-8"))
    return content
