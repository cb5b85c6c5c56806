"""Brushing a front: ranges that plans must lie in, dragged or set by number, kept with the run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.plans.front_view import FrontView
from app.web.figures.charts_front import scale_of, title_of
from app.web.figures.charts_parallel import Ranges, brushable, brushed_ranges, parallel_figure, span
from app.web.shell.page_frame import remember, remembered, show_chart, visit_key
from app.web.shell.session import current, language, quantity_words, say


def brush_ranges(view: FrontView) -> dict[str, tuple[float, float]]:
    """The ranges brushed so far on this run, natural units."""
    kept: dict[str, tuple[float, float]] = remembered(_key(), {})
    return {name: bounds for name, bounds in kept.items() if name in view.front.columns}


def show_brush(view: FrontView, ranges: Ranges) -> None:
    """The parallel coordinates, and the same ranges by number for the keyboard."""
    inside = view.inside(ranges)
    names = _show_choice(view)
    if len(names) > 1:
        key = visit_key("parallel", *names)
        show_chart(
            parallel_figure(view, names, ranges=ranges, inside=inside, chosen=current("plan"), language=language()),
            key=key,
            tools=True,
            on_select=lambda: _take_boxes(view, names, key),
            selection_mode="box",
            alt=say("alt_parallel", n=int(inside.sum())),
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(say("brush_count", n=int(inside.sum()), all=len(view.front)))
        st.button(say("brush_clear"), key="brush_clear", disabled=not ranges, on_click=_keep, args=({},))
    with st.expander(say("brush_by_number")):
        _show_sliders(view, names, ranges)


def _show_choice(view: FrontView) -> list[str]:
    st.caption(say("brush_help"))
    chosen = st.multiselect(
        say("brush_which"),
        view.measured,
        default=[name for name in remembered("brush", list(view.objectives)) if name in view.measured],
        format_func=quantity_words(view.quantities),
        key=visit_key("brush"),
        placeholder=say("choose_some"),
    )
    remember("brush", chosen)
    return brushable(view, chosen)


def _show_sliders(view: FrontView, names: Sequence[str], ranges: Ranges) -> None:
    columns = st.columns(3)
    for k, name in enumerate(names):
        factor = scale_of(view.quantities[name], language())[0]
        low, high = (bound / factor for bound in span(view, name))
        begin = tuple(min(high, max(low, bound / factor)) for bound in ranges.get(name, span(view, name)))
        key = visit_key("range", name, *begin)
        columns[k % 3].slider(
            title_of(view.quantities[name], language()),
            low,
            high,
            (begin[0], begin[1]),
            (high - low) / 200,
            key=key,
            on_change=_take_range,
            args=(view, name, key, factor),
        )


def _take_range(view: FrontView, name: str, key: str, factor: float) -> None:
    """A range that was set by number, before the page is drawn."""
    low, high = st.session_state[key]
    _keep({**brush_ranges(view), name: (low * factor, high * factor)})


def _take_boxes(view: FrontView, names: Sequence[str], key: str) -> None:
    """What was dragged joins what was brushed before."""
    state = st.session_state.get(key) or {}
    boxes = state.get("selection", {}).get("box", [])
    _keep({**brush_ranges(view), **brushed_ranges(view, names, boxes)})


def _keep(ranges: Ranges) -> None:
    remember(_key(), dict(ranges))


def _key() -> str:
    return f"ranges_{current('run')}"
