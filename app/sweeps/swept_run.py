"""One run of a sweep: everything that determines it, the digest of that, and the name of its folder."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.runs.record import versions
from app.sweeps.names import ID_PREFIX
from envs.kernel.model_version import MODEL_VERSION

ID_DIGITS = 16
IDENTITY_VERSION = 1
"""Of what a digest is made of."""
NOT_DETERMINING = ("platform",)
"""Entries of the versions that a run does not hang on."""


@dataclass(frozen=True)
class SweptRun:
    """One run of a sweep, as plain data that any worker understands.

    Attributes:
        factors: factor -> its level, in the order of the file; what tells the runs of a sweep apart.
        city: embedded name or absolute path.
        city_digest: of the city as whoever planned the sweep read it.
        scenario: fields as in a scenario's file.
        scenario_digest: of everything in the scenario but its parameters.
        parameters_digest: of the parameters with the scenario's changes.
        bargaining_digest: of those of bargaining, where the scenario looks at it; else empty.
        objectives: names.
        algorithm: of the search, or `policy`.
        with_policy: whether the search begins with plans of the shipped policy.
        policy: digest of the policy, where one may plan; else empty.
        plans: preferences that `policy` plans for.
        evaluations: budget; None = no such limit.
        minutes: budget; None = no such limit.
        seed: of the search.
        versions: of the program and the libraries.
    """

    factors: dict[str, Any]
    city: str
    city_digest: str
    scenario: dict[str, Any]
    scenario_digest: str
    parameters_digest: str
    bargaining_digest: str
    objectives: tuple[str, ...]
    algorithm: str
    with_policy: bool
    policy: str
    plans: int
    evaluations: int | None
    minutes: float | None
    seed: int
    versions: dict[str, str]

    @property
    def digest(self) -> str:
        """SHA-256 of everything that determines the run; what it is called or where its city lies is no part of it."""
        content = asdict(self)
        for name in ("factors", "city", "scenario"):
            del content[name]
        content |= {"identity_version": IDENTITY_VERSION, "model_version": MODEL_VERSION}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    @property
    def run_id(self) -> str:
        """Name of its folder."""
        return ID_PREFIX + self.digest[:ID_DIGITS]


def determining_versions() -> dict[str, str]:
    """Versions of Python, program and libraries that results may depend on."""
    return {name: found for name, found in versions().items() if name not in NOT_DETERMINING}


def level_text(level: object) -> object:
    """A level as a cell of a table: numbers and texts as they are, anything else as JSON."""
    if isinstance(level, bool | Mapping | list | tuple):
        return json.dumps(level, sort_keys=True, ensure_ascii=False)
    return level
