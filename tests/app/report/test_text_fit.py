"""Room of a text by hand: a capital A of Helvetica is 0.667 wide, a Chinese letter 1."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.report.text_fit import LEADING, fitting_scale, fitting_size, height, n_lines, row_heights, text_width


def test_width_by_hand() -> None:
    assert text_width("AAAA", 10.0) == pytest.approx(26.68)
    assert text_width("村庄", 12.0) == 24.0


def test_lines_by_hand() -> None:
    """Words of 20.01 points in a column of 45: two on a line; Chinese letters of 10 in one of 25: two on a line."""
    assert n_lines("AAA AAA AAA", 45.0, 10.0) == 2
    assert n_lines("村村村村村村", 25.0, 10.0) == 3
    assert n_lines("", 25.0, 10.0) == 1
    assert n_lines("A" * 10, 25.0, 10.0) == 3


def test_rows_by_hand() -> None:
    rows = [("村村村", "A"), ("村", "A")]
    assert row_heights(rows, (25.0, 25.0), 10.0, padding=4.0) == pytest.approx([30.0, 17.0])


@settings(max_examples=30, deadline=None)
@given(words=st.lists(st.text("abc 城中村，", max_size=60), min_size=1, max_size=4), room=st.floats(60.0, 200.0))
def test_what_is_fitted_fits(words: list[str], room: float) -> None:
    texts = [(word, 10.0, False) for word in words]
    scale = fitting_scale(texts, 90.0, room)
    assert 0.0 < scale <= 1.0
    assert height([(word, 10.0 * scale, False) for word in words], 90.0) <= room
    size = fitting_size([(word,) for word in words], (90.0,), room, 10.0, padding=2.0)
    assert sum(row_heights([(word,) for word in words], (90.0,), size, padding=2.0)) <= room
    assert LEADING > 1.0
