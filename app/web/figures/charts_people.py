"""Charts of residents: ages in a village, hours of a day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from app.charts.colors import OKABE_ITO
from app.people.day_of_plan import PlanDay
from data.arrays import FloatArray
from data.catalogue import text
from envs.people.categories import AGE_BANDS, GROUPS
from envs.people.day.activities import HOURS, PURPOSES
from envs.people.portrait import Portrait

AWAY = {
    "work": ("work",),
    "learning": ("school", "study"),
    "errands": ("escort", "shop", "doctor", "care"),
    "leisure": ("culture", "sports", "park"),
    "visits": ("visit",),
}
"""Activities away from home as they are shown together."""


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


def away_figure(shown: PlanDay, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """What people away from home do at every hour: after the plan where there is one, else today.

    Args:
        shown: before alone, or before and after.
        language: zh or en.
    """
    doing = (shown.after or shown.before).doing / 1e6
    figure = go.Figure(
        [
            go.Scatter(
                x=list(range(HOURS)),
                y=doing[[PURPOSES.index(activity) for activity in activities]].sum(axis=0).tolist(),
                name=text(f"day_doing_{name}", language),
                stackgroup="away",
                line={"width": 0.5, "color": color},
            )
            for (name, activities), color in zip(AWAY.items(), OKABE_ITO, strict=False)
        ]
    )
    return _by_hour(figure, text("day_away_axis", language), language)


def zone_figure(persons: Mapping[str, FloatArray], language: str) -> Any:  # noqa: ANN401
    """Persons present in a zone at every hour.

    Args:
        persons: before and, where there is a plan, after, shape (24,) each.
        language: zh or en.
    """
    figure = go.Figure(
        [
            go.Scatter(
                x=list(range(HOURS)),
                y=(present / 1e3).tolist(),
                name=text(f"day_state_{state}", language),
                line={"color": color, "dash": dash},
            )
            for (state, present), color, dash in zip(persons.items(), OKABE_ITO, ("dot", "solid"), strict=False)
        ]
    )
    return _by_hour(figure, text("day_zone_axis", language), language)


def _by_hour(figure: Any, title: str, language: str) -> Any:  # noqa: ANN401
    figure.update_layout(
        height=340,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        xaxis={"title": text("day_hour_axis", language), "dtick": 3},
        yaxis={"title": title, "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.22, "yanchor": "top", "traceorder": "normal"},
    )
    return figure
