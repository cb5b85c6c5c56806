"""What villages bring over the years: against plain loops, on NumPy and on torch, in both precisions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

from envs.kernel.computing.backend import SparseMatrix
from envs.kernel.people.timetable import Timetable

N_PLANS, N_VILLAGES, N_ZONES, N_ROWS, N_YEARS = 3, 7, 4, 5, 6
ZONE = np.array([2, 0, 2, 1, 2, 0, 1])  # the last zone holds no village
RNG = np.random.default_rng(3)
ROW = RNG.integers(0, N_ROWS, (N_PLANS, N_VILLAGES))
AMOUNTS = [RNG.normal(size=(N_PLANS, N_VILLAGES)) * 1e3 for _ in range(3)]
SHARE = RNG.random((N_ZONES, N_VILLAGES))
NAMES = ("started", "completed", "started")  # a table may count twice


def tables() -> dict[str, np.ndarray]:
    """Rows 0 and 3 say nothing, as those of kept villages do; row 4 only sets in at the very end."""
    drawn = {name: RNG.random((N_ROWS, N_YEARS)) for name in ("started", "completed")}
    for table in drawn.values():
        table[[0, 3]] = 0.0
        table[4, :-1] = 0.0
    return drawn


TABLES = tables()


def in_loops() -> np.ndarray:
    total = np.zeros((N_VILLAGES, N_PLANS, N_YEARS))
    for amount, name in zip(AMOUNTS, NAMES, strict=True):
        for n in range(N_VILLAGES):
            for p in range(N_PLANS):
                for t in range(N_YEARS):
                    total[n, p, t] += amount[p, n] * TABLES[name][ROW[p, n], t]
    return total


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-5)])
@pytest.mark.parametrize("first", [0, 2, N_YEARS - 1])
def test_sums_are_those_of_loops(library: str, dtype: str, rtol: float, first: int) -> None:
    def bring(array: np.ndarray) -> object:
        return array if library == "numpy" else torch.as_tensor(array)

    timetable = Timetable(bring(ROW), {name: bring(table.astype(dtype)) for name, table in TABLES.items()})
    timetable = timetable.since(first)
    parts = [(bring(amount), name) for amount, name in zip(AMOUNTS, NAMES, strict=True)]
    expected, share = in_loops()[:, :, first:], bring(SHARE.astype(dtype))
    lies_in = SparseMatrix(
        sparse.csr_array((np.ones(N_VILLAGES), (ZONE, np.arange(N_VILLAGES))), shape=(N_ZONES, N_VILLAGES))
    )
    in_zones = np.stack([expected[zone == ZONE].sum(axis=0) for zone in range(N_ZONES)])
    spread = np.einsum("zn,npt->zpt", SHARE, expected)
    for found, wanted in (
        (timetable.by_village(parts), expected),
        (timetable.over_places(share, parts), spread),
        (timetable.over_zones(lies_in, parts), in_zones),
    ):
        assert str(found.dtype).endswith(dtype)
        np.testing.assert_allclose(np.asarray(found), wanted, rtol=rtol, atol=rtol * 1e3)


def test_nobody_is_renewed() -> None:
    timetable = Timetable(np.zeros_like(ROW), TABLES)
    assert timetable.n_years == N_YEARS
    assert not timetable.by_village([(AMOUNTS[0], "started")]).any()
    assert not timetable.over_places(SHARE, [(AMOUNTS[0], "started")]).any()


def test_a_village_in_no_zone_is_refused() -> None:
    nowhere = SparseMatrix(sparse.csr_array((np.ones(2), ([0, 1], [0, 2])), shape=(2, 3)))
    with pytest.raises(ValueError, match="no entry"):
        _ = nowhere.row_of_column


@pytest.mark.parametrize("shape", [(3, 0), (0, 4)])
def test_no_village_or_no_plan(shape: tuple[int, int]) -> None:
    timetable, parts = Timetable(np.zeros(shape, dtype=np.int64), TABLES), [(np.zeros(shape), "started")]
    n_plans, n_villages = shape
    assert timetable.by_village(parts).shape == (n_villages, n_plans, N_YEARS)
    assert timetable.over_places(np.zeros((5, n_villages)), parts).shape == (5, n_plans, N_YEARS)
