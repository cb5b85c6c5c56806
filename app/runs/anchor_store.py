"""Anchors of a city, scenario and objectives: shipped, kept from an earlier command, or computed; as text."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from app.files.kept import usable_folder
from app.runs.loading import refuse_undefined_objectives
from app.runs.record import anchor_ranges
from app.words.console import table_text, value_text
from data.catalogue import text
from envs.choices.anchors import Anchors
from envs.kernel import Plans, ResolvedScenario
from envs.kernel.indicators.registry import indicator
from optimizers.search.compute_anchors import anchors, anchors_within


def known_anchors(resolved: ResolvedScenario, *, threads: int = 1) -> Anchors:
    """Anchors of a scenario; without a folder to keep them in, they are computed each time.

    Args:
        resolved: scenario resolved against a city.
        threads: worker threads, where they must be computed.

    Raises:
        InputError: an objective has no value for the empty plan.
    """
    refuse_undefined_objectives(resolved)
    return anchors(resolved, threads=threads, cache=usable_folder())


def anchors_in_time(
    resolved: ResolvedScenario, seconds: float, *, threads: int = 1, clock: Callable[[], float] = time.perf_counter
) -> tuple[Anchors, Plans | None]:
    """Anchors of a scenario, searched for a given time at most, and the plans found on the way.

    Args:
        resolved: scenario resolved against a city.
        seconds: for what is not known [s].
        threads: worker threads.
        clock: what the seconds are read from; one that goes to infinity ends the searches.

    Raises:
        InputError: an objective has no value for the empty plan.
    """
    refuse_undefined_objectives(resolved)
    return anchors_within(resolved, seconds, threads=threads, cache=usable_folder(), clock=clock)


def anchor_text(objectives: Sequence[str], anchors: Anchors, language: str) -> str:
    """Base, best and worst by objective, in natural units."""
    rows = [
        (name, *(value_text(value, indicator(name).unit, language) for _, value in anchor))
        for name, anchor in anchor_ranges(objectives, anchors).items()
    ]
    header = [text(f"anchors_{name}", language) for name in ("objective", "base", "best", "worst")]
    return table_text(header, rows)
