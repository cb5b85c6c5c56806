"""Clauses that the grammar does not know, put into its words by somebody else: what is asked, and what is taken of it.

Whoever rewords, only the grammar reads: a rewording that it does not understand, that says more than one thing, or
another number, year or name than the clause did, or turns at most into at least, is not taken.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.catalogue import text
from data.headings.spoken_numbers import spoken_numbers
from data.sentences.lexicon import read_table
from data.sentences.reading import Reading, Said, Unclear, read_sentence, without_contradictions
from data.sentences.tokens import Places, Token, tokens_of

ANSWER_TOKENS = 1000
"""Of the answer for a sentence."""
SHOWN_WAYS = 4
"""To say each thing, of those that the grammar knows."""
_REWORDED = ("sentence_words_unknown", "sentence_not_understood")
"""Why a clause was not taken that may be said in other words; conditions, gaps and contradictions are for people."""
_CHINESE = re.compile(r"[一-鿿]")
_SIDES = ("at_most", "at_least", "deny", "only")


@dataclass(frozen=True)
class Rewording:
    """A clause in the words of the grammar.

    Attributes:
        words: as they stand in the sentence.
        says: the same in other words; "" where the grammar cannot hold it.
    """

    words: str
    says: str


class _Clause(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[str, Field(min_length=1, max_length=2000)]
    says: Annotated[str, Field(max_length=300)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    clauses: Annotated[tuple[_Clause, ...], Field(max_length=50)]


def to_reword(reading: Reading) -> tuple[Unclear, ...]:
    """What was not understood for its words alone."""
    return tuple(one for one in reading.unclear if one.message.key in _REWORDED)


def question(reading: Reading, language: str) -> list[dict[str, str]]:
    """What a language model is asked: to say each of those clauses in words that the grammar knows."""
    known = "\n".join(_known_words(language))
    asked = {"sentence": reading.sentence, "clauses": [one.words for one in to_reword(reading)]}
    return [
        {"role": "system", "content": text("rewording_task", language, known=known)},
        {"role": "user", "content": json.dumps(asked, ensure_ascii=False)},
    ]


def _known_words(language: str) -> list[str]:
    """A line for each thing that a sentence may be about: some ways to say it, and the unit of its number."""
    lines = []
    for entry in read_table("things").values():
        ways = [way for way in entry["words"] if bool(_CHINESE.search(way)) == (language == "zh") and "..." not in way]
        unit = entry.get("unit", "-")
        if ways:
            lines.append(f"- {' / '.join(ways[:SHOWN_WAYS])}" + ("" if unit == "-" else f" [{unit}]"))
    return list(dict.fromkeys(lines))


def rewordings(answer: str) -> tuple[Rewording, ...] | None:
    """What an answer says; None where it is of another form."""
    try:
        said = _Answer.model_validate(json.loads(answer))
    except (ValueError, RecursionError, ValidationError):
        return None
    return tuple(Rewording(one.words, one.says.strip()) for one in said.clauses)


def reworded(reading: Reading, offered: Sequence[Rewording], places: Places) -> Reading:
    """The reading with those clauses that a rewording makes clear; each shows both its words and the other ones.

    Args:
        reading: of `read_sentence`.
        offered: rewordings of its clauses, of which only the first of each counts.
        places: names of the city's villages and districts.
    """
    by_words = {one.words: one for one in reversed(offered)}
    said, unclear = list(reading.said), [one for one in reading.unclear if one not in to_reword(reading)]
    for one in to_reword(reading):
        read = _read(one, by_words.get(one.words), places)
        said += read
        unclear += [] if read else [one]
    together = replace(
        reading,
        said=tuple(sorted(said, key=lambda one: one.start)),
        unclear=tuple(sorted(unclear, key=lambda one: one.start)),
    )
    return without_contradictions(together)


def _read(clause: Unclear, offered: Rewording | None, places: Places) -> list[Said]:
    """What a rewording says of a clause; nothing where it is not clear or not the same."""
    if offered is None or not offered.says or not _is_faithful(clause.words, offered.says, places):
        return []
    read = read_sentence(offered.says, places)
    if read.unclear or len(read.said) != 1:
        return []
    (one,) = read.said
    return [Said(clause.start, clause.end, f"{clause.words} → {one.words}", one.fields, one.is_about)]


def _is_faithful(words: str, says: str, places: Places) -> bool:
    """Whether both say the same numbers, years and names, no side is turned, and no number was left unread."""
    before, after = (tokens_of(one, places) for one in (words, says))
    if any(one.kind == "unknown" and spoken_numbers(words[one.start : one.end]) for one in before):
        return False
    sides_before, sides_after = (_sides(tokens) for tokens in (before, after))
    return _facts(before) == _facts(after) and sides_before in (set(), sides_after)


def _facts(tokens: Sequence[Token]) -> Counter[object]:
    """Everything in a clause that nobody may change."""
    of_kinds = ((one.quantity, one.span, one.shares, one.names) for one in tokens)
    return Counter(fact for facts in of_kinds if any(facts) for fact in (facts,))


def _sides(tokens: Sequence[Token]) -> set[str]:
    """Sides of numbers, denials and exclusions that words say."""
    said = [f"{one.value} {one.kind}" for one in tokens]
    return {side for side in _SIDES if any(side in one for one in said)}
