"""Clauses that say how much: a thing, a number, and whether it is a least or a most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from data.catalogue import message
from data.parameter_book import load_book
from data.sentences.claims import SAID_TWICE_CLOSE, Chunk, Claims, Outcome, Problem, things_meant, value_in
from data.sentences.lexicon import Thing, things
from data.sentences.sides import Sides, sides_of
from data.sentences.spans import Span
from data.sentences.tokens import Quantity, Token

_BESIDE = ("renew", "lock", "village", "villagers", "floor", "new_housing", "new")
"""Kinds of words that add nothing where a thing allows them."""
_SAYING = (
    "thing",
    "quantity",
    "bound",
    "mode",
    "strong",
    "per_year",
    "span",
    "rest",
    "district",
    "of_limit",
    "deny",
    "last_year",
)
_JOINING = ("of", "about", "allow", "only", "each", "keep_word", "and", "aim")


def amounts(chunk: Chunk) -> Iterator[Outcome]:
    """What a clause with numbers may say; nothing where it is no such clause."""
    chunk = _not_negative(chunk)
    if chunk.has("and") and len(chunk.of("district")) < 2 and len(chunk.of("quantity")) < 2:
        return
    if not chunk.holds_only(*_BESIDE, *_SAYING, *_JOINING) or not chunk.has("quantity") or chunk.tokens[0].kind == "of":
        return
    if chunk.tokens[-1].kind == "of":
        return
    chunk = _one_year(chunk)
    quantities = [token for token in chunk.tokens if token.kind == "quantity"]
    if len(quantities) > 2:
        return
    sides = sides_of(chunk, quantities)
    if sides is None:
        return
    for thing in _meant(chunk, quantities):
        if _fits(thing, chunk):
            yield _of_thing(thing, chunk, sides)


def _not_negative(chunk: Chunk) -> Chunk:
    """不能为负 is at least 0."""
    zero = Quantity(0.0, None, "", is_share=False, is_multiple=False, has_point=False)

    def spelled(token: Token) -> tuple[Token, ...]:
        if token.kind != "not_negative":
            return (token,)
        bound = Token(token.start, token.start, "bound", "at_least_before")
        return bound, Token(token.start, token.end, "quantity", quantity=zero)

    return replace(chunk, tokens=tuple(one for token in chunk.tokens for one in spelled(token)))


def _one_year(chunk: Chunk) -> Chunk:
    """一年五十个村 is fifty a year."""
    quantities = [token.quantity for token in chunk.of("quantity") if token.quantity]
    if len(quantities) != 2 or (quantities[0].unit, quantities[0].low, quantities[0].high) != ("years", 1.0, None):
        return chunk
    first = chunk.of("quantity")[0]
    per_year = Token(first.start, first.end, "per_year")
    return Chunk(tuple(per_year if token is first else token for token in chunk.tokens))


def _meant(chunk: Chunk, quantities: list[Token]) -> list[Thing]:
    """The things that a clause may be about; where it names none, its unit tells."""
    if chunk.has("thing"):
        return things_meant(chunk.of("thing"))
    quantity = quantities[0].quantity
    name = "" if quantity is None else _unsaid(quantity, chunk)
    return [things()[name]] if name else []


def _unsaid(quantity: Quantity, chunk: Chunk) -> str:
    """The thing that a number without one is of; "" where its unit does not tell."""
    if quantity.unit == "years" and not chunk.has("span", "rest", "per_year"):
        return "plan_years"
    if chunk.has("keep_word"):
        return ""
    if quantity.unit in ("villages", "pieces") or _goes_on(quantity, chunk) or _of_each_year(quantity, chunk):
        return "villages_per_year"
    if quantity.is_share and chunk.has("village") and chunk.has("renew", "lock"):
        return "renewal_ratio"
    is_money = not isinstance(value_in(quantity, quantity.low, "CNY"), Problem)
    return "annual_capital" if is_money and chunk.has("per_year") and chunk.has("bound") else ""


def _goes_on(quantity: Quantity, chunk: Chunk) -> bool:
    """Then 40 a year, 20 in the second year: villages, as those of other years in the sentence."""
    return _is_plain(quantity) and chunk.has("rest", "span") and not chunk.has("thing")


def _of_each_year(quantity: Quantity, chunk: Chunk) -> bool:
    """25 a year: villages, the only thing that is counted by the year."""
    return _is_plain(quantity) and chunk.has("per_year") and not chunk.has("thing")


def _is_plain(quantity: Quantity) -> bool:
    """A whole number without a unit."""
    return not quantity.unit and not quantity.is_share and not quantity.is_multiple and not quantity.has_point


def _counts_villages(quantity: Quantity, chunk: Chunk) -> bool:
    """改造村数不超过五十: the thing itself says that villages are counted."""
    meant = things_meant(chunk.of("thing")) if chunk.has("thing") else []
    is_plain = not quantity.unit and not quantity.is_share and not quantity.is_multiple
    return is_plain and any(thing.unit == "villages" for thing in meant)


def _with_unit(quantity: Quantity, chunk: Chunk) -> Quantity:
    return (
        replace(quantity, unit="pieces")
        if _goes_on(quantity, chunk) or _of_each_year(quantity, chunk) or _counts_villages(quantity, chunk)
        else quantity
    )


def _fits(thing: Thing, chunk: Chunk) -> bool:
    """Whether nothing is said besides that such a thing cannot have, and nothing is left out that it needs."""
    is_quota = thing.unit == "villages"
    year_is_said = chunk.has("span")
    return (
        bool(thing.low or thing.high or thing.equal or thing.indicator)
        and all(_may_stand(token, thing, chunk) for token in chunk.of(*_BESIDE))
        and (thing.district == chunk.has("district"))
        and chunk.has("of_limit") == (thing.needs == "of_limit")
        and (is_quota or (not chunk.has("rest") and (not year_is_said or bool(thing.indicator))))
        and (year_is_said or thing.year != "must")
        and (chunk.has("mode") or thing.mode != "must")
        and (not chunk.has("mode") or thing.mode == "must" or bool(_rules(thing)) or bool(thing.indicator))
        and not (thing.name == "facility_ratio" and chunk.has("mode"))
        and (is_quota or thing.per_year in ("may", "must") or not chunk.has("per_year"))
        and (is_quota or thing.per_year != "must" or chunk.has("per_year"))
        and all(len(chunk.of(kind)) <= 1 for kind in ("span", "rest", "mode", "per_year", "about"))
        and not (thing.unit == "years" and chunk.has("each"))
        and (not chunk.has("aim") or bool(thing.indicator))
        and (thing.district or not chunk.has("last_year"))
        and not thing.objective_only
    )


def _may_stand(token: Token, thing: Thing, chunk: Chunk) -> bool:
    """Whether a word adds nothing beside a thing: villages of a bound stand before its number, else they narrow it."""
    kind = "renew" if token.kind == "lock" else token.kind
    if kind in thing.beside or (kind == "renew" and thing.unit in ("CNY", "CNY/yr")):
        return True
    is_before = all(token.start < quantity.start for quantity in chunk.of("quantity"))
    return token.kind == "village" and "village_before" in thing.beside and is_before


def _rules(thing: Thing) -> tuple[str, ...]:
    return tuple(name for name in (thing.rule, thing.rule_low, thing.rule_high) if name)


def _of_thing(thing: Thing, chunk: Chunk, sides: Sides) -> Outcome:
    """What a clause says of one thing."""
    if (problem := _unfit(thing, chunk, {side for side, _, _ in sides})) is not None:
        return problem
    sides = [("low" if side == "rise" else side, strict, quantity) for side, strict, quantity in sides]
    found: list[tuple[str, Any]] = []
    for side, strict, quantity in sides:
        ends = [("low", quantity.low), ("high", quantity.high)] if side == "range" else [(side, quantity.low)]
        for end, said in ends:
            value = value_in(_with_unit(quantity, chunk), float(said or 0.0), thing.unit)
            if isinstance(value, Problem):
                return value
            if strict and isinstance(value, int):
                value += 1 if end == "low" else -1
            claimed = _claimed(thing, chunk, end, value)
            if isinstance(claimed, Problem):
                return claimed
            found += claimed
    return Claims(tuple(dict.fromkeys(found)), is_about=chunk.has("about"))


def _unfit(thing: Thing, chunk: Chunk, sides: set[str]) -> Problem | None:
    """Why the words around a number do not say which side of it is meant."""
    if chunk.has("about") and sides != {"equal"}:
        return Problem(message("sentence_about_bound"))
    if chunk.has("allow", "only") and "low" in sides:
        return Problem(message("sentence_allows_least"))
    if "rise" in sides and thing.unit == "-" and thing.low and thing.high:
        return _no_such_end(thing, "equal")
    if len(chunk.of("district")) > 1 and not chunk.has("each"):
        return Problem(message("sentence_each_or_together"))
    return None


def _claimed(thing: Thing, chunk: Chunk, end: str, value: float) -> list[tuple[str, Any]] | Problem:
    if thing.unit == "villages":
        return _quota(chunk, end, value)
    if thing.indicator:
        return _target(thing, chunk, end, value)
    path = {"low": thing.low, "high": thing.high, "equal": thing.equal}[end]
    if not path:
        return _no_such_end(thing, end)
    if thing.district:
        return _caps(chunk, path, value) + _modes(thing, chunk, end)
    return [(path, _as_the_book(path, value)), *_modes(thing, chunk, end)]


def _caps(chunk: Chunk, cap: str, value: float) -> list[tuple[str, Any]]:
    return [(f"district_limits.{token.names[0]}.{cap}", value) for token in chunk.of("district")]


def _no_such_end(thing: Thing, end: str) -> Problem:
    if end == "equal":
        sides = [side for side in ("low", "high") if getattr(thing, side) or thing.indicator]
        return Problem(message("sentence_needs_bound", sides=tuple(message(f"sentence_{side}") for side in sides)))
    return Problem(message("sentence_no_such_bound", side=message(f"sentence_{end}")))


def _modes(thing: Thing, chunk: Chunk, end: str) -> list[tuple[str, Any]]:
    """The rule that enforces a number: as the clause says, else hard; silent where it is hard anyway."""
    own = thing.rule_low if end == "low" else thing.rule_high
    said = chunk.of("mode")
    if thing.rule and (end != "equal" or thing.equal in (thing.low, thing.high)):
        return [(f"rules.{thing.rule}", said[0].value if said else "hard")]
    return [(f"rules.{own}", said[0].value)] if own and said else []


def _as_the_book(path: str, value: float) -> float:
    """The book's value where a share was said that rounds to it: two thirds are 0.6667."""
    key = path.removeprefix("parameters.")
    if key == path:
        return value
    known = load_book()[key].value
    return known if isinstance(known, float) and abs(known - value) < SAID_TWICE_CLOSE else value


def _quota(chunk: Chunk, end: str, value: float) -> list[tuple[str, Any]] | Problem:
    """Villages a year: of every year, of some years, or of the years that follow."""
    if end == "low":
        return Problem(message("sentence_no_such_bound", side=message("sentence_low")))
    said = chunk.of("mode")
    modes: list[tuple[str, Any]] = [("rules.yearly_quota", said[0].value)] if said else []
    modes += [("goes on", True)] if any(_goes_on(t.quantity, chunk) for t in chunk.of("quantity") if t.quantity) else []
    spans = [token.span for token in chunk.of("span") if token.span is not None]
    each_year = (
        chunk.has("per_year")
        or any(m.thing == "yearly_villages" for t in chunk.of("thing") for m in t.mentions)
        or (chunk.has("each") and bool(spans))
    )
    if spans:
        span, plan_end = spans[0], -1
        if not each_year and span.first != span.last:
            return Problem(message("sentence_each_year_or_all"))
        last = plan_end if span.last is None else span.last
        return [(f"quota {span.first} {last}{' next' if span.is_next else ''}", value), *modes]
    if chunk.has("rest"):
        return [("quota rest", value), *modes]
    if not each_year:
        return Problem(message("sentence_each_year_or_all"))
    return [("villages_per_year", value), *modes]


def _target(thing: Thing, chunk: Chunk, end: str, value: float) -> list[tuple[str, Any]] | Problem:
    if end == "equal":
        return _no_such_end(thing, end)
    spans = [token.span for token in chunk.of("span") if token.span is not None]
    year = _year_of(spans[0]) if spans else ""
    if year is None:
        return Problem(message("sentence_one_year"))
    path = f"targets.{thing.indicator}.{'at_least' if end == 'low' else 'at_most'}{year}"
    said = chunk.of("mode")
    is_strong = chunk.has("strong") or any(token.value.startswith("strong") for token in chunk.of("bound"))
    mode = said[0].value if said else "hard" if is_strong else ""
    return [(path, value), *([(f"{path} mode", mode)] if mode else [])]


def _year_of(span: Span) -> str | None:
    if span.last is not None and span.last > 0 and (span.is_until or span.first == span.last):
        return f".{span.last}"
    return None
