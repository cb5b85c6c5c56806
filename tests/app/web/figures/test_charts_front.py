"""Letters of named plans on the scatter of a front."""

from __future__ import annotations

import numpy as np

from app.web.figures.charts_front import LETTER_SHARE, apart


def test_letters_do_not_cover_each_other() -> None:
    """The first two lie on one place, the third is near them, the last is far away and stays."""
    ranges = np.array([100.0, 2.0])
    places = np.array([[10.0, 1.0], [10.0, 1.0], [12.0, 1.05], [90.0, 0.1]])
    moved = apart(places, ranges)
    shares = moved / ranges
    gaps = np.hypot(*np.moveaxis(shares[:, None] - shares[None], 2, 0)) + np.eye(4)
    assert gaps.min() >= LETTER_SHARE - 1e-9
    assert np.array_equal(moved[[0, 3]], places[[0, 3]])
    assert np.abs(shares - places / ranges).max() <= 2 * LETTER_SHARE
