"""What words may mean: phrases of words.yaml and things.yaml, and the labels of indicators, rules and parameters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from data.catalogue import LANGUAGES, catalogue, read_texts
from data.parameter_book import load_book

_LETTERS_APART = re.compile(r"(?<=[a-z0-9])-(?=[a-z])")
_PUNCTUATION = re.compile(r"[,，:：;；]|[上下]限$")
_IN_BRACKETS = re.compile(r"（| \(")
"""A label with it is a table's and no phrase; 上限 and 下限 are read as bounds of what stands before them."""
_RULE_LABEL = "rule_"


@dataclass(frozen=True)
class Thing:
    """What a sentence may be about; things.yaml says what each attribute means.

    Attributes:
        name: of the entry.
        unit: of its number.
        low: field that "at least" sets.
        high: field that "at most" sets.
        equal: field that a bare number sets.
        rule: that is hard once a number is said.
        rule_low: the same of "at least" alone, which are hard unless a sentence says otherwise.
        rule_high: the same of "at most".
        indicator: of a target or an objective.
        objective: indicator that it stands for as an objective only.
        land_use: it is one.
        intensity: it is one.
        preset: whose weights put it first.
        whole_preset: it is one.
        denied_rule: rule that "no" makes hard.
        per_year: "may" or "must" be said of a year.
        year: "must" name a year of the programme.
        mode: "must" say how a rule is treated.
        needs: kind of a word that must be there.
        beside: kinds of words that add nothing.
        district: whether it is one of a district.
        objective_only: whether it is an indicator that no number is said of.
    """

    name: str
    unit: str = ""
    low: str = ""
    high: str = ""
    equal: str = ""
    rule: str = ""
    rule_low: str = ""
    rule_high: str = ""
    indicator: str = ""
    objective: str = ""
    land_use: str = ""
    intensity: str = ""
    preset: str = ""
    whole_preset: str = ""
    denied_rule: str = ""
    per_year: str = ""
    year: str = ""
    mode: str = ""
    needs: str = ""
    beside: tuple[str, ...] = ()
    district: bool = False
    objective_only: bool = False


@dataclass(frozen=True)
class Mention:
    """A word that speaks of a thing, whole or as one of several parts that must all be said.

    Attributes:
        thing: name.
        part: which part it is of which way to say it; "" = the whole.
        of: all parts of that way.
    """

    thing: str
    part: str = ""
    of: tuple[str, ...] = ()


@dataclass(frozen=True)
class Meaning:
    """What a phrase does.

    Attributes:
        kind: as in words.yaml; "thing" for a thing.
        value: the group inside the kind.
        mentions: of a thing, what it may be.
    """

    kind: str
    value: str = ""
    mentions: tuple[Mention, ...] = ()


def plain(phrase: str) -> str:
    """A phrase as it is compared: lower case, hyphens between letters as spaces."""
    return _LETTERS_APART.sub(" ", phrase.lower())


def read_table(name: str) -> dict[str, Any]:
    """One YAML file beside this one, without its suffix."""
    content: dict[str, Any] = yaml.safe_load(Path(__file__).with_name(f"{name}.yaml").read_text(encoding="utf-8"))
    return content


@cache
def things() -> Mapping[str, Thing]:
    """Every thing by its name: those of things.yaml, then indicators, rules and parameters by their keys."""
    known = {field.name for field in fields(Thing)}
    found = {}
    for name, entry in read_table("things").items():
        given: dict[str, Any] = {
            key: tuple(value) if key == "beside" else value for key, value in entry.items() if key in known
        }
        found[name] = Thing(name, **given)
    return found | {thing.name: thing for thing, _ in _labelled()}


@cache
def phrases() -> Mapping[str, Meaning]:
    """Phrase -> what it does.

    Raises:
        ValueError: a phrase has two kinds.
    """
    table: dict[str, Meaning] = {}
    for kind, entry in read_table("words").items():
        for group, words in entry.items() if isinstance(entry, dict) else (("", entry),):
            for word in words:
                phrase = plain(word)
                if table.setdefault(phrase, Meaning(kind, group)) != Meaning(kind, group):
                    msg = f"{phrase} is {table[phrase].kind} and {kind}"
                    raise ValueError(msg)
    for phrase, mentions in _mentions().items():
        if phrase not in table:
            table[phrase] = Meaning("thing", "", tuple(mentions))
    return table


def _mentions() -> dict[str, list[Mention]]:
    found: dict[str, list[Mention]] = {}
    for name, entry in read_table("things").items():
        for words in entry["words"]:
            parts = tuple(plain(part.strip()) for part in words.split("..."))
            for part in parts:
                mention = Mention(name) if len(parts) == 1 else Mention(name, part, parts)
                found.setdefault(part, []).append(mention)
    for thing, label in _labelled():
        if label not in found or all(mention.part for mention in found[label]):
            found.setdefault(label, []).append(Mention(thing.name))
    return found


@cache
def _labelled() -> tuple[tuple[Thing, str], ...]:
    """Things with their labels that no entry of things.yaml names; an indicator's label comes before a parameter's."""
    taken: set[str] = set()
    found: list[tuple[Thing, str]] = []
    for thing, labels in (*_indicators(), *_rules(), *_parameters()):
        fresh = [plain(label) for label in labels if plain(label) not in taken and not _PUNCTUATION.search(label)]
        found += [(thing, label) for label in fresh]
        taken.update(fresh)
    return tuple(found)


def _indicators() -> Iterator[tuple[Thing, list[str]]]:
    """Indicators with their labels, of which what stands in brackets says the time, and what sentences call them."""
    for name, entry in read_texts("indicators").items():
        if isinstance(entry, dict) and "label" in entry:
            labels = [_IN_BRACKETS.split(label)[0] for label in entry["label"].values()]
            thing = Thing(f"indicator {name}", str(entry.get("unit", "")), indicator=name)
            yield thing, [*labels, *entry.get("called", ()), name]


def _rules() -> Iterator[tuple[Thing, list[str]]]:
    for key, entry in catalogue().items():
        if key.startswith(_RULE_LABEL) and f"{key}_recipe" in catalogue():
            name = key.removeprefix(_RULE_LABEL)
            yield Thing(f"rule {name}", rule=name), [*(entry[language] for language in LANGUAGES), name]


def _parameters() -> Iterator[tuple[Thing, list[str]]]:
    for key, entry in load_book().items():
        if isinstance(entry.value, float):
            thing = Thing(f"parameter {key}", entry.unit, equal=f"parameters.{key}")
            yield thing, [entry.label_zh, entry.label_en, key]
