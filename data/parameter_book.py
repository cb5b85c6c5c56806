"""The parameter book: every assumption of the model as data, with its range, unit, year, source and confidence.

`data/parameters/*.yaml` hold the entries. A key is a fact; an entry with `same_as` is a second name of a fact, for
readers that look a parameter up by category or rule, and never holds a number of its own. An entry that `follows`
another keeps its value as long as neither is given one apart.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from data.errors import refuse
from data.parameter import CONFIDENCES, Parameter, items_of, plain_value, shape_of, unknown_name
from data.parameter_entry import read_entry, read_second_name
from data.strict_yaml import read_mapping

PARAMETERS_FOLDER = Path(__file__).parent / "parameters"

RETIRED = frozenset(
    [
        "carbon.ev_car",
        "cost.hospital",
        "cost.kindergarten",
        "finance.first_level_margin",
        "speed.bike",
        "speed.walk",
        "time.sale",
    ]
)
"""Keys that left the book: no equation read them. Files written before may still give them; that changes nothing."""


class Book(Mapping[str, Parameter]):
    """The parameters by key; immutable, `override` makes a changed copy."""

    def __init__(self, entries: Mapping[str, Parameter], published: Mapping[str, Parameter] | None = None) -> None:
        """Hold `entries`; `published` are the same keys with the values of the files (default: the entries)."""
        self._entries = dict(entries)
        self._published = dict(entries if published is None else published)

    def __getitem__(self, key: str) -> Parameter:
        """The entry of a key."""
        try:
            return self._entries[key]
        except KeyError:
            raise KeyError(unknown_name(key, self._entries)) from None

    def __iter__(self) -> Iterator[str]:
        """Keys, file by file."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Number of keys."""
        return len(self._entries)

    @property
    def estimates(self) -> tuple[str, ...]:
        """Keys of the facts that are estimates or modeling choices; second names are not counted again."""
        return tuple(key for key in self.facts if self[key].is_estimate)

    @property
    def facts(self) -> tuple[str, ...]:
        """Keys that are no second names."""
        return tuple(key for key, entry in self._entries.items() if not entry.same_as)

    def letter_counts(self) -> dict[str, int]:
        """How many facts have each letter of confidence."""
        count = Counter(self[key].confidence for key in self.facts)
        return {letter: count[letter] for letter in CONFIDENCES}

    def number(self, key: str) -> float:
        """A single number, in the unit of its entry."""
        value = self[key].value
        if not isinstance(value, float):
            raise TypeError(f"{key} is {shape_of(value)}, not a number")
        return value

    def table(self, key: str) -> dict[str, float]:
        """A named group of numbers."""
        value = self[key].value
        if not isinstance(value, Mapping):
            raise TypeError(f"{key} is {shape_of(value)}, not a table")
        return dict(value)

    def series(self, key: str) -> tuple[float, ...]:
        """A sequence of numbers."""
        numbers = tuple(item for item in items_of(self[key].value) if isinstance(item, float))
        if not isinstance(self[key].value, tuple) or not numbers:
            raise TypeError(f"{key} is {shape_of(self[key].value)}, not a series")
        return numbers

    def names(self, key: str) -> tuple[str, ...]:
        """A list of names."""
        names = tuple(item for item in items_of(self[key].value) if isinstance(item, str))
        if not isinstance(self[key].value, tuple) or not names:
            raise TypeError(f"{key} is {shape_of(self[key].value)}, not a list of names")
        return names

    def override(self, values: Mapping[str, Any]) -> Book:
        """A copy with other values; a second name changes the fact that it names, and what follows a fact moves along.

        Args:
            values: key -> number, list (series) or mapping (table), shaped and in the unit as the entry has it; a
                key of RETIRED is passed over.

        Raises:
            InputError: unknown key, wrong shape, not finite, physically impossible, or two values for one fact. Values
                outside low..high are accepted; `outside_range` lists them.
        """
        facts: dict[str, Parameter] = {}
        named: dict[str, str] = {}
        for key, raw in values.items():
            if key in RETIRED and key not in self._entries:
                continue
            if key not in self._entries:
                raise refuse(unknown_name(key, self._entries))
            entry = self._entries[key]
            changed = entry.with_value(raw)
            fact = entry.same_as or key
            if fact in facts and facts[fact].value != changed.value:
                raise refuse("fact_given_twice", first=named[fact], second=key)
            facts[fact] = replace(self._entries[fact], value=changed.value)
            named[fact] = key
        moved = {key: replace(self[key], value=facts[self[key].follows].value) for key in self._following(facts)}
        given = moved | facts
        return Book({key: _named(entry, given) for key, entry in self._entries.items()}, self._published)

    def _following(self, facts: Mapping[str, Parameter]) -> list[str]:
        """Keys that equal one of the facts they follow, as long as nobody gave them a value apart."""
        return [key for key in self.facts if self[key].follows in facts and self._goes_along(key)]

    def _goes_along(self, key: str) -> bool:
        return bool(self[key].follows) and self[key].value == self[self[key].follows].value

    @cached_property
    def changed(self) -> frozenset[str]:
        """Keys (second names included) whose value differs from the book's files."""
        return frozenset(key for key, entry in self._entries.items() if entry.value != self._published[key].value)

    def changes(self) -> dict[str, Any]:
        """The least overrides that make this book from the published one, as plain numbers, lists and mappings."""
        changed = {key for key in self.changed if not self._goes_along(key)}
        apart = {key for key in self.facts if self[key].follows in changed and not self._goes_along(key)}
        return {key: plain_value(self[key].value) for key in self.facts if key in changed | apart}

    def values_by_key(self) -> dict[str, Any]:
        """Every value as plain number, list or mapping."""
        return {key: plain_value(entry.value) for key, entry in self._entries.items()}

    def outside_range(self) -> tuple[str, ...]:
        """Keys of numbers outside their low..high, second names left out."""
        return tuple(key for key, entry in self._entries.items() if entry.is_outside_range and not entry.same_as)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of keys and values of what the evaluator reads, and what nobody does."""
        return self._digest_of("")

    @cached_property
    def residents_digest(self) -> str:
        """SHA-256 of keys and values that only the drawing of residents reads."""
        return self._digest_of("residents")

    @cached_property
    def day_digest(self) -> str:
        """SHA-256 of keys and values that only the day of residents reads."""
        return self._digest_of("day")

    @cached_property
    def bargaining_digest(self) -> str:
        """SHA-256 of keys and values that only the bargaining of parties reads."""
        return self._digest_of("bargaining")

    @cached_property
    def diagnosis_digest(self) -> str:
        """SHA-256 of keys and values that only a diagnosis reads."""
        return self._digest_of("diagnosis")

    @cached_property
    def futures_digest(self) -> str:
        """SHA-256 of keys and values that only futures read."""
        return self._digest_of("futures")

    def _digest_of(self, reader: str) -> str:
        values = {key: value for key, value in self.values_by_key().items() if self[key].read_by == reader}
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()

    def rows(self) -> list[dict[str, Any]]:
        """One record per key, for tables and exports."""
        return [
            {
                "key": key,
                "label_en": entry.label_en,
                "label_zh": entry.label_zh,
                "value": entry.value_text,
                "low": entry.low,
                "high": entry.high,
                "unit": entry.unit,
                "year": entry.year,
                "source": entry.source,
                "confidence": entry.confidence,
                "estimate": entry.is_estimate,
                "changed": key in self.changed,
                "same_as": entry.same_as,
                "read": entry.is_read,
                "note": entry.note,
            }
            for key, entry in self._entries.items()
        ]


@cache
def load_book() -> Book:
    """The published parameter book.

    Raises:
        InputError: an entry is malformed; the message names file, key and rule.
    """
    return read_book(sorted(PARAMETERS_FOLDER.glob("*.yaml")))


def read_book(files: Iterable[Path]) -> Book:
    """Read entries from YAML files, in the order given.

    Raises:
        InputError: a file is not YAML, an entry is malformed or given twice; the message names file, key and rule.
    """
    entries: dict[str, Parameter] = {}
    second_names: dict[str, tuple[Path, Mapping[str, Any]]] = {}
    for file in files:
        for key, fields in read_mapping(file).items():
            if key in entries or key in second_names:
                raise refuse("parameter_twice", file=file, layer=key)
            if not isinstance(fields, dict):
                raise refuse("parameter_no_mapping", file=file, layer=key)
            if "same_as" in fields:
                second_names[key] = (file, fields)
            else:
                entries[key] = read_entry(key, fields, file)
    for key, entry in entries.items():
        if entry.follows and entry.follows not in entries:
            raise refuse(unknown_name(entry.follows, entries), layer=f"{key}: follows")
    names = {key: read_second_name(key, fields, file, entries) for key, (file, fields) in second_names.items()}
    return Book({**entries, **names})


def _named(entry: Parameter, facts: Mapping[str, Parameter]) -> Parameter:
    fact = facts.get(entry.same_as or entry.key)
    return entry if fact is None else replace(entry, value=fact.value)
