"""Reference fronts: the best that all methods together are known to reach, stored with the digest of what it is for."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from data.arrays import FloatArray
from envs.choices.anchors import Anchors, anchor_digest
from envs.kernel.indicators.registry import objective_signs
from envs.kernel.resolved_scenario import ResolvedScenario
from optimizers.algorithms.request import SearchRequest
from optimizers.problem.front import hypervolume, non_dominated
from optimizers.search.run_search import search

SHIPPED = Path(__file__).parent / "reference_fronts"


@dataclass(frozen=True)
class Contribution:
    """One search that contributed.

    Attributes:
        algorithm: name.
        seed: of its random choices.
        minutes: its budget.
        threads: worker threads.
        evaluations: plans it evaluated.
        machine: processor and cores.
    """

    algorithm: str
    seed: int
    minutes: float
    threads: int
    evaluations: int
    machine: str


@dataclass(frozen=True)
class ReferenceFront:
    """Union of the fronts of several methods.

    Attributes:
        digest: of city, scenario, parameters and objectives (envs.choices.anchors.anchor_digest).
        objectives: names.
        parts: the searches.
        values: non-dominated objectives in natural units at report precision, one row per plan.
    """

    digest: str
    objectives: tuple[str, ...]
    parts: tuple[Contribution, ...] = ()
    values: tuple[tuple[float, ...], ...] = ()

    def with_contribution(self, contribution: Contribution, values: FloatArray) -> ReferenceFront:
        """The union with one more search's front."""
        every = np.concatenate([np.array(self.values).reshape(-1, len(self.objectives)), values])
        kept = every[non_dominated(-every * np.array(objective_signs(self.objectives)))]
        rows = tuple(tuple(row) for row in kept.tolist())
        return replace(self, parts=(*self.parts, contribution), values=rows)

    def hypervolume(self, anchors: Anchors) -> float:
        """Hypervolume of the union, as optimizers.problem.front.hypervolume."""
        return hypervolume(1.0 - anchors.normalized(np.array(self.values)))


def read_reference(resolved: ResolvedScenario, folder: Path = SHIPPED) -> ReferenceFront:
    """The stored union of a scenario; without parts where none is stored."""
    names = resolved.scenario.objectives
    digest = anchor_digest(resolved, names)
    path = folder / f"{digest[:16]}.json"
    if not path.exists():
        return ReferenceFront(digest, names)
    content = json.loads(path.read_text())
    if content["digest"] != digest:
        return ReferenceFront(digest, names)
    parts = tuple(_contribution(entry) for entry in content["parts"])
    return ReferenceFront(digest, names, parts, tuple(tuple(row) for row in content["values"]))


def _contribution(entry: dict[str, Any]) -> Contribution:
    return Contribution(
        algorithm=entry["algorithm"],
        seed=entry["seed"],
        minutes=entry["minutes"],
        threads=entry["threads"],
        evaluations=entry["evaluations"],
        machine=entry["machine"],
    )


def write_reference(reference: ReferenceFront, folder: Path = SHIPPED) -> Path:
    """Store a union under its digest."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{reference.digest[:16]}.json"
    partial = path.with_suffix(f".{os.getpid()}.tmp")
    content = asdict(reference) | {"values": [[float(f"{x:.9g}") for x in row] for row in reference.values]}
    partial.write_text(json.dumps(content) + "\n")
    partial.replace(path)
    return path


def machine() -> str:
    """Processor and cores of this machine."""
    return f"{platform.machine()}, {os.cpu_count()} cores"


def extend_reference(
    resolved: ResolvedScenario, request: SearchRequest, *, anchors: Anchors, folder: Path = SHIPPED
) -> ReferenceFront:
    """Run one method, add its front to the stored union, and store that.

    Args:
        resolved: scenario resolved against a city.
        request: the method; its budget is in minutes.
        anchors: of the scenario.
        folder: where unions are stored.

    Returns:
        The union.
    """
    assert request.budget.minutes is not None
    result = search(resolved, request, known_anchors=anchors)
    contribution = Contribution(
        algorithm=request.algorithm,
        seed=request.seed,
        minutes=request.budget.minutes,
        threads=request.threads,
        evaluations=result.evaluations,
        machine=machine(),
    )
    reference = read_reference(resolved, folder).with_contribution(contribution, result.values)
    write_reference(reference, folder)
    return reference
