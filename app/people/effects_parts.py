"""Parts of the people by the names that tables, charts and sentences on gains and losses give them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data.catalogue import text
from data.city import City
from envs.people.effects.effects import Effects
from envs.people.effects.parts import Parts

NamedParts = tuple[Sequence[str], Parts]
"""What each part is called, and the parts."""
DIVISIONS = ("groups", "fates", "districts", "tenths")


def named_parts(effects: Effects, city: City, language: str) -> dict[str, tuple[NamedParts, ...]]:
    """Every way to divide the people, its parts in the order in which they are shown.

    Args:
        effects: of a plan.
        city: whose districts.
        language: en or zh.

    Returns:
        One of DIVISIONS -> parts; groups stand between all residents of villages and all of the city.
    """
    tenths = [text("effects_tenth", language, n=name) for name in effects.tenths.names]
    return {
        "groups": (
            ([text("effects_villages", language)], effects.residents),
            (_labels(effects.kinds, "group", language), effects.kinds),
            ([text("effects_city", language)], effects.city),
        ),
        "fates": ((_labels(effects.fates, "fate", language), effects.fates),),
        "districts": ((list(city.districts), effects.districts),),
        "tenths": ((tenths, effects.tenths),),
    }


def renting_parts(shown: Mapping[str, Sequence[NamedParts]]) -> tuple[NamedParts, ...]:
    """Of `named_parts`: groups and fates, some of whom rent."""
    return (shown["groups"][1], *shown["fates"])


def _labels(parts: Parts, division: str, language: str) -> list[str]:
    return [text(f"effects_{division}_{name}", language) for name in parts.names]
