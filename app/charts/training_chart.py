"""How trainings went, as a picture: a curve for every seed, and with several the median and the quartiles of all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from app.charts.fonts import drawing, drawn_language, drawn_text
from data.catalogue import text

LINE, BAND = "#00798c", "#00798c"
FEW = 30
"""So many points are shown one by one, for one alone makes no line."""
PANELS = ("value_over_greedy", "episode_return", "entropy", "value_loss", "kl", "decisions_per_second")
"""Columns that are shown, in their order."""


def write_training_chart(path: Path, trainings: Sequence[pd.DataFrame], *, language: str) -> None:
    """Write a panel for each of PANELS over the decisions so far.

    Args:
        path: PNG to write.
        trainings: of each seed its updates and judgements: `steps`, and the columns of PANELS, NaN where nothing is.
        language: wanted; English where no Chinese font is found.
    """
    language = drawn_language(language)
    with drawing():
        figure = Figure(figsize=(12.0, 6.4), layout="constrained")
        for axes, name in zip(figure.subplots(2, 3).flat, PANELS, strict=True):
            curves = [training[["steps", name]].dropna() for training in trainings]
            _draw(axes, [curve for curve in curves if len(curve)], name)
            axes.set_title(drawn_text(text(f"training_chart_{name}", language)), fontsize=10)
            axes.set_xlabel(drawn_text(text("training_chart_steps", language)), fontsize=8)
            axes.tick_params(labelsize=8)
        figure.suptitle(drawn_text(_title(len(trainings), language)), fontsize=10)
        figure.savefig(path, dpi=110)


def _title(n_seeds: int, language: str) -> str:
    if n_seeds == 1:
        return text("training_chart_title_one", language)
    return text("training_chart_title", language, n=n_seeds)


def _draw(axes: Any, curves: Sequence[pd.DataFrame], name: str) -> None:  # noqa: ANN401 - matplotlib's axes
    """The curves of one column; of several their median and quartiles where all of them are."""
    several = len(curves) > 1
    for curve in curves:
        look: dict[str, Any] = {"alpha": 0.35, "linewidth": 0.8} if several else {"linewidth": 1.4}
        axes.plot(curve["steps"], curve[name], color=LINE, marker="." if len(curve) < FEW else "", **look)
    axes.ticklabel_format(axis="y", useOffset=False)
    if several:
        last = min(curve["steps"].iloc[-1] for curve in curves)
        steps = np.unique(np.concatenate([curve["steps"] for curve in curves]))
        steps = steps[steps <= last]
        values = np.stack([np.interp(steps, curve["steps"], curve[name]) for curve in curves])
        low, middle, high = np.quantile(values, [0.25, 0.5, 0.75], axis=0)
        axes.fill_between(steps, low, high, color=BAND, alpha=0.2, linewidth=0)
        axes.plot(steps, middle, color=LINE, linewidth=1.6)
