"""The oracle of residents against numbers worked on paper."""

from __future__ import annotations

import pytest

from oracles.people import ipf, truncate_replicate_sample


def test_fitting_by_hand() -> None:
    """[[1, 2], [3, 4]] to rows (50, 50) and columns (40, 60); the odds ratio stays 2/3."""
    seed = {(0, 0): 1.0, (0, 1): 2.0, (1, 0): 3.0, (1, 1): 4.0}
    rows, columns = {(0,): 50.0, (1,): 50.0}, {(0,): 40.0, (1,): 60.0}
    table = ipf(seed, [((0,), rows), ((1,), columns)])
    assert list(table.values()) == pytest.approx([17.5765, 32.4235, 22.4235, 27.5765], abs=5e-5)
    assert table[0, 0] * table[1, 1] / (table[0, 1] * table[1, 0]) == pytest.approx(2.0 / 3.0)


def test_margins_that_contradict_are_refused() -> None:
    """A child alone: the seed has none, the margins want one."""
    seed = {(0, 0): 0.0, (0, 1): 1.0}
    with pytest.raises(ValueError, match="contradict"):
        ipf(seed, [((0,), {(0,): 2.0}), ((1,), {(0,): 1.0, (1,): 1.0})])


def test_integers_by_hand() -> None:
    """Remainders .5, .7, .8 add up to 2; from a start of .3 the points .7 and 1.7 fall into the last two."""
    assert truncate_replicate_sample([1.5, 0.7, 2.8], 0.3) == [1, 1, 3]
    assert truncate_replicate_sample([1.5, 0.7, 2.8], 0.6) == [2, 0, 3]
    assert truncate_replicate_sample([2.0, 3.0], 0.9) == [2, 3]
