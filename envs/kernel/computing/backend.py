"""Array libraries (NumPy, torch) behind one seam: what the array API standard does not cover.

Everything else in the kernel is written against the standard (array-api-compat), so that the same source runs on
NumPy and on torch.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import array_api_compat.numpy as numpy_namespace
import numpy as np
from array_api_compat import array_namespace as namespace_of
from array_api_compat import is_torch_namespace
from scipy import sparse, special
from threadpoolctl import ThreadpoolController

from data.arrays import IntArray

Array = Any
"""An array of any library that follows the array API standard."""

DENSE_FROM = 0.2
"""Share of entries from which on a sparse matrix is multiplied as a dense one."""
KEPT_BYTES = 2**25 - 2**16

__all__ = [
    "Array",
    "SparseMatrix",
    "array_namespace",
    "at_most",
    "device",
    "erf",
    "keep_freed_memory",
    "like",
    "one_blas_thread",
    "product",
    "product_seconds",
    "segment_sum",
    "to_numpy",
]


def array_namespace(array: Array) -> Any:  # noqa: ANN401 - a module
    """The library of an array, as the array API standard has it; found once for each type, small steps ask often."""
    kind = type(array)
    if kind not in _namespaces:
        _namespaces[kind] = namespace_of(array)
    return _namespaces[kind]


_namespaces: dict[type, Any] = {np.ndarray: numpy_namespace}


def device(array: Array) -> Any:  # noqa: ANN401 - a device of any library
    """Where an array lies."""
    return array.device


def like(values: Array, reference: Array, *, dtype: Any = None) -> Array:  # noqa: ANN401 - a dtype of any library
    """Bring `values` to the library and device of `reference`, keeping their own dtype unless one is given."""
    xp = array_namespace(reference)
    if is_torch_namespace(xp) and isinstance(values, np.ndarray) and not values.flags.writeable:
        values = values.copy()  # torch has no read-only tensors
    return xp.asarray(values, dtype=dtype, device=device(reference))


def to_numpy(array: Array) -> np.ndarray[Any, Any]:
    """The array in NumPy, wherever it lies; not copied where it is there already."""
    return array if isinstance(array, np.ndarray) else array.detach().cpu().numpy()


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController()  # looking the libraries up takes longer than evaluating a small city


def one_blas_thread() -> AbstractContextManager[Any]:
    """While entered, matrix products use one thread each: workers run side by side instead."""
    return _blas().limit(limits=1)


@cache
def keep_freed_memory() -> None:
    """Have the C library keep what arrays free for the next ones, where it is glibc; others take no notice.

    Else every large array is fetched from the system page by page, a tenth of an evaluation. The library keeps blocks
    up to the largest that was ever freed, 32 MiB at most, so one such block is taken and freed; it is never written to.
    """
    np.empty(KEPT_BYTES, dtype=np.uint8)


_stopwatch: list[float] = []


@contextmanager
def product_seconds() -> Iterator[list[float]]:
    """Record the wall time of every matrix and sparse product inside; for benchmarks, in one thread."""
    _stopwatch.clear()
    _stopwatch.append(0.0)
    try:
        yield _stopwatch
    finally:
        _stopwatch[:] = []


def _timed(left: Array, right: Array) -> Array:
    if not _stopwatch:
        return left @ right
    began = time.perf_counter()
    result = left @ right
    _stopwatch[0] += time.perf_counter() - began
    return result


def product(left: Array, right: Array) -> Array:
    """Matrix product, (m, n) with (n, k): where the kernel's time should go."""
    return _timed(left, right)


def erf(x: Array) -> Array:
    """Error function, element by element; same shape as x."""
    xp = array_namespace(x)
    return xp.erf(x) if is_torch_namespace(xp) else special.erf(x)


def at_most(values: Array, most: float | Array) -> Array:
    """The values, none above `most`, which is one number; quicker than a clip, which asks much before it begins."""
    return values.clamp(max=most) if is_torch_namespace(array_namespace(values)) else np.minimum(values, most)


def segment_sum(values: Array, index: Array, n_segments: int) -> Array:
    """Sum the values that share an index.

    Args:
        values: shape (n,).
        index: shape (n,), integers in 0..n_segments-1.
        n_segments: length of the result.

    Returns:
        shape (n_segments,), float64.
    """
    xp = array_namespace(values)
    if is_torch_namespace(xp):
        total = xp.zeros(n_segments, dtype=xp.float64, device=device(values))
        return total.index_add_(0, index, values.to(xp.float64))
    return np.bincount(index, weights=values, minlength=n_segments)


@dataclass(frozen=True, eq=False)
class SparseMatrix:
    """A constant sparse matrix in compressed rows; its product runs in SciPy or in torch.

    Where it is well filled it is multiplied as a dense one.

    Attributes:
        matrix: shape (n_rows, n_columns).
    """

    matrix: sparse.csr_array

    @cached_property
    def row_of_column(self) -> IntArray:
        """Row of the one entry of each column, shape (n_columns,); for matrices that say where something lies."""
        by_column = self.matrix.tocsc()
        if not np.all(np.diff(by_column.indptr) == 1):
            msg = "a column of this matrix has no entry, or several"
            raise ValueError(msg)
        return by_column.indices

    @cached_property
    def _by_dtype(self) -> dict[np.dtype[Any], Array]:
        return {}

    def _as(self, dtype: np.dtype[Any]) -> Array:
        """The matrix in a dtype: dense where that is quicker, else with indices as short as they may be."""
        if dtype not in self._by_dtype:
            matrix = self.matrix.astype(dtype)
            if self._is_well_filled:
                matrix = matrix.toarray()
            elif matrix.nnz < np.iinfo(np.int32).max:
                index = (matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32))
                matrix = sparse.csr_array((matrix.data, *index), shape=matrix.shape)
            self._by_dtype[dtype] = matrix
        return self._by_dtype[dtype]

    def product(self, dense: Array) -> Array:
        """Matrix times dense.

        Args:
            dense: shape (n_columns, k), float32 or float64; the result has its dtype, library and device.

        Returns:
            shape (n_rows, k).
        """
        xp = array_namespace(dense)
        if is_torch_namespace(xp):
            return _timed(self._torch(dense), dense)
        return _timed(self._as(dense.dtype), dense)

    def _torch(self, dense: Array) -> Array:
        cache = self.__dict__.setdefault("_torch_cache", {})
        key = (dense.dtype, device(dense))
        if key not in cache:
            xp = array_namespace(dense)
            coo = self.matrix.tocoo()
            position = xp.asarray(np.stack([coo.row, coo.col]).astype(np.int64), device=device(dense))
            value = xp.asarray(coo.data, dtype=dense.dtype, device=device(dense))
            matrix = xp.sparse_coo_tensor(position, value, coo.shape, check_invariants=True).coalesce()
            cache[key] = matrix.to_dense() if self._is_well_filled else matrix
        return cache[key]

    @property
    def _is_well_filled(self) -> bool:
        n_rows, n_columns = self.matrix.shape
        return bool(self.matrix.nnz > DENSE_FROM * n_rows * n_columns)
