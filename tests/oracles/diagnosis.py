"""A diagnosis a second time, in plain loops: scale, need, entropy, comparison in pairs, density, grades, areas."""

from __future__ import annotations

import itertools
import math

Row = list[float]


def scaled(values: list[Row], more_is_worse: list[bool]) -> list[Row]:
    """Each value between the least and largest known one of its column; 0 where nobody differs."""
    columns = []
    for k, worse in enumerate(more_is_worse):
        known = [row[k] for row in values if not math.isnan(row[k])]
        low, high = (min(known), max(known)) if known else (0.0, 0.0)
        column = []
        for row in values:
            if math.isnan(row[k]):
                column.append(math.nan)
            elif high == low:
                column.append(0.0)
            else:
                share = (row[k] - low) / (high - low)
                column.append(share if worse else 1.0 - share)
        columns.append(column)
    return [list(row) for row in zip(*columns, strict=True)]


def need(rows: list[Row], weights: Row, least_known: float) -> Row:
    """100 x weighted mean of what is known; NaN where too little is."""
    points = []
    for row in rows:
        total = known = 0.0
        for value, weight in zip(row, weights, strict=True):
            if not math.isnan(value):
                total += weight * value
                known += weight
        points.append(100.0 * total / known if known > 0.0 and known >= least_known - 1e-12 else math.nan)
    return points


def entropy_weights(rows: list[Row]) -> Row:
    """1 less the entropy of each column's shares, over their sum; nothing where nobody differs."""
    unevenness = []
    for column in zip(*rows, strict=True):
        known = [value for value in column if not math.isnan(value)]
        total = sum(known)
        if len(known) < 2 or max(known) == min(known):
            unevenness.append(0.0)
            continue
        entropy = 0.0
        for value in known:
            if value > 0.0:
                entropy -= value / total * math.log(value / total)
        unevenness.append(1.0 - entropy / math.log(len(known)))
    whole = sum(unevenness)
    return [value / whole for value in unevenness] if whole > 0.0 else [1.0 / len(unevenness)] * len(unevenness)


def power_iteration(matrix: list[Row], rounds: int = 200) -> tuple[Row, float]:
    """Principal eigenvector (sum 1) and eigenvalue by repeated multiplication."""
    vector, largest = [1.0 / len(matrix)] * len(matrix), 0.0
    for _ in range(rounds):
        image = [sum(entry * x for entry, x in zip(row, vector, strict=True)) for row in matrix]
        largest = sum(image)
        vector = [x / largest for x in image]
    return vector, largest


def density(at: Row, points: list[Row], bandwidth_m: float, kernel: str) -> float:
    """Points per km2 around a place."""
    total = 0.0
    for point in points:
        u = math.dist(at, point) / bandwidth_m
        if kernel == "gaussian":
            total += math.exp(-0.5 * u * u) / (2.0 * math.pi)
        elif u < 1.0:
            total += 3.0 / math.pi * (1.0 - u * u) ** 2
    return total / (bandwidth_m / 1000.0) ** 2


def squares_within(values: Row, bounds: Row) -> float:
    """Sum of squares around the mean of each class between bounds."""
    total = 0.0
    for low, high in itertools.pairwise([-math.inf, *bounds, math.inf]):
        members = [value for value in values if low <= value < high]
        if members:
            mean = sum(members) / len(members)
            total += sum((value - mean) ** 2 for value in members)
    return total


def best_squares(values: Row, n_classes: int) -> float:
    """The least of them over every division of the different values."""
    levels = sorted(set(values))
    n_bounds = min(n_classes, len(levels)) - 1
    return min(squares_within(values, list(bounds)) for bounds in itertools.combinations(levels[1:], n_bounds))


def weak(rows: list[Row], share: float) -> list[list[bool]]:
    """Village by village: whether so few are as badly off or worse that they fit into the worst share."""
    marks = []
    for row in rows:
        line = []
        for k, value in enumerate(row):
            known = [other[k] for other in rows if not math.isnan(other[k])]
            if math.isnan(value) or value == min(known):
                line.append(False)
                continue
            as_bad = sum(other >= value for other in known)
            line.append(as_bad <= math.floor(share * len(known) + 1e-9))
        marks.append(line)
    return marks


def likeness(village: Row, case: Row, spreads: Row) -> tuple[float, int]:
    """Root mean square of differences of logarithms over what both know, and how many that are."""
    squares = []
    for mine, theirs, spread in zip(village, case, spreads, strict=True):
        if not (math.isnan(mine) or math.isnan(theirs)):
            squares.append(((math.log(mine) - math.log(theirs)) / spread) ** 2)
    return (math.sqrt(sum(squares) / len(squares)) if squares else math.inf), len(squares)
