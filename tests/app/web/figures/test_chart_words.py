"""What charts and maps say in words: by hand; and no chart, map or picture of the room is without."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.subplots import make_subplots

from app.charts.village_map import MapClass, VillageMap, city_ground
from app.web.figures.chart_words import chart_words, map_words, number_words, with_words
from data.synthesis.city import synthesize_city

WEB = Path(__file__).parents[4] / "app" / "web"
FACES = {"show_chart", "show_village_map", "show_drawing_map", "show_choosing_map", "show_zone_map", "image"}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"), (12, "12"), (123456.7, "123,457"), (0.012345, "0.01235"), (-3.25, "-3.25"), (999.96, "1,000"),
        (float("nan"), "-"), ("a &lt;b&gt;<br>c", "a <b> c"), (np.float32(2.5), "2.5"), (1e-12, "0"),
    ],
)  # fmt: skip
def test_numbers_by_hand(value: object, said: str) -> None:
    assert number_words(value) == said


def test_a_line_by_hand() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2, 3, 4], y=[2.0, -1.0, None, 5.5], mode="lines", name="Cost"))
    figure.update_layout(xaxis_title="Year", yaxis_title="bn CNY")
    assert (
        chart_words(figure, "en") == "Across: Year. Up: bn CNY. Cost: 2 at 1, 5.5 at 4; least -1 at 2, most 5.5 at 4."
    )
    assert chart_words(figure, "zh").startswith(
        "横轴：Year。 纵轴：bn CNY。 Cost：起点（1）2，终点（4）5.5；最低 -1（2）"
    )


def test_few_bars_one_by_one_and_many_by_their_ends() -> None:
    assert chart_words(go.Figure(go.Bar(x=["a", "b"], y=[1, 2], name="n")), "en") == "n: a 1, b 2."
    lying = go.Figure(go.Bar(y=["a", "b"], x=[1, 2], orientation="h", name="n"))
    assert chart_words(lying, "en") == "n: a 1, b 2."
    many = go.Figure(go.Bar(x=list(range(20)), y=[(k - 7) ** 2 for k in range(20)], name="n"))
    assert chart_words(many, "en") == "n: 20 bars, least 0 (7), most 144 (19)."


def test_a_cloud_tells_its_reach_and_lines_without_words_are_left_out() -> None:
    figure = go.Figure(go.Scatter(x=[3, 1], y=[10, 20], mode="markers", name="Plans"))
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", hoverinfo="skip")
    figure.add_scatter(x=[], y=[], mode="markers", name="none")
    assert chart_words(figure, "en") == "Plans: 2 points, across 1 to 3, up 10 to 20."


def test_panels_are_named_and_the_rest_is_counted() -> None:
    figure = make_subplots(rows=2, cols=1, subplot_titles=["Above", "Below"])
    for row in (1, 2):
        figure.add_scatter(x=[1, 2], y=[row, row], mode="lines", name="own", row=row, col=1)
    assert "Above: own: 1 at 1" in chart_words(figure, "en")
    assert "Below: own: 2 at 1" in chart_words(figure, "en")
    many = go.Figure([go.Scatter(x=[1], y=[1], mode="lines", name=str(k)) for k in range(13)])
    assert chart_words(many, "en").endswith("3 more.")
    assert chart_words(many, "zh").endswith("另有 3 组。")


def test_grids_and_flows_by_hand() -> None:
    grid = go.Figure(go.Heatmap(z=[[1, 2], [0, 5]], x=[1, 2], y=["east", "west"]))
    assert "west: 5 in all, at least 0 (1), at most 5 (2)." in chart_words(grid, "en")
    flows = go.Figure(
        go.Sankey(node={"label": ["here", "there"]}, link={"source": [0], "target": [1], "value": [1200]})
    )
    assert chart_words(flows, "en") == "Values: here to there 1,200."


def test_a_map_counts_the_villages_of_each_color() -> None:
    city = synthesize_city(8, seed=1)
    first = np.arange(8) < 3
    classes = [MapClass("kept", "#111111", first), MapClass("near (5)", "#222222", ~first)]
    shown = VillageMap(city_ground(city), classes, "Phase", [""] * 8)
    assert map_words(shown, [], "en") == "8 villages: kept (3), near (5)."
    assert map_words(shown, ["v1"], "zh").endswith("已选：v1。")
    assert with_words("Map", map_words(shown, [], "en"), "en") == "Map. 8 villages: kept (3), near (5)."


def calls() -> list[tuple[str, str, ast.Call]]:
    """Every call in the room: file, name of what is called, call."""
    found = []
    for path in sorted(WEB.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                found.append((str(path.relative_to(WEB)), name, node))
    return found


def test_every_chart_map_and_picture_of_the_room_has_words() -> None:
    """Plotly is called where the figure's numbers are told, the map's component where its colors are counted."""
    everything = calls()
    assert [
        file for file, name, _ in everything if name in ("plotly_chart", "pyplot", "altair_chart", "line_chart")
    ] == ["shell/page_frame.py"]
    assert [file for file, name, _ in everything if name == "_browser_map"] == ["sections/villages/village_map.py"]
    faces = [(file, node) for file, name, node in everything if name in FACES]
    assert len(faces) > 40
    assert [file for file, node in faces if "alt" not in {word.arg for word in node.keywords}] == []


def test_every_figure_of_the_room_is_shown_by_it() -> None:
    """Whatever `figures` draws goes through the place that tells its numbers."""
    drawn = {
        node.name
        for path in (WEB / "figures").glob("charts_*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_figure")
    }
    called = {name for file, name, _ in calls() if not file.startswith("figures")}
    assert len(drawn) > 20
    assert drawn - called == set()
