"""Years of the programme as planners say them: 前三年, 第4到6年, the first two years, from year 4 on, by year 8."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from data.sentences.lexicon import plain, read_table
from data.sentences.numbers import ordinals, read_number


@dataclass(frozen=True)
class Span:
    """Years first..last of the programme.

    Attributes:
        first: programme year; negative counts from the end, -1 = the last.
        last: programme year, or negative; None = to the end.
        is_until: whether only its end was said: by year 8.
        is_next: whether it may be the years that follow as well as the last ones: 后五年.
    """

    first: int
    last: int | None
    is_until: bool = False
    is_next: bool = False

    def years(self, plan_years: int) -> tuple[int, ...]:
        """The years that it is of a programme; those beyond its end are among them."""
        last = plan_years if self.last is None else self.last if self.last > 0 else plan_years + 1 + self.last
        first = self.first if self.first > 0 else plan_years + 1 + self.first
        return tuple(range(first, last + 1))


def read_span(words: str, start: int) -> tuple[int, Span] | None:
    """The longest span of years that begins at a position, and where it ends; None where none does.

    Args:
        words: half width, lower case.
        start: position.
    """
    begun = {kind: _after(words, start, kind) for kind in ("until", "since", "within")}
    found = _core(words, start)
    best = None if found is None else _ended(words, *found)
    for kind, ends in begun.items():
        for end in ends:
            core = _core(words, end + (words[end : end + 1] == " "))
            if core is None:
                continue
            position, span = _ended(words, *core)
            if kind == "until" and span.first == span.last:
                span = Span(1, span.last, is_until=True)
            elif kind == "since" and span.first == span.last:
                span = Span(span.first, None)
            if best is None or position > best[0]:
                best = position, span
    return best


def _ended(words: str, end: int, span: Span) -> tuple[int, Span]:
    """The span with what may stand after it: 起, 内, on, 末."""
    for kind in ("since_after", "within_after", "until_after"):
        for after in _after(words, end + (words[end : end + 1] == " "), kind):
            if kind == "since_after" and span.first == span.last:
                return after, Span(span.first, None)
            if kind == "within_after":
                return after, span
            if kind == "until_after" and span.first == span.last:
                return after, Span(1, span.last, is_until=True)
    return end, span


def _core(words: str, start: int) -> tuple[int, Span] | None:
    """Years alone: 前三年, 第4到6年, year 5, years 4 to 6, the third year, last two years, 首年."""
    found = [
        item
        for item in (_counted(words, start), _numbered(words, start), _ordinal(words, start), *_once(words, start))
        if item is not None
    ]
    return max(found, key=lambda item: item[0], default=None)


def _counted(words: str, start: int) -> tuple[int, Span] | None:
    """前三年, the last two years."""
    for kind in ("front", "tail", "next"):
        for end in _after(words, start, kind):
            number = read_number(words, end + (words[end : end + 1] == " "))
            if number is None or number.value != int(number.value) or number.value < 1 or number.is_share:
                continue
            n = int(number.value)
            for after in _after(words, number.end + (words[number.end : number.end + 1] == " "), "years"):
                return after, Span(1, n) if kind == "front" else Span(-n, -1, is_next=kind == "next")
    return None


def _numbered(words: str, start: int) -> tuple[int, Span] | None:
    """第4年, 第4到6年, 第四至第六年, year 5, years 4 to 6."""
    for begun in _after(words, start, "nth"):
        first = read_number(words, begun + (words[begun : begun + 1] == " "))
        if first is None or first.value != int(first.value) or first.is_share:
            continue
        is_chinese, end, last = words[start] == "第", first.end, first
        skipped = [*_after(words, end, "years"), end] if is_chinese else [end]
        for position in skipped:
            for to in _after(words, position + (words[position : position + 1] == " "), "to"):
                second = read_number(words, to + (words[to : to + 1] == " "))
                if second is not None and last is first and second.value > first.value:
                    end, last = second.end, second
        if not is_chinese:
            return end, Span(int(first.value), int(last.value))
        for after in _after(words, end, "years"):
            return after, Span(int(first.value), int(last.value))
    return None


def _ordinal(words: str, start: int) -> tuple[int, Span] | None:
    """The third year."""
    begin = start + 4 if words.startswith("the ", start) else start
    for word, n in ordinals().items():
        for unit in (" year", " programme year"):
            if words.startswith(word + unit, begin) and not words.startswith(word + unit + "s", begin):
                return begin + len(word + unit), Span(n, n)
    return None


def _once(words: str, start: int) -> list[tuple[int, Span]]:
    firsts = [(end, Span(1, 1)) for end in _after(words, start, "once_front")]
    return firsts + [(end, Span(-1, -1)) for end in _after(words, start, "once_tail")]


def _after(words: str, start: int, kind: str) -> list[int]:
    """Where each word of a kind that stands at a position ends, the longest first; Latin words end at their end."""
    return [start + len(word) for word in _words(kind) if words.startswith(word, start) and _ends(words, start, word)]


def _ends(words: str, start: int, word: str) -> bool:
    after = words[start + len(word) : start + len(word) + 1]
    return not (word[-1].isascii() and word[-1].isalpha() and after.isascii() and after.isalpha())


@cache
def _words(kind: str) -> Sequence[str]:
    return tuple(sorted((plain(word) for word in read_table("spans")[kind]), key=len, reverse=True))
