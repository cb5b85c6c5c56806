"""What plans choose among, whoever says so: the kernel's option space, or any model."""

from __future__ import annotations

from typing import Protocol

from data.arrays import BoolArray, FloatArray, IntArray


class LegalChoices(Protocol):
    """What may be done with each village, and when."""

    @property
    def option_mask(self) -> BoolArray:
        """True where the village may take the option, shape (n_villages, n_options)."""
        ...

    @property
    def start_mask(self) -> BoolArray:
        """True where it may start in the year (column 0 = keep), shape (n_villages, plan_years + 1)."""
        ...

    @property
    def fixed_mask(self) -> BoolArray:
        """True for villages whose decision is given, shape (n_villages,)."""
        ...


class Choices(LegalChoices, Protocol):
    """Legal choices whose options are of several kinds."""

    @property
    def n_options(self) -> int:
        """Options besides keep, before masks."""
        ...

    @property
    def option_kinds(self) -> tuple[IntArray | FloatArray, ...]:
        """Attributes of the options, (n_options,) each: options that share a land use share its number there."""
        ...
