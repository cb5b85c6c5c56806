"""Clauses that say what is allowed, what comes first, how a rule is treated, and what becomes of single villages."""

from __future__ import annotations

from collections.abc import Iterator

from data.catalogue import message, read_texts
from data.scenario import INTENSITIES, LAND_USES
from data.sentences.claims import Chunk, Claims, Outcome, Problem, things_meant
from data.sentences.lexicon import Thing
from data.sentences.tokens import Token

_OPTIONS = {"intensities": tuple(map(str, INTENSITIES)), "land_uses": tuple(map(str, LAND_USES))}
"""Choices of a scenario, field by field."""
_KEPT: tuple[set[str], ...] = (
    {"keep"},
    {"keep_word"},
    {"keep_word", "keep"},
    {"strong", "keep_word"},
    {"strong", "keep"},
    {"deny", "renew"},
    {"deny"},
)
"""Kinds of words by which villages are kept."""
_RENEWED: tuple[set[str], ...] = ({"renew"}, {"strong", "renew"}, {"lock"}, {"strong", "lock"}, {"lock", "renew"})
"""Kinds of words by which villages must be renewed."""


def choices(chunk: Chunk) -> Iterator[Outcome]:
    """What a clause without bounds may say; nothing where it is no such clause."""
    for read in (_options, _denied_rule, _rules, _first, _presets, _objectives, _weights, _villages):
        yield from read(chunk)


def _each(tokens: list[Token]) -> list[list[Thing]]:
    """The things that each of several words may mean."""
    return [things_meant([token]) for token in tokens]


def _options(chunk: Chunk) -> Iterator[Outcome]:
    """Intensities and land uses: only these, none of these, these too."""
    verb = _verb(chunk)
    if not verb:
        return
    named = [_option_names(meant) for meant in _each(chunk.of("thing"))]
    if any(len(options) != 1 for options in named):
        return
    chosen = [options[0] for options in named]
    fields = {field for field, _ in chosen}
    if verb != "only":
        yield Claims(tuple((f"{field}.{name}", verb == "allow") for field, name in chosen))
    elif len(fields) == 1:
        field = fields.pop()
        yield Claims(tuple((f"{field}.{name}", (field, name) in chosen) for name in _OPTIONS[field]))


def _verb(chunk: Chunk) -> str:
    """Whether a clause that names choices denies them, allows them, or only them; "" where it is no such clause."""
    allowed = ("thing", "and", "renew", "deny", "only", "allow", "each", "or", "new", "village")
    if not chunk.has("thing") or not chunk.holds_only(*allowed):
        return ""
    verbs = [token.kind for token in chunk.of("deny", "only", "allow")]
    verb = {("deny",): "deny", ("deny", "allow"): "deny", ("allow",): "allow"}.get(tuple(verbs), "")
    if verbs and set(verbs) <= {"only", "allow"} and "only" in verbs:
        verb = "only"
    return "" if chunk.has("or", "village") and verb != "deny" else verb


def _option_names(meant: list[Thing]) -> list[tuple[str, str]]:
    """Field and name of each choice that a word may mean."""
    found = [("intensities", thing.intensity) for thing in meant if thing.intensity]
    return sorted({*found, *(("land_uses", thing.land_use) for thing in meant if thing.land_use)})


def _denied_rule(chunk: Chunk) -> Iterator[Outcome]:
    """不搞大拆大建 may mean a rule, too."""
    if not chunk.holds_only("thing", "deny") or len(chunk.of("deny")) != 1:
        return
    for thing in things_meant(chunk.of("thing")):
        if thing.denied_rule:
            yield Claims(((f"rules.{thing.denied_rule}", "hard"),))


def _rules(chunk: Chunk) -> Iterator[Outcome]:
    """Rules that are hard, penalized, reported or off; a rule that must hold is hard."""
    mode = _mode_said(chunk)
    if not mode:
        return
    named = [_rule_names(meant, is_said=chunk.has("mode")) for meant in _each(chunk.of("thing"))]
    if not all(named):
        return
    if any(len(names) > 1 for names in named):
        yield from (Claims(((f"rules.{name}", mode),)) for names in named for name in names)
    elif not chunk.has("villagers", "village") or [names[0] for names in named] == ["consent"]:
        yield Claims(tuple((f"rules.{names[0]}", mode) for names in named))


def _mode_said(chunk: Chunk) -> str:
    """How a clause that names rules wants them treated; "" where it is no such clause."""
    allowed = ("thing", "and", "mode", "strong", "villagers", "of", "village", "each", "bound", "only")
    modes = {token.value for token in chunk.of("mode")}
    is_such = chunk.has("thing") and chunk.holds_only(*allowed) and len(modes) < 2
    bounds_are_names = all(token.value.endswith("_either") for token in chunk.of("bound"))
    if not is_such or not bounds_are_names or (chunk.has("only") and modes != {"reported"}):
        return ""
    return modes.pop() if modes else "hard" if chunk.has("strong") else ""


def _rule_names(meant: list[Thing], *, is_said: bool) -> list[str]:
    """Rules that a word may name; one that is also a use or an indicator is no rule unless its mode is said."""
    if not is_said and any(thing.land_use or thing.indicator for thing in meant):
        return []
    by_name = {thing.rule for thing in meant if thing.rule}
    return sorted(by_name or {rule for thing in meant for rule in (thing.rule_low, thing.rule_high) if rule})


def _first(chunk: Chunk) -> Iterator[Outcome]:
    """通勤优先: the weights of the preset that puts it first."""
    if not chunk.has("thing") or not chunk.holds_only("thing", "first", "renew", "and") or not chunk.has("first"):
        return
    meant = _each(chunk.of("thing"))
    presets = [{thing.preset for thing in each if thing.preset} for each in meant]
    if len(presets) > 1 and all(presets) and len(set().union(*presets)) > 1:
        yield Problem(message("sentence_one_first"))
    elif all(len(each) == 1 for each in presets):
        yield Claims((("preset", next(iter(presets[0]))),))
    elif any(thing.indicator or thing.objective for each in meant for thing in each):
        yield Problem(message("sentence_no_preset"))


def _presets(chunk: Chunk) -> Iterator[Outcome]:
    """A preset by its name."""
    if len(chunk.of("thing")) != 1 or not chunk.holds_only("thing", "first"):
        return
    for thing in things_meant(chunk.of("thing")):
        if thing.whole_preset:
            yield Claims((("preset", thing.whole_preset),))


def _objectives(chunk: Chunk) -> Iterator[Outcome]:
    """Objectives of the search, listed, or as something to be made larger or smaller."""
    verbs = chunk.of("aim", "larger", "smaller")
    if not chunk.has("thing") or not verbs or not chunk.holds_only("thing", "and", "aim", "larger", "smaller", "only"):
        return
    directions = {token.kind for token in verbs} - {"aim"}
    if len(directions) > 1:
        return
    chosen = []
    for meant in _each(chunk.of("thing")):
        names = _objective_names(meant)
        if not names:
            return
        if len(names) > 1:
            yield from (Claims(((f"objectives.{name}", True),)) for name in names)
            return
        chosen.append(names[0])
    for name in chosen:
        sense = read_texts("indicators")[name].get("sense")
        if sense not in ("max", "min"):
            yield Problem(message("sentence_no_objective", name=name))
            return
        if directions and directions != {"larger" if sense == "max" else "smaller"}:
            yield Problem(message("sentence_wrong_way", name=name))
            return
    yield Claims(tuple((f"objectives.{name}", True) for name in dict.fromkeys(chosen)))


def _objective_names(meant: list[Thing]) -> list[str]:
    """Indicators that a word may stand for as an objective; what a preset puts first goes before its kin."""
    usual = {thing.objective or thing.indicator for thing in meant if thing.preset}
    if usual:
        return sorted(usual)
    return sorted({thing.objective or thing.indicator for thing in meant} - {""})


def _weights(chunk: Chunk) -> Iterator[Outcome]:
    """Weights of objectives: each beside its own, or all in proportion."""
    allowed = ("thing", "quantity", "weight", "and", "of", "proportions", "each", "aim")
    if not chunk.has("weight") or not chunk.has("thing") or not chunk.holds_only(*allowed):
        return
    names = []
    for meant in _each(chunk.of("thing")):
        known = _objective_names(meant)
        if len(known) != 1:
            return
        names.append(known[0])
    values = _weight_values(chunk, len(names))
    if values is not None and len(set(names)) == len(names):
        listed = [(f"objectives.{name}", True) for name in names] if chunk.has("aim") else []
        weights = [(f"preferences.{name}", value) for name, value in zip(names, values, strict=True)]
        yield Claims((*listed, *weights))


def _weight_values(chunk: Chunk, n: int) -> tuple[float, ...] | None:
    proportions, quantities = chunk.of("proportions"), chunk.of("quantity")
    if proportions:
        return (
            proportions[0].shares
            if len(proportions) == 1 and not quantities and len(proportions[0].shares) == n
            else None
        )
    said = [token.quantity for token in quantities if token.quantity is not None]
    if chunk.has("each") and len(said) == 1:
        return (said[0].low,) * n
    order = [token.kind for token in chunk.tokens if token.kind in ("thing", "quantity")]
    if order not in (["thing", "quantity"] * n, ["quantity", "thing"] * n, ["thing"] * n + ["quantity"] * n):
        return None
    if any(one.high is not None or one.unit or one.is_multiple for one in said):
        return None
    return tuple(one.low for one in said) if len({one.is_share for one in said}) == 1 else None


def _villages(chunk: Chunk) -> Iterator[Outcome]:
    """Villages that must be renewed, and villages that are kept."""
    named = chunk.of("village_name")
    if not named or not chunk.holds_only("village_name", "village", "and", *set().union(*_KEPT, *_RENEWED)):
        return
    ambiguous = [token for token in named if len(token.names) > 1]
    if ambiguous:
        yield Problem(message("sentence_villages_of_one_name", ids=ambiguous[0].names))
        return
    verbs = {token.kind for token in chunk.tokens} - {"village_name", "and", "village"}
    for status, said in (("forbidden", _KEPT), ("locked", _RENEWED)):
        if verbs in said:
            yield Claims(tuple((f"{status}.{token.names[0]}", True) for token in named))
