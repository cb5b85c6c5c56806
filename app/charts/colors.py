"""Colors of maps and charts, told apart by the color-blind; each is said in words beside it, too."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442")
"""Okabe & Ito (2008)."""
VIRIDIS = ("#440154", "#482878", "#3e4989", "#31688e", "#26828e", "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725")
CIVIDIS = ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838")
DIVERGING = ("#b35806", "#f1a340", "#d8d8d0", "#998ec3", "#542788")
"""From worse to better (ColorBrewer PuOr)."""
KEPT_COLOR, REHABILITATED_COLOR, EDGE_COLOR, EARLIER_COLOR = "#b9b9b2", "#7a7a72", "#8a8a80", "#7f7f7f"
EMPTY_COLOR = "#e3e3dc"
"""Of land where next to nobody is."""
FLOW_COLOR = "#20202a"
"""Of lines above the light half of VIRIDIS."""
LOSES_COLOR, UNMOVED_COLOR, GAINS_COLOR = "#e08214", "#d8d8d0", "#542788"
"""Who loses and gains: of DIVERGING's hues, told apart in gray as well."""
HELD_COLOR = "#7fb3a6"
"""Of what holds."""
BROKEN_COLORS = {"reported": "#f0e442", "penalized": "#e69f00", "excepted": "#cc79a7", "hard": "#b5361c"}
"""Of rules that are broken, from told to hard; their grays differ as well."""
PHASE_COLORS = {"near": "#b5361c", "middle": "#f0a02e", "far": "#3f8fc4"}
"""From soon to late; their grays differ as well."""


def sequence(colors: Sequence[str], n: int) -> list[str]:
    """Some colors, evenly spaced over a palette."""
    if n <= 1:
        return [colors[len(colors) // 2]]
    position = np.linspace(0, len(colors) - 1, n)
    return [colors[round(float(p))] if n <= len(colors) else _between(colors, float(p)) for p in position]


def _between(colors: Sequence[str], position: float) -> str:
    low = int(position)
    high, share = min(low + 1, len(colors) - 1), position - low
    pair = [[int(colors[k][c : c + 2], 16) for c in (1, 3, 5)] for k in (low, high)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(*pair, strict=True))
