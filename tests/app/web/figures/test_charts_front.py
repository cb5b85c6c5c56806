"""Letters of named plans on the scatter of a front."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from app.web.figures.chart_words import chart_words
from app.web.figures.charts_front import LETTER_SHARE, add_letters, letter_places


def test_letters_do_not_cover_each_other() -> None:
    """The first two lie on one place, the third is near them, the last is far away and stays."""
    ranges = np.array([100.0, 2.0])
    places = np.array([[10.0, 1.0], [10.0, 1.0], [12.0, 1.05], [90.0, 0.1]])
    moved = letter_places(places, ranges)
    shares = moved / ranges
    gaps = np.hypot(*np.moveaxis(shares[:, None] - shares[None], 2, 0)) + np.eye(4)
    assert gaps.min() >= LETTER_SHARE - 1e-9
    assert np.array_equal(moved[[0, 3]], places[[0, 3]])
    assert np.abs(shares - places / ranges).max() <= 2 * LETTER_SHARE


def test_a_letter_that_made_room_is_led_to_its_plan_and_told_where_that_is() -> None:
    """Two letters at (40, 4): the second is moved, and neither its line nor the words forget the place."""
    figure = go.Figure(go.Scatter(x=[0.0, 40.0], y=[0.0, 4.0], mode="markers", hoverinfo="skip"))
    here = {"one": 40.0, "other": 4.0}
    add_letters(figure, [("A", "p1", here), ("B", "p2", here)], [("one", 1.0), ("other", 1.0)], "Named")
    (line,) = figure.layout.shapes
    letters = figure.data[-1]
    assert (line.x0, line.y0) == (40.0, 4.0)
    assert (line.x1, line.y1) == (letters.x[1], letters.y[1]) != (40.0, 4.0)
    assert chart_words(figure, "en").count("40") == 2  # the least and the most
