"""The clause behind each rule: where it is written, what it asks for, and what holds its limit."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from data.catalogue import read_texts, text
from envs.kernel.resolved_scenario import ResolvedScenario
from envs.rules.registry import RULES

BASES = ("policy", "study", "estimate", "scenario", "city", "model")
"""Kinds of basis that a clause may have."""
TARGET = "target"
"""Stands for every target of a scenario."""


@dataclass(frozen=True)
class Clause:
    """What a rule rests on; its words are in data/texts/clauses.yaml.

    Attributes:
        name: of the rule, or TARGET.
        basis: one of BASES.
        parameter: key of the book that holds the limit; empty where none does.
        fields: of the scenario or the city that hold it or decide it.
    """

    name: str
    basis: str
    parameter: str
    fields: tuple[str, ...]

    def article(self, language: str) -> str:
        """Where it is written, in en or zh."""
        return text(f"clause_{self.name}.article", language)

    def demand(self, language: str) -> str:
        """What it asks for, in en or zh."""
        return text(f"clause_{self.name}.demand", language)

    def source(self, resolved: ResolvedScenario) -> tuple[str, str]:
        """Source and letter of confidence of the limit, as the book records them; empty without a parameter."""
        if not self.parameter:
            return "", ""
        entry = resolved.book[self.parameter]
        return entry.source, entry.confidence

    def is_changed(self, resolved: ResolvedScenario) -> bool:
        """Whether the scenario gives the limit another value than the book."""
        return self.parameter in resolved.book.changed


def clause_of(rule: str) -> Clause:
    """Clause of a rule; every target has that of TARGET.

    Args:
        rule: name in RULES, or of a target.
    """
    return _clauses()[rule if rule in RULES else TARGET]


@cache
def _clauses() -> dict[str, Clause]:
    entries: dict[str, Any] = read_texts("clauses")
    return {
        name: Clause(name, entry["basis"], entry.get("parameter", ""), tuple(entry.get("fields", ())))
        for name in (*RULES, TARGET)
        for entry in (entries[f"clause_{name}"],)
    }
