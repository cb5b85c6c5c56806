"""Dataclasses of arrays that share their first axis."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

from envs.kernel.computing.backend import Array


@dataclass(eq=False)
class Batched:
    """A batch: base of a dataclass whose fields are arrays, or such dataclasses, with one row per environment."""

    def take(self, rows: Array) -> Self:
        """A copy of some rows, as often as they are named."""
        values = (getattr(self, field.name) for field in fields(self))
        return type(self)(*(value.take(rows) if isinstance(value, Batched) else value[rows] for value in values))

    def put(self, rows: Array, other: Self) -> None:
        """Overwrite some rows by all rows of another."""
        for field in fields(self):
            target, source = getattr(self, field.name), getattr(other, field.name)
            if isinstance(target, Batched):
                target.put(rows, source)
            else:
                target[rows] = source
