"""Charts of the residents of a village."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.charts.colors import OKABE_ITO
from data.catalogue import text
from envs.people.categories import AGE_BANDS, GROUPS
from envs.people.portrait import Portrait


def ages_figure(portrait: Portrait, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """Persons by age band, the groups on top of each other.

    Args:
        portrait: of one village or of several.
        language: zh or en.
    """
    figure = go.Figure(
        [
            go.Bar(
                x=list(AGE_BANDS),
                y=portrait.ages[group].tolist(),
                name=text(f"people_group_{GROUPS[group]}", language),
                marker_color=OKABE_ITO[group],
            )
            for group in np.flatnonzero(portrait.persons).tolist()
        ]
    )
    figure.update_layout(
        barmode="stack",
        height=280,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"type": "category", "title": text("people_column_ages", language)},
        yaxis={"title": text("people_column_persons", language)},
        legend={"orientation": "h", "y": 1.12},
    )
    return figure
