"""Charts of one plan: schedule, money, people, yearly series."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from app.charts.colors import OKABE_ITO, VIRIDIS
from app.files.names import chart_text
from app.web.figures.charts_front import largest, shown_scale, yearly_title
from app.words.console import money_scale
from data.catalogue import text
from data.scenario import INTENSITIES

INTENSITY_COLORS = dict(zip([str(word) for word in INTENSITIES], OKABE_ITO, strict=False))


def schedule_figure(schedule: pd.DataFrame, district: str, language: str) -> Any:  # noqa: ANN401 - plotly is untyped
    """A Gantt chart: villages of one district, or of every district the works begun by year.

    Args:
        schedule: app.plans.tables.PlanTables.schedule.
        district: name; empty = all, one row a district.
        language: zh or en.
    """
    if not district:
        table = schedule.pivot_table(
            index="district", columns="start_year", values="village_id", aggfunc="count", fill_value=0
        )
        # A year in which nothing begins is a column, too: without it the cells beside would be drawn over it.
        table = table.reindex(columns=range(1, int(table.columns.max()) + 1), fill_value=0)
        figure = go.Figure(
            go.Heatmap(
                z=table.to_numpy(),
                x=[int(year) for year in table.columns],
                y=[chart_text(name) for name in table.index],
                colorscale=[[0, "#f7f7f4"], *([(k + 1) / 10, color] for k, color in enumerate(reversed(VIRIDIS)))],
                text=[[str(n) if n else "" for n in row] for row in table.to_numpy().tolist()],
                texttemplate="%{text}",
                colorbar={"title": {"text": text("villages_begun", language), "side": "right"}},
            )
        )
        figure.update_layout(height=120 + 28 * len(table))
    else:
        rows = schedule[schedule["district"] == district]
        figure = go.Figure()
        for word in INTENSITIES:
            works = rows[rows["intensity"] == str(word)]
            figure.add_trace(
                go.Bar(
                    base=works["start_year"],
                    x=works["completion_year"] - works["start_year"],
                    orientation="h",
                    y=[
                        f"{chart_text(row.village_id)} {chart_text(row.name_)}"
                        for row in works.rename(columns={"name": "name_"}).itertuples()
                    ],
                    name=text(f"word_{word}", language),
                    marker={"color": INTENSITY_COLORS[str(word)]},
                )
            )
        figure.update_layout(height=140 + 18 * len(rows), barmode="overlay")
        figure.update_yaxes(autorange="reversed", tickfont={"size": 10})
    figure.update_xaxes(title=text("programme_year", language), dtick=1)
    figure.update_layout(margin={"l": 0, "r": 0, "t": 8, "b": 0}, legend={"orientation": "h"})
    return figure


def money_figure(table: pd.DataFrame, language: str) -> Any:  # noqa: ANN401
    """Stacked bars of the groups, lines of net and cumulative cash flow."""
    factor, unit = money_scale("CNY", language)
    figure = go.Figure()
    names = [name for name in table.columns if name not in ("year", "net", "cumulative")]
    for k, name in enumerate(names):
        figure.add_bar(
            x=table["year"],
            y=table[name] / factor,
            name=text(f"flow_{name}", language),
            marker={"color": OKABE_ITO[k], "pattern": {"shape": "/" if name.startswith("cost") else ""}},
        )
    for name, dash in (("net", "solid"), ("cumulative", "dot")):
        figure.add_scatter(
            x=table["year"],
            y=table[name] / factor,
            name=text(f"flow_{name}", language),
            line={"color": "#000000", "dash": dash},
        )
    figure.update_layout(
        barmode="relative",
        height=480,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    )
    figure.update_xaxes(title=text("programme_year", language))
    figure.update_yaxes(title=unit, exponentformat="none")
    return figure


def people_figure(values: dict[str, float], language: str) -> Any:  # noqa: ANN401
    """Where registered residents and tenants of the renewed villages go, and who comes.

    Args:
        values: indicators of the plan, and `registered_before_persons` of its renewed villages.
        language: zh or en.
    """
    registered = values["registered_before_persons"]
    tenants = values["population_before_persons"] - registered
    lost_registered, lost_tenants = values["displaced_registered_persons"], values["displaced_tenants_persons"]
    nodes = ["registered", "tenants", "newcomers", "in_villages", "elsewhere"]
    links = [
        (0, 3, registered - lost_registered),
        (0, 4, lost_registered),
        (1, 3, tenants - lost_tenants),
        (1, 4, lost_tenants),
        (2, 3, values["newcomers_persons"]),
    ]
    links = [link for link in links if link[2] > 0.5]
    colors = [OKABE_ITO[k] for k in range(len(nodes))]
    figure = go.Figure(
        go.Sankey(
            node={"label": [text(f"people_{name}", language) for name in nodes], "color": colors, "pad": 24},
            link={
                "source": [a for a, _, _ in links],
                "target": [b for _, b, _ in links],
                "value": [round(v) for _, _, v in links],
                "color": ["rgba(120,120,120,0.2)"] * len(links),
            },
            textfont={"color": "#000000", "shadow": "none"},
            valueformat=",.0f",
            valuesuffix=text("persons_suffix", language),
        )
    )
    figure.update_layout(height=360, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    return figure


def yearly_figure(yearly: pd.DataFrame, names: list[str], language: str) -> Any:  # noqa: ANN401
    """One panel per indicator over the state years."""
    most = {name: largest(yearly[name]) for name in names}
    figure = make_subplots(
        rows=len(names),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.14,
        subplot_titles=[yearly_title(name, language, most[name]) for name in names],
    )
    for k, name in enumerate(names, start=1):
        values = yearly[name].to_numpy(np.float64) / shown_scale(name, language, most[name])[0]
        figure.add_scatter(x=yearly["year"], y=values, row=k, col=1, line={"color": OKABE_ITO[0]}, showlegend=False)
    figure.update_layout(height=180 * len(names) + 60, margin={"l": 0, "r": 0, "t": 30, "b": 0})
    figure.update_xaxes(title=text("state_year", language), row=len(names), col=1)
    figure.update_yaxes(exponentformat="none", separatethousands=True)
    return figure
