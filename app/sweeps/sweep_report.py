"""What became of a sweep, told while it is carried out and after it."""

from __future__ import annotations

from dataclasses import dataclass, field

from data.catalogue import Told


@dataclass
class SweepReport:
    """What became of a sweep.

    Attributes:
        n_runs: of the sweep.
        n_present: done before.
        n_done: done now.
        failed: run id -> why.
        interrupted: whether it was stopped by hand.
        seconds: by the clock [s].
        worker_seconds: of its workers over the runs done now [s].
    """

    n_runs: int
    n_present: int = 0
    n_done: int = 0
    failed: dict[str, Told] = field(default_factory=dict)
    interrupted: bool = False
    seconds: float = 0.0
    worker_seconds: float = 0.0

    @property
    def n_left(self) -> int:
        """Runs that are neither done nor failed."""
        return self.n_runs - self.n_present - self.n_done - len(self.failed)
