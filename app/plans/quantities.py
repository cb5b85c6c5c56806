"""What is measured, whoever measures it: label, unit and better side, as tables and charts say them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from app.words.console import OwnUnit
from envs.kernel.indicators.registry import INDICATORS

MARKUP = str.maketrans("", "", "<>[]`$*\\|#")
"""Letters that a page or a chart might take for more than a letter."""


class Quantity(Protocol):
    """A measured quantity; an indicator of the kernel is one."""

    @property
    def label(self) -> Mapping[str, str]:
        """By language."""
        ...

    @property
    def unit(self) -> str:
        """Of its values."""
        ...

    @property
    def sense(self) -> str:
        """Its better side, max or min; empty where neither is better."""
        ...


@dataclass(frozen=True)
class NamedQuantity:
    """A quantity of somebody else's model; see Quantity."""

    label: Mapping[str, str]
    unit: str
    sense: str


def named_quantity(label: Mapping[str, str], unit: str | Mapping[str, str], sense: str) -> NamedQuantity:
    """A quantity whose words come from a file: letters of markup are left out."""
    own = unit.translate(MARKUP) if isinstance(unit, str) else OwnUnit(_without_markup(unit))
    return NamedQuantity(_without_markup(label), own, sense)


def _without_markup(words: Mapping[str, str]) -> dict[str, str]:
    return {language: said.translate(MARKUP) for language, said in words.items()}


Quantities = Mapping[str, Quantity]
KERNEL_QUANTITIES: Quantities = INDICATORS
"""Of every run of the program's own model."""
