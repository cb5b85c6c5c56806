"""A sentence is read clause by clause, each in the one way in which all of its words are understood, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, pairwise
from typing import Any

from data.catalogue import Message, message
from data.sentences.amounts import amounts
from data.sentences.choices import choices
from data.sentences.claims import Chunk, Claims, Problem
from data.sentences.tokens import Places, Token, tokens_of

LONGEST_SENTENCE, LONGEST_CLAUSE = 2000, 60
"""Letters of a sentence; words of a clause that are looked at together."""
MOST_READINGS = 40
"""Ways to read a clause that are followed."""
_JOINING = frozenset(("and", "but"))
"""Kinds of words that may stand between two pieces of a clause."""
_BESIDE = frozenset(("filler", "aside"))
"""Kinds of words that add nothing beside others."""
_NO_CITY = Places()


@dataclass(frozen=True)
class Said:
    """Something that was understood.

    Attributes:
        start: position in the sentence.
        end: position after it.
        words: as they stand there.
        fields: path and value of each field that it sets.
        is_about: whether the number was said to be about so much, and is taken as it is.
    """

    start: int
    end: int
    words: str
    fields: tuple[tuple[str, Any], ...]
    is_about: bool = False


@dataclass(frozen=True)
class Unclear:
    """Something that was not taken.

    Attributes:
        start: position in the sentence.
        end: position after it.
        words: as they stand there.
        message: why.
        readings: what it may mean, where it may mean several things.
    """

    start: int
    end: int
    words: str
    message: Message
    readings: tuple[tuple[tuple[str, Any], ...], ...] = ()


@dataclass(frozen=True)
class Reading:
    """What a sentence says.

    Attributes:
        sentence: as it was typed.
        said: what was understood, in order.
        unclear: what was not, in order.
    """

    sentence: str
    said: tuple[Said, ...]
    unclear: tuple[Unclear, ...]

    @property
    def fields(self) -> dict[str, Any]:
        """Path -> value of everything that was understood."""
        return {path: value for one in self.said for path, value in one.fields}


def read_sentence(sentence: str, places: Places = _NO_CITY) -> Reading:
    """Read a sentence in Chinese or English.

    Args:
        sentence: what is wanted: "十年，每年五十个村，容积率不超过2.5，通勤优先".
        places: names of the city's villages and districts.

    Returns:
        What was understood and what was not; every letter of the sentence but fillers belongs to one of both.
    """
    said: list[Said] = []
    unclear: list[Unclear] = []
    for part in _parts(tokens_of(sentence[:LONGEST_SENTENCE], places)):
        for one in _part_read(sentence, part):
            (said if isinstance(one, Said) else unclear).append(one)  # type: ignore[arg-type]
    if len(sentence) > LONGEST_SENTENCE:
        rest = sentence[LONGEST_SENTENCE:]
        unclear.append(Unclear(LONGEST_SENTENCE, len(sentence), rest, message("sentence_too_long", n=LONGEST_SENTENCE)))
    return without_contradictions(Reading(sentence, tuple(said), tuple(unclear)))


def _parts(tokens: Sequence[Token]) -> Iterator[list[list[Token]]]:
    """Sentences between full stops, each as clauses between commas."""
    clauses: list[list[Token]] = [[]]
    for token in tokens:
        if token.kind == "stop":
            yield [clause for clause in clauses if clause]
            clauses = [[]]
        elif token.kind == "comma":
            clauses.append([])
        else:
            clauses[-1].append(token)
    yield [clause for clause in clauses if clause]


def _part_read(sentence: str, clauses: list[list[Token]]) -> list[Said | Unclear]:
    """What the clauses between two full stops say; a condition or an exception among them leaves none of them clear."""
    conditions = [token for clause in clauses for token in clause if token.kind == "scope"]
    if conditions:
        first = conditions[0]
        start, end = clauses[0][0].start, clauses[-1][-1].end
        why = message("sentence_condition", word=sentence[first.start : first.end])
        return [Unclear(start, end, sentence[start:end], why)]
    read: list[tuple[list[Token], list[Said | Unclear]]] = []
    k = 0
    while k < len(clauses):
        clause = clauses[k]
        found = _clause_read(sentence, clause)
        k += 1
        if not _is_clear(found) and not any(isinstance(one, Unclear) and one.readings for one in found):
            joined = _joined_read(sentence, read, clause, clauses[k] if k < len(clauses) else None)
            if joined is not None:
                n_before, n_after, tokens, found = joined
                del read[len(read) - n_before :]
                clause = tokens
                k += n_after
        read.append((clause, found))
    return [one for _, found in read for one in found]


def _is_clear(found: Sequence[Said | Unclear]) -> bool:
    return all(isinstance(one, Said) for one in found)


def _joined_read(
    sentence: str,
    read: Sequence[tuple[list[Token], list[Said | Unclear]]],
    clause: list[Token],
    after: list[Token] | None,
) -> tuple[int, int, list[Token], list[Said | Unclear]] | None:
    """The clause read together with the one before it, or the one after it, where that is clear."""
    if read:
        tokens = [*read[-1][0], *clause]
        found = _clause_read(sentence, tokens, is_joined=True)
        if _is_clear(found):
            return 1, 0, tokens, found
    if after is not None:
        tokens = [*clause, *after]
        found = _clause_read(sentence, tokens, is_joined=True)
        if _is_clear(found):
            return 0, 1, tokens, found
    return None


def _clause_read(sentence: str, clause: Sequence[Token], *, is_joined: bool = False) -> list[Said | Unclear]:
    """What one clause says, in the only way in which all of its words are understood."""
    tokens = [token for token in _with_ranges_unknown(clause, sentence) if token.kind not in _BESIDE]
    start, end = clause[0].start, clause[-1].end
    tokens = list(dropwhile(lambda token: token.kind == "of", tokens))
    if not tokens or all(token.kind in ("of", *_JOINING) for token in tokens):
        says_something = any(token.kind == "aside" for token in clause)
        return [Unclear(start, end, sentence[start:end], message("sentence_not_understood"))] if says_something else []
    unknown = [token for token in tokens if token.kind == "unknown"]
    if unknown or len(tokens) > LONGEST_CLAUSE:
        names = tuple(sentence[token.start : token.end] for token in unknown)
        return [Unclear(start, end, sentence[start:end], message("sentence_words_unknown", words=names))]
    ways = _ways(tokens)
    clear = [way for way in ways if all(isinstance(outcome, Claims) for _, outcome in way)]
    if is_joined:
        clear = [way for way in clear if any(_spans_a_comma(chunk, clause, sentence) for chunk, _ in way)]
    fewest = min(map(len, clear), default=0)
    clear = [way for way in clear if len(way) == fewest]
    distinct = {frozenset(field for _, outcome in way for field in _fields(outcome)): way for way in clear}
    if len(distinct) == 1:
        way = next(iter(distinct.values()))
        return [_said(sentence, chunk, outcome) for chunk, outcome in way if isinstance(outcome, Claims)]
    if len(distinct) > 1:
        readings = tuple(tuple(sorted(fields, key=str)) for fields in distinct)
        return [Unclear(start, end, sentence[start:end], message("sentence_two_readings"), readings)]
    if ways and not is_joined:
        way = min(ways, key=lambda item: sum(isinstance(outcome, Problem) for _, outcome in item))
        return [_told(sentence, chunk, outcome) for chunk, outcome in way]
    return [Unclear(start, end, sentence[start:end], message("sentence_not_understood"))]


def _with_ranges_unknown(clause: Sequence[Token], sentence: str) -> list[Token]:
    """The clause, in which a word between two numbers or villages is no filler: V1 to V5 are more than V1 and V5."""
    tokens = list(clause)
    for k in range(1, len(tokens) - 1):
        left, token, right = tokens[k - 1 : k + 2]
        is_word = token.kind in _BESIDE and sentence[token.start : token.end].isalpha()
        if is_word and left.kind == right.kind and left.kind in ("village_name", "quantity"):
            tokens[k] = replace(token, kind="unknown")
    return tokens


def _spans_a_comma(chunk: Chunk, clause: Sequence[Token], sentence: str) -> bool:
    """Whether words on both sides of a comma are read together, which is what joining clauses is for."""
    del clause
    between = (sentence[left.end : right.start] for left, right in pairwise(chunk.tokens))
    return any(any(letter in "，,;；" for letter in gap) for gap in between)


def _fields(outcome: Claims | Problem) -> tuple[tuple[str, Any], ...]:
    return outcome.fields if isinstance(outcome, Claims) else ()


def _told(sentence: str, chunk: Chunk, outcome: Claims | Problem) -> Said | Unclear:
    if isinstance(outcome, Claims):
        return _said(sentence, chunk, outcome)
    start, end = chunk.place
    return Unclear(start, end, sentence[start:end], outcome.message)


def _said(sentence: str, chunk: Chunk, claims: Claims) -> Said:
    start, end = chunk.place
    return Said(start, end, sentence[start:end], claims.fields, claims.is_about)


Way = tuple[tuple[Chunk, Claims | Problem], ...]


def _ways(tokens: Sequence[Token]) -> list[Way]:
    """Every way to cut a clause into pieces that each say something; words between them that only join are left out."""
    ways: list[list[Way]] = [[()], *([] for _ in tokens)]
    for end in range(1, len(tokens) + 1):
        if tokens[end - 1].kind in _JOINING:
            ways[end] += ways[end - 1]
        for start in range(end):
            if not ways[start] or {tokens[start].kind, tokens[end - 1].kind} & _JOINING:
                continue
            chunk = Chunk(tuple(tokens[start:end]))
            outcomes = [*amounts(chunk), *choices(chunk)]
            for way in ways[start]:
                ways[end] += [(*way, (chunk, outcome)) for outcome in outcomes]
                if not outcomes and way:
                    longer = _going_on(way[-1][0], chunk)
                    ways[end] += [(*way, (longer, outcome)) for outcome in amounts(longer)] if longer else []
        ways[end] = ways[end][:MOST_READINGS]
    return ways[-1]


def _going_on(before: Chunk, chunk: Chunk) -> Chunk | None:
    """A piece that names nothing, read of what the piece before it names: 第五年不低于0.7，第十年不低于0.8."""
    if not (chunk.has("bound") and chunk.has("quantity")):
        return None
    if chunk.has("thing"):
        lent = [] if chunk.has("district") else before.of("district")
        return Chunk((*lent, *chunk.tokens), len(lent)) if lent else None
    if not before.has("thing"):
        return None
    kinds = ("thing", "per_year") if chunk.has("district") else ("thing", "per_year", "district")
    lent = before.of(*kinds)
    return Chunk((*lent, *chunk.tokens), len(lent))


def without_contradictions(reading: Reading) -> Reading:
    """The reading without what contradicts itself, which is named instead."""
    torn: dict[int, tuple[str, ...]] = {}
    for k, one in enumerate(reading.said):
        others = tuple(other.words for j, other in enumerate(reading.said) if j != k and _contradict(one, other))
        if others:
            torn[k] = others
    unclear = [
        Unclear(one.start, one.end, one.words, message("sentence_contradiction", others=torn[k]))
        for k, one in enumerate(reading.said)
        if k in torn
    ]
    said = tuple(one for k, one in enumerate(reading.said) if k not in torn)
    together = sorted((*reading.unclear, *unclear), key=lambda one: one.start)
    return Reading(reading.sentence, said, tuple(together))


def _contradict(one: Said, other: Said) -> bool:
    """Whether two things that were said cannot both hold."""
    first, second = dict(one.fields), dict(other.fields)
    if any(path in second and second[path] != value for path, value in first.items()):
        return True
    return _exclude(first, second) or _exclude(second, first)


def _exclude(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether a least value is above a most, a village is renewed and kept, or weights are said beside a preset."""
    for path, value in first.items():
        head, _, end = path.rpartition(".")
        if end == "low" and value > second.get(f"{head}.high", value):
            return True
        if head == "locked" and f"forbidden.{end}" in second:
            return True
    return "preset" in first and any(path.startswith(("objectives.", "preferences.")) for path in second)
