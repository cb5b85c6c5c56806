"""Cells, tables and the picture of the page of planner checks: how its numbers are written."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from planner_choice import Choice

from app.files.atomic import replaced
from data.arrays import FloatArray

Row = tuple[str, Callable[[Choice], str]]
"""What a row is called, and its cell of a plan."""


def number(value: float, digits: int = 0, scale: float = 1.0) -> str:
    """A number in a scale; a dash where it is undefined."""
    return "-" if np.isnan(value) else f"{value / scale:,.{digits}f}"


def per(amount: float, count: float, digits: int = 0, scale: float = 1.0) -> str:
    """An amount for each of a count; a dash where there is none."""
    return number(amount / count if count > 0.0 else np.nan, digits, scale)


def share(part: float, whole: float = 1.0) -> str:
    """A share in percent."""
    text = per(part, whole, 1, 0.01)
    return text if text == "-" else f"{text} %"


def of(name: str, digits: int = 0, scale: float = 1.0) -> Callable[[Choice], str]:
    """An indicator as a cell."""
    return lambda c: number(c.values[name], digits, scale)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: bool = True) -> list[str]:
    """A table whose first column stands to the left, the others to the right where they hold numbers."""
    line = "|---" + ("|---:" if numbers else "|---") * (len(header) - 1) + "|"
    return ["| " + " | ".join(header) + " |", line, *("| " + " | ".join(cells) + " |" for cells in rows), ""]


def by_plan(choices: Sequence[Choice], rows: Sequence[Row]) -> list[str]:
    """A table with a column for every plan."""
    cells = [[label, *(of_plan(c) for c in choices)] for label, of_plan in rows]
    return table(["", *(f"`{c.name}`" for c in choices)], cells)


def by_district(
    choices: Sequence[Choice], own: str, values: Sequence[str], cells: Callable[[Choice], Sequence[str]]
) -> list[str]:
    """A table with a row for every district: what it has without a plan, then a cell for every plan."""
    columns = [values, *(cells(c) for c in choices)]
    names = choices[0].run.resolved.city.districts
    rows = [[name, *(column[k] for column in columns)] for k, name in enumerate(names)]
    return table(["district", own, *(f"`{c.name}`" for c in choices)], rows)


def draw(choices: Sequence[Choice], path: Path) -> None:
    """Price factor by district and year, a panel for every plan."""
    n_rows = -(-len(choices) // 3)
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "planner", "font.size": 8}):
        figure = Figure(figsize=(9.0, 2.3 * n_rows), layout="constrained")
        panels = list(figure.subplots(n_rows, 3, sharex=True, sharey=True, squeeze=False).flat)
        for panel in panels:
            panel.set_axis_off()
        for panel, choice in zip(panels, choices, strict=False):
            panel.set_axis_on()
            draw_panel(panel, choice.districts["sale_price_factor"], choice.city_factor("sale_price_factor"))
            panel.set_title(choice.name, fontsize=8)
        drawn = StringIO()
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    with replaced(path) as partial:
        partial.write_text(re.sub(r"(\.\d\d)\d+", r"\1", drawn.getvalue()), encoding="utf-8")


def draw_panel(panel: Axes, districts: FloatArray, city: FloatArray) -> None:
    """One plan: the districts whose prices move thin, the city thick."""
    panel.plot(districts[np.ptp(districts, axis=1) > 0.0].T, color="#9db4c0", linewidth=0.6)
    panel.plot(city, color="#d1495b", linewidth=1.8)
    panel.set_xlabel("year")
    panel.set_ylabel("price factor")
    panel.spines[["top", "right"]].set_visible(False)
