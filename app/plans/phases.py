"""The three phases of a programme: near, middle and far (近期, 中期, 远期)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.arrays import BoolArray, IntArray
from data.catalogue import text

PHASES = ("near", "middle", "far")


@dataclass(frozen=True)
class Phase:
    """A span of years.

    Attributes:
        name: one of PHASES.
        first: year.
        last: year.
    """

    name: str
    first: int
    last: int

    def label(self, language: str) -> str:
        """Name and years."""
        return text("phase_label", language, phase=text(f"phase_{self.name}", language), years=self.years)

    @property
    def years(self) -> str:
        """First and last, or the only one."""
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"

    def begins(self, start_year: IntArray) -> BoolArray:
        """Which villages begin in it, of the shape of their start years."""
        return (start_year >= self.first) & (start_year <= self.last)


def phases(plan_years: int) -> tuple[Phase, ...]:
    """Spans of about one length that cover every year; as many as there are years, at most three."""
    spans = np.array_split(np.arange(1, plan_years + 1), min(len(PHASES), plan_years))
    return tuple(Phase(name, int(span[0]), int(span[-1])) for name, span in zip(PHASES, spans, strict=False))
