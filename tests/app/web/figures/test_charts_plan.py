"""The schedule of all districts has a column for every year, also for those in which nothing begins."""

from __future__ import annotations

import pandas as pd

from app.web.figures.charts_plan import schedule_figure


def test_years_without_a_beginning_are_columns() -> None:
    """Villages that begin in years 1, 1 and 4 of one district, and 2 of another: eight cells, three of them not 0."""
    schedule = pd.DataFrame(
        {"district": ["east", "east", "east", "west"], "start_year": [1, 1, 4, 2], "village_id": list("abcd")}
    )
    (cells,) = schedule_figure(schedule, "", "en").data
    assert list(cells.x) == [1, 2, 3, 4]
    assert cells.z.tolist() == [[2, 0, 0, 1], [0, 1, 0, 0]]
    assert [list(row) for row in cells.text] == [["2", "", "", "1"], ["", "1", "", ""]]
