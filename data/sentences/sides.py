"""At least or at most: the side of a number, from the words around it."""

from __future__ import annotations

from dataclasses import replace

from data.sentences.claims import Chunk
from data.sentences.tokens import Quantity, Token

Sides = list[tuple[str, bool, Quantity]]


def sides_of(chunk: Chunk, quantities: list[Token]) -> Sides | None:
    """Each number with its side (low, high, range, equal), and whether it is itself left out; None where they clash."""
    if (turned := _turned(chunk)) is None:
        return None
    chunk = turned
    senses: dict[int, set[str]] = {id(token): set() for token in quantities}
    strict = set()
    for k, token in enumerate(chunk.tokens):
        if token.kind != "bound":
            continue
        sense, _, place = token.value.rpartition("_")
        sense = sense.removeprefix("strong_")
        number = _number_of(chunk, k, place)
        if number is None:
            return None
        senses[id(number)].add(sense.removesuffix("_strict"))
        if sense.endswith("_strict"):
            strict.add(id(number))
        if sense == "over":
            is_span = number.quantity is not None and number.quantity.unit == "years"
            senses[id(number)] ^= {"over"} if is_span else {"over", "at_least"}
            strict |= set() if is_span else {id(number)}
    sides: Sides = []
    for token in quantities:
        side = _side(senses[id(token)], is_range=bool(token.quantity and token.quantity.high is not None))
        if side is None or token.quantity is None:
            return None
        sides.append((side, id(token) in strict, token.quantity))
    if len(sides) == 2 and {side for side, _, _ in sides} != {"low", "high"}:
        return None
    return sides


def _turned(chunk: Chunk) -> Chunk | None:
    """不许容积率超过2.5: what may not be more is at most; None where a denial denies something else."""
    denials = chunk.of("deny")
    if not denials:
        return chunk
    turns = {"at_least_strict_before": "at_most_before", "at_most_strict_before": "at_least_before"}
    bounds = chunk.of("bound")
    if len(denials) > 1 or len(bounds) != 1 or bounds[0].value not in turns or bounds[0].start < denials[0].start:
        return None
    turned = replace(bounds[0], value=turns[bounds[0].value])
    kept = (turned if token is bounds[0] else token for token in chunk.tokens if token.kind != "deny")
    return Chunk(tuple(kept))


def _number_of(chunk: Chunk, k: int, place: str) -> Token | None:
    """The number that a bound at place k speaks of: the next after it, or the one right before it."""
    after = next((token for token in chunk.tokens[k + 1 :] if token.kind == "quantity"), None)
    before = next((token for token in reversed(chunk.tokens[:k]) if token.kind in ("quantity", "bound")), None)
    before = before if before is not None and before.kind == "quantity" else None
    adjacent = chunk.tokens[k - 1] if k else None
    if place == "before":
        return after
    if place == "after":
        return adjacent if adjacent is not None and adjacent.kind == "quantity" else _past_noun(chunk, k)
    return after or before


def _past_noun(chunk: Chunk, k: int) -> Token | None:
    """容积率在2.5的范围内, 六成的村以上: the number before a word or two."""
    for token in reversed(chunk.tokens[max(0, k - 2) : k]):
        if token.kind == "quantity":
            return token
        if token.kind not in ("of", "village", "bound"):
            return None
    return None


def _side(senses: set[str], *, is_range: bool) -> str | None:
    bounds = senses - {"hold", "spread"}
    if "rise" in bounds and len(bounds) > 1:
        bounds -= {"rise"}
    if is_range:
        return None if bounds else "range"
    if len(bounds) > 1 or (not bounds and "spread" in senses):
        return None
    if bounds:
        return {"at_most": "high", "rise": "rise"}.get(bounds.pop(), "low")
    return "high" if "hold" in senses else "equal"
