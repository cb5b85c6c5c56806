"""The table of a sweep a second time, in plain loops: one scale for all runs of a group, boxes counted one by one."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

REFERENCE = 1.1
MORE_IS_BETTER = ("net_present_value_cny", "service_accessibility")


def run_values(folder: Path) -> tuple[dict[str, Any], list[list[float]]]:
    """run.json, and the objectives of every plan of the front."""
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    with (folder / "front.csv").open(encoding="utf-8", newline="") as file:
        rows = [[float(row[name]) for name in record["objectives"]] for row in csv.DictReader(file)]
    return record, rows


def hypervolume(points: list[list[float]]) -> float:
    """Share of the box up to REFERENCE that some point (0 = best, 1 = worst) is better than: cell by cell."""
    inside = [point for point in points if all(value < REFERENCE for value in point)]
    if not inside:
        return 0.0
    n = len(inside[0])
    edges = [[*sorted({point[k] for point in inside}), REFERENCE] for k in range(n)]
    volume = 0.0
    cells: list[list[int]] = [[]]
    for k in range(n):
        cells = [[*cell, step] for cell in cells for step in range(len(edges[k]) - 1)]
    for cell in cells:
        low = [edges[k][step] for k, step in enumerate(cell)]
        if any(all(point[k] <= low[k] for k in range(n)) for point in inside):
            volume += math.prod(edges[k][step + 1] - edges[k][step] for k, step in enumerate(cell))
    return volume / REFERENCE**n


def measured(folders: list[Path]) -> list[dict[str, float]]:
    """Hypervolume, size of the front and best values of each run of one group."""
    found = [run_values(folder) for folder in folders]
    names = found[0][0]["objectives"]
    best, worst = {}, {}
    for name in names:
        tops = [record["anchors"][name]["best"] for record, _ in found]
        bottoms = [record["anchors"][name]["worst"] for record, _ in found]
        rising = name in MORE_IS_BETTER
        best[name], worst[name] = (max(tops), min(bottoms)) if rising else (min(tops), max(bottoms))
    rows = []
    for _, values in found:
        points = [
            [(best[n] - value) / (best[n] - worst[n]) for n, value in zip(names, row, strict=True)] for row in values
        ]
        row = {"hypervolume": hypervolume(points), "plans": float(len(values))}
        for k, name in enumerate(names):
            column = [value[k] for value in values]
            row[f"best_{name}"] = max(column) if name in MORE_IS_BETTER else min(column)
        rows.append(row)
    return rows
