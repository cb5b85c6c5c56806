"""Dataclasses of arrays that share their first axis."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from envs.kernel.backend import Array


@dataclass(eq=False)
class Batched:
    """A batch: base of a dataclass whose fields are arrays, or such dataclasses, with one row per environment."""

    def take(self, rows: Array) -> Self:
        """A copy of some rows, as often as they are named."""
        parts = (getattr(self, item.name) for item in fields(self))
        return type(self)(*(part.take(rows) if isinstance(part, Batched) else part[rows] for part in parts))

    def put(self, rows: Array, other: Self) -> None:
        """Overwrite some rows by all rows of another."""
        for item in fields(self):
            mine, theirs = getattr(self, item.name), getattr(other, item.name)
            if isinstance(mine, Batched):
                mine.put(rows, theirs)
            else:
                mine[rows] = theirs
