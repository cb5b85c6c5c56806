"""Compute the anchors that ship with the embedded cities; run as `python -m optimizers.bench.embedded_anchors`."""

from __future__ import annotations

import sys

from data.files.cities import load_city
from data.scenario_files import load_scenario
from envs.choices.anchors import SHIPPED, write_anchors
from envs.kernel import resolve
from optimizers.search.compute_anchors import ANCHOR_EVALUATIONS, compute_anchors

SHIPPED_FOR = (
    ("tiny", "tiny"),
    ("tiny", "balanced"),
    ("beijing", "balanced"),
    ("beijing", "binding"),
    ("beijing", "by_the_rules"),
)
"""City and scenario; the four presets without hard limits have the same bounds and share one set of anchors."""


def main() -> None:
    """Replace the shipped anchors."""
    for old in SHIPPED.glob("*.json"):
        old.unlink()
    for city, scenario in SHIPPED_FOR:
        resolved = resolve(load_scenario(scenario), load_city(city))
        computed = compute_anchors(resolved, resolved.scenario.objectives, threads=2, evaluations=ANCHOR_EVALUATIONS)
        sys.stdout.write(f"{city} {scenario}: {write_anchors(computed, SHIPPED).name} {computed.best}\n")


if __name__ == "__main__":
    main()
