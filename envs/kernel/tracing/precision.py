"""How exactly a batch is computed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Precision:
    """How exactly a batch is computed.

    Attributes:
        dtype: of the yearly states; money is always float64.
        rounds: most balancing rounds.
        tolerance: relative error of the margins at which balancing stops; 0 = all rounds.
        all_years: every state year from 0 on; otherwise only years in which the state of a plan can still change,
            the last weighing for those after it (exact unless newcomers wait, which is detected).
    """

    dtype: str
    rounds: int
    tolerance: float
    all_years: bool


SEARCH = Precision(dtype="float32", rounds=1, tolerance=0.0, all_years=False)
REPORT = Precision(dtype="float64", rounds=500, tolerance=1e-11, all_years=True)
