"""Anchors: what each objective is worth at the empty plan and at the best plan known; stored by digest."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from data.arrays import FloatArray
from envs.kernel.futures.robust_names import CHANCE, ROBUST, wanted_of
from envs.kernel.resolved_scenario import ResolvedScenario

SHIPPED = Path(__file__).parent / "anchor_files"
NOT_A_BOUND = frozenset(("name", "label", "preferences", "targets"))
"""Fields of a scenario that do not change which plans are allowed or what they are worth."""


@dataclass(frozen=True)
class Anchors:
    """Anchors of a city, scenario and set of objectives, in natural units.

    Attributes:
        objectives: names.
        base: the empty plan.
        best: best single-objective value found.
        worst: worst of base and of the other objectives' best plans.
        evaluations: budget of each single-objective search.
        seed: its seed.
        digest: of what they were computed for.
    """

    objectives: tuple[str, ...]
    base: tuple[float, ...]
    best: tuple[float, ...]
    worst: tuple[float, ...]
    evaluations: int
    seed: int
    digest: str

    @property
    def ranges(self) -> FloatArray:
        """|best - worst| per objective, natural units; 1 where they coincide."""
        span = np.abs(np.array(self.best) - np.array(self.worst))
        return np.where(span > 0.0, span, 1.0)

    def normalized(self, values: FloatArray) -> FloatArray:
        """(f - worst) / (best - worst): 1 = best, 0 = worst; shape (n_plans, n_objectives)."""
        return (values - np.array(self.worst)) / np.where(
            np.array(self.best) >= np.array(self.worst), self.ranges, -self.ranges
        )


def anchor_digest(resolved: ResolvedScenario, objectives: tuple[str, ...]) -> str:
    """SHA-256 of everything that can change an anchor."""
    bounds = resolved.scenario.digested(exclude=NOT_A_BOUND)
    inputs = (
        resolved.city.digest,
        json.dumps(bounds, sort_keys=True, ensure_ascii=False),
        *resolved.parameter_digests,
        *_of_futures(resolved, objectives),
        *objectives,
    )
    return hashlib.sha256("|".join(inputs).encode()).hexdigest()


def _of_futures(resolved: ResolvedScenario, objectives: tuple[str, ...]) -> tuple[str, ...]:
    """What robust objectives hang on besides: how markets move, and what a chance is asked for."""
    named = [ROBUST[name] for name in objectives if name in ROBUST]
    wanted = [wanted_of(resolved.scenario, measure) for measure, statistic in named if statistic == CHANCE]
    return (resolved.book.futures_digest, repr(wanted)) if named else ()


def stored_anchors(
    resolved: ResolvedScenario, objectives: tuple[str, ...] | None = None, *, cache: Path | None = None
) -> Anchors | None:
    """Anchors that are shipped or cached; None where nobody has computed them.

    Args:
        resolved: scenario resolved against a city.
        objectives: names; None = the scenario's.
        cache: folder to read from besides the shipped one.

    Returns:
        The anchors, or None.
    """
    digest = anchor_digest(resolved, resolved.scenario.objectives if objectives is None else objectives)
    for folder in filter(None, (SHIPPED, cache)):
        anchors = _read(folder / f"{digest[:16]}.json", digest)
        if anchors is not None:
            return anchors
    return None


def write_anchors(anchors: Anchors, folder: Path) -> Path:
    """Store anchors under their digest."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{anchors.digest[:16]}.json"
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    partial.write_text(json.dumps(asdict(anchors), indent=1) + "\n")
    partial.replace(path)
    return path


def _read(path: Path, digest: str) -> Anchors | None:
    if not path.exists():
        return None
    content: dict[str, Any] = json.loads(path.read_text())
    if content["digest"] != digest:
        return None
    return Anchors(
        objectives=tuple(content["objectives"]),
        base=tuple(content["base"]),
        best=tuple(content["best"]),
        worst=tuple(content["worst"]),
        evaluations=content["evaluations"],
        seed=content["seed"],
        digest=content["digest"],
    )
