"""Charts of reasons: the steps from no renewal to the plan, one for each who contributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.charts.colors import GAINS_COLOR, LOSES_COLOR, UNMOVED_COLOR
from app.files.names import chart_text
from app.reasons.attribution_tables import Step
from app.reasons.attribution_words import amount
from app.web.figures.charts_front import axis_title, largest, shown_scale
from data.catalogue import text
from envs.kernel.indicators.registry import INDICATORS
from envs.reasons.attribution import Shares

ROW_PX, FRAME_PX = 26, 90
MARGIN = 0.12
"""Of the range of the steps, left free on both sides."""


def waterfall_figure(shares: Shares, steps: Sequence[Step], language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """Bars that lead from the value without renewal to that of the plan, from top to bottom.

    Args:
        shares: of an outcome.
        steps: that add up to its change.
        language: zh or en.
    """
    most = largest(np.cumsum([shares.before, *(step.share for step in steps)]))
    factor, sense = shown_scale(shares.name, language, most)[0], INDICATORS[shares.name].sense
    up, down = (GAINS_COLOR, LOSES_COLOR) if sense != "min" else (LOSES_COLOR, GAINS_COLOR)
    ends = (text("reasons_before", language), text("reasons_after", language))
    values = [shares.before, *(step.share for step in steps), 0.0]
    levels, reached = [], 0.0
    for value in values[:-1]:
        reached += value
        levels.append(reached / factor)
    low, high = min(*levels, shares.before / factor), max(*levels, shares.before / factor)
    free = MARGIN * ((high - low) or abs(high) or 1.0)
    said = [amount(shares.name, step.share, language) for step in steps]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            measure=["absolute", *["relative"] * len(steps), "total"],
            y=[ends[0], *(chart_text(step.label) for step in steps), ends[1]],
            x=[value / factor for value in values],
            text=["", *said, ""],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": up}},
            decreasing={"marker": {"color": down}},
            totals={"marker": {"color": UNMOVED_COLOR}},
            connector={"line": {"color": "#8a8a80", "width": 1}},
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(
        height=FRAME_PX + ROW_PX * (len(steps) + 2), margin={"l": 8, "r": 96, "t": 8, "b": 8}, showlegend=False
    )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(
        title=axis_title(shares.name, language, most), range=[low - free, high + 2.5 * free], exponentformat="none"
    )
    return figure
