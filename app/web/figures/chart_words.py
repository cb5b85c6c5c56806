"""What a chart or a map shows, in words, for those who cannot see it: axes, and each line, row of bars and cloud."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from app.words.console import listed
from data.catalogue import text

if TYPE_CHECKING:
    from app.charts.village_map import VillageMap

MOST_SERIES, MOST_BARS, MOST_FLOWS = 10, 8, 12
"""How many are told one by one."""
DIGITS = 4
_TAG = re.compile(r"<[^>]*>")


def with_words(what: str, told: str, language: str) -> str:
    """What a picture is, and then what is told of it."""
    return text("chart_words_whole", language, what=what.rstrip(".。"), told=told) if told else what


def chart_words(figure: Any, language: str) -> str:  # noqa: ANN401 - plotly is untyped
    """The numbers behind a chart in a few sentences; what is drawn without a word to read off is left out.

    Args:
        figure: of plotly.
        language: zh or en.
    """
    told = [words for trace in figure.data if (words := _series(figure, trace, language))]
    rest = len(told) - MOST_SERIES
    more = [text("chart_words_more", language, n=rest)] if rest > 0 else []
    return " ".join([*_axes(figure, language), *told[:MOST_SERIES], *more])


def map_words(shown: VillageMap, selected: Sequence[str], language: str) -> str:
    """How many villages each color of a map has, and which are chosen.

    Args:
        shown: the map.
        selected: ids of villages.
        language: zh or en.
    """
    group = shown.class_idx
    counted = [
        label if label.endswith((")", "）")) else f"{label} ({int((group == k).sum()):,})"
        for k, label in enumerate(item.label for item in shown.classes)
    ]
    what = "map_words_classes" if shown.ground.has_marks else "map_words_zones"
    said = [text(what, language, n=len(group), classes=listed(counted, language))]
    if selected:
        said.append(text("map_words_chosen", language, chosen=listed(selected, language)))
    return " ".join(said)


def number_words(value: object) -> str:
    """A number in four digits, whole from a thousand on; anything else as it stands, without markup."""
    if isinstance(value, bool | str | np.str_) or not isinstance(value, int | float | np.number):
        return html.unescape(_TAG.sub(" ", str(value))).strip()
    size = abs(float(value))
    if not math.isfinite(size):
        return "-"
    digits = 0 if size >= 10.0 ** (DIGITS - 1) else DIGITS - 1 - (math.floor(math.log10(size)) if size else DIGITS - 1)
    said = f"{float(value):,.{min(digits, 8)}f}"
    return said.rstrip("0").rstrip(".") if "." in said else said


def _axes(figure: Any, language: str) -> list[str]:  # noqa: ANN401
    """What lies across and up, where it has a title."""
    layout = figure.layout
    holder = layout.scene if layout.scene.xaxis.title.text else layout
    titles = {name: getattr(holder, f"{name}axis").title.text for name in ("x", "y")}
    titles["z"] = layout.scene.zaxis.title.text
    return [text(f"chart_words_{name}", language, title=number_words(title)) for name, title in titles.items() if title]


def _series(figure: Any, trace: Any, language: str) -> str:  # noqa: ANN401
    """One trace in a sentence; empty where nothing is to be read off it."""
    if trace.type != "sankey" and trace.hoverinfo == "skip":
        return ""
    tell: Mapping[str, Callable[[Any, str, str], str]] = {
        "bar": _bars,
        "waterfall": _bars,
        "heatmap": _grid,
        "sankey": _flows,
        "scatter": _line_or_cloud,
        "scatter3d": _line_or_cloud,
    }
    name = ": ".join(part for part in (_panel(figure, trace), number_words(trace.name or "")) if part)
    return tell[trace.type](trace, name or text("chart_words_series", language), language)


def _panel(figure: Any, trace: Any) -> str:  # noqa: ANN401
    """Title of the panel that a trace is in, where there are several."""
    axis = getattr(trace, "yaxis", None) or "y"
    if axis == "y" and "yaxis2" not in figure.layout:
        return ""
    title = figure.layout[f"yaxis{axis[1:]}"].title.text
    titles = [note.text for note in figure.layout.annotations if note.xref == "paper"]
    k = int(axis[1:] or 1) - 1
    return number_words(title or (titles[k] if k < len(titles) else ""))


def _pairs(trace: Any) -> list[tuple[Any, float]]:  # noqa: ANN401
    """What a trace has at each place, in its order; without what is not there."""
    x, y = (trace.meta["x"], trace.meta["y"]) if trace.meta else (trace.x, trace.y)  # of letters that made room
    at, values = (y, x) if getattr(trace, "orientation", None) == "h" else (x, y)
    values = [] if values is None else list(values)
    at = range(1, len(values) + 1) if at is None else at
    return [(place, float(value)) for place, value in zip(at, values, strict=False) if _there(value)]


def _there(value: object) -> bool:
    return isinstance(value, int | float | np.number) and math.isfinite(float(value))


def _bars(trace: Any, name: str, language: str) -> str:  # noqa: ANN401
    """Few bars one by one, many by the least and the most of them."""
    pairs = _pairs(trace)
    if not pairs:
        return ""
    if len(pairs) > MOST_BARS:
        return text("chart_words_many_bars", language, name=name, n=len(pairs), **_ends(pairs))
    said = [f"{number_words(place)} {number_words(value)}" for place, value in pairs]
    return text("chart_words_bars", language, name=name, bars=listed(said, language))


def _grid(trace: Any, name: str, language: str) -> str:  # noqa: ANN401
    """The sum of each row of a grid, and where it is largest."""
    del name
    rows = [
        (label, list(zip(trace.x, map(float, row), strict=True)))
        for label, row in zip(trace.y, np.asarray(trace.z), strict=True)
    ]
    return " ".join(
        text(
            "chart_words_row",
            language,
            name=number_words(label),
            total=number_words(sum(value for _, value in row)),
            **_ends(row),
        )
        for label, row in rows
        if row
    )


def _flows(trace: Any, name: str, language: str) -> str:  # noqa: ANN401
    """The largest flows from one to the other."""
    label = [number_words(word) for word in trace.node.label]
    flows = sorted(zip(trace.link.source, trace.link.target, trace.link.value, strict=True), key=lambda flow: -flow[2])
    said = [
        text("chart_words_flow", language, source=label[source], target=label[target], value=number_words(float(value)))
        for source, target, value in flows[:MOST_FLOWS]
    ]
    return text("chart_words_bars", language, name=name, bars=listed(said, language)) if said else ""


def _line_or_cloud(trace: Any, name: str, language: str) -> str:  # noqa: ANN401
    """A line from its first to its last value; points by how far they reach."""
    pairs = _pairs(trace)
    if not pairs:
        return ""
    if "lines" in (trace.mode or "lines"):
        (x_first, first), (x_last, last) = pairs[0], pairs[-1]
        ends = {"x_first": x_first, "first": first, "x_last": x_last, "last": last}
        return text("chart_words_line", language, name=name, **_all_words(ends), **_ends(pairs))
    across = _reach(place for place, _ in pairs)
    reach = {"x_least": across[0], "x_most": across[1], "y_least": min(y for _, y in pairs)}
    reach |= {"y_most": max(y for _, y in pairs)}
    return text("chart_words_cloud", language, name=name, n=len(pairs), **_all_words(reach))


def _reach(places: Iterable[Any]) -> tuple[Any, Any]:
    """The least and the most of numbers, the first and the last of words."""
    all_places = list(places)
    if all(_there(place) for place in all_places):
        return min(all_places), max(all_places)
    return all_places[0], all_places[-1]


def _ends(pairs: Sequence[tuple[Any, float]]) -> dict[str, str]:
    """The least and the most, and where."""
    least, most = min(pairs, key=lambda pair: pair[1]), max(pairs, key=lambda pair: pair[1])
    return _all_words({"x_least": least[0], "least": least[1], "x_most": most[0], "most": most[1]})


def _all_words(values: Mapping[str, object]) -> dict[str, str]:
    return {name: number_words(value) for name, value in values.items()}
