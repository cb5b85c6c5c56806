"""Sobol indices against closed forms: the Ishigami function and Sobol's G-function."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from data.errors import InputError
from envs.futures.variance_shares import n_rows, variance_shares


def ishigami(rows: np.ndarray, a: float = 7.0, b: float = 0.1) -> np.ndarray:
    x = np.pi * (2.0 * rows - 1.0)
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


def g_function(rows: np.ndarray, a: np.ndarray) -> np.ndarray:
    return np.prod((np.abs(4.0 * rows - 2.0) + a) / (1.0 + a), axis=1)


def test_ishigami_and_g_in_closed_form() -> None:
    """Ishigami & Homma 1990, a = 7, b = 0.1; Sobol's G with a = (0, 1, 4.5): within four errors, errors small."""
    a = np.array([0.0, 1.0, 4.5])
    found = variance_shares(
        ["x1", "x2", "x3"], lambda rows: np.column_stack([ishigami(rows), g_function(rows, a)]), n=2048, seed=1
    )
    b, pi4 = 0.1, np.pi**4
    first = np.array([0.5 * (1.0 + b * pi4 / 5.0) ** 2, 49.0 / 8.0, 0.0])
    both = b**2 * pi4**2 * 8.0 / 225.0
    variance = first.sum() + both
    total = (first + np.array([both, 0.0, both])) / variance
    assert found[0].first == pytest.approx(first / variance, abs=0.03)
    assert found[0].total == pytest.approx(total, abs=0.03)
    single = 1.0 / (3.0 * (1.0 + a) ** 2)
    whole = np.prod(1.0 + single) - 1.0
    expected = single * np.prod(1.0 + single) / (1.0 + single) / whole
    assert found[1].first == pytest.approx(single / whole, abs=0.03)
    assert found[1].total == pytest.approx(expected, abs=0.03)
    for told, true in ((found[0], first / variance), (found[1], single / whole)):
        assert (np.abs(told.first - true) < 4.0 * told.first_error + 1e-3).all()
        assert (told.first_error < 0.05).all()


def test_a_group_has_the_share_of_all_its_members() -> None:
    """x1 + x2 + 2 x3: (1 + 1) / 6 and 4 / 6."""
    found = variance_shares(["a", "a", "b"], lambda rows: (rows @ [1.0, 1.0, 2.0])[:, None], n=512, seed=3)[0]
    assert found.groups == ("a", "b")
    assert found.first == pytest.approx([1 / 3, 2 / 3], abs=0.03)
    assert found.total == pytest.approx([1 / 3, 2 / 3], abs=0.03)
    assert n_rows(["a", "a", "b"], 512) == 2048


def test_what_nothing_moves_has_no_shares_and_what_is_undefined_none() -> None:
    def outcomes(rows: np.ndarray) -> np.ndarray:
        return np.column_stack([np.ones(len(rows)), np.where(rows[:, 0] > 0.5, np.nan, 1.0)])

    still, undefined = variance_shares(["a", "b"], outcomes, n=8, seed=3)
    assert still.first.tolist() == [0.0, 0.0]
    assert np.isnan(undefined.total).all()


def test_wrong_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="100"):
        variance_shares(["a"], lambda rows: rows, n=100, seed=0)
    monkeypatch.setitem(sys.modules, "SALib.analyze", None)
    monkeypatch.setitem(sys.modules, "SALib.sample", None)
    with pytest.raises(InputError, match="stress"):
        variance_shares(["a"], lambda rows: rows, n=8, seed=0)
