"""Indicators on a page: one value in words, figures in large type, tables with what they are compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from app.web.shell.session import language, say
from app.words.console import value_text
from envs.kernel.indicators.registry import INDICATORS

DELTA_COLOR: dict[str, Literal["normal", "inverse", "off"]] = {"max": "normal", "min": "inverse", "": "off"}


def shown(name: str, value: float | None, *, signed: bool = False) -> str:
    """An indicator's value with its unit; a change of an index of 0 to 1 that is below 0.01 keeps two digits."""
    if signed and value is not None and INDICATORS[name].unit == "0..1" and not abs(value) >= 0.01:
        return "0" if not value else f"{value:+.2g}" if abs(value) >= 1e-4 else f"{value:+.6f}"
    return value_text(value, INDICATORS[name].unit, language(), signed=signed)


def show_table(rows: list[tuple[str, float, float]], *, before: str = "column_base", recipe: bool = False) -> None:
    """Indicators with value, what it is compared with, and change.

    Args:
        rows: indicator, value, and value before.
        before: key of the text that says what "before" is; by default the empty plan.
        recipe: what time each is of, and how it is computed, stand beside it.
    """
    table: list[dict[str, Any]] = []
    for name, value, other in rows:
        row = {
            say("column_indicator"): INDICATORS[name].label[language()],
            say("column_value"): shown(name, value),
            say(before): shown(name, other),
            say("column_change"): shown(name, value - other, signed=True),
        }
        table.append(
            row
            | (
                {
                    say("column_time"): say(f"time_{INDICATORS[name].time}"),
                    say("column_recipe"): INDICATORS[name].recipe_in(language()),
                    say("column_bias"): INDICATORS[name].bias_in(language()),
                }
                if recipe
                else {}
            )
        )
    st.dataframe(
        pd.DataFrame(table), hide_index=True, height=560 if recipe else "auto", alt=say("alt_indicators", n=len(table))
    )


def show_numbers(frame: pd.DataFrame, *, alt: str) -> None:
    """A table of numbers, each column with as many decimals as its size asks for."""
    decimals = {str(name): 4 if frame[name].abs().max() < 10 else 2 for name in frame.select_dtypes("float")}
    columns = {name: st.column_config.NumberColumn(format=f"%.{digits}f") for name, digits in decimals.items()}
    st.dataframe(frame, hide_index=True, column_config=columns, alt=alt)


def show_metrics(
    names: Sequence[str],
    values: dict[str, float],
    before: dict[str, float] | None = None,
    notes: Mapping[str, str] | None = None,
    *,
    notes_help: str | None = None,
) -> None:
    """Figures in large type, each in its card.

    Args:
        names: of indicators.
        values: indicator -> value.
        before: the values from which changes are shown.
        notes: indicator -> a line below its figure.
        notes_help: what these lines mean.
    """
    with st.container(horizontal=True):
        for name in names:
            change = None if before is None else values[name] - before[name]
            item = INDICATORS[name]
            note = None if notes is None else notes.get(name)
            with nullcontext() if note is None else st.container(border=True, gap="xxsmall"):
                st.metric(
                    item.label[language()],
                    shown(name, values[name]),
                    None if not change or np.isnan(change) else shown(name, change, signed=True),
                    delta_color=DELTA_COLOR[item.sense],
                    help=item.recipe_in(language()),
                    border=note is None,
                )
                if note is not None:
                    st.caption(note, help=notes_help)
